"""What has happened: one database, its models, migrations and queries."""
