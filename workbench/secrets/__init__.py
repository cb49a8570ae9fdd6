"""Secrets: the API key, what keeps it out of everything shown or written, and who may read it in this process."""
