"""The program behind `statistics` in programs.yaml: a JSON object on stdin, one on stdout."""

from __future__ import annotations

import json
import statistics
import sys

numbers = json.load(sys.stdin)["numbers"]
print(f"{len(numbers)} numbers", file=sys.stderr)  # shown with the call, and no part of the result
summary = {
    "smallest": min(numbers),
    "largest": max(numbers),
    "mean": statistics.fmean(numbers),
    "median": statistics.median(numbers),
}
json.dump(summary, sys.stdout)
