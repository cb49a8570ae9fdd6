"""Two turns side by side: what counts as the same, what differs, and what the command says of it."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import kept, session, toolbox
from tests.core.streams import CASSETTES
from tests.core.test_sessions_search import folder, grown, made
from tests.loopback import Reply, message, stream
from workbench.cli import run
from workbench.conversation import Options
from workbench.conversation.turn import Turn
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.retrieval import Library
from workbench.sessions.compare import Comparison, compare
from workbench.sessions.differences import MISSING, MOST_PAIRS, Places, text_changes, value_changes

KEYS = ["text", "citations", "calls", "documents", "settings", "usage", "cost", "seconds"]


def changes(a: str, b: str) -> list[tuple[str, str]]:
    return [(change.lost, change.new) for change in text_changes(a, b)]


# -- texts and values --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("", "", []),
        ("same", "same", []),
        ("", "all new", [("", "all new")]),
        ("all lost", "", [("all lost", "")]),
        ("opens at nine o'clock", "opens at ten o'clock", [("nine ", "ten ")]),
        ("one\ntwo\nthree\n", "one\nthree\n", [("two\n", "")]),
        ("a, b", "a; b", [(", ", "; ")]),
        ("図書館は九時", "図書館は十時", [("九", "十")]),
        ("Café 🌈 x", "Cafe 🌈 x", [("Café ", "Cafe ")]),
    ],
)
def test_texts_differ_by_words(a: str, b: str, expected: list[tuple[str, str]]) -> None:
    assert changes(a, b) == expected


def test_changes_make_one_text_of_the_other() -> None:
    luck = random.Random(4)
    words = ["a ", "b ", "nine\n", "図", ".", "\n\n", "longer-word ", "🌈 "]
    for _ in range(300):
        a, b = ("".join(luck.choices(words, k=luck.randrange(30))) for _ in range(2))
        found = text_changes(a, b)
        made_of, at = "", 0
        for change in found:
            assert (a[change.a_start : change.a_end], b[change.b_start : change.b_end]) == (change.lost, change.new)
            assert change.a_start >= at
            made_of += a[at : change.a_start] + change.new
            at = change.a_end
        assert made_of + a[at:] == b
        places = Places(found)
        for start in range(len(a)):
            if (there := places.find(start, min(len(a), start + 3))) is not None:
                assert b[slice(*there)] == a[start : start + 3]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("x " * 60_000, "y " * 60_000),
        (" ".join(str(number) for number in range(60_000)), " ".join(str(number) for number in range(60_000, 0, -1))),
        ("\n" * 60_000, "a\n" * 60_000),
        ("a\nb\n" * 30_000, "b\na\n" * 30_001),
        ("(" * 200_000, "[" * 200_000),
        ("a b " * 900, "b a c " * 700),
    ],
    ids=range(6),
)
def test_texts_that_are_long_do_not_take_long(a: str, b: str) -> None:
    began = time.process_time()
    assert text_changes(a, b)
    assert time.process_time() - began < 10


def test_long_texts_with_much_in_common_differ_where_they_do() -> None:
    words = [f"word{number}" for number in range(MOST_PAIRS // 50)]
    a = " ".join(words)
    words[40_000] = "other"
    assert changes(a, " ".join(words)) == [("word40000 ", "other ")]


def test_values_differ_where_they_do() -> None:
    a = {"same": [1, {"x": 2}], "n": 1, "list": [1, 2], "deep": {"s": ["a", "b"]}, "lost": None, "bool": True, "int": 1}
    b = {"same": [1, {"x": 2}], "n": 1.5, "list": [1], "deep": {"s": ["a", "c"]}, "new": None, "bool": 1, "int": 1.0}
    found = {change.path: (change.a, change.b) for change in value_changes(a, b)}
    assert found == {
        "n": (1, 1.5), "list": ([1, 2], [1]), "deep.s[1]": ("b", "c"), "lost": (None, MISSING), "new": (MISSING, None),
        "bool": (True, 1),
    }  # fmt: skip
    [number] = value_changes({"n": 1}, {"n": 1.5})
    assert number.as_json() == {"a": 1, "b": 1.5, "change": 0.5}
    assert value_changes([1], [2])[0].path == "[0]"


# -- turns -------------------------------------------------------------------------------------------


def library(*texts: str) -> Library:
    passages = tuple(
        Passage(f"p{number}", "town", f"Title {number}", text, {"text": text}, "guide.md", (number, number))
        for number, text in enumerate(texts, 1)
    )
    return Library([DocumentSet("town", passages, RetrievalSpec(mode="all"))])


async def asked(
    script: Sequence[Reply], *, sent: Library | None = None, options: Options | None = None, **results: Any
) -> Turn:
    tools = toolbox(**results) if results else None
    async with kept(list(script), tools=tools, library=sent, options=options or Options(model="m")) as (
        conversation,
        _,
    ):
        return await conversation.run("q")


def cited(text: str, *spans: tuple[str, str]) -> bytes:
    """An answer in which each of the words rests on a document."""
    citations = [
        {
            "start": text.index(words), "end": text.index(words) + len(words), "text": words,
            "sources": [{"type": "document", "id": id, "document": {"id": id, "text": id}}],
        }
        for words, id in spans
    ]  # fmt: skip
    return message(text, citations=citations)


async def compared(a: bytes, b: bytes) -> Comparison:
    texts = ("one", "two", "three")
    turns = [await asked([stream(each)], sent=library(*texts)) for each in (a, b)]
    return compare(*turns)


async def test_a_turn_and_itself_are_the_same() -> None:
    for path in sorted(CASSETTES.glob("*.sse")):
        turn = await asked([stream(path.read_bytes())])
        found = compare(turn, turn)
        assert list(found.as_json()) == KEYS
        for name, entry in found.as_json().items():
            assert entry["a"] == entry["b"], name
            assert not entry["differs"], name
        json.dumps(found.as_json())


async def test_a_span_that_rests_on_another_source() -> None:
    found = await compared(
        cited("It opens at nine on Mondays.", ("nine", "p1"), ("Mondays", "p2")),
        cited("On most days it opens at nine on Mondays.", ("nine", "p2"), ("Mondays", "p2")),
    )
    [(before, after)] = found.citations.differs.sources
    assert (before.text, [source.id for source in before.sources]) == ("nine", ["p1"])
    assert ([source.title for source in after.sources], after.start) == (["Title 2"], 25)
    assert not found.citations.differs.lost
    assert not found.citations.differs.new
    entry = found.as_json()["citations"]
    assert [each["text"] for each in entry["a"]] == ["nine", "Mondays"]
    assert entry["differs"]["sources"][0]["b"]["sources"] == [{"type": "document", "id": "p2", "title": "Title 2"}]


async def test_spans_that_one_answer_has_alone() -> None:
    found = await compared(
        cited("Nine. Then ten. Then nine.", ("Nine", "p1"), ("ten", "p2")),
        cited("Nine. Then six. Then nine.", ("Nine", "p1"), ("six", "p2"), ("nine", "p1")),
    )
    assert [span.text for span in found.citations.differs.lost] == ["ten"]
    assert [span.text for span in found.citations.differs.new] == ["six", "nine"]


async def test_words_that_moved_are_the_same_span() -> None:
    found = await compared(cited("Nine it is.", ("Nine", "p1")), cited("So it is: Nine", ("Nine", "p1")))
    assert not found.citations.differs


def called(id: str, name: str, arguments: str) -> Reply:
    return stream(message(plan="I look.", tool_calls=[(id, name, arguments)]))


def of_call(id: str) -> Reply:
    source = {"type": "tool", "id": f"{id}:0", "tool_output": {"o": 9}}
    return stream(message("Nine.", citations=[{"start": 0, "end": 4, "text": "Nine", "sources": [source]}]))


async def test_the_same_call_is_the_same_source_whatever_its_id() -> None:
    a, b = [
        await asked([called(id, "hours", '{"place": "library"}'), of_call(id)], hours={"opens": 9})
        for id in ("c1", "other")
    ]
    found = compare(a, b)
    assert (found.calls.differs, bool(found.citations.differs)) == ((), False)
    assert [call.id for call in (*found.calls.a, *found.calls.b)] == ["c1", "other"]


async def test_calls_with_other_arguments_other_results_and_alone() -> None:
    library_, museum = '{"place": "library", "day": 1}', '{"place": "museum", "day": 1}'
    ends = stream(message("x"))
    a = await asked([called("c1", "hours", library_), called("c2", "train", ""), ends], hours=1, train=2)
    b = await asked([called("c1", "hours", museum), ends], hours=1, train=2)
    other, lost = compare(a, b).calls.differs
    assert (other.kind, [(each.path, each.a, each.b) for each in other.changes]) == (
        "arguments", [("place", "library", "museum")],
    )  # fmt: skip
    assert (lost.kind, lost.name, lost.b) == ("lost", "train", None)
    assert [each.kind for each in compare(b, a).calls.differs] == ["arguments", "new"]
    c = await asked([called("c1", "hours", museum), ends], hours={"opens": 9})
    [result] = compare(b, c).calls.differs
    assert result.as_json()["differs"] == {"result": {"a": 1, "b": {"opens": 9}}}


async def test_documents_by_what_was_sent_and_its_rank() -> None:
    a = await asked([stream(message("x"))], sent=library("one", "two", "three"))
    b = await asked([stream(message("x"))], sent=library("one", "other"))
    found = compare(a, b).documents
    assert [each.id for each in found.differs.lost] == ["p3"]
    assert [before.text for before, _ in found.differs.changed] == ["two"]
    assert [each.rank for each in found.a] == [1, 2, 3]
    assert compare(a, b).as_json()["documents"]["differs"]["changed"] == ["p2"]
    assert not compare(a, a).documents.differs


async def test_settings_usage_and_seconds() -> None:
    usage = [{"tokens": {"input_tokens": 10, "output_tokens": out}} for out in (3, 5)]
    a = await asked([stream(message("x", usage=usage[0]))], options=Options(model="m", parameters={"temperature": 0.3}))
    b = await asked(
        [stream(message("x", usage=usage[1]))],
        options=Options(model="n", system="Be brief.", parameters={"temperature": 0.5}),
    )
    found = compare(a, b).as_json()
    assert found["settings"]["a"] == {"model": "m", "temperature": 0.3}
    assert found["settings"]["differs"] == {
        "model": {"a": "m", "b": "n"},
        "temperature": {"a": 0.3, "b": 0.5, "change": 0.2},
        "system": {"b": "Be brief."},
    }
    assert found["usage"]["differs"] == {"tokens.output_tokens": {"a": 3, "b": 5, "change": 2}}
    assert found["cost"] == {"a": None, "b": None, "differs": None}
    assert set(found["seconds"]["a"]) == {"first_token", "total", "tools", "person"}


# -- the command -------------------------------------------------------------------------------------


def said(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    code = run(["compare", *argv])
    return code, *capsys.readouterr()


async def test_turns_of_sessions_and_of_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = tmp_path / "a.recording"
    async with kept([stream(message("Nine.")), stream(message("Ten."))], record=record) as (conversation, _):
        for prompt in ("When?", "And \x1b[2J?"):
            await conversation.run(prompt)
    id = session().stem
    code, out, err = said(capsys, f"{id}:1", id, "--json")
    assert (code, err, out.count("\n")) == (0, "", 1)
    found = json.loads(out)
    assert list(found) == KEYS
    assert (found["text"]["a"], found["text"]["b"]) == ("Nine.", "Ten.")
    assert found["text"]["differs"] == [{"a": [0, 4], "b": [0, 3], "lost": "Nine", "new": "Ten"}]
    for one, other in ((f"{record}:2", "last"), (str(record), f"{id}:2"), (str(record), id[:10])):
        found = json.loads(said(capsys, one, other, "--json")[1])
        assert (found["text"]["a"], found["text"]["differs"]) == ("Ten.", [])
    code, out, _ = said(capsys, f"{id}:1", str(record))
    assert code == 0
    lines = out.splitlines()
    assert lines[:2] == [f"a  {id}:1  complete  When?", "b  a:2  complete  And ␛[2J?"]
    assert lines[2:5] == ["text: differs", "  - Nine", "  + Ten"]
    assert "citations: the same" in lines
    there = tmp_path / "with:2"
    there.write_bytes(record.read_bytes())
    assert said(capsys, str(there), f"{there}:1")[0] == 0


def test_numbers_of_turns_that_were_never_sent_are_not_named(capsys: pytest.CaptureFixture[str]) -> None:
    path = made("20260101-101010-aaaaaa", "1", "2", "3")
    for number in (7, 9, 10):
        grown(path, number, str(number))
    assert said(capsys, "20260101:8", "20260101:1")[1:] == (
        "",
        "compare: 20260101:8: there is no turn 8 (it has turns 1 to 3, 7, 9 to 10)\n",
    )


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("20260101:9", "compare: 20260101:9: there is no turn 9 (it has turns 1 to 2)\n"),
        ("20260101:0", "compare: 20260101:0: there is no turn 0 (it has turns 1 to 2)\n"),
        (f"20260101:{'9' * 5000}", "there is no turn 999999999…"),
        ("20260101:x", "compare: there is no file and no session '20260101:x'"),
        ("nothing", "compare: there is no file and no session 'nothing'"),
        ("../nothing", "../nothing: cannot be read"),
        (".", ".: is a folder, not a file that can be read"),
        ("a.sse", "compare: a.sse: a raw stream has no turns"),
        ("", "is a folder"),
        (":1", "is a folder"),
        ("\x1b[2J", "there is no file and no session"),
    ],
)
def test_what_is_not_there_is_a_line(given: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    made("20260101-101010-aaaaaa", "a", "b")
    for argv in ((given, "20260101"), ("20260101", given)):
        code, out, err = said(capsys, *argv, "--json")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert says in err
        assert "\x1b" not in err


def test_a_session_without_a_question_has_no_turn(capsys: pytest.CaptureFixture[str]) -> None:
    path = made("20260101-101010-aaaaaa")
    assert said(capsys, "last", "last") == (2, "", f"{path}: holds no question\n")
    assert folder() == path.parent
