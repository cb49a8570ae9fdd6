"""Where in a passage the words stand that an answer cites.

Owns the way back to the passage's own characters from any of its readings, and what is too little to be evidence.
Refuses to judge meaning: a paraphrase has the words in common that it has, in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.documents.readings import JOINT, PART, QUOTES_AND_DASHES, READINGS, Read, Reading, read
from workbench.language.words import STOP_WORDS

Span = tuple[int, int]

READ_WHOLE = 12_000  # characters of a passage that are read; of a longer one it is the surroundings of a rare word
LONGEST_CITED = 4_000  # characters of a cited text that are looked for
_MARGIN = 1_000
_MOST_PLACES = 3  # of a rare word, in a long passage
_MOST_RARE = 12  # words that are counted to find one
_MOST_IN_PARTS = 120  # words that are looked for in parts
_MOST_STRETCHES = 8
_FEWEST_WORDS = 3
_TRIES = 200  # places of a text at which it is asked whether it stands alone
_EDGE = 400  # characters beside a word among which its punctuation is looked for: markup may stand between
_ENDS_SENTENCE = ".!?:…。！？"
_BEGINS_DATA = ("{", "[")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Code points [start, end) of the passage, in order and apart, in which cited words stand.

    `whole` tells that all the words of the cited text are there, one behind the other. No span at all: none are.
    """

    spans: tuple[Span, ...] = ()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class _Stretch:
    """`count` words from number `cited` of the cited text on, which are those from number `found` of the passage on."""

    cited: int
    found: int
    count: int


class EvidenceIn:
    """One passage, in which any number of cited texts are looked for. Each takes time that its bounds limit."""

    def __init__(self, passage: str) -> None:
        self._passage = passage
        self._known: dict[tuple[Reading, bool], Read] = {}

    def find(self, cited: str) -> Evidence:
        """Where the words of `cited` stand: as they are, else in another reading, in another case, or in parts."""
        cited = cited[:LONGEST_CITED].strip()
        if not cited:
            return Evidence()
        if (at := _standing_alone(self._passage, cited)) is not None:
            return Evidence(((at, at + len(cited)),), whole=True)
        is_short = len(self._passage) <= READ_WHOLE
        found = self._find(cited) if is_short else self._find_in_places(cited)
        return found or self._inside_a_word(cited)

    def _find(self, cited: str) -> Evidence | None:
        for folds in (False, True):
            seen: set[tuple[str, str]] = set()
            for reading in READINGS:
                known, wanted = self._read(reading, folds=folds), _folded(read(cited, reading), folds=folds)
                if (known.line, wanted.line) in seen:
                    continue
                seen.add((known.line, wanted.line))
                at = known.line.find(wanted.line)
                if at >= 0 and wanted.count > 0:
                    stretch = _Stretch(0, known.line.count("\n", 0, at), wanted.count)
                    return Evidence(tuple(_spans(self._passage, known, cited, wanted, [stretch])), whole=True)
        return self._in_parts(cited)

    def _read(self, reading: Reading, *, folds: bool) -> Read:
        key = (reading, folds)
        if key not in self._known:
            self._known[key] = (
                _folded(self._read(reading, folds=False), folds=True) if folds else read(self._passage, reading)
            )
        return self._known[key]

    def _inside_a_word(self, cited: str) -> Evidence:
        at = self._passage.find(cited)
        return Evidence(((at, at + len(cited)),), whole=True) if at >= 0 else Evidence()

    # -- parts of it -------------------------------------------------------------------------------

    def _in_parts(self, cited: str) -> Evidence | None:
        """The longest stretches of the cited words that the passage has in the same order."""
        reading: Reading = "data" if self._passage.lstrip().startswith(_BEGINS_DATA) else "prose"
        wanted, known = read(cited, reading), self._read(reading, folds=True)
        parts = _Parts(cited, wanted, self._read(reading, folds=False), known.line)
        found: list[_Stretch] = []
        rooms = [(0, len(parts.forms), 0, len(known.line))]
        while rooms and len(found) < _MOST_STRETCHES:
            first, end, low, high = rooms.pop(0)
            if (best := parts.best(first, end, low, high)) is None:
                continue
            stretch, at = best
            found.append(stretch)
            size = sum(len(form) + 1 for form in parts.forms[stretch.cited :][: stretch.count])
            rooms.append((first, stretch.cited, low, at + 1))
            rooms.append((stretch.cited + stretch.count, end, at + size, high))
        found.sort(key=lambda each: each.cited)
        return Evidence(tuple(_spans(self._passage, known, cited, wanted, found))) if found else None

    # -- in a long passage -------------------------------------------------------------------------

    def _find_in_places(self, cited: str) -> Evidence | None:
        """As `_find`, around the places of the cited word that the passage has least often."""
        passage = self._passage
        known = read(cited, "prose")
        forms = {cited[start:end] for start, end in known.places(0, _MOST_IN_PARTS)}
        counts = {form: passage.count(form) for form in sorted(forms, key=len, reverse=True)[:_MOST_RARE]}
        rare = min((form for form in counts if counts[form]), key=lambda form: counts[form], default=None)
        if rare is None:
            return None
        found: list[Evidence] = []
        reach = min(2 * len(cited) + _MARGIN, READ_WHOLE // 2)
        at = passage.find(rare)
        while at >= 0 and len(found) < _MOST_PLACES:
            first, end = max(0, at - reach), min(len(passage), at + reach)
            here = EvidenceIn(passage[first:end])._find(cited) or Evidence()
            found.append(Evidence(tuple((start + first, stop + first) for start, stop in here.spans), here.whole))
            if here.whole:
                return found[-1]
            at = passage.find(rare, end)
        best = max(found, key=lambda each: sum(end - start for start, end in each.spans))
        return best if best.spans else None


def find_evidence(cited: str, passage: str) -> Evidence:
    """Where in `passage` the words of `cited` stand."""
    return EvidenceIn(passage).find(cited)


def _standing_alone(passage: str, cited: str) -> int | None:
    """Where `cited` stands in the passage as it is, with no part of a word beside it."""
    at = passage.find(cited)
    for _ in range(_TRIES):
        if at < 0:
            break
        end = at + len(cited)
        cuts_before = at > 0 and passage[at - 1].isalnum() and cited[0].isalnum()
        cuts_behind = end < len(passage) and passage[end].isalnum() and cited[-1].isalnum()
        if not (cuts_before or cuts_behind):
            return at
        at = passage.find(cited, at + 1)
    return None


def _folded(each: Read, *, folds: bool) -> Read:
    return Read(each.text, each.line.casefold()) if folds else each


class _Parts:
    """The words of a cited text, and what each of them says, for finding runs of them in a passage."""

    def __init__(self, cited: str, wanted: Read, known: Read, line: str) -> None:
        own = wanted.line.split("\n")[1:-1][:_MOST_IN_PARTS]
        self.forms = [form.casefold() for form in own]
        self._line = line
        self._says = [form not in STOP_WORDS for form in self.forms]
        self._weights = [1.0 if form.isascii() or len(form) > 1 else 0.75 for form in own]
        names = (_is_name(cited, start) for start, _ in wanted.places(0, len(own)))
        self._alone = [
            len(form) > 1 and (any(map(str.isdigit, form)) or (is_name and f"\n{form}\n" in known.line))
            for form, is_name in zip(own, names, strict=True)
        ]

    def best(self, first: int, end: int, low: int, high: int) -> tuple[_Stretch, int] | None:
        """The run of words [first, end) that says most and stands in `line[low:high]`, and where in the line."""
        best: tuple[float, float] | None = None
        chosen, place, stop, at = (0, 0), 0, first, -1
        for start in range(first, end):
            # What begins a word later goes on at least as far: so each word is tried about twice, not once a beginning.
            if stop <= start:
                stop, at = start, -1
            while stop < end and (further := self._find(start, stop + 1, low, high)) >= 0:
                stop, at = stop + 1, further
            if stop == start or not self._tells(start, stop):
                at = -1
                continue
            score = (sum(map(float, self._says[start:stop])), sum(self._weights[start:stop]))
            if best is None or score > best:
                best, chosen, place = score, (start, stop), at if at >= 0 else self._find(start, stop, low, high)
            at = -1
        if best is None:
            return None
        return _Stretch(chosen[0], self._line.count("\n", 0, place), chosen[1] - chosen[0]), place

    def _find(self, start: int, stop: int, low: int, high: int) -> int:
        return self._line.find("\n" + "".join(f"{form}\n" for form in self.forms[start:stop]), low, high)

    def _tells(self, start: int, stop: int) -> bool:
        """Whether a run is more than chance: some words, one of which says something; or a number, or a name."""
        if not any(self._says[start:stop]):
            return False
        enough = sum(self._weights[start:stop]) >= min(_FEWEST_WORDS, len(self.forms))
        return enough or any(self._alone[start:stop])


def _is_name(cited: str, start: int) -> bool:
    """Whether the word at `start` begins with a capital for another reason than beginning a sentence."""
    before = cited[:start].rstrip("\"'“‘«( *_`\n")
    return bool(before) and before[-1] not in _ENDS_SENTENCE and cited[start].isupper()


# -- back to the text ------------------------------------------------------------------------------


def _spans(passage: str, known: Read, cited: str, wanted: Read, stretches: Iterable[_Stretch]) -> Iterator[Span]:
    """The characters of the passage that these words are, and those beside them that both texts have alike."""
    pieces: list[Span] = []
    for each in stretches:
        theirs, own = known.places(each.found, each.count), wanted.places(each.cited, each.count)
        if each.cited == 0:
            start = theirs[0][0]
            before = known.text[max(0, start - _EDGE) : start]
            kept = before[len(before) - len(_last_run(before)) :]
            pieces += _alike(kept, wanted.text[: own[0][0]], start - len(kept))
        for number, (start, end) in enumerate(theirs):
            pieces.append((start, end))
            if number + 1 < each.count:
                between = wanted.text[own[number][1] : own[number + 1][0]]
                pieces += _alike(known.text[end : theirs[number + 1][0]], between, end)
        if each.cited + each.count == wanted.count:
            end = theirs[-1][1]
            pieces += _alike(_first_run(known.text[end : end + _EDGE]), wanted.text[own[-1][1] :], end)
    yield from _joined(pieces, passage)


def _first_run(text: str) -> str:
    """What stands before the first white space."""
    return "" if not text or text[0].isspace() else text.split(maxsplit=1)[0]


def _last_run(text: str) -> str:
    """What stands behind the last white space."""
    return "" if not text or text[-1].isspace() else text.rsplit(maxsplit=1)[-1]


def _alike(gap: str, other: str, start: int) -> Iterator[Span]:
    """The characters of a gap between words, which begins at `start`, that the `other` gap has in the same order."""
    other = other.translate(QUOTES_AND_DASHES)
    at = 0
    for offset, character in enumerate(gap.translate(QUOTES_AND_DASHES)):
        if character.isspace() or character in (JOINT, PART):
            continue
        found = other.find(character, at)
        if found < 0:
            continue
        at = found + 1
        end = offset + 1
        while gap[end : end + 1] == PART:
            end += 1
        yield start + offset, start + end


def _joined(pieces: list[Span], passage: str) -> Iterator[Span]:
    """The pieces, those as one that have nothing but white space between them."""
    first, last = pieces[0]
    for start, end in pieces[1:]:
        if passage[last:start].strip():
            yield first, last
            first = start
        last = end
    yield first, last
