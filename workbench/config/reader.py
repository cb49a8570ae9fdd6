"""Text to a located tree: owns the choice between JSON and YAML and what is refused while reading YAML.

JSON is read by its own grammar first, since libyaml cannot read all of it (surrogate pairs, long keys), and by
YAML's if that fails. Refuses several documents in one file, tags that would construct objects, and merge
keys. Never raises for what a file holds: the tree's `problems` say what is wrong.
"""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from workbench.config import json_text
from workbench.config.findings import Findings
from workbench.config.nodes import Node, Scalar, Tree, TreeBuilder, Unreadable
from workbench.config.scalars import TooLarge, resolve
from workbench.config.yaml_text import ConfigText, decode, read_bytes
from workbench.documents.formats import DOCUMENTS_ONLY
from workbench.errors import Problem, quoted
from workbench.origin import Origin
from workbench.safe_text import invisible_at, name_of

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML was built without libyaml: the same events, more slowly
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

_TAG = "tag:yaml.org,2002:"
_STRING_TAGS = {"!", f"{_TAG}str"}
_COLLECTION_TAGS = {"!", f"{_TAG}map", f"{_TAG}seq"}

_HINTS = {
    "mapping values are not allowed": "quote a value that holds `: `, or check the indentation",
    "cannot start any token": "quote a value that begins with @, ` or %",
    "unexpected end of stream": "close the quote, bracket or brace that is opened here",
    "did not find expected ',' or": "close the bracket or brace, separate its values by commas",
    "did not find expected '-'": "keep the items of a list at one indentation, each with `- `",
    "did not find expected key": "keep the keys of a map at one indentation; quote a value with quotes inside",
    "could not find expected ':'": "write `key: value`, or quote text over several lines",
    "did not find expected comment": "put the text on the lines below `|` or `>`",
    "invalid Unicode character": "write a character beyond U+FFFF as \\U and eight digits",
    "unknown escape character": "double the backslash, or use single quotes",
    "<document start>": "indent what comes after the first value, or remove it",
    "did not find expected node content": "put a value here, or close the bracket that is open",
    "found undefined tag handle": "quote a value that begins with !",
}


def read_tree(path: Path) -> Tree:
    """The file at `path` as a tree; whatever is wrong with it is among the tree's problems."""
    findings = Findings(str(path))
    if path.suffix.lower() in DOCUMENTS_ONLY:
        hint = f"list it under `files:` of a documents file: `files: {path.name}`"
        findings.file_problem(f"a {path.suffix} file is a document, not configuration", hint)
        return Tree(path, None, findings.problems())
    data = read_bytes(path, findings)
    return Tree(path, None, findings.problems()) if data is None else parse_tree(path, data)


def parse_tree(path: Path, data: bytes) -> Tree:
    """`data` as the content of the file called `path`, which is not opened."""
    root, problems = _parsed(str(path), data)
    return Tree(path, root, problems, Origin.of(path, data) if root else None)


def parse_value(name: str, text: str) -> Tree:
    """`text`, which is no file's but an argument's, called `name`."""
    root, problems = _parsed(name, os.fsencode(text))
    return Tree(Path(name), root, problems)


def _parsed(name: str, data: bytes) -> tuple[Node | None, tuple[Problem, ...]]:
    findings = Findings(name)
    source = decode(data, findings)
    if source is None:
        return None, findings.problems()
    builder = TreeBuilder(source, findings)
    try:
        if json_text.looks_like_json(source.text):
            try:
                json_text.read_json(source.text, builder)
            except json_text.NotJsonGrammar:
                findings = Findings(name)
                builder = TreeBuilder(source, findings)
                _read_yaml(source, builder, findings)
        else:
            _read_yaml(source, builder, findings)
    except Unreadable:
        return None, findings.problems()
    builder.end()
    return builder.root or Scalar(None, 1, 1), findings.problems()


def _read_yaml(source: ConfigText, builder: TreeBuilder, findings: Findings) -> None:
    try:
        _feed(source.text, builder)
    except yaml.MarkedYAMLError as error:
        _report(error, source, findings)
        raise Unreadable from error
    except yaml.YAMLError as error:
        findings.file_problem(f"this is not YAML: {error}")
        raise Unreadable from error


def _feed(text: str, builder: TreeBuilder) -> None:
    """Drives the builder with libyaml's events, which it yields without recursion, as the text is read."""
    documents = 0
    for event in yaml.parse(text, Loader=_Loader):
        index = event.start_mark.index if event.start_mark else 0
        if isinstance(event, yaml.ScalarEvent):
            _scalar(event, index, builder)
        elif isinstance(event, yaml.CollectionStartEvent):
            if event.tag is not None and event.tag not in _COLLECTION_TAGS:
                _refuse_tag(event.tag, index, builder)
            builder.open(index, is_map=isinstance(event, yaml.MappingStartEvent), anchor=event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            builder.close()
        elif isinstance(event, yaml.AliasEvent):
            builder.alias(event.anchor or "", index)
        elif isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                builder.fail(index, "a second YAML document starts here", "one file holds one: remove the `---`")


def _scalar(event: yaml.ScalarEvent, index: int, builder: TreeBuilder) -> None:
    plain = bool(event.implicit[0])
    if builder.wants_key:
        if plain and event.value == "<<":
            builder.problem(index, "merge keys `<<` are not supported", "write the keys out")
        builder.key(event.value, index)
        return
    if event.tag is not None and event.tag not in _STRING_TAGS:
        _refuse_tag(event.tag, index, builder)
    value: str | int | float | bool | None = event.value
    if plain:
        try:
            value = resolve(event.value)
        except TooLarge:
            value = builder.too_large(event.value, index)
    written = None if isinstance(value, str) else event.value
    builder.scalar(value, index, plain=plain, anchor=event.anchor, written=written)


def _refuse_tag(tag: str, index: int, builder: TreeBuilder) -> None:
    shown = "!!" + tag.removeprefix(_TAG) if tag.startswith(_TAG) else tag
    builder.problem(index, f"tag {quoted(shown)} is not supported", "values are plain data: leave the tag out")


def _report(error: yaml.MarkedYAMLError, source: ConfigText, findings: Findings) -> None:
    """One located problem of a syntax error: at the opening of what was never closed, else where it shows."""
    message = error.problem or "this is not YAML"
    opened, shown = error.context_mark, error.problem_mark
    mark = opened if "unexpected end of stream" in message and opened else shown or opened
    index = mark.index if mark else 0
    hint = next((text for sign, text in _HINTS.items() if sign in message), "")
    if source.text[index : index + 1] == "\t" and ("cannot start any token" in message or "tab character" in message):
        message, hint = "a tab where YAML allows only spaces: U+0009 tab", "indent with spaces"
    elif error.context and opened and opened.index != index:
        message += f" {error.context} that began at line {source.place(opened.index)[0]}"
    if unseen := _unseen_near(source, index):
        message, hint = f"{message}; {unseen}", "write plain spaces, or nothing, in its place"
    findings.at(*source.place(index), f"YAML syntax: {message}", hint)


def _unseen_near(source: ConfigText, index: int) -> str:
    """The first character that cannot be seen on the line of `index` or the one before it, named; "" without one."""
    line_start = source.text.rfind("\n", 0, index) + 1
    start = source.text.rfind("\n", 0, max(line_start - 1, 0)) + 1
    end = source.text.find("\n", index)
    found = invisible_at(source.text, start, len(source.text) if end < 0 else end)
    if found is None or source.text[found] == "\t":
        return ""
    line, column = source.place(found)
    return f"{name_of(source.text[found])} stands at {line}:{column}"
