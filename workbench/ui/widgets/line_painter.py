"""Lines of rendered text to strips of the screen.

Owns what each style name of `workbench.ui.markdown` looks like. What it paints is kept until styles change. It knows
nothing of turns or scrolling.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip
from textual.widget import Widget

from workbench.ui.markdown.line import SPOT, RenderedLine, Run, Styles
from workbench.ui.themes.named_styles import HIT_STYLES, NamedStyle, NamedStyles

STYLES: Mapping[str, NamedStyle] = {
    "prompt": NamedStyle(ground="band"),
    "prompt-bar": NamedStyle("band-bar"),
    "turn-number": NamedStyle("dim"),
    "thinking-label": NamedStyle("dim"),
    "thinking": NamedStyle("dim"),
    "heading-1": NamedStyle(attributes="bold"),
    "heading-2": NamedStyle(attributes="bold"),
    "heading-3": NamedStyle(attributes="bold"),
    "strong": NamedStyle(attributes="bold"),
    "emphasis": NamedStyle(attributes="italic"),
    "strike": NamedStyle(attributes="strike"),
    "code": NamedStyle(ground="surface"),
    "code-block": NamedStyle(ground="surface"),
    "block-number": NamedStyle("dim"),
    "code-comment": NamedStyle("code-comment"),
    "code-keyword": NamedStyle("code-keyword", attributes="bold"),
    "code-string": NamedStyle("code-string"),
    "code-number": NamedStyle("code-number"),
    "code-name": NamedStyle("code-name"),
    "code-inserted": NamedStyle("code-inserted"),
    "code-deleted": NamedStyle("code-deleted"),
    "link": NamedStyle("link", attributes="underline"),
    "url": NamedStyle("dim"),
    "image": NamedStyle(attributes="italic"),
    "quote": NamedStyle("dim"),
    "quote-bar": NamedStyle("rule"),
    "bullet": NamedStyle("dim"),
    "rule": NamedStyle("rule"),
    "table-head": NamedStyle(attributes="bold"),
    "table-rule": NamedStyle("rule"),
    "cited": NamedStyle(attributes="underline"),
    "cited-bar": NamedStyle("cite"),
    "barred": NamedStyle(),  # cited, and marked by that bar
    "marker": NamedStyle("cite", attributes="bold"),
    "selected": NamedStyle(ground="cited-selected"),
    "notice-error": NamedStyle("error"),
    "notice-warning": NamedStyle("warning"),
    "notice-info": NamedStyle("dim"),
    **HIT_STYLES,
}
"""What each style name looks like, in the roles of `workbench.ui.themes`."""

WIDEST = 96
"""Cells of a line of text, which the eye still follows to the next one; a wider screen has a margin."""

CITED_BAR = "▎"
"""Stands beside each line of code, all of which is cited."""

_CACHED_STRIPS = 512  # a strip keeps what was cut of it, too


class LinePainter:
    """Paints for `widget`."""

    def __init__(self, widget: Widget) -> None:
        self._widget = widget
        self._named = NamedStyles(widget, STYLES)
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
        is_cited = any(mark != SPOT for mark in run.marks)
        cited = ("cited",) if is_cited and not run.is_marker and "barred" not in run.styles else ()
        chosen = ("selected",) if selected is not None and selected in run.marks else ()
        asked = ("strong",) if chosen and "prompt" in run.styles else ()  # on the band of a question a ground is little
        found = tuple(name for name in run.styles if name in HIT_STYLES)  # over all else
        return self._style(((fill,) if fill else ()) + run.styles + cited + chosen + asked + found)

    def _style(self, names: Styles) -> Style:
        style = self._styles.get(names)
        if style is None:
            style = self._widget.rich_style
            for name in names:
                style += self._named.rich(name)
            self._styles[names] = style
        return style


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


def with_selection(widget: Widget, strip: Strip, y: int) -> Strip:
    """`strip`, line `y` of a widget, with what the mouse has selected of it."""
    selection = widget.text_selection
    span = None if selection is None else selection.get_span(y)
    return strip if span is None else selected(strip, strip.text, span, widget.selection_style)
