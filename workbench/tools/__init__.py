"""Tools: a definition that the model sees, and a runner that does the work."""
