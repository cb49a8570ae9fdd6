"""Markdown answers with citations, rendered to lines of text for a width. Pure: no widget, no screen."""

from workbench.ui.markdown.document import Document, render
from workbench.ui.markdown.layout import plain_lines
from workbench.ui.markdown.model import BLANK, Line, Mark, Run, cited_text

__all__ = ["BLANK", "Document", "Line", "Mark", "Run", "cited_text", "plain_lines", "render"]
