"""Workbench: see a Cohere v2 chat stream whole, as text, tool calls, citations and events.

Importing this package imports neither `textual` nor `cohere`.
"""

__version__ = "0.1.0"
