"""A long code block that is still open, so that each new line of it costs one line.

Owns telling that a source is such a block, and its growth. Its lines are plain where they are new: colours come
when the block is closed and rendered whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from workbench.ui.markdown.blocks import CodeContent, Leaf, parse_blocks
from workbench.ui.markdown.code import code_flow
from workbench.ui.markdown.layout import leaf_lines
from workbench.ui.markdown.model import Line
from workbench.ui.markdown.source import offsets

WORTHWHILE = 4_000
"""Characters from which on a code block is no longer rendered anew for each piece."""

_OPENER = re.compile(r"( {0,3})(`{3,}|~{3,})[^\n]*\n")


@dataclass(frozen=True, slots=True)
class Growth:
    """`lines` take the place of the last `replaced` lines."""

    replaced: int
    lines: list[Line]


@dataclass(slots=True)
class OpenFence:
    """The rendered lines of an open code block: whole ones up to `_done` of its source, and a partial one."""

    width: int
    indent: int
    closer: re.Pattern[str]
    lines: list[Line]
    _done: int
    _partial: list[Line] = field(default_factory=list)

    @classmethod
    def at_start_of(cls, source: str, width: int) -> OpenFence | None:
        """The open code block that `source` is; None when it is something else, closed or still short."""
        opener = _OPENER.match(source)
        if opener is None or len(source) < WORTHWHILE:
            return None
        fence = opener[2]
        closer = re.compile(rf"^ {{0,3}}{re.escape(fence[0])}{{{len(fence)},}}[ \t]*$", re.MULTILINE)
        done = source.rfind("\n") + 1
        if closer.search(source, opener.end()):
            return None
        lines = [line for top in parse_blocks(source[:done]) for line in leaf_lines(top.leaves, (), width)]
        opened = cls(width, len(opener[1]), closer, lines, done)
        opened._partial = opened._render_partial(source[done:])
        opened.lines = lines + opened._partial
        return opened

    def grow(self, source: str) -> Growth | None:
        """What the longer `source` adds; None when a line of it may close the block."""
        if self.closer.search(source, self._done):
            return None
        done = source.rfind("\n") + 1
        replaced = len(self._partial)
        whole = self._render(self._outdented(source[self._done : done - 1])) if done > self._done else []
        self._partial = self._render_partial(source[done:])
        self._done = done
        return Growth(replaced, whole + self._partial)

    def _render_partial(self, code: str) -> list[Line]:
        code = self._outdented(code)
        return self._render(code) if code else []

    def _render(self, code: str) -> list[Line]:
        leaf = Leaf(CodeContent(code_flow(code, "", offsets([0] * len(code)))))
        return leaf_lines((leaf,), (), self.width)

    def _outdented(self, code: str) -> str:
        return re.sub(rf"^ {{1,{self.indent}}}", "", code, flags=re.MULTILINE) if self.indent else code
