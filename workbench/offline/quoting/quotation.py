"""Quoted words in an answer: well-formed Markdown, whatever they were cut out of, and each with its citation.

Owns what of them would be taken for markup of the answer's own. Refuses to change what is quoted where a character
before it is enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from workbench.language import block_marks
from workbench.offline.protocol.draft import TextBuilder
from workbench.offline.quoting.citable import CitableSource

_LONGEST = 2_000  # code points of a line of text in which marks are looked for
_BLOCK = re.compile(block_marks.FENCE)
_BEGINS_BLOCK = re.compile(
    rf"{block_marks.HEADING}|{block_marks.FENCE}|{block_marks.QUOTE}|[-+*](?:[ \t]|\Z)|=+[ \t]*\Z|\$\$"
    r"|\[[^\]]*\]:|(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})\Z"
)
_BEGINS_NUMBERED = re.compile(r"(\d{1,9})([.)](?:[ \t]|\Z))")
_SPAN_OR_ESCAPE = re.compile(r"(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)|\\\[.*?\\\]|\\[^\[\]\w\s]")
_RUN = re.compile(r"(?<!\*)\*+|(?<!_)_+|(?<!~)~+")


@dataclass(frozen=True, slots=True)
class Quotation:
    """Words to quote and who says them. `group` are the list or the code that the words introduce.

    `label` is said before them, to tell whose they are.
    """

    text: str
    sources: tuple[CitableSource, ...]
    group: tuple[Quotation, ...] = ()
    label: str = ""

    @property
    def code(self) -> bool:
        """Whether it is a block of code, its fences included."""
        return is_block(self.text)

    @property
    def is_open(self) -> bool:
        """Whether a mark in it could be taken for the other end of one in what stands beside it."""
        return not self.code and is_open(self.text)

    @property
    def goes_on(self) -> bool:
        """Whether maths in it would go on in the lines below, up to a blank one."""
        return not self.code and opens_maths(self.text)

    def put(self, builder: TextBuilder, *, fresh: bool = False) -> None:
        """Appends the quotation with its citation; `fresh` says that it begins a block of the answer."""
        if self.label:
            builder.add(f"**{self.label}**:")
            builder.add("\n\n" if self.code else " ")
        text = self.text
        if fresh and not self.label and not self.code:
            if _BEGINS_BLOCK.match(text):
                builder.add("\\")
            text = _BEGINS_NUMBERED.sub(r"\1\\\2", text, count=1) if _BEGINS_NUMBERED.match(text) else text
        builder.quote(text, [source.as_citation() for source in self.sources])
        if self.code and not _is_closed(text):
            builder.add(f"\n{_fence_of(text)}")


def is_block(text: str) -> bool:
    """Whether `text` is a block of code, its fences included."""
    return _BLOCK.match(text) is not None and "\n" in text


def in_backticks(code: str) -> str:
    """A line of code as code in a line of text, whatever backticks it has."""
    longest = max((len(run) for run in re.findall("`+", code)), default=0)
    blank = " " if code.startswith("`") or code.endswith("`") else ""
    fence = "`" * (longest + 1)
    return f"{fence}{blank}{code}{blank}{fence}"


def is_open(text: str) -> bool:
    """Whether a mark in a line of text begins or ends what has no other end in it."""
    if len(text) > _LONGEST:
        return True
    rest = _SPAN_OR_ESCAPE.sub("x", text)
    if "`" in rest or rest.count("[") != rest.count("]") or opens_maths(rest):
        return True
    open_marks: list[str] = []
    for run in _RUN.finditer(rest):
        before, after = rest[: run.start()][-1:] or " ", rest[run.end() :][:1] or " "
        if run[0][0] == "_" and before.isalnum() and after.isalnum():
            continue
        if not before.isspace() and open_marks and open_marks[-1] == run[0]:
            open_marks.pop()
        elif not (before.isspace() and after.isspace()):
            open_marks.append(run[0])
    return bool(open_marks)


def opens_maths(text: str) -> bool:
    """Whether maths is begun in `text`, and not ended."""
    return text.rfind("\\[") > text.rfind("\\]") or text.count("$$") % 2 == 1 or "\\begin{" in text


def _fence_of(text: str) -> str:
    begun = _BLOCK.match(text)
    return begun[1] if begun is not None else ""


def _is_closed(text: str) -> bool:
    fence, last = _fence_of(text), text.rpartition("\n")[2].strip()
    return last.startswith(fence) and not last.strip(fence[0])
