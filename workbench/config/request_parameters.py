"""What a conversation asks with, from the settings; those that are parameters of the API each at its path, if set.

Owns how settings that meet in one field go together, and what `extra_body` is merged into.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final

from workbench.config.ran_with import noted
from workbench.config.response_format import read_schema_file
from workbench.config.settings_model import SETTING_KEYS, SETTINGS, Settings
from workbench.conversation.options import MEGABYTE, Bounds, Options
from workbench.errors import ConfigurationError

_AS_IT_IS: Final = frozenset(SETTING_KEYS) & {each.name for each in fields(Options)} - {"system"}
"""The options that are settings of the same name and the same value."""


def options_of(settings: Settings) -> Options:
    """What every request carries, and the limits of a turn."""
    return Options(
        **{name: getattr(settings, name) for name in _AS_IT_IS},
        system=settings.system or "",
        parameters=parameters_of(settings),
        bounds=Bounds(
            text=int(settings.max_text_mb * MEGABYTE),
            arguments=int(settings.max_arguments_mb * MEGABYTE),
            other=int(settings.max_other_mb * MEGABYTE),
            line=int(settings.max_line_mb * MEGABYTE),
        ),
        settings=noted(settings),
    )


def parameters_of(settings: Settings) -> dict[str, Any]:
    """What goes into the body of every request, but for what the conversation itself writes there."""
    given = [
        (row, value)
        for row in SETTINGS
        if row.parameter is not None and not row.by_conversation and (value := getattr(settings, row.name)) is not None
    ]
    body: dict[str, Any] = {}
    for row, _ in given:
        for path, value in row.implied.items():
            body = _merged(body, _at(tuple(path.split(".")), value))
    for row, value in given:
        body = _merged(body, _at(row.path, row.type.wire(value)))
    return body


def _at(path: tuple[str, ...], value: Any) -> Any:
    return {path[0]: _at(path[1:], value)} if path else value


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both; where both have a map they are merged in turn, and else `other` wins."""
    merged = dict(one)
    for key, value in other.items():
        before = merged.get(key)
        merged[key] = _merged(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return merged


def with_schema(settings: Settings) -> Settings:
    """The settings with the JSON Schema that `response_format` names. Raises ConfigurationError with its problems."""
    if settings.response_format is None:
        return settings
    asked, problems = read_schema_file(settings.response_format)
    if problems:
        raise ConfigurationError(problems)
    return replace(settings, response_format=asked)
