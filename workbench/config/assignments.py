"""`--set NAME=VALUE`: any setting, its value read as the settings file has it.

Unlike a file, the command line is the person's own word, and their shell has expanded what it should: `${VAR}` is text
here, and a relative path starts from the current folder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

from workbench.config.findings import Findings, unknown_word
from workbench.config.reader import parse_value
from workbench.config.settings import KEY_HINT, KEY_NAMES
from workbench.config.settings_model import OF_NAME, SETTING_KEYS
from workbench.config.typed_reading import Reader, is_null
from workbench.errors import Problem, quoted

FLAG: Final = "--set"
_NOTHING: Final = ("", "null", "~")


def read_assignments(
    texts: Sequence[str], masked: Callable[[str], str] = str
) -> tuple[dict[str, Any], tuple[Problem, ...]]:
    """The value of each setting that is named, its default for null, the last one counting; and every problem.

    `masked` takes the API keys out of a text. A problem of a text that holds one says no more than that: its own words
    may quote a part.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for text in texts:
        name, _, value = text.partition("=")
        found, wrong = _read(name.strip(), value) if "=" in text else (None, (_unlike(text),))
        if wrong and masked(text) != text:
            wrong = (Problem(FLAG, 0, 0, "the value holds an API key, and cannot be used", KEY_HINT),)
        if wrong:
            problems += wrong
        else:
            values[name.strip()] = found
    return values, tuple(problems)


def _read(name: str, value: str) -> tuple[Any, tuple[Problem, ...]]:
    where = f"{FLAG} {name}" if name in OF_NAME else FLAG
    row = OF_NAME.get(name)
    if name.lower() in KEY_NAMES:
        return None, (Problem(where, 0, 0, "an API key never stands on the command line", KEY_HINT),)
    if row is None:
        listed = f"the settings are {', '.join(SETTING_KEYS)}"
        message, hint = unknown_word("unknown setting", name, SETTING_KEYS, listed)
        return None, (Problem(f"{FLAG} {name}", 0, 0, message, hint),)
    tree = parse_value(where, value)
    findings = Findings(where, tree.problems)
    found = row.default
    if tree.root is not None and not is_null(tree.root):
        found = row.type.read(tree.root, Reader(findings, None), Path())
    elif not tree.problems and value.strip() not in _NOTHING:
        findings.file_problem(f"{quoted(value)} is nothing in YAML", "put quotes around it")
    return found, tuple(_whole(problem) for problem in findings.problems())


def _whole(problem: Problem) -> Problem:
    """The place of a problem in a value is worth saying where it is not its beginning."""
    if (problem.line, problem.column) != (1, 1):
        return problem
    return Problem(problem.file, 0, 0, problem.message, problem.hint)


def _unlike(text: str) -> Problem:
    return Problem(FLAG, 0, 0, f"expected NAME=VALUE, found {quoted(text)}", "write one such as --set seed=7")
