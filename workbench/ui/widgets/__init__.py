"""Widgets that know nothing of a conversation: each can be used and tested alone."""
