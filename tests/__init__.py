"""Tests: core (no screen), ui, e2e, and the helpers that they share."""
