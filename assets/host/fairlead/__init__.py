"""Tools that run on the server: one verb a module, input as JSON on standard input."""
