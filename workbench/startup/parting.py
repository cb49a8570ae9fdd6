"""The command that goes on with a session: what is left in the terminal when the screen is closed.

Owns which flags it has: those that decide who answers. Documents, tools and a settings file are in the session.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path

from workbench.cohere_client import endpoint
from workbench.config.settings_model import OF_NAME
from workbench.secrets.keys import KEY_VARIABLES
from workbench.sessions.folder import sessions_folder
from workbench.startup.setup import Plan


def resuming(session: Path, plan: Plan, model: str, environ: Mapping[str, str]) -> str:
    """The command, with flags where it would ask somebody else without them; `model` is the one that answers by now."""
    at_home = session.parent == sessions_folder(environ)
    words = ["workbench", "--resume", session.stem if at_home else str(session.absolute())]
    settings = plan.settings
    if "offline" in plan.by_flag and settings.offline and _would_ask_a_server(plan, environ):
        words.append(OF_NAME["offline"].option)
    for name, value in (("base_url", settings.base_url), ("api_key_env", settings.api_key_env)):
        if name in plan.by_flag and value is not None and not settings.offline:
            words += (OF_NAME[name].option, value)
    if "model" in plan.by_flag or model != settings.model:
        words += (OF_NAME["model"].option, model)
    return shlex.join(words)


def _would_ask_a_server(plan: Plan, environ: Mapping[str, str]) -> bool:
    variables = (*KEY_VARIABLES, endpoint.URL_VARIABLE)
    return plan.settings.base_url is not None or any(environ.get(name, "").strip() for name in variables)
