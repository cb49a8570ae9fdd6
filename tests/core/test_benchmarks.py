"""What the benchmarks could get wrong without anybody noticing: statistics, inputs, pacing, and what was seen when."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.benchmarks import kept, pathological, processes
from tests.benchmarks.figures import cell, number, percentile, ratio, table
from tests.benchmarks.recorder import Read, Recorder, answers
from tests.benchmarks.screen import Screen, change_seconds, echo_seconds, first_seen, first_text
from tests.benchmarks.server import paced
from tests.benchmarks.text import MARKER, UNUSED_LETTERS, Order
from tests.core.streams import events_of
from tests.loopback import Chunk, Pause
from tests.pathological import ANSWERS, Pathological
from workbench.conversation.fold import MessageFold
from workbench.sessions.listing import listed_sessions
from workbench.sessions.search import search

SIZE = (20, 6)
PATIENCE = 30.0  # seconds until something that should come counts as never coming
KINDS = ("prose", "list", "fence", "table")


# -- figures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([5], 50, 5), ([4, 1, 3, 2], 50, 2), ([4, 1, 3, 2], 51, 3), (range(1, 101), 95, 95), (range(1, 21), 95, 19)],
)
def test_percentile_is_the_nearest_rank(values: Sequence[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == expected


def test_no_values_have_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (0.123, "0.12"), (9.876, "9.88"), (12.34, "12.3"), (341_584.2, "341,584")]
)
def test_numbers_have_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_a_cell_is_the_median_with_the_range_of_the_runs() -> None:
    assert cell([3.0, 1.0, 2.0]) == "2.00 (1.00–3.00)"
    assert cell([7.0]) == "7.00"
    assert cell([7.0, "not done", 8.0]) == "not done"


def test_a_ratio_is_of_medians_and_only_of_numbers() -> None:
    assert ratio([1.0, 3.0, 2.0], [4.0, 4.0, 9.0]) == "0.50"
    assert ratio([1.0], [0.0]) == "–"
    assert ratio([1.0, "not done"], [1.0, 1.0]) == "–"


def test_a_figure_that_one_program_lacks_is_no_number() -> None:
    assert table("t", "other", [{"a": 1.0, "b": 2.0}], [{"a": 2.0}]).splitlines() == [
        "| t | Workbench | other | ratio |",
        "| --- | ---: | ---: | ---: |",
        "| a | 1.00 | 2.00 | 0.50 |",
        "| b | 2.00 | – | – |",
    ]


# -- answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_an_order_has_the_same_answer_always_and_another_seed_another(kind: str) -> None:
    order = Order(kind, 300, 0, 7)
    assert Order.parse(str(order)) == order
    assert Order.parse(str(order)).answer() == order.answer()
    assert Order(kind, 300, 0, 8).answer() != order.answer()


def test_an_answer_is_the_same_in_another_process(project: Path) -> None:
    code = "from tests.benchmarks.text import Order; print(Order('prose', 300, 0, 7).answer().text)"
    done = subprocess.run([sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True)
    assert done.stdout == f"{Order('prose', 300, 0, 7).answer().text}\n"


def test_an_order_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="no kind 'poem'"):
        Order.parse("poem 10 0 0")


@pytest.mark.parametrize("size", [1, 2, 60, 300, 1000])
def test_prose_has_as_many_tokens_as_ordered(size: int) -> None:
    assert len(Order("prose", size, 0, 3).answer().tokens) == size


@pytest.mark.parametrize("kind", KINDS)
def test_every_marker_is_one_token_that_comes_once_and_one_comes_last(kind: str) -> None:
    answer = Order(kind, 800, 0, 4).answer()
    alone = [token.strip() for token in answer.tokens if MARKER.fullmatch(token.strip())]
    assert tuple(alone) == answer.markers
    assert len(set(alone)) == len(alone)
    assert answer.tokens[-1].strip() == alone[-1]


@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_has_a_letter_that_is_typed(kind: str) -> None:
    assert not set(Order(kind, 2000, 0, 5).answer().text.lower()) & set(UNUSED_LETTERS)


def test_prose_has_every_kind_of_block_and_exact_citations_of_what_was_sent() -> None:
    answer = Order("prose", 1000, 0, 6).answer()
    for beginning in (r"#+ \w", r"- \w", r"1\. \*\*", "```python", r"\| ---"):
        assert re.search(f"^{beginning}", answer.text, re.MULTILINE), beginning
    assert len(answer.citations) > 3
    for index, citation in answer.citations.items():
        assert "".join(answer.tokens[: index + 1])[citation.start : citation.end] == citation.text


def test_blocks_have_the_size_that_was_ordered() -> None:
    assert Order("list", 50, 0).answer().text.count("\n- ") == 49
    assert Order("fence", 50, 0).answer().text.count("\n    total += ") == 50
    assert Order("table", 50, 0).answer().text.count("\n| ") == 51


# -- the server -------------------------------------------------------------------------------------


class Clock:
    """Stands still but for what it is told, and for `late` seconds more in the first pause."""

    def __init__(self, late: float = 0.0) -> None:
        self.now = 100.0
        self._late = late

    def __call__(self) -> float:
        return self.now

    def pause(self, seconds: float) -> None:
        self.now += seconds + self._late
        self._late = 0.0


def play(order: Order, clock: Clock) -> tuple[bytes, list[float], dict[str, float]]:
    """The body that is sent, when each token was, and what was noted."""
    body = b""
    times: list[float] = []
    noted: dict[str, float] = {}
    for action in paced(order, noted.__setitem__, clock):
        if isinstance(action, Pause):
            clock.pause(action.seconds)
        elif isinstance(action, Chunk):
            body += action.data
            if b"content-delta" in action.data:
                times.append(clock.now)
    return body, times, noted


def test_an_answer_is_sent_whole_with_its_citations() -> None:
    order = Order("prose", 400, 0, 1)
    body, _, _ = play(order, Clock())
    fold = MessageFold()
    for event in events_of(body):
        fold.apply(event)
    assert fold.message().text == order.answer().text
    assert len(fold.message().citations) == len(order.answer().citations)


def test_tokens_are_paced_and_their_markers_noted() -> None:
    order = Order("prose", 200, 50, 1)
    _, times, noted = play(order, Clock())
    assert times == pytest.approx([100 + n / 50 for n in range(200)])
    assert tuple(noted) == order.answer().markers
    assert noted[order.answer().markers[-1]] == pytest.approx(times[-1])


def test_a_late_token_does_not_delay_those_after_it() -> None:
    _, times, _ = play(Order("prose", 100, 50, 1), Clock(late=0.5))
    assert times[1] == pytest.approx(100.52)
    assert times[-1] == pytest.approx(100 + 99 / 50)


# -- the terminal -----------------------------------------------------------------------------------


def test_queries_are_answered_once_even_when_they_come_in_pieces() -> None:
    assert answers(b"text\x1b[c\x1b[?2026$p\x1b[?2048$p") == (b"\x1b[?62;22c\x1b[?2026;2$y\x1b[?2048;0$y", b"")
    replies, rest = answers(b"\x1b[31mred\x1b[?20")
    assert replies == b""
    assert answers(rest + b"26$p")[0] == b"\x1b[?2026;2$y"


def test_a_program_gets_its_terminal_its_keys_and_its_answers(tmp_path: Path) -> None:
    code = (
        "import os, sys, termios, tty; tty.setraw(0); print(*os.get_terminal_size(), end='\\x1b[c', flush=True); "
        "got = b''\nwhile not got.endswith(b'k'): got += os.read(0, 99)\nprint(got, flush=True)"
    )
    with Recorder([sys.executable, "-c", code], (77, 33), {}, tmp_path) as recorder:
        assert recorder.read_until(lambda: b"\x1b[c" in written(recorder), PATIENCE)
        recorder.send(b"k")
        recorder.read_until(lambda: recorder.ended, PATIENCE)
    assert b"77 33" in written(recorder)
    assert rb"b'\x1b[?62;22ck'" in written(recorder)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has this /proc")
def test_a_program_and_its_children_end_with_the_block_even_after_an_error(tmp_path: Path) -> None:
    code = "import subprocess, sys; print('up', flush=True); subprocess.run(['sleep', '1000'])"
    with pytest.raises(KeyError, match="mine"):
        with Recorder([sys.executable, "-c", code], SIZE, {"PATH": "/usr/bin:/bin"}, tmp_path) as recorder:
            recorder.read_until(lambda: len(processes.tree(recorder.pid)) == 2, PATIENCE)
            pids = processes.tree(recorder.pid)
            raise KeyError("mine")
    assert len(pids) == 2
    limit = time.monotonic() + PATIENCE
    while any(map(is_running, pids)) and time.monotonic() < limit:
        time.sleep(0.01)
    assert [pid for pid in pids if is_running(pid)] == []


def is_running(pid: int) -> bool:
    """Whether it is there and no zombie that its new parent has not looked at."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def written(recorder: Recorder) -> bytes:
    return b"".join(read.data for read in recorder.reads)


def at_row(row: int, text: str) -> bytes:
    return f"\x1b[{row + 1};1H{text}".encode()


def test_the_first_text_is_no_escape_sequence_and_no_blank() -> None:
    reads = [Read(1.0, b"\x1b[?1049h\x1b[2J"), Read(2.0, at_row(2, "    ")), Read(3.0, at_row(2, "x"))]
    assert first_text(Screen(SIZE).feed(reads)) == 3.0
    assert first_text(Screen(SIZE).feed(reads[:2])) is None


def test_a_word_is_seen_when_it_stands_whole_in_a_row() -> None:
    reads = [Read(1.0, at_row(0, "mk0")), Read(2.0, b"001"), Read(3.0, at_row(1, "mk0001"))]
    assert first_seen(Screen(SIZE).feed(reads), ["mk0001", "mk0002"]) == {"mk0001": 2.0}


def test_an_echo_is_the_first_row_with_all_that_was_typed() -> None:
    pressed = [1.0, 2.0, 3.0, 4.0, 5.0]
    reads = [
        Read(1.1, at_row(5, "> z")),
        Read(2.1, at_row(0, "zq is in a text")),
        Read(3.2, at_row(5, "> zqx")),
        Read(4.1, at_row(0, "another read")),
        Read(5.5, at_row(5, "> zqxjv")),
    ]
    assert echo_seconds(Screen(SIZE).feed(reads), "zqxjv", pressed) == pytest.approx([0.2, 1.5, 0.5])


def test_an_echo_that_never_came_is_no_number() -> None:
    reads = [Read(3.2, at_row(5, "> zqx"))]
    assert echo_seconds(Screen(SIZE).feed(reads), "zqxjv", [1.0, 2.0, 3.0, 4.0]) == pytest.approx([0.2])


def test_a_page_has_turned_when_several_rows_differ_from_before() -> None:
    before = ["a", "b", "c", "d", "e", "f"]
    screen = Screen((1, 6))
    screen.feed([Read(0.0, b"".join(at_row(n, text) for n, text in enumerate(before)))])
    reads = [
        Read(1.1, at_row(5, "-")),  # a cursor blinks
        Read(1.2, b"".join(at_row(n, text) for n, text in enumerate(before))),  # all is painted again as it was
        Read(1.3, at_row(0, "1") + at_row(1, "2")),
        Read(1.4, at_row(2, "3") + at_row(3, "4")),
    ]
    assert change_seconds(before, screen.feed(reads), 1.0) == pytest.approx(0.4)
    assert change_seconds(before, Screen((1, 6)).feed(reads[:2]), 1.0) is None


def test_a_character_in_pieces_is_one_character() -> None:
    data = at_row(0, "é")
    screen = Screen(SIZE)
    screen.feed([Read(1.0, data[:-1]), Read(2.0, data[-1:])])
    assert screen.rows()[0].strip() == "é"


# -- hard answers ---------------------------------------------------------------------------------------


def test_hard_answers_have_names_that_differ_and_grow_with_their_count() -> None:
    assert len({answer.name for answer in ANSWERS}) == len(ANSWERS)
    for answer in ANSWERS:
        small = answer.small
        assert 0 < len(answer.text(small)) < len(answer.text(2 * small)), answer.name


def test_a_hard_answer_is_sent_as_it_is() -> None:
    for answer in ANSWERS:
        fold = MessageFold()
        for event in events_of(b"".join(answer.chunks(answer.small))):
            fold.apply(event)
        assert fold.message().text == answer.text(answer.small), answer.name
        assert len(fold.message().citations) == (answer.small if answer.cited else 0)


def test_the_table_of_hard_answers_has_the_worst_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    results = iter([{"stream": 0.25, "s until shown": 3.0}, {"stream": 0.5, "s until shown": 1.0}, "not | done"])
    names = ("nothing but '|'", "b", "c")
    monkeypatch.setattr(pathological, "ANSWERS", [Pathological(name, str, 1, 1) for name in names])
    monkeypatch.setattr(pathological, "measure", lambda answer, share: next(results))
    assert pathological.table(quick=True).splitlines() == [
        "| the event loop blocked, ms at most | stream | s until shown |",
        "| --- | ---: | ---: |",
        r"| nothing but '\|' | 250 | 3.00 |",
        "| b | 500 | 1.00 |",
        r"| c | not \| done |",
        "| the worst of all | 500 | 3.00 |",
    ]


def test_sessions_that_are_measured_are_read_and_found(tmp_path: Path) -> None:
    kept.make(tmp_path, 3)
    listed = listed_sessions(tmp_path, "list", print)
    assert [(each.turns, each.model, each.problem) for each in listed] == [(kept.TURNS, "m", "")] * 3
    assert len(search(tmp_path, "tea", "search", print).hits) == 3 * kept.TURNS
    assert search(tmp_path, f"word{kept.DELTAS - 1}", "search", print).hits[0].kind in ("question", "answer")
