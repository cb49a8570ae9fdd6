"""Typed reading of a tree: owns the checks of keys, types and ranges and how they are worded.

Every reader takes a node and gives its value, or None after adding a problem, so that one pass finds all of
them. Text is expanded from the environment here, where it is read as a setting; what is only passed on (documents,
canned replies, schemas) goes through `nodes.plain_data` and is never expanded.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Set
from typing import Any

from workbench.config.expansion import ExpansionError, expand, has_reference
from workbench.config.findings import Findings, Located
from workbench.config.nodes import List, Map, Node, Scalar
from workbench.config.scalars import TooLarge, resolve
from workbench.errors import did_you_mean, quoted
from workbench.safe_text import invisible_at, name_of

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LIKE_TRUE = frozenset({"yes", "on", "y", "1", "true", "enabled"})
_LIKE_FALSE = frozenset({"no", "off", "n", "0", "false", "disabled"})


def described(node: Node) -> str:
    """What a node is, for a message: "a list", "the number 5", "the text `abc`"."""
    if isinstance(node, Map):
        return "a map"
    if isinstance(node, List):
        return "a list"
    if node.value is None:
        return "nothing"
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    if isinstance(node.value, str):
        return f"the text {quoted(node.value)}"
    return f"the number {node.value}"


def is_null(node: Node) -> bool:
    """Whether the node is null, written as `null`, as `~` or by nothing at all."""
    return isinstance(node, Scalar) and node.value is None


class Reader:
    """Reads typed values out of nodes of one file; `environ` is what `${VAR}` is taken from.

    `secrets` names variables that hold a key, beside those that `secrets.variables.why_secret` knows: none of them is
    expanded. Without an `environ`, `${VAR}` is text like any other.
    """

    def __init__(self, findings: Findings, environ: Mapping[str, str] | None, secrets: Set[str] = frozenset()) -> None:
        self.findings = findings
        self._environ = environ
        self._secrets = secrets

    def wrong_type(self, node: Node, expected: str, hint: str = "") -> None:
        """Add the problem that the node is not what was `expected`, which is named as in a sentence."""
        self.findings.add(node, f"expected {expected}, found {described(node)}", hint)

    def text(self, node: Node, *, lines: bool = False, blank: bool = False) -> str | None:
        """Text, expanded; `lines` allows line breaks and other control characters, `blank` nothing but blanks."""
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            scalar = isinstance(node, Scalar) and node.value is not None
            self.wrong_type(node, "text", "put quotes around it" if scalar else "")
            return None
        value = self._expanded(node, node.value)
        return None if value is None else self._plain(node, value, lines=lines, blank=blank)

    def written_text(self, node: Node, *, lines: bool = False, blank: bool = False) -> str | None:
        """Text as it is written, `lines` and `blank` as of `text`: `${VAR}` is not expanded."""
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            return self.text(node)
        return self._plain(node, node.value, lines=lines, blank=blank)

    def _plain(self, node: Node, value: str, *, lines: bool = False, blank: bool = False) -> str | None:
        """The text, unless there is nothing in it or what may not be."""
        if not (value if blank else value.strip()):
            unseen = invisible_at(value)
            of_these = "" if unseen is None else f", such as {name_of(value[unseen])}"
            self.findings.add(node, f"expected text, found only blanks{of_these}")
            return None
        if not lines and (wrong := _CONTROL.search(value)):
            message = f"line breaks and control characters are not allowed here, such as {name_of(wrong[0])}"
            self.findings.add(node, message, "use one plain line")
            return None
        return value

    def texts(self, node: Node, *, lines: bool = False, blank: bool = False) -> tuple[tuple[str, Located], ...]:
        """One text or a list of texts, each with its place; `lines` and `blank` as of `text`."""
        if not isinstance(node, List) and not (isinstance(node, Scalar) and isinstance(node.value, str)):
            self.wrong_type(node, "text or a list of texts")
            return ()
        nodes = node.items if isinstance(node, List) else (node,)
        found = ((self.text(item, lines=lines, blank=blank), item) for item in nodes)
        return tuple((text, item) for text, item in found if text is not None)

    def data(self, node: Node) -> Any:
        """The node as the JSON value it stands for, its texts expanded; null in place of what has a problem."""
        if isinstance(node, Map):
            return {key: self.data(entry.value) for key, entry in node.entries.items()}
        if isinstance(node, List):
            return [self.data(item) for item in node.items]
        if not isinstance(node.value, str):
            return node.value
        if not node.plain:
            return self._expanded(node, node.value)
        found = self.resolved(node)
        return found.value if isinstance(found, Scalar) else None

    def choice(self, node: Node, choices: Collection[str], *, any_case: bool = False) -> str | None:
        """One of the `choices`. With `any_case` these are in lower case, and it may be written in any."""
        listed = ", ".join(choices)
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            self.wrong_type(node, f"one of {listed}")
            return None
        value = self._expanded(node, node.value)
        if value is None:
            return None
        if (found := value.lower() if any_case else value) in choices:
            return found
        message = f"expected one of {listed}, found {described(Scalar(value, node.line, node.column))}"
        self.findings.add(node, message, did_you_mean(value, choices))
        return None

    def flag(self, node: Node) -> bool | None:
        """true or false."""
        found = self.resolved(node)
        if found is None:
            return None
        value = found.value if isinstance(found, Scalar) else None
        if isinstance(value, bool):
            return value
        word = "" if value is None else str(value).lower()
        hint = "write true" if word in _LIKE_TRUE else "write false" if word in _LIKE_FALSE else ""
        self.wrong_type(found, "true or false", hint)
        return None

    def integer(self, node: Node, low: int, high: int | None) -> int | None:
        """A whole number from `low` to `high`; None is no bound."""
        found = self.resolved(node)
        if found is None:
            return None
        value = found.value if isinstance(found, Scalar) else None
        if isinstance(value, int) and not isinstance(value, bool):
            return value if self._in_range(found, value, low, high) else None
        self.wrong_type(found, "a whole number", _number_hint(value))
        return None

    def number(self, node: Node, low: float, high: float, *, above: bool = False) -> float | None:
        """A number from `low` (excluded with `above`) to `high`."""
        found = self.resolved(node)
        if found is None:
            return None
        value = found.value if isinstance(found, Scalar) else None
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value) if self._in_range(found, value, low, high, above=above) else None
        self.wrong_type(found, "a number", _number_hint(value))
        return None

    def resolved(self, node: Node) -> Node | None:
        """The node, and for an unquoted text with a variable what the text means once expanded."""
        if not isinstance(node, Scalar) or not isinstance(node.value, str) or not node.plain:
            return node
        if self._environ is None or not has_reference(node.value):
            return node
        text = self._expanded(node, node.value)
        if text is None:
            return None
        try:
            return Scalar(resolve(text), node.line, node.column)
        except TooLarge:
            return Scalar(text, node.line, node.column)

    def _in_range(self, node: Node, value: float, low: float, high: float | None, *, above: bool = False) -> bool:
        if low <= value and (high is None or value <= high) and not (above and value == low):
            return True
        bounds = f"above {_shown(low)} and up to" if above else f"from {_shown(low)} to"
        bounds = f"{low} or more" if high is None else f"{bounds} {_shown(high)}"
        self.findings.add(node, f"{value} is out of range: expected {bounds}")
        return False

    def _expanded(self, where: Located, text: str) -> str | None:
        if self._environ is None:
            return text
        try:
            return expand(text, self._environ, self._secrets)
        except ExpansionError as error:
            self.findings.add(where, str(error), error.hint)
            return None


class Fields:
    """The keys of one map. Making it reports every key that is not `known`, with the nearest that is."""

    def __init__(self, node: Map, reader: Reader, known: Collection[str], of: str) -> None:
        self._node = node
        self._reader = reader
        self._of = of
        unknown = [entry for entry in node.entries.values() if entry.key not in known]
        reader.findings.unknown_keys(unknown, known, f"the keys of {of} are {', '.join(known)}")

    def get(self, key: str) -> Node | None:
        """The node of a key; None when the key is missing or set to null."""
        entry = self._node.entries.get(key)
        return None if entry is None or is_null(entry.value) else entry.value

    def require(self, key: str, hint: str = "") -> Node | None:
        """As `get`, but a missing key is a problem at the map itself."""
        node = self.get(key)
        if node is None:
            entry = self._node.entries.get(key)
            place: Located = entry.value if entry else self._node
            what = f"key `{key}` of {self._of} has no value" if entry else f"missing key `{key}` of {self._of}"
            self._reader.findings.add(place, what, hint)
        return node


def _shown(bound: float) -> str:
    return str(bound) if isinstance(bound, int) else f"{bound:g}"


def _number_hint(value: object) -> str:
    return "write the number without quotes or unit, such as 30" if isinstance(value, str) else ""
