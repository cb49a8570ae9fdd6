"""The conversation without a screen: lines of text, for screen readers, logs and terminals that can do no more."""
