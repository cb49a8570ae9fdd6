"""Answers by extraction: which sentences of which sources answer a question, and the citations on them."""
