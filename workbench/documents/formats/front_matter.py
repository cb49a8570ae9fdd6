"""Front matter: the metadata before a page's text, YAML between `---`, TOML between `+++` or a JSON object.

Owns where it ends, and the title in it. What begins as front matter and cannot be read as that is text, and a
harmless problem says so; what does not begin so is text without a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from workbench.documents.source_lines import Flaw, SourceFile

_OPENINGS: Final = {"---": "YAML", "+++": "TOML", "{": "JSON"}
_CLOSINGS: Final = {"---": ("---", "..."), "+++": ("+++",), "{": ("}",)}
_KEY = re.compile(r"(?:[\w.-][\w .-]*|\"[^\"]+\"|'[^']+')[ \t]*(?::(?:\s|\Z)|=|:\S)")
_TABLE = re.compile(r"\[\[?[^\]]+\]\]?\s*\Z")
_TITLE = re.compile(r"title[ \t]*:[ \t]*(.+)", re.IGNORECASE)
_SIMPLE = re.compile(r"""([\w-]+):(?: +(?:([\w(][^:#"'\\\t]*)|"([^"\\\t]*)"|'([^'\t]*)'|\[[\w ,.-]*\]))? *""", re.ASCII)
_LONGEST = 2000  # lines: what is longer, or nested deeper, is no front matter
_DEEPEST = 50
_NULLS = ("~", "null")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands before the text, which begins at the line of index `body`: a title, or a flaw.

    With a flaw, the lines from index `start` to `body` are text of no headings.
    """

    body: int = 0
    title: str = ""
    start: int = 0
    flaw: Flaw | None = None


class _Malformed(Exception):
    """Carries the line, from 1 in the front matter, and what is wrong there."""

    def __init__(self, line: int, message: str) -> None:
        self.line = line
        self.message = message
        super().__init__(message)


def front_matter(lines: Sequence[str], source: SourceFile) -> FrontMatter:
    """The front matter of a page's `lines`; blank lines may stand before it."""
    start = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    opening = lines[start].rstrip() if start < len(lines) else ""
    if opening not in _OPENINGS or not _begins(lines, start + 1, opening):
        return FrontMatter()
    kind, ends = _OPENINGS[opening], _CLOSINGS[opening]
    last = min(len(lines), start + _LONGEST)
    end = next((number for number in range(start + 1, last) if lines[number].rstrip() in ends), 0)
    if not end:
        message = f"{kind} front matter begins here and never ends"
        return FrontMatter(flaw=_flaw(source, start + 1, message, f"close it with {ends[0]}"))
    try:
        title = _READERS[opening](lines[start + 1 : end])
    except _Malformed as error:
        message = f"the front matter is no {kind}: {error.message}"
        return FrontMatter(end + 1, "", start, _flaw(source, start + 1 + error.line, message, "mend or remove it"))
    return FrontMatter(end + 1, " ".join(title.split()))


def _flaw(source: SourceFile, line: int, message: str, hint: str) -> Flaw:
    return source.problem(line, 1, message, hint, outcome="it is read as text", harmless=True)


def _begins(lines: Sequence[str], start: int, opening: str) -> bool:
    """Whether the first line that says something looks like metadata: a rule between paragraphs may be `---`, too."""
    if opening == "{":
        return any(line.strip() for line in lines[start : start + 1]) and lines[start].lstrip().startswith('"')
    said = (line for line in lines[start:] if line.strip() and not line.lstrip().startswith("#"))
    first = next(said, "")
    return bool(_KEY.match(first) or (opening == "+++" and _TABLE.match(first)))


def _yaml_title(head: Sequence[str]) -> str:
    """The title of a YAML map, by its events: nothing is built, and no depth or alias costs anything."""
    simple = [_SIMPLE.fullmatch(line) for line in head]
    if all(simple):  # most are so: ten times as quick
        said = (match[2] or match[3] or match[4] or "" for match in simple if match and match[1].lower() == "title")
        found = next(filter(None, said), "").strip()
        return "" if found == "null" else found
    import yaml

    key, title = None, ""
    try:
        for text in _yaml_root("\n".join(head) + "\n"):
            if key is None:
                key = text or ""
                continue
            if key.lower() == "title":
                title = title or text or ""
            key = None
    except yaml.MarkedYAMLError as error:
        if "mapping values are not allowed" in str(error.problem) and (plain := _plain_title(head)):
            return plain
        mark = error.problem_mark or error.context_mark
        raise _Malformed(mark.line + 1 if mark else 1, str(error.problem)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise _Malformed(1, str(error).partition("\n")[0]) from None
    return title


def _yaml_root(text: str) -> Iterator[str | None]:
    """The keys and the values of a YAML map by turns, as far as they are text: None for all else."""
    import yaml

    depth = 0
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > _DEEPEST:
                raise _Malformed(1, "it is nested too deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            if depth == 1:
                yield None
        elif isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
            if depth == 0:
                raise _Malformed(1, "it is no map of keys and values")
            if depth == 1:
                if isinstance(event, yaml.AliasEvent) or (event.implicit[0] and event.value in _NULLS):
                    yield None
                else:
                    yield event.value


def _plain_title(head: Sequence[str]) -> str:
    """The title of metadata whose only fault is a colon in it, as people write it: `title: Tea: a guide`."""
    found = [(number, match[1].strip()) for number, line in enumerate(head) if (match := _TITLE.match(line))]
    if len(found) != 1 or ": " not in found[0][1] or found[0][1][0] in "\"'[{>|&*!%@`":
        return ""
    number, title = found[0]
    _yaml_title([*head[:number], "title: ''", *head[number + 1 :]])  # raises for any other fault
    return title


def _toml_title(head: Sequence[str]) -> str:
    import tomllib

    try:
        found = tomllib.loads("\n".join(head))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        raise _Malformed(int(place[1]) if place else len(head), str(error)) from None
    except RecursionError:
        raise _Malformed(1, "it is nested too deep") from None
    return _text(found)


def _json_title(head: Sequence[str]) -> str:
    try:
        found = json.loads("\n".join(("{", *head, "}")))
    except json.JSONDecodeError as error:
        raise _Malformed(error.lineno - 1, error.msg) from None
    except (RecursionError, ValueError):
        raise _Malformed(1, "it is nested too deep, or holds a number too long") from None
    return _text(found)


def _text(found: dict[str, object]) -> str:
    title = next((value for key, value in found.items() if key.lower() == "title"), "")
    return str(title) if isinstance(title, str | int | float) and not isinstance(title, bool) else ""


_READERS: Final[dict[str, Callable[[Sequence[str]], str]]] = {
    "---": _yaml_title,
    "+++": _toml_title,
    "{": _json_title,
}
