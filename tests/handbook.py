"""What is written of the settings, made from their table: `config/settings.yaml` and the lists of the handbook's page.

    python -m tests.handbook             # writes both again

The page's prose is its own: under the heading of each group of settings, only the list of its settings is replaced.
"""

from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path

from workbench.config.setting import Group, Setting
from workbench.config.setting_types import Choice, Switch
from workbench.config.settings_model import SETTINGS

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
WIDTH = 120


def example() -> str:
    """`config/settings.yaml`: each setting with its default, behind a comment that says what it is."""
    return "\n".join([HEAD, *(_as_yaml(row) for row in SETTINGS), ""])


def page(text: str) -> str:
    """The handbook's page whose text is `text`, with its lists of settings as the table has them."""
    for group, heading in HEADINGS.items():
        found = re.search(rf"^## {heading}\n(?:(?!## |- ).*\n)*((?:[- ] .+\n)+)", text, re.MULTILINE)
        assert found, f"the page has no list under {heading!r}"
        bullets = "".join(f"{_bullet(row)}\n" for row in SETTINGS if row.group == group)
        text = text[: found.start(1)] + bullets + text[found.end(1) :]
    return text


def _as_yaml(row: Setting) -> str:
    is_file = isinstance(row.default, tuple)  # which the example has beside it
    value = row.example if is_file else _shown(row) or ("null" if row.default is None else "{}")
    return f"{_wrapped(f'# {row.meaning}{_range(row)}', '# ')}\n{row.name}: {value}"


def _bullet(row: Setting) -> str:
    meaning = row.meaning[0].lower() + row.meaning[1:]
    default = f" The default is `{_shown(row)}`." if _shown(row) else ""
    metavar = f" {row.flag.metavar}" if row.flag and row.flag.metavar else ""
    flags = " and ".join(f"`{option}{metavar}`" for option in row.options)
    flag = f" Flag: {flags}." if flags else ""
    environment = f" Without both, {row.environment} counts." if row.environment else ""
    return _wrapped(f"- `{row.name}`: {meaning}{_range(row)}{default}{flag}{environment}", "  ")


def _range(row: Setting) -> str:
    """What the setting may be, as a sentence, where the meaning leaves that open."""
    tells_all = isinstance(row.type, Switch | Choice) or row.default not in (None, (), {})
    such = f", such as `{row.example}`" if row.example and not tells_all else ""
    said = f"{row.type.words()}{such}"
    return "" if said == "text" else f" {said[0].upper()}{said[1:]}."


def _shown(row: Setting) -> str:
    """The default as YAML, "" when there is none."""
    value = row.default
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value) if isinstance(value, str | int) else ""


def _wrapped(text: str, indent: str) -> str:
    """`text` in lines, none of which ends within code."""
    whole = re.sub(r"`[^`]*`", lambda code: code.group().replace(" ", "\0"), text)
    lines = textwrap.wrap(whole, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
    return "\n".join(lines).replace("\0", " ")


def main() -> int:
    """Write both files; return the exit code."""
    EXAMPLE.write_text(example(), encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
