"""PowerPoint (.pptx): each slide with text is a document, which has the slide as its place.

Owns the order of what is on a slide: its title, its texts, tables and the figures of charts as they stand, the
speaker's notes last. Refuses pictures and what is on the master.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from workbench.documents.formats.converted import guarded, one_line, paragraphs, within_bounds
from workbench.documents.formats.outline import SEPARATOR
from workbench.documents.formats.package import opened
from workbench.documents.source_lines import BinaryFile, MissingExtra, Parsed, SourceBlock, SourceDocument

if TYPE_CHECKING:
    from pptx.slide import Slide

_DEEPEST = 20  # groups in one another
_TITLE_LIMIT = 120


def convert(source: BinaryFile) -> Parsed:
    """The documents of a presentation, one a slide."""
    return guarded(source, _converted)


def _converted(source: BinaryFile) -> Parsed:
    try:
        from pptx import Presentation
    except ImportError:
        raise MissingExtra("PowerPoint files", "office") from None
    opened(source).close()
    slides = Presentation(io.BytesIO(source.data)).slides
    return within_bounds(source, (_document(slide, number, source) for number, slide in enumerate(slides, 1)), "slide")


def _document(slide: Slide, number: int, source: BinaryFile) -> SourceDocument:
    shape = slide.shapes.title
    name = one_line(shape.text_frame.text)[:_TITLE_LIMIT] if shape is not None else ""
    title = f"{source.stem}{SEPARATOR}slide {number}{f': {name}' if name else ''}"
    texts = list(_texts(slide.shapes))
    if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame) is not None and notes.text.strip():
        texts.append(f"Notes: {notes.text}")
    blocks: tuple[SourceBlock, ...] = tuple(block for text in texts for block in paragraphs(text, title))
    return SourceDocument(title, blocks)


def _charted(chart: Any) -> Iterator[str]:
    """What a chart draws: its title, and a line for each category with the value of every series."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield one_line(chart.chart_title.text_frame.text)
    for plot in chart.plots:
        series = [(one_line(each.name or ""), list(each.values)) for each in plot.series]
        for place, category in enumerate(plot.categories):
            told = (
                f"{name}: {values[place]:.12g}".removeprefix(": ")
                for name, values in series
                if place < len(values) and values[place] is not None
            )
            yield " | ".join((one_line(str(category)), *told))


def _texts(shapes: Iterable[Any], depth: int = 0) -> Iterator[str]:
    """The text of each shape, those in groups too; a row of a table is one line."""
    for shape in shapes:
        if getattr(shape, "has_table", False):
            rows = (" | ".join(one_line(cell.text) for cell in row.cells) for row in shape.table.rows)
            yield "\n".join(rows)
        elif getattr(shape, "has_chart", False):
            yield "\n".join(_charted(shape.chart))
        elif shape.has_text_frame:
            yield shape.text_frame.text
        elif hasattr(shape, "shapes") and depth < _DEEPEST:
            yield from _texts(shape.shapes, depth + 1)
