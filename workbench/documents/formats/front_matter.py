"""Front matter: the metadata before a page's text, YAML between `---`, TOML between `+++` or a JSON object.

Behind its first `---` may stand the language that it is in, as in `---toml`. Owns where it ends, and the title in it.
What begins as front matter and cannot be read as that is text, and a harmless problem says so; what does not begin so
is text without a word.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from workbench.documents.source_lines import Flaw, SourceFile

_KEY = re.compile(r"(?:[\w.-][\w .-]*|\"[^\"]+\"|'[^']+')[ \t]*(?::(?:\s|\Z)|=|:\S)")
_TABLE = re.compile(r"\[\[?[^\]]+\]\]?\s*\Z")
_TITLE = re.compile(r"title[ \t]*:[ \t]*(.+)", re.IGNORECASE)
_SIMPLE = re.compile(r"""([\w-]+):(?: +(?:([\w(][^:#"'\\\t]*)|"([^"\\\t]*)"|'([^'\t]*)'|\[[\w ,.-]*\]))? *""", re.ASCII)
_FENCE = re.compile(r"---[ \t]*([a-z]+)", re.IGNORECASE)
_LANGUAGES: Final = {"yaml": "YAML", "yml": "YAML", "toml": "TOML", "json": "JSON"}
_PROGRAMS: Final = {"js": "JavaScript", "javascript": "JavaScript", "coffee": "CoffeeScript"}
_LONGEST = 2000  # lines: what is longer, or nested deeper, is no front matter
_DEEPEST = 50
_NO_MAP = "it is no map of keys and values"
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


@dataclass(frozen=True, slots=True)
class _Form:
    """The language of front matter and the lines that close it; `marked` tells that its opening names the language."""

    language: str
    closings: tuple[str, ...]
    title: Callable[[Sequence[str]], str]
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
        title = form.title(lines[start + 1 : end])
    except _Malformed as error:
        message = f"the front matter is no {form.language}: {error.message}"
        flaw = _flaw(source, start + 1 + error.line, message, "mend or remove it")
    except _Unread:
        message = f"front matter in {form.language} is not read"
        flaw = _flaw(source, start + 1, message, "write it as YAML, TOML or JSON")
    else:
        return FrontMatter(end + 1, " ".join(title.split()))
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
            if depth == 0 and isinstance(event, yaml.SequenceStartEvent):
                raise _Malformed(1, _NO_MAP)
            depth += 1
            if depth > _DEEPEST:
                raise _Malformed(1, "it is nested too deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
            if depth == 1:
                yield None
        elif isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
            if depth == 0:
                raise _Malformed(1, _NO_MAP)
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


def _braced_title(head: Sequence[str]) -> str:
    """The title in the lines between two braces, each on a line of its own."""
    return _json_title(("{", *head, "}"), before=1)


def _json_title(head: Sequence[str], before: int = 0) -> str:
    """The title of a JSON object; `before` of its lines are none of the front matter's."""
    try:
        found = json.loads("\n".join(head) if any(map(str.strip, head)) else "{}")
    except json.JSONDecodeError as error:
        raise _Malformed(error.lineno - before, error.msg) from None
    except (RecursionError, ValueError):
        raise _Malformed(1, "it is nested too deep, or holds a number too long") from None
    if not isinstance(found, dict):
        raise _Malformed(1, _NO_MAP)
    return _text(found)


def _refused(_: Sequence[str]) -> str:
    raise _Unread


def _text(found: dict[str, object]) -> str:
    title = next((value for key, value in found.items() if key.lower() == "title"), "")
    return str(title) if isinstance(title, str | int | float) and not isinstance(title, bool) else ""


_MARKED: Final[dict[str, Callable[[Sequence[str]], str]]] = {
    "YAML": _yaml_title,
    "TOML": _toml_title,
    "JSON": _json_title,
}
_FORMS: Final = {
    "---": _Form("YAML", ("---", "..."), _yaml_title),
    "+++": _Form("TOML", ("+++",), _toml_title),
    "{": _Form("JSON", ("}",), _braced_title),
}
