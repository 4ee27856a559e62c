"""WeChat customer service 微信客服: owners write from their own WeChat."""
