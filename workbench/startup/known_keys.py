"""The keys that nothing printed may hold, for what has no conversation: errors of the command line, and crashes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.config.settings_model import default_settings_path
from workbench.secrets.redactor import Redactor


def redactor_of(given: Mapping[str, Any], environ: Mapping[str, str]) -> Redactor:
    """The redactor of every key in `environ`, right or not, also of the variable that flag or settings file names."""
    return Redactor.of(environ, given.get("api_key_env") or _of_settings(given.get("config"), environ))


def _of_settings(named: Path | None, environ: Mapping[str, str]) -> str | None:
    try:
        path = named or default_settings_path(environ)
        if path is None:
            return None
        from workbench.config.settings import read_settings

        return read_settings(path, environ)[0].api_key_env
    except Exception:  # noqa: BLE001 - reading it may be the very fault that is to be reported
        return None
