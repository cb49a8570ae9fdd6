"""The answer's text: quotations with their citations, and the engine's own plain words around them.

Owns the Markdown of an answer and everything that the engine says about itself. Refuses to choose what to quote.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from workbench.offline.holdings import Holdings
from workbench.offline.protocol.draft import TextBuilder
from workbench.offline.quoting.citable import CitableSource
from workbench.offline.quoting.quotable import QuotableUnit, units
from workbench.offline.quoting.quotation import Quotation, in_backticks, is_block
from workbench.offline.quoting.ranking import Pick, Ranking
from workbench.offline.small_talk import Talk
from workbench.offline.vocabulary import asks_for_code
from workbench.plural import plural

SELF = (
    "This is the offline engine. It is not a language model: it quotes sentences from the documents it is given "
    "and calls the tools it is given."
)
IN_SHORT = "This is the offline engine, not a language model: it quotes sentences and calls tools."
_NOTHING_LOADED = (
    "Nothing is loaded: give it documents with `--docs FILE` or tools with `--tools FILE`, or set `CO_API_KEY` to ask "
    "a model."
)
ASK_A_MODEL = "To ask a model instead, set `CO_API_KEY`."
SHORT_QUESTION = 6  # terms; one that finds nothing may lean on the question before it
_CLEAR = 0.45  # coverage from which an answer needs no warning
_PARAGRAPH = 2  # quotations; more make a list
_MOST_ITEMS = 6
_OVERVIEW_SOURCES = 4
_TITLE_LENGTH = 60
_NEEDS = "The tool {} needs {}, which the question does not say."
_ASKED_FOR = re.compile(r"The tool `([^`]+)` needs `.+, which the question does not say\.", re.DOTALL)
_ENDINGS = (".", "!", "?", "…", ":", ";", "。", "！", "？", "।", "؟")
_SAID: Mapping[Talk, str] = {"greeting": "Hello. ", "thanks": "You are welcome. ", "parting": "Goodbye. ", "asking": ""}
_ESCAPED = r"\\\1"
_MARKUP = re.compile(r"([\\`*_\[\]<>|#~$])")


def add_document_answer(builder: TextBuilder, question: str, ranking: Ranking) -> None:
    """Appends the picks of `ranking`, which must not be empty, with a lead-in that says where they come from."""
    quotations = _quotations(question, ranking)
    builder.add(_lead_in(quotations, near_miss=ranking.coverage < _CLEAR or ranking.is_doubtful))
    if len({quotation.sources[0].id for quotation in quotations}) > 1:
        quotations = [replace(quotation, label=named(quotation.sources[0])) for quotation in quotations]
    add_quotations(builder, quotations)


def add_quotations(builder: TextBuilder, quotations: Sequence[Quotation]) -> None:
    """Appends quotations after a lead-in: sentences first, then introduced lists and code.

    Up to two sentences stay in the lead-in's paragraph; more make a list, and so do those that are labelled, and those
    that would mix with what stands beside them. An only list follows the lead-in.
    """
    words = [quotation for quotation in quotations if not quotation.code and not quotation.group]
    mixes = len(words) > 1 and any(quotation.is_open for quotation in words)
    listed = len(words) > _PARAGRAPH or mixes or any(quotation.label for quotation in words)
    if listed:
        _add_items(builder, words)
    for quotation in [] if listed else words:
        builder.add(" ")
        quotation.put(builder)
        if not quotation.text.endswith(_ENDINGS):
            builder.add(".")
    following = bool(words)
    for quotation in quotations:
        if quotation.group:
            apart = following or bool(quotation.label)
            builder.add("\n\n" if apart else " ")
            quotation.put(builder, fresh=apart)
            _add_group(builder, quotation.group)
            following = True
        elif quotation.code:
            _add_group(builder, [quotation])
            following = True


def _add_group(builder: TextBuilder, group: Sequence[Quotation]) -> None:
    """What words introduce, in its order: lists, and blocks of code between them."""
    for is_code, neighbours in groupby(group, lambda quotation: quotation.code):
        if not is_code:
            _add_items(builder, list(neighbours))
            continue
        for quotation in neighbours:
            builder.add("\n\n")
            quotation.put(builder)


def _add_items(builder: TextBuilder, quotations: Sequence[Quotation]) -> None:
    """A list; one with a blank line before each item, when maths of an item would go on in the next."""
    between = "\n\n- " if any(quotation.goes_on for quotation in quotations) else "\n- "
    for number, quotation in enumerate(quotations):
        builder.add(between if number else "\n\n- ")
        quotation.put(builder, fresh=True)


def add_overview(builder: TextBuilder, sources: Sequence[CitableSource]) -> bool:
    """Appends the first sentence of the first few sources; False when none of them has one."""
    quotations: list[Quotation] = []
    for source in sources[:_OVERVIEW_SOURCES]:
        first = next((unit for unit in units(source.text) if unit.kind in ("prose", "item")), None)
        if first is not None:
            quotations.append(Quotation(first.text, (source,)))
    if not quotations:
        return False
    builder.add(f"{SELF} It cannot summarise, but here is how {plural(len(quotations), 'document')} begin")
    builder.add(f"{'s' if len(quotations) == 1 else ''}, of {len(sources)} in all:")
    add_quotations(builder, quotations)
    return True


def nothing_matched(documents: int, tools: int) -> str:
    """What is said when neither `documents` documents nor `tools` tools fit the question."""
    tried: list[str] = []
    if documents == 1:
        tried.append("Nothing in the document matched this question.")
    elif documents:
        tried.append(f"Nothing in the {documents} documents matched this question.")
    if tools:
        fits = "The tool does not" if tools == 1 else f"None of the {tools} tools seems to"
        tried.append(f"{fits} fit {'it' if documents else 'this question'}.")
    if not tried:
        return (
            f"{SELF} Nothing came with this question to quote or to call: no passage of the documents has its words, "
            f"or none are loaded. Give it documents with `--docs FILE` or tools with `--tools FILE`. {ASK_A_MODEL}"
        )
    return " ".join([*tried, SELF, "Try words that the documents use." if documents else "", ASK_A_MODEL]).replace(
        "  ", " "
    )


def asking_for(tool: str, arguments: Sequence[str]) -> str:
    """What is said where a tool fits, and the question does not say these of its arguments."""
    named = [in_backticks(each) for each in arguments]
    listed = " and ".join(filter(None, [", ".join(named[:-1]), named[-1]]))
    return f"{_NEEDS.format(in_backticks(tool), listed)} Say {'it' if len(named) == 1 else 'them'} to have it called."


def tool_asked_for(answer: str) -> str:
    """The tool whose arguments an answer asked for by `asking_for`; "" for any other answer."""
    asked = _ASKED_FOR.match(answer)
    return asked[1] if asked else ""


def nothing_found() -> str:
    """What is said when documents were searched, and no passage was found."""
    return f"No passage of the documents matched this question. {SELF} Try words that the documents use. {ASK_A_MODEL}"


def small_talk(talk: Talk, held: Holdings, documents: int, tools: int) -> str:
    """The answer to small talk: what this is, what it has to work with, and what to ask."""
    said = _SAID[talk]
    holdings = [held.documents or plural(documents, "document")] if held.documents or documents else []
    holdings += [plural(tools, "tool")] if tools else []
    if not holdings:
        return f"{said}{IN_SHORT} {_NOTHING_LOADED}"
    asked = f", for example: {_MARKUP.sub(_ESCAPED, held.question)}" if held.question else "."
    has = _MARKUP.sub(_ESCAPED, " and ".join(holdings))
    return f"{said}{IN_SHORT} It has {has}; ask it something about them{asked}"


def named(source: CitableSource) -> str:
    """A document's title, safe inside Markdown; "" when it has none or one too long to read."""
    title = source.title
    return _MARKUP.sub(_ESCAPED, title) if 0 < len(title) <= _TITLE_LENGTH else ""


def _lead_in(quotations: Sequence[Quotation], *, near_miss: bool) -> str:
    titles = {named(quotation.sources[0]) for quotation in quotations}
    title = titles.pop() if len(titles) == 1 else ""
    if near_miss:
        where = f", in **{title}**" if title else ""
        return f"Nothing here answers that directly. The closest passage{where}:"
    return f"According to **{title}**:" if title else "The documents say:"


def _quotations(question: str, ranking: Ranking) -> list[Quotation]:
    """The picks as quotations; a line that introduces a list brings the list, an example brings its code."""
    found: list[Quotation] = []
    introduced: set[str] = set()
    for pick in ranking.picks:
        sources = (pick.source, *pick.also)
        group = tuple(_quotation(unit, sources) for unit in _introduced(pick, ranking.inside(pick.source)))
        introduced.update(quotation.text for quotation in group)
        found.append(replace(_quotation(pick.unit, sources), group=group))
    found = [quotation for quotation in found if quotation.text not in introduced]
    has_code = any(one.code for quotation in found for one in (quotation, *quotation.group))
    if asks_for_code(question) and not has_code:
        best = max(ranking.picks, key=lambda pick: pick.score)
        found.extend(_example(best, ranking.inside(best.source)))
    return found


def _quotation(unit: QuotableUnit, sources: tuple[CitableSource, ...]) -> Quotation:
    return Quotation(unit.text, sources)


def _introduced(pick: Pick, inside: Sequence[QuotableUnit]) -> list[QuotableUnit]:
    if not pick.unit.introduces:
        return []
    return [unit for unit in inside if unit.follows == pick.place][:_MOST_ITEMS]


def _example(best: Pick, inside: Sequence[QuotableUnit]) -> list[Quotation]:
    """The nearest code block after the best unit, or before it, in the same section."""
    blocks = [
        (abs(place - best.place), unit)
        for place, unit in enumerate(inside)
        if is_block(unit.text) and unit.heading == best.unit.heading
    ]
    nearest = sorted(blocks, key=lambda block: block[0])[:1]
    return [Quotation(unit.text, (best.source,)) for _, unit in nearest]
