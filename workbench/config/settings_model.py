"""The settings themselves: owns their names, defaults, meanings and default place; reads no file.

Refuses to hold an API key: settings name the environment variable that does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Literal

from workbench.errors import ConfigurationError, Problem
from workbench.paths import look_at

CitationMode = Literal["fast", "accurate", "off"]

DEFAULT_MODEL = "command-a-03-2025"
MOST_RETRIES = 3


def _means(meaning: str) -> dict[str, str]:
    return {"meaning": meaning}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a settings file can say; a flag of the command line wins over it.

    Each field's meaning is in its metadata, and `describe_settings()` gives them as a table. None always
    means that the request leaves the matter to the server.
    """

    model: str = field(default=DEFAULT_MODEL, metadata=_means("The model that answers."))
    system: str | None = field(default=None, metadata=_means("The system message that precedes the conversation."))
    base_url: str | None = field(
        default=None, metadata=_means("Where the API is served; the default is Cohere's own address.")
    )
    api_key_env: str | None = field(
        default=None,
        metadata=_means("The environment variable with the API key, instead of CO_API_KEY or COHERE_API_KEY."),
    )
    offline: bool = field(
        default=False, metadata=_means("Answer with the embedded engine, without a key or a network.")
    )
    theme: str | None = field(default=None, metadata=_means("The colour theme of the screen."))
    low_bandwidth: bool = field(
        default=False, metadata=_means("Write to the terminal rarely and little, for a slow line.")
    )
    connect_timeout: float = field(default=10.0, metadata=_means("Seconds that connecting to the server may take."))
    first_byte_timeout: float | None = field(
        default=None,
        metadata=_means("Seconds until the first byte of an answer; unset is `timeout` where that is set, else 120."),
    )
    timeout: float | None = field(
        default=None, metadata=_means("Seconds of silence, before the turn fails; unset is 45 within an answer.")
    )
    max_time: float | None = field(
        default=None, metadata=_means("Seconds that a whole turn may take; unset is no limit.")
    )
    max_steps: int = field(
        default=10, metadata=_means("How many requests one turn may make while the model calls tools.")
    )
    retries: int = field(
        default=3, metadata=_means("How often a request is sent again that failed before anything of an answer came.")
    )
    max_text_mb: float = field(
        default=32.0, metadata=_means("Megabytes of text, thinking and plans of one turn, before it is ended.")
    )
    max_arguments_mb: float = field(
        default=8.0, metadata=_means("Megabytes of the tool calls of one turn, before it is ended.")
    )
    max_line_mb: float = field(
        default=16.0, metadata=_means("Megabytes of one line of a stream, before the turn is ended.")
    )
    max_other_mb: float = field(
        default=32.0,
        metadata=_means("Megabytes of citations, unknown events and the like of one turn, before it is ended."),
    )
    temperature: float | None = field(default=None, metadata=_means("Randomness of the answer, from 0 to 2."))
    max_tokens: int | None = field(default=None, metadata=_means("The longest answer, in tokens."))
    citations: CitationMode | None = field(default=None, metadata=_means("Citation mode: fast, accurate or off."))
    thinking: bool | None = field(default=None, metadata=_means("Whether a reasoning model thinks before it answers."))
    session: bool = field(
        default=True, metadata=_means("Keep each conversation of the app as a session, to go on with it later.")
    )
    log: Path | None = field(
        default=None, metadata=_means("A file to append log records to, without keys, relative to the settings file.")
    )
    docs: tuple[Path, ...] = field(
        default=(), metadata=_means("Documents files to load, relative to the settings file.")
    )
    tools: tuple[Path, ...] = field(default=(), metadata=_means("Tools files to load, relative to the settings file."))


@dataclass(frozen=True, slots=True)
class SettingDescription:
    """One row of the settings' table: the key, its default as YAML, and what it means."""

    key: str
    default: str
    meaning: str


SETTING_KEYS: tuple[str, ...] = tuple(item.name for item in fields(Settings))


def describe_settings() -> tuple[SettingDescription, ...]:
    """Every setting, in the order of the settings file."""
    return tuple(
        SettingDescription(item.name, _as_yaml(item.default), item.metadata["meaning"])
        for item in fields(Settings)
        if item.default is not MISSING
    )


def _as_yaml(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}"
    return "[]" if value == () else str(value)


def default_settings_path(environ: Mapping[str, str]) -> Path | None:
    """`$XDG_CONFIG_HOME/workbench/config.yaml` (or below `~/.config`) when there is such a file, else None.

    Raises ConfigurationError when it cannot be found out whether there is one.
    """
    configured = environ.get("XDG_CONFIG_HOME", "")
    home = environ.get("HOME", "")
    if Path(configured).is_absolute():
        variable, folder = "XDG_CONFIG_HOME", Path(configured)
    elif Path(home).is_absolute():
        variable, folder = "HOME", Path(home) / ".config"
    else:
        return None
    path = folder / "workbench" / "config.yaml"
    found = look_at(path)
    if found.kind == "unreachable":
        message = f"no settings file can be looked for at {path}: {found.reason}"
        raise ConfigurationError([Problem(variable, 0, 0, message, "correct it, or name a file with --config")])
    return path if found.kind == "file" else None
