"""Our own page: a person writes in a browser and reads what is sent as server-sent events."""
