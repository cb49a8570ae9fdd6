"""What things cost, as ratios and tables. Run with `python -m tests.benchmarks`; no test depends on a time."""
