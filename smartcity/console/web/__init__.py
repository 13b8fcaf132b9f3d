"""The console's pages, made on the server."""
