"""Front matter: the metadata before a page's text, YAML between `---`, TOML between `+++` or a JSON object.

Behind its first `---` may stand the language that it is in, as in `---toml`. Owns where it ends, and what its keys say.
What begins as front matter and cannot be read as that is text, and a harmless problem says so; what does not begin so
is text without a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workbench.documents.formats.head_fields import as_written, kept, title_in
from workbench.documents.source_lines import Flaw, SourceFile

_KEY = re.compile(r"(?:[\w.-][\w .-]*|\"[^\"]+\"|'[^']+')[ \t]*(?::(?:\s|\Z)|=|:\S)")
_TABLE = re.compile(r"\[\[?[^\]]+\]\]?\s*\Z")
_TITLE = re.compile(r"title[ \t]*:[ \t]*(.+)", re.IGNORECASE)
_SIMPLE = re.compile(
    r"""([\w-]+):(?: +(?:([\w(][^:#"'\\\t]*)|"([^"\\\t]*)"|'([^'\t]*)'|(\[[\w ,.-]*\])))? *""", re.ASCII
)
_FENCE = re.compile(r"---[ \t]*([a-z]+)", re.IGNORECASE)
_LANGUAGES: Final = {"yaml": "YAML", "yml": "YAML", "toml": "TOML", "json": "JSON"}
_PROGRAMS: Final = {"js": "JavaScript", "javascript": "JavaScript", "coffee": "CoffeeScript"}
_LONGEST = 2000  # lines: what is longer, or nested deeper, is no front matter
_DEEPEST = 50
_NO_MAP = "it is no map of keys and values"
_Read = Callable[[Sequence[str]], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What stands before the text, which begins at the line of index `body`: a title and other fields, or a flaw.

    With a flaw, the lines from index `start` to `body` are text of no headings.
    """

    body: int = 0
    title: str = ""
    start: int = 0
    flaw: Flaw | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Form:
    """The language of front matter and the lines that close it; `marked` tells that its opening names the language."""

    language: str
    closings: tuple[str, ...]
    read: _Read
    marked: bool = False


class _Unread(Exception):
    """Front matter is a program, and none is run to read a page."""


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
    form = _FORMS.get(opening) or _marked(opening)
    if form is None or not (form.marked or _begins(lines, start + 1, opening)):
        return FrontMatter()
    last = min(len(lines), start + _LONGEST)
    end = next((number for number in range(start + 1, last) if lines[number].rstrip() in form.closings), 0)
    if not end:
        message = f"{form.language} front matter begins here and never ends"
        return FrontMatter(flaw=_flaw(source, start + 1, message, f"close it with {form.closings[0]}"))
    try:
        found = form.read(lines[start + 1 : end])
    except _Malformed as error:
        message = f"the front matter is no {form.language}: {error.message}"
        flaw = _flaw(source, start + 1 + error.line, message, "mend or remove it")
    except _Unread:
        message = f"front matter in {form.language} is not read"
        flaw = _flaw(source, start + 1, message, "write it as YAML, TOML or JSON")
    else:
        return FrontMatter(end + 1, " ".join(title_in(found).split()), fields=kept(found))
    return FrontMatter(end + 1, "", start, flaw)


def _marked(opening: str) -> _Form | None:
    """The form that an opening such as `---toml` names; None for any other line."""
    fence = _FENCE.fullmatch(opening)
    word = fence[1].lower() if fence else ""
    if language := _LANGUAGES.get(word):
        return _Form(language, ("---",), _MARKED[language], marked=True)
    return _Form(_PROGRAMS[word], ("---",), _refused, marked=True) if word in _PROGRAMS else None


def _flaw(source: SourceFile, line: int, message: str, hint: str) -> Flaw:
    return source.problem(line, 1, message, hint, outcome="it is read as text", harmless=True)


def _begins(lines: Sequence[str], start: int, opening: str) -> bool:
    """Whether the first line that says something looks like metadata: a rule between paragraphs may be `---`, too."""
    if opening == "{":
        return any(line.strip() for line in lines[start : start + 1]) and lines[start].lstrip().startswith('"')
    said = (line for line in lines[start:] if line.strip() and not line.lstrip().startswith("#"))
    first = next(said, "")
    return bool(_KEY.match(first) or (opening == "+++" and _TABLE.match(first)))


def _yaml(head: Sequence[str]) -> dict[str, Any]:
    """The fields of a YAML map, by its events: no map in it is built, and no depth or alias costs anything."""
    simple = [_SIMPLE.fullmatch(line) for line in head]
    if all(simple):  # most are so: ten times as quick
        said: dict[str, Any] = {}
        for match in filter(None, simple):
            said.setdefault(match[1], _simple(match))
        return said
    import yaml

    try:
        return _yaml_fields("\n".join(head) + "\n")
    except yaml.MarkedYAMLError as error:
        if "mapping values are not allowed" in str(error.problem) and (fields := _with_plain_title(head)):
            return fields
        mark = error.problem_mark or error.context_mark
        raise _Malformed(mark.line + 1 if mark else 1, str(error.problem)) from None
    except (yaml.YAMLError, ValueError) as error:
        raise _Malformed(1, str(error).partition("\n")[0]) from None


def _simple(line: re.Match[str]) -> Any:
    """The value of a line such as `key: value`."""
    _, plain, double, single, items = line.groups()
    if items:
        return [as_written(each.strip()) for each in items[1:-1].split(",")]
    return as_written(plain.strip()) if plain else double or single


def _yaml_fields(text: str) -> dict[str, Any]:
    """The keys of a YAML map with their values, None for a map; of a key that is there twice, the first."""
    values = list(_yaml_values(text))
    fields: dict[str, Any] = {}
    for key, value in zip(values[::2], values[1::2], strict=False):
        if isinstance(key, str | int | float):
            fields.setdefault(str(key), value)
    return fields


def _yaml_values(text: str) -> Iterator[Any]:
    """The keys and the values of a YAML map by turns: text, a list of texts, None for all else."""
    import yaml

    depth = 0
    items: list[Any] | None = None
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            is_list = isinstance(event, yaml.SequenceStartEvent)
            depth = _deeper(depth, is_list=is_list)
            if depth == 2:
                items = [] if is_list else None
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            if depth == 1:
                yield items
        elif isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
            if depth == 0:
                raise _Malformed(1, _NO_MAP)
            if depth == 1:
                yield _scalar(event)
            elif depth == 2 and items is not None:
                items.append(_scalar(event))


def _deeper(depth: int, *, is_list: bool) -> int:
    if depth == 0 and is_list:
        raise _Malformed(1, _NO_MAP)
    if depth == _DEEPEST:
        raise _Malformed(1, "it is nested too deep")
    return depth + 1


def _scalar(event: Any) -> Any:
    """The value of a scalar; None for an alias, which stands for what has been said."""
    if not hasattr(event, "value"):
        return None
    return as_written(event.value) if event.implicit[0] else event.value


def _with_plain_title(head: Sequence[str]) -> dict[str, Any]:
    """The fields of metadata whose only fault is a colon in its title, as people write it: `title: Tea: a guide`."""
    found = [(number, match[1].strip()) for number, line in enumerate(head) if (match := _TITLE.match(line))]
    if len(found) != 1 or ": " not in found[0][1] or found[0][1][0] in "\"'[{>|&*!%@`":
        return {}
    number, title = found[0]
    others = _yaml([*head[:number], "title: ''", *head[number + 1 :]])  # raises for any other fault
    return {**others, "title": title}


def _toml(head: Sequence[str]) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads("\n".join(head))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"line (\d+)", str(error))
        raise _Malformed(int(place[1]) if place else len(head), str(error)) from None
    except RecursionError:
        raise _Malformed(1, "it is nested too deep") from None


def _braced(head: Sequence[str]) -> dict[str, Any]:
    """The fields in the lines between two braces, each on a line of its own."""
    return _json(("{", *head, "}"), before=1)


def _json(head: Sequence[str], before: int = 0) -> dict[str, Any]:
    """The fields of a JSON object; `before` of its lines are none of the front matter's."""
    try:
        found = json.loads("\n".join(head) if any(map(str.strip, head)) else "{}")
    except json.JSONDecodeError as error:
        raise _Malformed(error.lineno - before, error.msg) from None
    except (RecursionError, ValueError):
        raise _Malformed(1, "it is nested too deep, or holds a number too long") from None
    if not isinstance(found, dict):
        raise _Malformed(1, _NO_MAP)
    return found


def _refused(_: Sequence[str]) -> dict[str, Any]:
    raise _Unread


_MARKED: Final[dict[str, _Read]] = {"YAML": _yaml, "TOML": _toml, "JSON": _json}
_FORMS: Final = {
    "---": _Form("YAML", ("---", "..."), _yaml),
    "+++": _Form("TOML", ("+++",), _toml),
    "{": _Form("JSON", ("}",), _braced),
}
