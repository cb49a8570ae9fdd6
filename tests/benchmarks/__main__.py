"""Run every benchmark and print its table."""

from __future__ import annotations

from tests.benchmarks import answers, fold, growth

print(answers.table())
print()
print(fold.table())
print()
print(growth.table())
