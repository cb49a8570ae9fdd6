"""The file of a recording: what is written is read back exactly, and damage is found and located."""

from __future__ import annotations

import errno
import json
import os
import stat
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import __version__
from workbench.errors import RecordingError
from workbench.recordings.exchanges import Requests, exchanges, frames_of, read_exchanges, split_frames
from workbench.recordings.recording import Recording, RecordingWriter, bytes_to_text, text_to_bytes


def clock(*times: float) -> Callable[[], float]:
    left = iter(times)
    return lambda: next(left)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.recording.jsonl"


def written(path: Path, count: int = 3) -> list[bytes]:
    writer = RecordingWriter.create(path)
    for number in range(count):
        writer.append("mark", {"number": number})
    writer.close()
    return path.read_bytes().splitlines(keepends=True)


def signed(line: str) -> bytes:
    return f'{line[:-1]},"sum":"{zlib.crc32(line.encode()):08x}"}}\n'.encode()


# -- writing and reading --------------------------------------------------------------------------


def test_what_is_written_is_read(path: Path) -> None:
    writer = RecordingWriter.create(path, {"source": "a test"}, clock=clock(10, 10.5, 12.25))
    writer.append("mark", {"text": "⛴\x1b[2J\ud83d", "none": None})
    writer.append("tool-result", {"id": "a", "result": [1, {"x": 1.5}]})
    writer.close()
    read = Recording.read(path)
    assert [(line.seq, line.t, line.kind) for line in read.lines] == [
        (0, 0.0, "header"), (1, 0.5, "mark"), (2, 2.25, "tool-result"),
    ]  # fmt: skip
    assert read.lines[0].fields == {"format": 1, "workbench": __version__, "source": "a test"}
    assert read.lines[1].fields == {"text": "⛴\x1b[2J\ud83d", "none": None}
    assert read.lines[2].fields == {"id": "a", "result": [1, {"x": 1.5}]}
    assert (read.size, read.torn) == (path.stat().st_size, False)


def test_the_format_of_a_line(path: Path) -> None:
    """Other programs read these files: each line is ASCII JSON, and its sum is that of the line without it."""
    RecordingWriter.create(path, clock=clock(0)).close()
    raw = path.read_bytes()
    line = json.loads(raw)
    total = line.pop("sum")
    assert list(line) == ["seq", "t", "kind", "format", "workbench"]
    assert total == f"{zlib.crc32(json.dumps(line, separators=(',', ':')).encode()):08x}"
    assert raw.isascii()


def test_only_the_owner_may_read_it(path: Path) -> None:
    before = os.umask(0)
    try:
        RecordingWriter.create(path).close()
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_every_line_is_in_the_file_when_append_returns(path: Path) -> None:
    writer = RecordingWriter.create(path)
    writer.append("mark", {})
    assert [line.kind for line in Recording.read(path).lines] == ["header", "mark"]
    writer.close()


def test_a_file_that_exists_is_not_overwritten(path: Path) -> None:
    path.write_text("precious")
    with pytest.raises(RecordingError, match="exists already"):
        RecordingWriter.create(path)
    assert path.read_text() == "precious"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="No such file"):
        RecordingWriter.create(tmp_path / "missing" / "a.jsonl")
    with pytest.raises(RecordingError, match="No such file"):
        Recording.read(tmp_path / "missing.jsonl")


def test_the_names_of_the_envelope_are_refused(path: Path) -> None:
    writer = RecordingWriter.create(path)
    with pytest.raises(ValueError, match="seq"):
        writer.append("mark", {"seq": 1})
    writer.close()
    with pytest.raises(RecordingError, match="closed"):
        writer.append("mark", {})


@given(st.binary())
def test_any_bytes_survive_as_text(data: bytes) -> None:
    assert text_to_bytes(json.loads(json.dumps(bytes_to_text(data)))) == data
    assert b"".join(split_frames(data)) == data


# -- resuming ----------------------------------------------------------------------------------------


def test_resuming_goes_on_behind_the_last_whole_line(path: Path) -> None:
    writer = RecordingWriter.create(path, clock=clock(0, 4))
    writer.append("mark", {"n": 1})
    writer.close()
    with path.open("ab") as file:
        file.write(b'{"seq":2,"t":5.0,"ki')
    before, writer = RecordingWriter.resume(path, tuple, clock=clock(100, 101))
    assert [line.kind for line in before] == ["header", "mark"]
    writer.append("mark", {"n": 2})
    writer.close()
    read = Recording.read(path)
    assert [(line.seq, line.t) for line in read.lines] == [(0, 0.0), (1, 4.0), (2, 5.0)]
    assert not read.torn


# -- damage ------------------------------------------------------------------------------------------


def test_every_torn_end_is_cut_and_nothing_before_it_lost(path: Path) -> None:
    lines = written(path, count=1)
    whole = b"".join(lines)
    for length in range(len(lines[0]), len(whole)):
        path.write_bytes(whole[:length])
        read = Recording.read(path)
        assert (len(read.lines), read.size) == (1, len(lines[0]))
        assert read.torn == (length > len(lines[0]))


def test_every_changed_byte_is_found_and_located(path: Path) -> None:
    lines = written(path)
    victim = lines[2]
    for position in range(len(victim) - 1):
        changed = bytearray(victim)
        changed[position] ^= 0x02
        path.write_bytes(b"".join([*lines[:2], bytes(changed), *lines[3:]]))
        with pytest.raises(RecordingError, match=r"a\.recording\.jsonl:[34]: "):
            Recording.read(path)


@pytest.mark.parametrize("order", [(0, 2, 3), (0, 2, 1, 3), (0, 1, 1, 2), (1, 2, 3)])
def test_missing_doubled_and_swapped_lines_are_found(path: Path, order: tuple[int, ...]) -> None:
    lines = written(path)
    path.write_bytes(b"".join(lines[number] for number in order))
    with pytest.raises(RecordingError, match="was expected"):
        Recording.read(path)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"seq":0,"t":0,"kind":"mark"}', "the header"),
        ('{"seq":0,"t":0,"kind":"header","format":2}', "newer"),
        ('{"seq":0,"t":0,"kind":"header"}', "format None"),
        ('{"seq":0,"t":"x","kind":"header","format":1}', '"t" must'),
        ('{"seq":0,"t":0,"kind":1,"format":1}', '"kind"'),
        ('{"seq":' + "[" * 100_000 + "}", "no JSON"),
        ('{"seq":' + "9" * 5000 + "}", "no JSON"),
    ],
)
def test_a_first_line_that_is_no_header(path: Path, line: str, says: str) -> None:
    path.write_bytes(signed(line))
    with pytest.raises(RecordingError, match=says):
        Recording.read(path)


@pytest.mark.parametrize("data", [b"", b"not a recording", b"\x00" * 100])
def test_a_file_without_a_whole_line(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(RecordingError, match="no whole line"):
        Recording.read(path)


def test_another_kind_of_file(path: Path) -> None:
    path.write_bytes(b"# Notes\n")
    with pytest.raises(RecordingError, match=":1: the checksum"):
        Recording.read(path)


def test_a_line_without_end_is_not_read_into_memory(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.recordings.regular_files.MAX_LINE", 1 << 20)
    path.write_bytes(written(path)[0] + b"x" * (2 << 20))
    with pytest.raises(RecordingError, match=":2: the line is longer than 1 MiB"):
        Recording.read(path)


@pytest.mark.parametrize("length", [10, 2**22 - 200, 2**22, 2**22 + 1, 9 * 2**20])
def test_lines_longer_than_what_is_read_at_once_come_back_and_stay(path: Path, length: int) -> None:
    writer = RecordingWriter.create(path)
    texts = ["a" * length, "short", "b" * length, "", "c" * 3]
    for text in texts:
        writer.append("mark", {"text": text})
    writer.close()
    before = path.read_bytes()
    lines, again = RecordingWriter.resume(path, lambda lines: [line.fields.get("text") for line in lines])
    again.close()
    assert lines[1:] == texts
    assert path.read_bytes() == before
    assert Recording.read(path).size == len(before)


# -- a disk that fails ----------------------------------------------------------------------------


def test_a_full_disk_leaves_whole_lines_only(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = RecordingWriter.create(path)
    write = os.write

    def half(descriptor: int, data: bytes) -> int:
        if len(data) < 30:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(descriptor, data[:30])

    monkeypatch.setattr(os, "write", half)
    with pytest.raises(RecordingError, match="No space left"):
        writer.append("mark", {"text": "x" * 100})
    monkeypatch.undo()
    with pytest.raises(RecordingError, match="closed"):
        writer.append("mark", {})
    read = Recording.read(path)
    assert (len(read.lines), read.torn) == (1, False)
    writer.close()


def test_writes_that_take_only_a_part_are_continued(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
    written(path)
    assert len(Recording.read(path).lines) == 4


# -- exchanges ---------------------------------------------------------------------------------------


def test_exchanges_are_put_together_by_request(path: Path) -> None:
    writer = RecordingWriter.create(path)
    writer.append("request", {"request": 1, "body": {"model": "a"}})
    writer.append("request", {"request": 2, "body": {"model": "b"}})
    writer.append("response", {"request": 2, "at": 0.1, "status": 429, "headers": [["retry-after", "3"]]})
    writer.append("response", {"request": 1, "at": 0.2, "status": 200, "headers": []})
    writer.append("mark", {"turn": 1})
    writer.append("frames", {"request": 1, "at": 0.3, "frames": frames_of(b"data: 1\n\ndata: \xff")})
    writer.append("frames", {"request": 2, "at": 0.3, "frames": frames_of(b"slow down")})
    writer.append("end", {"request": 2, "at": 0.4, "outcome": "complete"})
    writer.append("frames", {"request": 1, "at": 0.5, "frames": frames_of(b"\n\n")})
    writer.append("end", {"request": 1, "at": 0.6, "outcome": "failed", "error": ["ReadError", "gone"]})
    writer.append("request", {"request": 3, "body": {"model": "c"}})
    writer.close()
    first, second, third = read_exchanges(path)
    assert [(chunk.at, chunk.data) for chunk in first.chunks] == [(0.3, b"data: 1\n\ndata: \xff"), (0.5, b"\n\n")]
    assert (first.outcome, first.error) == ("failed", ("ReadError", "gone"))
    assert (second.status, second.headers, second.outcome) == (429, (("retry-after", "3"),), "complete")
    assert (third.body, third.status, third.outcome) == ({"model": "c"}, None, "closed")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("request", {"request": 1}),
        ("request", {"request": True, "body": {}}),
        ("response", {"request": 7, "at": 0, "status": 200, "headers": []}),
        ("response", {"request": 0, "at": 0, "status": "200", "headers": []}),
        ("response", {"request": 0, "at": 0, "status": 200, "headers": [["one"]]}),
        ("frames", {"request": 0, "at": -1, "frames": []}),
        ("frames", {"request": 0, "at": 0, "frames": [1]}),
        ("frames", {"request": 0, "at": 0, "frames": ["\ud800"]}),
        ("frames", {"request": 0, "at": 0, "frames": None}),
        ("end", {"request": 0, "at": 0, "outcome": "perhaps"}),
        ("request", {"request": 0, "body": {}}),
    ],
)
def test_lines_that_make_no_exchange_are_located(path: Path, kind: str, fields: dict[str, object]) -> None:
    writer = RecordingWriter.create(path)
    writer.append("request", {"request": 0, "body": {}})
    writer.append(kind, fields)
    writer.close()
    with pytest.raises(RecordingError, match=f"a.recording.jsonl:3: is no usable '{kind}' line"):
        exchanges(path, Recording.read(path).lines)


def test_a_recording_without_a_request_cannot_be_replayed(path: Path) -> None:
    written(path)
    with pytest.raises(RecordingError, match="holds no request"):
        read_exchanges(path)


def test_frames_are_cut_behind_blank_lines() -> None:
    assert split_frames(b"a: 1\n\nb: 2\r\n\r\nc: 3\r\rd") == [b"a: 1\n\n", b"b: 2\r\n\r\n", b"c: 3\r\r", b"d"]
    assert split_frames(b"") == []


def test_messages_are_written_once_and_read_in_every_request(path: Path) -> None:
    """Of what a conversation says again, nothing is written: its file grows with its turns, not with their square."""
    requests, writer = Requests(), RecordingWriter.create(path)
    said = [{"role": "user", "content": f"question {number} {'x' * 1000}"} for number in range(20)]
    bodies: list[Any] = [{"model": "m", "messages": said[: number + 1]} for number in range(20)]
    bodies += [{"model": "m", "messages": said[5:7]}, {"model": "m", "messages": said[5:8]}, "no JSON", bodies[3]]
    for body in bodies:
        writer.append("request", requests.fields(body))
    writer.close()
    assert [exchange.body for exchange in read_exchanges(path)] == bodies
    assert path.stat().st_size < 40 * 1300


@pytest.mark.parametrize("after", [[7, 1], [1, 2], [1, -1], [1], 3, ["1", 1]])
def test_a_request_that_follows_nothing_is_located(path: Path, after: object) -> None:
    writer = RecordingWriter.create(path)
    writer.append("request", {"request": 1, "body": {"messages": ["a"]}})
    writer.append("request", {"request": 2, "body": {"messages": []}, "after": after})
    writer.close()
    with pytest.raises(RecordingError, match=r"a.recording.jsonl:3: is no usable 'request' line"):
        read_exchanges(path)


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\r\r"])
@pytest.mark.parametrize("length", [1, 7, 65_530, 65_536, 200_000])
def test_a_raw_stream_is_whole_in_pieces_of_whole_frames(tmp_path: Path, end: bytes, length: int) -> None:
    path = tmp_path / "a.sse"
    frames = [b"data: " + bytes([97 + n % 26]) * length + end for n in range(max(3, 200_000 // (length + 8)))]
    path.write_bytes(b"".join(frames))
    [exchange] = read_exchanges(path)
    played = [frame for chunk in exchange.chunks for frame in split_frames(chunk.data)]
    assert played == frames
