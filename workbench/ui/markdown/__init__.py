"""Markdown answers with citations, rendered to lines of text for a width. Pure: no widget, no screen."""
