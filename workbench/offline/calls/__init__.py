"""Tool calls without a model: which tools a question asks for, and their arguments taken from its words."""
