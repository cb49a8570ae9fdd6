"""Markdown within a line, as answers are read: the dialect, and where each token of it stands in its source."""
