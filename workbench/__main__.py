"""The command `workbench`, and `python -m workbench`."""

from __future__ import annotations

import sys


def main() -> None:
    from workbench.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
