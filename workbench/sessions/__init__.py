"""Sessions: what was sent and received, kept as recordings."""
