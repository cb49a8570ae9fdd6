"""What a client is asked to be, and what it says that it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

ClientKind = Literal["live", "offline", "replay"]


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """How to reach the API, or what stands in for it: `replay` first, then `offline`, then the network.

    `api_key_env` names the variable that holds the key. `pace` is handed to the offline engine.
    `connect_timeout` and `idle_timeout` are in seconds: how long connecting may take, and how long a server may
    send nothing. `replay` is a recording or a raw
    `.sse` file; `speed` 1.0 plays it as recorded, 2.0 twice as fast, 0 or infinity without waiting.
    `client_name` is what the API is told of who calls.
    """

    offline: bool = False
    base_url: str | None = None
    api_key_env: str | None = None
    pace: float = 0.0
    connect_timeout: float = 10.0
    idle_timeout: float = 300.0
    replay: Path | None = None
    speed: float = 1.0
    client_name: str = "workbench"


OFFLINE_ENGINE: Final = "offline engine"
"""What answers when no model does, for people and in recordings."""


OFFLINE_SPACE: Final = "offline-engine-1"
"""The space of its vectors; another one once it makes others of the same text."""

NO_MODEL: Final = "the offline engine compares words; it is no model"
"""What one is told of what it finds."""


@dataclass(frozen=True, slots=True)
class Description:
    """What answers: `label` is for people. `base_url` is None when nothing is reached over a network.

    `key_source` is the environment variable of the key; None without a key (a local server may need none).
    """

    kind: ClientKind
    label: str
    base_url: str | None = None
    key_source: str | None = None
