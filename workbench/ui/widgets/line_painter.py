"""Lines of rendered text to strips of the screen.

Owns the looks: each style name of `workbench.ui.markdown` is a component class `transcript--NAME`, whose rules are
below and may be overridden by a style sheet. What it paints is kept until styles change. It knows nothing of turns
or scrolling.
"""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.strip import Strip
from textual.widget import Widget

from workbench.ui.markdown.line import RenderedLine, Run, Styles

PREFIX = "transcript--"

RULES = {
    "prompt": "background: $panel;",
    "prompt-bar": "color: $primary;",
    "turn-number": "color: $text-muted;",
    "thinking-label": "color: $text-muted;",
    "thinking": "color: $text-muted;",
    "heading-1": "color: $primary; text-style: bold;",
    "heading-2": "color: $primary; text-style: bold;",
    "heading-3": "text-style: bold;",
    "strong": "text-style: bold;",
    "emphasis": "text-style: italic;",
    "strike": "text-style: strike;",
    "code": "background: $panel;",
    "code-block": "background: $surface;",
    "code-comment": "color: $text-muted;",
    "code-keyword": "color: $secondary; text-style: bold;",
    "code-string": "color: $success;",
    "code-number": "color: $warning;",
    "code-name": "color: $primary;",
    "code-inserted": "color: $success;",
    "code-deleted": "color: $error;",
    "link": "text-style: underline;",
    "url": "color: $text-muted;",
    "image": "text-style: italic;",
    "quote": "color: $text-muted;",
    "quote-bar": "color: $text-muted;",
    "bullet": "color: $primary;",
    "rule": "color: $text-muted;",
    "table-head": "text-style: bold;",
    "table-rule": "color: $text-muted;",
    "cited": "color: $accent; text-style: underline;",
    "marker": "color: $accent; text-style: bold;",
    "selected": "text-style: reverse;",
    "notice-error": "color: $error;",
    "notice-warning": "color: $warning;",
    "notice-info": "color: $text-muted;",
}
"""What each style name looks like, in theme colours."""

STYLE_SHEET = "\n".join(f"Transcript > .{PREFIX}{name} {{ {rules} }}" for name, rules in RULES.items())

CITED_CODE = "cited-code"
"""As "cited" without its colour: the colours of code say what it is, and stay."""

WIDEST = 96
"""Cells of a line of text, which the eye still follows to the next one; a wider screen has a margin."""

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
            segments = [Segment(run.text, self._run_style(run, line.fill, key[2])) for run in line.runs]
            fill = self._style((line.fill,) if line.fill else ())
            strip = Strip(segments).adjust_cell_length(min(width, WIDEST), fill)
            strip = strip.adjust_cell_length(width, self._style(()))
            self._strips[key] = strip
        return strip

    def _run_style(self, run: Run, fill: str, selected: int | None) -> Style:
        cited = (_cited(run.styles),) if run.marks and not run.is_marker else ()
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
        if name == CITED_CODE:
            return self._widget.get_component_styles(f"{PREFIX}cited").text_style
        styles = self._widget.get_component_styles(PREFIX + name)
        blended = styles.rich_style
        coloured = styles.has_rule("color") or styles.has_rule("auto_color")
        return styles.text_style + Style(
            color=blended.color if coloured else None,
            bgcolor=blended.bgcolor if styles.has_rule("background") else None,
        )


def _cited(styles: Styles) -> str:
    return CITED_CODE if "code-block" in styles else "cited"


def selected(strip: Strip, text: str, span: tuple[int, int], style: Style) -> Strip:
    """`strip` with characters [start, end) of its `text` shown as selected; an end of -1 is the text's."""
    start, end = span
    first = cell_len(text[:start])
    last = cell_len(text[:end]) if end >= 0 else cell_len(text)
    if last <= first:
        return strip
    chosen = Segment.apply_style(strip.crop(first, last), post_style=style)
    return Strip.join([strip.crop(0, first), Strip(chosen), strip.crop(last)])
