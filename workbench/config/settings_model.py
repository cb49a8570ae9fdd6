"""The table of settings: one row each, with its name, type, range, default, flag and meaning; reads no file.

All else comes of it: what a settings file may say, the flags and `--set`, the parameters of a request, what is asked
about a file from elsewhere, the JSON Schema, `config/settings.yaml` and the handbook's page. Holds no API key: a
setting names the environment variable that does.
"""

# ruff: noqa: RUF009 - `setting` makes a field, as `dataclasses.field` does

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.cohere_client.client_options import ClientOptions
from workbench.cohere_client.endpoint import URL_VARIABLE
from workbench.config.presets import PresetsOf
from workbench.config.rebindings import KeysOfActions, Rebindings
from workbench.config.response_format import FormatOfAnswer, ResponseFormat
from workbench.config.setting import Flag, Setting, rows_of, setting
from workbench.config.setting_address import BaseUrl, VariableName
from workbench.config.setting_types import (
    Choice,
    FilePath,
    FilePaths,
    MoreFields,
    Number,
    Switch,
    Text,
    Texts,
    Whole,
)
from workbench.conversation.options import (
    MEGABYTE,
    MOST_REPEATS,
    MOST_SECONDS,
    MOST_STEPS,
    MOST_TOKENS,
    Bounds,
    Options,
)
from workbench.errors import ConfigurationError, Problem
from workbench.paths import look_at

# What a conversation and a client do without settings is what they do by default.
_OPTIONS: Final = Options()
_BOUNDS: Final = Bounds()
_CLIENT: Final = ClientOptions()

_SECONDS: Final = Number(0, MOST_SECONDS, above=True, unit="seconds")
_MEGABYTES: Final = Number(0, 1024, above=True, unit="megabytes")
_SHARE: Final = Number(0, 1)
_CHAT_MODELS: Final = (
    "command-a-plus-05-2026", "command-a-03-2025", "command-a-reasoning-08-2025", "command-a-vision-07-2025",
    "command-a-translate-08-2025", "command-r-plus-08-2024", "command-r-08-2024", "command-r7b-12-2024",
    "command-r7b-arabic-02-2025", "north-mini-code-1-0", "c4ai-aya-expanse-32b", "c4ai-aya-vision-32b",
)  # fmt: skip
OWN_FIELDS: Final = ("model", "messages", "stream", "documents", "tools")
"""What of a body the conversation itself writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a settings file and the command line can say, the latter winning: each field is a row of the table.

    None always means that nothing is said, and that the request leaves the matter to the server.
    """

    # fmt: off
    model: str = setting(
        Text(name=True), "model", "The model that answers.",
        default=_OPTIONS.model, parameter="model", by_conversation=True, flag=Flag("the model to ask", "NAME"),
        example="command-a-plus-05-2026", usual=_CHAT_MODELS,
    )
    system: str | None = setting(
        Text(lines=True), "model", "The system message that precedes the conversation.",
        parameter="messages.0.content", by_conversation=True, flag=Flag("a system message", "TEXT"),
        example="Be brief",
    )
    base_url: str | None = setting(
        BaseUrl(), "connection",
        "Where the API is served; unset is Cohere's own address. Another server is written without its version. No "
        "setting expands a variable that holds a secret.",
        environment=URL_VARIABLE, flag=Flag(f"where the API is, without /v2 (else {URL_VARIABLE})", "URL"),
        example="http://localhost:8000/cohere",
    )
    api_key_env: str | None = setting(
        VariableName(), "connection",
        "The environment variable with the API key; unset reads CO_API_KEY, then COHERE_API_KEY. The key itself never "
        "stands in a file.",
        flag=Flag("the variable that holds the key (else CO_API_KEY, COHERE_API_KEY)", "NAME"), example="MY_KEY",
    )
    offline: bool = setting(
        Switch(), "connection", "Whether the embedded offline engine answers, without a key or a network.",
        default=_CLIENT.offline, flag=Flag("use the embedded engine even if a key is set"),
    )
    theme: str | None = setting(
        Text(), "start",
        "The colour theme of the screen; unset is the one chosen last in the palette, else `workbench`, which goes by "
        "what the terminal is.",
        flag=Flag("the colours of the screen", "NAME"),
        example="nord",
    )
    low_bandwidth: bool = setting(
        Switch(), "start",
        "Whether to write to the terminal rarely and little, for a slow line. The app changes to it by itself when the "
        "terminal falls behind again and again.",
        default=False, flag=Flag("write to the terminal rarely and little, for a slow line"),
    )
    plain: bool = setting(
        Switch(), "start",
        "Whether to converse in plain lines and draw no screen: for screen readers, logs, pipes, and terminals that "
        "can do no more. With `TERM=dumb` it is so anyhow, and `ask` is always plain.",
        default=False, flag=Flag("converse in plain lines, without a screen"),
    )
    mouse: bool = setting(
        Switch(), "start",
        "Whether the screen takes the mouse; without it, the terminal itself selects and pastes.",
        default=True, flag=Flag("take the mouse, as the app does anyhow", off="leave the mouse to the terminal"),
    )
    window_title: bool = setting(
        Switch(), "start",
        "Whether the title of the terminal's window says what is asked; the one from before comes back at the end.",
        default=True,
    )
    progress: bool | None = setting(
        Switch(), "start",
        "Whether the terminal is told that a turn runs (OSC 9;4), for its tab or its window; unset, it is where the "
        "terminal is known to understand that.",
        example="false",
    )
    notify: str = setting(
        Choice(("off", "bell", "notification")), "start",
        "How you are called when a long turn ends, or asks you something, while the terminal does not have the focus, "
        "or does not tell that: by the bell, which tmux shows in its list of windows, or by a notification (OSC 9).",
        default="bell",
    )
    notify_after: float = setting(
        Number(0, 86_400, unit="seconds"), "start", "How long a turn takes that you are called for.",
        default=10.0,
    )
    connect_timeout: float = setting(
        _SECONDS, "connection", "How long connecting to the server may take.",
        default=_CLIENT.connect_timeout, flag=Flag("give up connecting after so long", "SECONDS"),
    )
    first_byte_timeout: float | None = setting(
        _SECONDS, "connection",
        "How long the first byte of an answer may take; unset is `timeout` where that is set, else 120. Comments that "
        "only keep the connection open are borne for no longer than that, or than 120 seconds when it is not set.",
        default=_OPTIONS.first_byte_timeout, flag=Flag("as --timeout, until an answer begins", "SECONDS"), example="60",
    )
    timeout: float | None = setting(
        _SECONDS, "connection",
        "How long a silence may last before it ends the turn; unset is 45 in the middle of an answer. When it is set, "
        "it holds before the first byte of an answer, too, unless `first_byte_timeout` says otherwise. Any line counts "
        "as a sign of life, a comment too, and so does each kilobyte of a longer line.",
        default=_OPTIONS.timeout, flag=Flag("give up after so long a silence", "SECONDS"), example="30",
    )
    max_time: float | None = setting(
        _SECONDS, "turn", "How long a whole turn may take; unset is no limit.",
        default=_OPTIONS.max_time, flag=Flag("give up when the whole turn took so long", "SECONDS"), example="300",
    )
    max_steps: int = setting(
        Whole(1, MOST_STEPS), "turn", "How many requests one turn may make while the model calls tools.",
        default=_OPTIONS.max_steps, flag=Flag("the most requests that one turn may take", "N"),
    )
    max_repeats: int = setting(
        Whole(1, MOST_REPEATS), "turn",
        "How often in a row the very same tool calls run; a turn in which the model asks for them once more is ended.",
        default=_OPTIONS.max_repeats, example="2",
    )
    max_tokens_turn: int | None = setting(
        Whole(1, MOST_TOKENS), "turn",
        "How many tokens one turn may use, those that it sends and those that come, over all its steps; unset is no "
        "limit. A turn that has used them makes no further request.",
        default=_OPTIONS.max_tokens_turn, example="50000",
    )
    max_tokens_total: int | None = setting(
        Whole(1, MOST_TOKENS), "turn",
        "As `max_tokens_turn`, for all turns of a conversation, also those of a session that goes on.",
        default=_OPTIONS.max_tokens_total, flag=Flag("the most tokens that the conversation may use", "N"),
        example="200000",
    )
    retries: int = setting(
        Whole(0, 3), "connection",
        "How often a request is sent again that failed before anything of an answer came.",
        default=_OPTIONS.retries, flag=Flag("how often a request that failed is sent again, from 0 to 3", "N"),
    )
    max_text_mb: float = setting(
        _MEGABYTES, "bounds", "The text of a turn, with its thinking and its plans, over all steps.",
        default=_BOUNDS.text / MEGABYTE,
    )
    max_arguments_mb: float = setting(
        _MEGABYTES, "bounds", "The arguments of all tool calls of a turn. Each call counts as 4 KB more.",
        default=_BOUNDS.arguments / MEGABYTE,
    )
    max_line_mb: float = setting(
        _MEGABYTES, "bounds", "One line of a stream, or the lines of one event together.",
        default=_BOUNDS.line / MEGABYTE,
    )
    max_other_mb: float = setting(
        _MEGABYTES, "bounds",
        "The rest that takes memory: citations, unknown and malformed events, and empty ones. Each counts as at least "
        "a kilobyte.",
        default=_BOUNDS.other / MEGABYTE,
    )
    temperature: float | None = setting(
        Number(0, 2), "sampling", "How random the answer is.", parameter="temperature", example="0.3",
    )
    p: float | None = setting(
        Number(0.01, 0.99), "sampling", "Sample among the likeliest tokens that have this much probability together.",
        parameter="p", example="0.75",
    )
    k: int | None = setting(
        Whole(0, 500), "sampling", "Sample among so many of the likeliest tokens; 0 is all.",
        parameter="k", example="3",
    )
    seed: int | None = setting(
        Whole(0, 2**64 - 1), "sampling", "With one seed, and all else the same, answers differ as little as they can.",
        parameter="seed", example="7",
    )
    max_tokens: int | None = setting(
        Whole(1, 1_000_000), "sampling", "The longest answer, in tokens.", parameter="max_tokens", example="500",
    )
    stop_sequences: tuple[str, ...] | None = setting(
        Texts(5), "sampling", "Texts that end the answer, just before they come.",
        parameter="stop_sequences", example='["\\n\\n"]',
    )
    frequency_penalty: float | None = setting(
        _SHARE, "sampling", "How strongly a token is avoided for each time that it came.",
        parameter="frequency_penalty", example="0.2",
    )
    presence_penalty: float | None = setting(
        _SHARE, "sampling", "How strongly a token is avoided that came at all.",
        parameter="presence_penalty", example="0.2",
    )
    logprobs: bool | None = setting(
        Switch(), "sampling", "Whether the answer carries the log probability of each token.",
        parameter="logprobs", example="true",
    )
    safety_mode: str | None = setting(
        Choice(("contextual", "strict", "off")), "model", "The safety instruction that is put into the prompt.",
        parameter="safety_mode", example="strict",
    )
    response_format: ResponseFormat | None = setting(
        FormatOfAnswer(), "model",
        "What the answer is: any text, a JSON object, or a JSON object that satisfies a JSON Schema.",
        parameter="response_format", example="json", outside="it reads a JSON Schema outside of its folder: {}",
    )
    tool_choice: str | None = setting(
        Choice(("required", "none")), "model", "Whether the model must call a tool, or may not; unset, it decides.",
        parameter="tool_choice", example="none",
    )
    strict_tools: bool | None = setting(
        Switch(), "model", "Whether the arguments of tool calls must satisfy their JSON Schema.",
        parameter="strict_tools", example="true",
    )
    citations: str | None = setting(
        Choice(("fast", "accurate", "off", "enabled", "disabled")), "model", "The citation mode.",
        parameter="citation_options.mode", example="accurate",
    )
    thinking: bool | None = setting(
        Switch(("disabled", "enabled")), "model", "Whether a reasoning model thinks before it answers.",
        parameter="thinking.type", example="true",
    )
    thinking_budget: int | None = setting(
        Whole(1), "model", "The most tokens that a reasoning model may think; alone, it turns thinking on.",
        parameter="thinking.token_budget", implied={"thinking.type": "enabled"}, example="2000",
    )
    priority: int | None = setting(
        Whole(0), "model", "How soon the request is handled under load; 0 is first.", parameter="priority", example="1",
    )
    extra_body: Mapping[str, Any] | None = setting(
        MoreFields(OWN_FIELDS), "model",
        "More fields for the body of every request, as they are, for servers of your own.",
        parameter="", example="{guided_decoding: {backend: xgrammar}}",
    )
    session: bool = setting(
        Switch(), "start", "Whether each conversation of the app is kept as a session, to go on with it later.",
        default=True, flag=Flag("keep the conversation as a session, as the app does anyhow", off="keep no session"),
    )
    log: Path | None = setting(
        FilePath(), "start",
        "A file to append log records to, without keys, relative to the settings file; unset keeps none.",
        flag=Flag("append log records to a file, without keys; for a bug report", "FILE"),
        outside="it appends log records to {}, outside of its folder", example="workbench.log",
    )
    keys: Rebindings = setting(
        KeysOfActions(), "start",
        "Other keys for actions of the screen, by the action's name; null leaves an action without a key.",
        default=Rebindings(), example="{quit: [ctrl+q, f12]}",
    )
    docs: tuple[Path, ...] = setting(
        FilePaths(), "start", "Documents files to load, relative to the settings file.",
        default=(), flag=Flag("a documents file, a document or a folder of them; may be given again", "FILE"),
        outside="it reads documents outside of its folder: {}", example="[docs.yaml]",
    )
    tools: tuple[Path, ...] = setting(
        FilePaths(), "start", "Tools files to load, relative to the settings file.",
        default=(), flag=Flag("a tools file; may be given again", "FILE"),
        outside="it uses tools from outside of its folder: {}", example="[tools.yaml]",
    )
    presets: Mapping[str, Mapping[str, Any]] = setting(
        PresetsOf(lambda: AT_HAND, lambda: SETTING_KEYS), "start",
        "Names for settings that go together, such as `strict: {temperature: 0, seed: 7}`; `--preset NAME` begins with "
        "one, and `/preset NAME` changes to it. They can have every setting that can be changed while a conversation "
        "runs, and null gives one its default.",
        default={}, outside="its presets read a JSON Schema outside of its folder: {}",
    )
    # fmt: on


SETTINGS: Final[tuple[Setting, ...]] = rows_of(Settings)
SETTING_KEYS: Final[tuple[str, ...]] = tuple(row.name for row in SETTINGS)
OF_NAME: Final[Mapping[str, Setting]] = {row.name: row for row in SETTINGS}
_WAITING: Final = ("first_byte_timeout", "timeout", "retries")
AT_HAND: Final[tuple[Setting, ...]] = tuple(
    row for row in SETTINGS if row.group in ("model", "sampling", "turn", "bounds") or row.name in _WAITING
)
"""The rows that can be changed while a conversation runs, in the order of the table."""


def default_settings_path(environ: Mapping[str, str]) -> Path | None:
    """`$XDG_CONFIG_HOME/workbench/config.yaml` (or below `~/.config`) when there is such a file, else None.

    Raises ConfigurationError when it cannot be found out whether there is one.
    """
    folder = configuration_folder(environ)
    if folder is None:
        return None
    path = folder / "config.yaml"
    found = look_at(path)
    if found.kind == "unreachable":
        variable = "XDG_CONFIG_HOME" if Path(environ.get("XDG_CONFIG_HOME", "")).is_absolute() else "HOME"
        message = f"no settings file can be looked for at {path}: {found.reason}"
        raise ConfigurationError([Problem(variable, 0, 0, message, "correct it, or name a file with --config")])
    return path if found.kind == "file" else None


def configuration_folder(environ: Mapping[str, str]) -> Path | None:
    """`$XDG_CONFIG_HOME/workbench` (or below `~/.config`); None where neither is known."""
    configured, home = environ.get("XDG_CONFIG_HOME", ""), environ.get("HOME", "")
    if Path(configured).is_absolute():
        return Path(configured) / "workbench"
    return Path(home) / ".config" / "workbench" if Path(home).is_absolute() else None
