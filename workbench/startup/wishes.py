"""What a settings file asks for that is beyond its own folder, or beyond Cohere's API, and flags do not overrule."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.cohere_client import endpoint
from workbench.config.settings_file import SettingsFile
from workbench.config.settings_model import SETTINGS, Settings
from workbench.documents.passages import FilePlace
from workbench.errors import Problem
from workbench.origin import Origin
from workbench.secrets.keys import KEY_VARIABLES
from workbench.startup.consent import Wish

PATHS_SHOWN = 5
SENT = tuple(row.name for row in SETTINGS if row.is_sent)


def wishes_of(
    file: SettingsFile, settings: Settings, given: Mapping[str, Any], environ: Mapping[str, str]
) -> tuple[Wish, ...]:
    """What a file that is not the person's own asks for.

    `settings` are the file's with what flags say, which are in `given`. Raises
    ConfigurationError when the key would go over an open line, whosever file it is.
    """
    sent = (*_sending(file, settings, given, environ), *_telling(file, settings, given, environ))
    wishes = sent if not settings.offline else ()
    return (*wishes, *_beyond_the_folder(file, given)) if not file.is_own else ()


def all_wishes_of(file: SettingsFile, environ: Mapping[str, str]) -> tuple[Wish, ...]:
    """Whatever a file that is not the person's own may ask for, with a key and without flags.

    A yes is for the whole file, so its question says more than what this run needs.
    """
    settings = file.settings
    bare = {name: value for name, value in environ.items() if name != endpoint.URL_VARIABLE}
    named = (settings.api_key_env,) if settings.api_key_env else KEY_VARIABLES
    if not any(bare.get(name, "").strip() for name in named):
        bare[named[0]] = "a-key"
    sent = (*_sending(file, settings, {}, bare, checked=False), *_telling(file, settings, {}, bare))
    sending = sent if not settings.offline else ()
    return (*sending, *_beyond_the_folder(file, {})) if not file.is_own else ()


def _sending(
    file: SettingsFile,
    settings: Settings,
    given: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    checked: bool = True,
) -> Iterator[Wish]:
    """`checked` refuses a line that is not encrypted."""
    variables = (settings.api_key_env,) if settings.api_key_env else KEY_VARIABLES
    variable = next((name for name in variables if environ.get(name, "").strip()), None)
    origin = file.origin
    if variable is None or origin is None:
        return
    if "api_key_env" not in given and settings.api_key_env and variable not in KEY_VARIABLES:
        yield _wish(origin, file.places["api_key_env"], f"it sends what the variable {variable} holds as the API key")
    url = settings.base_url
    if url is None or "base_url" in given:
        return
    place = file.places["base_url"]
    if checked:
        in_file = f"{place.file}:{place.line}:{place.column}"
        endpoint.refuse_in_clear(url, in_file, endpoint.find_proxy(url, environ))
    of_environment = endpoint.find_base_url(None, environ)
    if not endpoint.is_cohere(url) and not (of_environment and endpoint.same_server(url, of_environment)):
        yield _wish(origin, place, f"it sends the API key of {variable} to {endpoint.host_of(url)}")


def _telling(
    file: SettingsFile, settings: Settings, given: Mapping[str, Any], environ: Mapping[str, str]
) -> Iterator[Wish]:
    """What variables hold may be secret whatever their names are, and these settings go to a server."""
    names = (settings.api_key_env,) if settings.api_key_env else KEY_VARIABLES
    reached = settings.base_url or endpoint.find_base_url(None, environ) or any(environ.get(each) for each in names)
    for key in SENT if reached and file.origin else ():
        if key in file.variables and key not in given and file.origin:
            shown = ", ".join(file.variables[key])
            yield _wish(file.origin, file.places[key], f"it sends what the environment holds as {shown}, in `{key}`")


def _beyond_the_folder(file: SettingsFile, given: Mapping[str, Any]) -> Iterator[Wish]:
    settings, origin = file.settings, file.origin
    if origin is None:
        return
    for row in SETTINGS:
        value = None if row.name in given else getattr(settings, row.name)
        outside = [path for path in row.type.paths(value) if not origin.holds(path)] if value is not None else []
        if outside:
            yield _wish(origin, file.places[row.name], row.outside.format(named(outside)))


def named(paths: list[Path]) -> str:
    """The places that paths really lead to, the first few of them."""
    more = f" and {len(paths) - PATHS_SHOWN} more" if len(paths) > PATHS_SHOWN else ""
    return ", ".join(_real(path) for path in paths[:PATHS_SHOWN]) + more


def _real(path: Path) -> str:
    return os.path.realpath(path)


def _wish(origin: Origin, place: FilePlace, message: str) -> Wish:
    return Wish(origin, Problem(place.file, place.line, place.column, message))
