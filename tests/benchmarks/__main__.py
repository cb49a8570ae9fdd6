"""Run every benchmark and print its table."""

from __future__ import annotations

from tests.benchmarks import fold

print(fold.table())
