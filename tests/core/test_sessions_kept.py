"""What can be done with sessions from the command line: listed for scripts, shown, named, removed and brought back."""

from __future__ import annotations

import asyncio
import errno
import fcntl
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import came_back, kept, session, toolbox
from tests.core.test_sessions_resume import ANSWER, CALL, library
from tests.core.test_sessions_search import folder, grown, made
from tests.loopback import error, message, stream
from workbench.cli import run
from workbench.conversation import Options
from workbench.errors import ConfigurationError
from workbench.printing.json_lines import event_json
from workbench.sessions.folder import own_session, session_paths
from workbench.sessions.names import LONGEST, name_file
from workbench.sessions.removal import REMOVED

ONE, TWO, THREE = (f"2026010{number}-101010-aaaaaa" for number in (1, 2, 3))


def done(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, str, str]:
    """The exit code of `workbench sessions ...`, and what it wrote."""
    code = run(["sessions", *argv])
    return code, *capsys.readouterr()


def rows(capsys: pytest.CaptureFixture[str], *argv: str) -> list[dict[str, Any]]:
    code, out, err = done(capsys, *argv)
    assert (code, err) == (0, "")
    return [json.loads(line) for line in out.splitlines()]


def ids(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return [row["id"] for row in rows(capsys, "list", "--json")]


# -- list --------------------------------------------------------------------------------------------


USAGE = {"billed_units": {"input_tokens": 3, "output_tokens": 2}, "tokens": {"input_tokens": 30, "output_tokens": 9}}


async def test_a_row_has_what_scripts_depend_on(capsys: pytest.CaptureFixture[str]) -> None:
    script = [stream(message("a", usage=USAGE)), stream(message("b", usage=USAGE)), error(400, {})]
    async with kept(script, options=Options(model="m")) as (conversation, _):
        for prompt in ("When \x1b[2J?", "Sure?", "And?"):
            await conversation.run(prompt)
    [row] = rows(capsys, "list", "--json")
    assert isinstance(row.pop("began"), float)
    id = session().stem
    assert row == {
        "id": id, "name": None, "turns": 3, "model": "m", "prompt": "When \x1b[2J?", "tokens": 78, "cost": None,
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 7, 50, 1000])
async def test_tokens_are_counted_however_the_network_cut_the_stream(
    size: int, capsys: pytest.CaptureFixture[str]
) -> None:
    data = message("Some words.", usage=USAGE)
    async with kept([stream(*(data[at : at + size] for at in range(0, len(data), size)))]) as (conversation, _):
        await conversation.run("a")
    assert [row["tokens"] for row in rows(capsys, "list", "--json")] == [39]


def test_no_session_is_no_row(capsys: pytest.CaptureFixture[str]) -> None:
    assert done(capsys, "list", "--json") == (0, "", "")
    made(ONE).write_bytes(b"\xff")
    [row] = rows(capsys, "list", "--json")
    assert (row["turns"], row["problem"]) == (None, "is no recording")


def test_a_list_follows_its_files(capsys: pytest.CaptureFixture[str]) -> None:
    path = made(ONE, "a")
    made(TWO, "b")
    assert ids(capsys) == [TWO, ONE]
    grown(path, 2, "more")
    assert [row["turns"] for row in rows(capsys, "list", "--json")] == [1, 2]
    path.unlink()
    assert ids(capsys) == [TWO]


# -- show --------------------------------------------------------------------------------------------


async def test_a_session_is_shown_as_it_was_asked(capsys: pytest.CaptureFixture[str]) -> None:
    async with kept(
        [stream(CALL), stream(ANSWER), stream(message("Yes.")), error(400, {"message": "no"})],
        tools=toolbox(hours={"opens": "09:00"}, train="late"),
        library=library(),
        options=Options(model="m", system="Be brief.", parameters={"temperature": 0.3, "seed": 7}),
    ) as (conversation, _):
        turns = [await conversation.run(prompt) for prompt in ("When?", "Sure?", "And?")]
    shown = rows(capsys, "show", session().stem, "--json")
    assert sorted({row["turn"] for row in shown}) == [1, 2, 3]
    sent = [dict(step.request) for turn in turns for step in turn.steps]
    assert [row["body"] for row in shown if row["event"] == "request"] == sent
    ends = [row for row in shown if row["event"] == "turn-end"]
    assert [end["status"] for end in ends] == ["complete", "complete", "failed"]
    for end, each in zip(ends, came_back(session()), strict=True):
        assert {name: end[name] for name in end if name != "turn"} == event_json(each.events[-1], each.turn)
    assert [end["text"] for end in ends] == [turn.text for turn in turns]
    code, out, _ = done(capsys, "show", "last")
    assert code == 0
    for line in ("1> When?", "2> Sure?", 'call hours {"place": "library"}', "answer:", "Yes.", "3> And?"):
        assert line in out.splitlines()


def test_the_same_as_a_replay_gives_with_the_turn(capsys: pytest.CaptureFixture[str]) -> None:
    async def keep() -> None:
        async with kept([stream(CALL), stream(ANSWER)], tools=toolbox(hours=1, train=2)) as (conversation, _):
            await conversation.run("When?")

    asyncio.run(keep())
    shown = rows(capsys, "show", "last", "--json")
    assert run(["replay", "last", "--json", "--speed", "max"]) == 0
    played = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    for row in (*shown, *played):
        row.pop("turn", None)
        row.pop("t")
        row.pop("seconds", None)
    assert shown == played


def test_what_is_damaged_is_shown_up_to_there(capsys: pytest.CaptureFixture[str]) -> None:
    path = made(ONE, "first", "second")
    path.write_bytes(path.read_bytes().replace(b'"second"', b'"sec0nd"'))
    code, out, err = done(capsys, "show", ONE)
    assert (code, out.splitlines()[0]) == (2, "1> first")
    assert err.startswith(f"{path}:4: the checksum is missing or wrong")
    made(TWO)
    assert done(capsys, "show", TWO, "--json")[0] == 2


HOSTILE_IDS = ("../x", "/etc/passwd", "", ".", "..", "a/b", "x.jsonl", "\x00", "removed/x", "-", "\udcff", "a" * 5000)


@pytest.mark.parametrize("id", HOSTILE_IDS, ids=range(len(HOSTILE_IDS)))
@pytest.mark.parametrize("argv", [["show"], ["rm"], ["rm", "--undo"], ["rename"]], ids=" ".join)
def test_a_path_is_no_id(argv: list[str], id: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made(ONE, "a")
    folder().joinpath("x.jsonl").write_text("")
    (folder().parent / "x.jsonl").write_text("")
    code, out, err = done(capsys, *argv, "--", id, *(["name"] if argv == ["rename"] else []))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"sessions {argv[0]}: ")
    assert "\x1b" not in err
    assert sorted(each.name for each in folder().iterdir()) == [f"{ONE}.jsonl", "x.jsonl"]


def test_an_id_may_be_its_beginning(capsys: pytest.CaptureFixture[str]) -> None:
    made(ONE, "a")
    made(TWO, "b")
    made(f"{TWO}-2", "c")
    assert own_session(folder(), "20260101", "x").stem == ONE
    assert own_session(folder(), TWO, "x").stem == TWO  # whole, though another one begins so
    assert done(capsys, "show", "2026")[2].startswith("sessions show: 3 sessions begin with '2026'")
    assert "there is no session 'z'" in done(capsys, "show", "z")[2]
    for name, written in ((ONE, 3), (TWO, 1), (f"{TWO}-2", 2)):
        os.utime(folder() / f"{name}.jsonl", (written, written))
    assert own_session(folder(), "last", "x").stem == ONE


@pytest.mark.parametrize(
    ("argv", "is_read"), [(("show",), True), (("export", "--format", "json"), True), (("rename",), False)]
)
def test_the_last_session_is_the_last_that_can_be_read(
    argv: tuple[str, ...], is_read: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = made(ONE, "Fine?"), made(TWO, "Damaged?")
    bad.write_bytes(bad.read_bytes().replace(b"Damaged?", b"Demaged?"))
    os.utime(good, (1, 1))
    code, out, err = done(capsys, *argv, "last", *([] if is_read else ["a name"]))
    assert code == 0
    if is_read:
        assert "Fine?" in out
        assert f"{bad}: line 2 was changed or damaged: the session before it that can be read is taken" in err
    else:
        assert (out, err) == (f"{TWO} is called a name\n", "")


def test_going_on_and_comparing_take_the_last_session_that_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = made(ONE, "Fine?"), made(TWO, "Damaged?")
    bad.write_bytes(bad.read_bytes().replace(b"Damaged?", b"Demaged?"))
    os.utime(good, (1, 1))
    assert run(["compare", "last", ONE]) == 0
    assert "line 2 was changed or damaged" in capsys.readouterr().err
    assert run(["ask", "--offline", "--resume", "", "And?"]) == 0
    assert f"{bad}: line 2 was changed or damaged" in capsys.readouterr().err
    assert b"And?" in good.read_bytes()
    good.unlink()
    assert run(["ask", "--offline", "--resume", "", "And?"]) == 2
    assert str(bad) in capsys.readouterr().err


# -- rename ------------------------------------------------------------------------------------------


NAMES = ("Tea & <b>[bold]", "\x1b]0;x\x07\u202eevil", "ü🌈", "../../x", "-", "x" * LONGEST, "\ud83d", "a\nb", '"\\')


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_name_is_kept_as_it_was_given(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = made(ONE, "a")
    before = path.read_bytes(), path.stat().st_mtime_ns
    code, out, err = done(capsys, "rename", "--", ONE, name)
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert not {"\x1b", "\x07", "\u202e"} & set(out)
    assert rows(capsys, "list", "--json")[0]["name"] == name
    listed = done(capsys, "list")[1]
    assert listed.count("\n") == 1
    assert not {"\x1b", "\x07", "\u202e"} & set(listed)
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before  # which other versions open, too
    assert name_file(path).stat().st_mode & 0o777 == 0o600
    assert done(capsys, "rename", ONE, "")[0] == 0
    assert rows(capsys, "list", "--json")[0]["name"] is None


def test_a_name_has_an_end(capsys: pytest.CaptureFixture[str]) -> None:
    made(ONE, "a")
    code, _, err = done(capsys, "rename", ONE, "x" * (LONGEST + 1))
    assert (code, err) == (2, f"sessions rename: a name of 201 characters is too long (at most {LONGEST} are kept)\n")


@pytest.mark.parametrize("held", [b"", b"\xff", b"[" * 5000, b"7", b'"' + b"x" * 100_000 + b'"'])
def test_a_strange_file_is_no_name(held: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    name_file(made(ONE, "a")).write_bytes(held)
    assert rows(capsys, "list", "--json")[0]["name"] is None


async def test_a_session_in_use_can_be_named_and_not_removed(capsys: pytest.CaptureFixture[str]) -> None:
    async with kept([stream(message("a")), stream(message("b"))]) as (conversation, _):
        await conversation.run("first")
        assert done(capsys, "rename", "last", "Tea")[0] == 0
        code, out, err = done(capsys, "rm", "last")
        assert (code, out) == (2, "")
        assert err == f"{session()}: is in use: another workbench writes it (end that first)\n"
        await conversation.run("second")
    assert [each.turn.prompt for each in came_back(session())] == ["first", "second"]
    assert rows(capsys, "list", "--json")[0]["name"] == "Tea"


# -- rm ----------------------------------------------------------------------------------------------


def test_what_is_removed_comes_back_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    for id in (ONE, TWO, THREE):
        made(id, f"tea of {id}")
    files = {path.name: path.read_bytes() for path in session_paths(folder())}
    assert done(capsys, "rename", TWO, "Tea")[0] == 0
    code, out, err = done(capsys, "rm", "20260101", "20260102", TWO)
    assert (code, err) == (0, "")
    assert out == f"{ONE} is removed\n{TWO} is removed\nworkbench sessions rm --undo brings them back\n"
    assert ids(capsys) == [THREE]
    assert [row["id"] for row in rows(capsys, "search", "tea", "--json")] == [THREE]
    assert done(capsys, "rm", THREE)[0] == 0
    assert (folder() / REMOVED).stat().st_mode & 0o777 == 0o700
    assert ids(capsys) == []
    assert done(capsys, "rm", "--undo") == (0, f"{THREE} is back\n", "")
    assert done(capsys, "rm", "--undo") == (0, f"{ONE} is back\n{TWO} is back\n", "")
    assert {path.name: path.read_bytes() for path in session_paths(folder())} == files
    assert [row["name"] for row in rows(capsys, "list", "--json")] == [None, "Tea", None]
    assert len(rows(capsys, "search", "tea", "--json")) == 3
    code, out, err = done(capsys, "rm", "--undo")
    assert (code, out) == (2, "")
    assert err.startswith("sessions rm: no session was removed")


def test_one_of_many_comes_back(capsys: pytest.CaptureFixture[str]) -> None:
    for id in (ONE, TWO):
        made(id, "a")
    assert done(capsys, "rm", ONE, TWO)[0] == 0
    assert done(capsys, "rm", "--undo", "20260101") == (0, f"{ONE} is back\n", "")
    assert done(capsys, "rm", "--undo", "z")[2].startswith(
        "sessions rm: no session 'z' was removed (those that were are"
    )
    made(TWO, "another one of that name")
    code, _, err = done(capsys, "rm", "--undo")
    assert (code, "is there already: the one that was removed stays away" in err) == (2, True)


def test_all_are_removed_or_none(capsys: pytest.CaptureFixture[str]) -> None:
    made(ONE, "a")
    used = made(TWO, "b")
    assert done(capsys, "rm", ONE, "nothing")[0] == 2
    with used.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        code, _, err = done(capsys, "rm", ONE, TWO)
    assert (code, "is in use" in err) == (2, True)
    assert ids(capsys) == [TWO, ONE]
    assert done(capsys, "rm")[2].startswith("sessions rm: there is no ID to remove")
    with pytest.raises(ConfigurationError):
        own_session(folder(), "nothing", "x")


def test_one_that_cannot_be_moved_brings_the_others_back(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = made(ONE, "a"), made(TWO, "b")
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self == second:
            raise PermissionError(errno.EACCES, "Permission denied")
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", failing)
        code, _, err = done(capsys, "rm", ONE, TWO)
    assert (code != 0, "cannot be moved" in err) == (True, True)
    assert first.exists()
    assert second.exists()
    assert done(capsys, "rm", ONE)[0] == 0
    assert done(capsys, "rm", "--undo", ONE, ONE[:-1])[0] == 0
    assert first.exists()


@pytest.mark.parametrize(
    ("answer", "is_removed"), [("y\n", True), ("YES\n", True), ("n\n", False), ("", False), ("\n", False)]
)
def test_a_person_at_a_terminal_is_asked(
    answer: str, is_removed: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made(ONE, "a")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin.readline", lambda: answer, raising=False)
    code, out, err = done(capsys, "rm", ONE)
    assert err == f"remove {ONE}? [y/N] " + ("" if is_removed else "nothing is removed\n")
    assert (code, bool(out)) == (int(not is_removed), is_removed)
    assert ids(capsys) == ([] if is_removed else [ONE])
    assert is_removed or done(capsys, "rm", "--yes", ONE)[0] == 0
