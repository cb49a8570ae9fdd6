"""Commands without a screen: each reads its arguments, writes text, and returns an exit code."""
