"""Print how many of the judged questions find their passage among the best eight, beside the package bm25s."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.core.test_judged import indexed
from tests.judged import WITHOUT_SPACES, best_of_bm25s, bm25s_of, judged, of_packages, recall

with tempfile.TemporaryDirectory() as folder:
    heads = "| language | questions | passages | keyword | bm25s | bm25s by characters |"
    rows = [heads, "| --- | --: | --: | --: | --: | --: |"]
    for tongue, each in (*judged().items(), *of_packages().items()):
        ours = recall(indexed(each, Path(folder)), each)
        theirs = recall(bm25s_of(each, tongue), each)
        best = f"{best_of_bm25s(each, tongue):.3f}" if tongue in WITHOUT_SPACES else ""
        size = f"{len(each.questions)} | {len(each.passages)}"
        rows.append(f"| {tongue} | {size} | {ours:.3f} | {theirs:.3f} | {best} |")
    sys.stdout.write("\n".join(rows) + "\n")
