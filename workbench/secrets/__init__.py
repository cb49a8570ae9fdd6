"""Secrets and who may read them: what the operating system shows of this process to others."""
