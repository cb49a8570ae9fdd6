"""Lines of rendered text to strips of the screen.

Owns the looks: each style name of `workbench.ui.markdown` is a component class `transcript--NAME`, whose rules are
below and may be overridden by a style sheet. What it paints is kept until styles change. It knows nothing of turns
or scrolling.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip
from textual.widget import Widget

from workbench.ui.markdown.line import RenderedLine, Run, Styles

PREFIX = "transcript--"

RULES = {
    "prompt": "background: $wb-band;",
    "prompt-bar": "color: $wb-band-bar;",
    "turn-number": "color: $wb-dim;",
    "thinking-label": "color: $wb-dim;",
    "thinking": "color: $wb-dim;",
    "heading-1": "text-style: bold;",
    "heading-2": "text-style: bold;",
    "heading-3": "text-style: bold;",
    "strong": "text-style: bold;",
    "emphasis": "text-style: italic;",
    "strike": "text-style: strike;",
    "code": "background: $wb-surface;",
    "code-block": "background: $wb-surface;",
    "code-comment": "color: $wb-code-comment;",
    "code-keyword": "color: $wb-code-keyword; text-style: bold;",
    "code-string": "color: $wb-code-string;",
    "code-number": "color: $wb-code-number;",
    "code-name": "color: $wb-code-name;",
    "code-inserted": "color: $wb-code-inserted;",
    "code-deleted": "color: $wb-code-deleted;",
    "link": "color: $wb-link; text-style: underline;",
    "url": "color: $wb-dim;",
    "image": "text-style: italic;",
    "quote": "color: $wb-dim;",
    "quote-bar": "color: $wb-rule;",
    "bullet": "color: $wb-dim;",
    "rule": "color: $wb-rule;",
    "table-head": "text-style: bold;",
    "table-rule": "color: $wb-rule;",
    "cited": "text-style: underline;",
    "cited-bar": "color: $wb-cite;",
    "barred": "",  # cited, and marked by that bar
    "marker": "color: $wb-cite; text-style: bold;",
    "selected": "background: $wb-cited-selected;",
    "notice-error": "color: $wb-error;",
    "notice-warning": "color: $wb-warning;",
    "notice-info": "color: $wb-dim;",
}
"""What each style name looks like, in the roles of `workbench.ui.themes`."""

STYLE_SHEET = "\n".join(f"Transcript > .{PREFIX}{name} {{ {rules} }}" for name, rules in RULES.items())

WIDEST = 96
"""Cells of a line of text, which the eye still follows to the next one; a wider screen has a margin."""

CITED_BAR = "▎"
"""Stands beside each line of code, all of which is cited."""

_CACHED_STRIPS = 2048


class LinePainter:
    """Paints for `widget`, whose component classes are the names of `RULES`."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._styles: dict[Styles, Style] = {}
        self._strips: LRUCache[tuple[RenderedLine, int, int | None], Strip] = LRUCache(_CACHED_STRIPS)

    def forget(self) -> None:
        """Styles have changed: paint every line anew."""
        self._styles.clear()
        self._strips.clear()

    def blank(self, width: int) -> Strip:
        """A line of `width` cells without text."""
        return Strip.blank(width, self._style(()))

    def paint(self, line: RenderedLine, width: int, selected: int | None = None) -> Strip:
        """`line` in `width` cells, filled to `WIDEST` of them; citation `selected` stands out."""
        key = (line, width, selected if selected in line.marks else None)
        strip = self._strips.get(key)
        if strip is None:
            segments = [Segment(_shown(run), self._run_style(run, line.fill, key[2])) for run in _indented(line.runs)]
            fill = self._style((line.fill,) if line.fill else ())
            strip = Strip(segments).adjust_cell_length(min(width, WIDEST), fill)
            strip = strip.adjust_cell_length(width, self._style(()))
            self._strips[key] = strip
        return strip

    def _run_style(self, run: Run, fill: str, selected: int | None) -> Style:
        cited = ("cited",) if run.marks and not run.is_marker and "barred" not in run.styles else ()
        chosen = ("selected",) if selected is not None and selected in run.marks else ()
        return self._style(((fill,) if fill else ()) + run.styles + cited + chosen)

    def _style(self, names: Styles) -> Style:
        style = self._styles.get(names)
        if style is None:
            style = self._widget.rich_style
            for name in names:
                style += self._component(name)
            self._styles[names] = style
        return style

    def _component(self, name: str) -> Style:
        """Only what the rules of `name` set, blended with what is behind the widget."""
        styles = self._widget.get_component_styles(PREFIX + name)
        blended = styles.rich_style
        coloured = styles.has_rule("color") or styles.has_rule("auto_color")
        return styles.text_style + Style(
            color=blended.color if coloured else None,
            bgcolor=blended.bgcolor if styles.has_rule("background") else None,
        )


def _shown(run: Run) -> str:
    """The text of a run. The bar beside lines that are cited is nothing that one would copy: it is painted only."""
    return f"{CITED_BAR}{run.text[1:]}" if "cited-bar" in run.styles else run.text


def _indented(runs: Sequence[Run]) -> Iterator[Run]:
    """The runs of a line with its indentation apart, which is no cited text: a line under blanks says nothing."""
    at_start = True
    for run in runs:
        words = run.text.lstrip() if at_start and run.marks else run.text
        if len(words) < len(run.text):
            yield Run(run.text[: len(run.text) - len(words)], run.styles)
        if words:
            yield replace(run, text=words) if len(words) < len(run.text) else run
        at_start = at_start and not words.strip()


def selected(strip: Strip, text: str, span: tuple[int, int], style: Style) -> Strip:
    """`strip` with characters [start, end) of its `text` shown as selected; an end of -1 is the text's."""
    start, end = span
    first = cell_len(text[:start])
    last = cell_len(text[:end]) if end >= 0 else cell_len(text)
    if last <= first:
        return strip
    chosen = Segment.apply_style(strip.crop(first, last), post_style=style)
    return Strip.join([strip.crop(0, first), Strip(chosen), strip.crop(last)])
