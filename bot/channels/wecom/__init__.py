"""WeCom 企业微信: the application of a corporation, whose members are agency and bureau staff."""
