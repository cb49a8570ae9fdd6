"""Conversations that are kept, and what is compared when they come back."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.core.noted import Noted
from tests.loopback import LoopbackServer, Reply
from workbench.cohere_client import ClientOptions, connect
from workbench.conversation import Conversation, Options
from workbench.conversation.options import Tools
from workbench.conversation.turn import Turn
from workbench.documents.retrieval import Library
from workbench.recordings.recording import Reading
from workbench.sessions.folder import session_paths, sessions_folder
from workbench.sessions.restore import Restored, conversation
from workbench.startup.keeping import Keeping, Resumed
from workbench.tools.people import NoPeople
from workbench.tools.runners.reply import CannedReply as Canned
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

KEY = "key-of-these-tests"


def toolbox(**results: Any) -> Toolbox:
    tools = [ToolSpec(name, f"about {name}", Canned(result)) for name, result in results.items()]
    return Toolbox(tools, people=NoPeople(), trust=TrustStore(), environ={})


@asynccontextmanager
async def kept(
    script: Sequence[Reply] | Callable[..., Reply],
    *,
    resume: Path | None = None,
    keep: bool = True,
    record: Path | None = None,
    tools: Tools | None = None,
    library: Library | None = None,
    problems: list[str] | None = None,
    options: Options | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> AsyncIterator[tuple[Conversation, Resumed | None]]:
    """A conversation with a scripted server, kept as a session in the test's home; or one that goes on."""
    told: list[str] = []
    async with LoopbackServer(script) as server:
        client = connect(ClientOptions(base_url=server.url), {"CO_API_KEY": KEY})
        asked = Conversation(client, options or Options(), toolbox=tools, library=library, backoff=Noted(), clock=clock)
        keeping = Keeping(asked, client, (told if problems is None else problems).append)
        if record is not None:
            keeping.record(record)
        resumed = None
        if resume is None:
            keeping.begin_session(os.environ)
        else:
            resumed = keeping.resume_session(resume, keep=keep)
            keeping.note_resumed()
        try:
            yield asked, resumed
        finally:
            await client.aclose()
            await keeping.aclose()
    assert told == []


def session() -> Path:
    """The one session of the test's home."""
    [path] = session_paths(sessions_folder(os.environ))
    return path


def came_back(path: Path) -> list[Restored]:
    """The conversation of a session."""
    return conversation(path, Reading(path))[0]


def state(turn: Turn) -> dict[str, Any]:
    """All that a turn says of itself, times apart."""
    summary = turn.summary().as_json()
    del summary["seconds"]
    return {
        "prompt": turn.prompt,
        "number": turn.number,
        "summary": summary,
        "sources": turn.ledger.entries(),
        "messages": [turn.messages(thinking=thinking) for thinking in (True, False)],
        "requests": [step.request for step in turn.steps],
        "plans": [step.message().tool_plan for step in turn.steps],
        "unanchored": [cited for cited in summary["citations"] if cited["start"] is None],
    }
