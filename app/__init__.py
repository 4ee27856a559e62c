"""How it is put together: settings, wiring, HTTP server, command line."""
