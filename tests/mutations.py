"""Damage: streams and configuration files with bytes flipped, cut, doubled and put in, and what must hold for each.

`python -m tests.mutations --streams 20000 --configs 2000 --recordings 20000` does so for long, with the recordings of
`tests.recordings` too, and prints how many ended how. The same number of the same kind is always the same damage.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import io
import json
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

from tests.recordings import recording_outcome
from workbench.commands.check import check
from workbench.conversation import Conversation, Options
from workbench.conversation.fold import Message
from workbench.events import ContentDelta, ContentStart, Event, ToolPlanDelta, WireEvent
from workbench.printing.json_lines import JsonLines
from workbench.tools.people import NoPeople
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

ROOT = Path(__file__).resolve().parents[1]
CASSETTES = sorted((ROOT / "tests" / "cassettes").glob("*.sse"))
CONFIGS = sorted((ROOT / "config").glob("*.yaml"))
STATUSES = frozenset({"complete", "incomplete", "failed", "max-steps"})
# What a stream or a file is made of, so that damage is more than noise.
STREAM_PARTS = (
    b"\n", b"\n\n", b"\r\n", b"\r", b"data: ", b"event: ", b"data: [DONE]\n\n", b"data: {}\n\n", b":\n", b"\x00",
    b"\xff", b"\xf0\x9f", b"{", b"}", b"[", b"]", b'"', b"\\", b"\\ud83d", b"null", b"-1", b"1e999", b"NaN",
    b'"index":', b'"type":',
)  # fmt: skip
CONFIG_PARTS = (
    b"\n", b" ", b"\t", b"- ", b": ", b"{", b"}", b"[", b"]", b'"', b"'", b"#", b"|", b">", b"&a ", b"*a", b"<<: ",
    b"!!x ", b"${X}", b"${", b"null", b"on", b"1e400", b"-1", b"0", b"\x00", b"\x1b", b"\xff", b"---\n", b"../",
    b"*", b"~",
)  # fmt: skip


def damaged(data: bytes, parts: tuple[bytes, ...], luck: random.Random) -> bytes:
    """`data` after one to six accidents."""
    body = bytearray(data)
    for _ in range(luck.randint(1, 6)):
        at = luck.randint(0, len(body))
        upto = min(len(body), at + luck.choice((1, 2, 7, 40, 300)))
        match luck.randrange(6):
            case 0 if at < len(body):
                body[at] ^= 1 << luck.randrange(8)
            case 1:
                del body[at:upto]
            case 2:
                del body[at:]
            case 3:
                body[at:at] = body[at:upto] * luck.randint(1, 3)
            case 4:
                body[at:at] = luck.choice(parts)
            case _:
                other = luck.randint(0, len(body))
                body[at:upto] = body[other : other + upto - at]
    return bytes(body)


# -- streams -----------------------------------------------------------------------------------------------


class Bytes:
    """A client whose every answer is `body`, in chunks of any size."""

    def __init__(self, body: bytes, luck: random.Random) -> None:
        self._body = body
        self._luck = luck

    @asynccontextmanager
    async def stream(self, body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        async def chunks() -> AsyncIterator[bytes]:
            at = 0
            while at < len(self._body):
                size = self._luck.choice((1, 3, 50, 1000))
                yield self._body[at : at + size]
                at += size

        yield chunks()


def _no_constant(name: str) -> NoReturn:
    raise AssertionError(f"{name} is no JSON")


def received(body: bytes) -> str:
    """All that a body says, read by simpler means: the values of its data lines, and the lines that are no field."""
    said = []
    text = re.sub(rb"\r\n?", b"\n", body).removeprefix(b"\xef\xbb\xbf")
    for line in text.split(b"\n"):
        name, colon, value = line.partition(b":")
        if name == b"data":
            said.append(value.removeprefix(b" ") if colon else b"")
        elif name not in (b"event", b"id", b"retry", b""):
            said.append(line)
    return "".join(part.decode("utf-8", "replace") for part in said)


async def stream_outcome(seed: int) -> str:
    """The status of a turn that gets the damaged stream number `seed`; raises when something does not hold."""
    luck = random.Random(seed)
    body = damaged(CASSETTES[seed % len(CASSETTES)].read_bytes(), STREAM_PARTS, luck)
    tools = [ToolSpec(name, "d", CannedReply({"ok": name})) for name in ("opening_hours", "train_status")]
    toolbox = Toolbox(tools, people=NoPeople(), trust=TrustStore(), environ={})
    conversation = Conversation(Bytes(body, luck), Options(max_steps=2), toolbox=toolbox)
    out, seen = io.StringIO(), list[Event]()
    printer = JsonLines(out)

    def take(event: Event) -> None:
        seen.append(event)
        printer.event(event)

    turn = await conversation.run("?", on_event=take)
    lines = [json.loads(line, parse_constant=_no_constant) for line in out.getvalue().splitlines()]
    end = lines[-1]
    assert end["event"] == "turn-end"
    assert turn.status in STATUSES, turn.status
    assert turn.status == "complete" or end["error"]["message"]
    for cited in end["citations"]:
        assert cited["start"] is None or end["text"][cited["start"] : cited["end"]] == cited["text"]
    for step in turn.steps:
        of_step = [event for event in seen if event.step == step.number]
        _nothing_is_lost(body, of_step, step.message())
    json.dumps([*conversation.history(), *turn.messages(thinking=True)], allow_nan=False)
    return turn.status


def _nothing_is_lost(body: bytes, events: list[Event], message: Message) -> None:
    raw = "".join(event.raw for event in events if isinstance(event, WireEvent))
    # A line that is no field comes before the frame in which it stands.
    assert sorted(raw.replace("\n", "")) == sorted(received(body))
    said = [event for event in events if isinstance(event, ContentStart | ContentDelta)]
    text = "".join(event.text + getattr(event, "thinking", "") for event in said)
    assert sorted(text) == sorted(message.text + message.thinking)
    assert "".join(event.text for event in events if isinstance(event, ToolPlanDelta)) == message.tool_plan


# -- configuration -------------------------------------------------------------------------------------------


@contextlib.contextmanager
def copied_config() -> Iterator[Path]:
    """The shipped examples in a folder of their own, so that what a damaged file names is there or is not."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "config", Path(folder) / "config")
        yield Path(folder) / "config"


def config_outcome(seed: int, folder: Path) -> str:
    """What `workbench check` says of the damaged file number `seed`; raises when something does not hold."""
    luck = random.Random(seed)
    path = folder / "damaged.yaml"
    path.write_bytes(damaged(CONFIGS[seed % len(CONFIGS)].read_bytes(), CONFIG_PARTS, luck))
    out, err = io.StringIO(), io.StringIO()
    code = check([path], {"X": "x"}, out, err)
    assert code in (0, 2)
    assert bool(err.getvalue()) >= (code == 2)
    for line in err.getvalue().splitlines():
        assert line.strip()
        assert len(line) < 2000
    return "accepted" if code == 0 else "refused"


# -- for long ----------------------------------------------------------------------------------------------


async def _streams(count: int) -> Counter[str]:
    return Counter([await stream_outcome(seed) for seed in range(count)])


async def _recordings(count: int) -> Counter[str]:
    with tempfile.TemporaryDirectory() as home:
        return Counter([await recording_outcome(seed, {"HOME": home}) for seed in range(count)])


def main() -> None:
    """Damages streams and files, and stops at the first that breaks something, naming its number."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutations", description=main.__doc__)
    parser.add_argument("--streams", type=int, default=20_000)
    parser.add_argument("--configs", type=int, default=2_000)
    parser.add_argument("--recordings", type=int, default=20_000)
    given = parser.parse_args()
    streams = asyncio.run(_streams(given.streams))
    with copied_config() as folder:
        configs = Counter(config_outcome(seed, folder) for seed in range(given.configs))
    recordings = asyncio.run(_recordings(given.recordings))
    sys.stdout.write(f"streams: {dict(streams)}\nconfigs: {dict(configs)}\nrecordings: {dict(recordings)}\n")


if __name__ == "__main__":
    main()
