"""What is written of the settings, made from their table: `config/settings.yaml` and the lists of the handbook's page.

    python -m tests.handbook             # writes both again

The page's prose is its own: under the heading of each group of settings, only the list of its settings is replaced.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from workbench.config.setting import Group, Setting
from workbench.config.settings_model import SETTINGS
from workbench.config.settings_text import as_yaml, range_of, shown, wrapped

CONFIG = Path(__file__).parents[1] / "config"
EXAMPLE = CONFIG / "settings.yaml"
PAGE = CONFIG / "handbook" / "settings.md"

HEADINGS: dict[Group, str] = {
    "model": "Settings of the model",
    "sampling": "Settings of sampling",
    "connection": "Settings of the connection",
    "turn": "Settings of a turn",
    "bounds": "Bounds of an answer",
    "start": "Settings of what is loaded and shown",
}
HEAD = """\
# Every setting, with its default where it has one: `workbench --config config/settings.yaml`.
# Copy it to ~/.config/workbench/config.yaml to have it read at every start. What is null is not set: of a setting of
# the model, nothing is sent then, and the server uses its own default.
"""


def example() -> str:
    """`config/settings.yaml`: each setting with its default, behind a comment that says what it is."""
    return "\n".join([HEAD, *(as_yaml(row) for row in SETTINGS), ""])


def page(text: str) -> str:
    """The handbook's page whose text is `text`, with its lists of settings as the table has them."""
    for group, heading in HEADINGS.items():
        found = re.search(rf"^## {heading}\n(?:(?!## |- ).*\n)*((?:[- ] .+\n)+)", text, re.MULTILINE)
        assert found, f"the page has no list under {heading!r}"
        bullets = "".join(f"{_bullet(row)}\n" for row in SETTINGS if row.group == group)
        text = text[: found.start(1)] + bullets + text[found.end(1) :]
    return text


def _bullet(row: Setting) -> str:
    meaning = row.meaning[0].lower() + row.meaning[1:]
    default = f" The default is `{shown(row)}`." if shown(row) else ""
    metavar = f" {row.flag.metavar}" if row.flag and row.flag.metavar else ""
    flags = " and ".join(f"`{option}{metavar}`" for option in row.options)
    flag = f" Flag: {flags}." if flags else ""
    environment = f" Without both, {row.environment} counts." if row.environment else ""
    return wrapped(f"- `{row.name}`: {meaning}{range_of(row)}{default}{flag}{environment}", "  ")


def main() -> int:
    """Write both files; return the exit code."""
    EXAMPLE.write_text(example(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
