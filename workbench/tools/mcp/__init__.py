"""MCP servers as a source of tools: started or reached once they are allowed, listed, called, and let go of."""
