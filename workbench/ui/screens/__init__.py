"""Screens over the main one: help, and the two questions that a tool may put to a person."""
