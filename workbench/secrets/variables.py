"""Which variables of the environment hold a secret: by their names, and by what they hold. Never tells a value."""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from workbench.secrets.keys import KEY_VARIABLES, SHORTEST_SECRET, holding

_NAMED_SO = re.compile(
    r"(KEYS?|TOKEN|PWORD|PASS)_?\d*$"
    r"|(?<!OLD)(?<!^)PWD_?\d*$|PASS_?PHRASE|(^|_)(TOKEN|KEY|SK|CREDS?|PIN|SALT|SEED|WEBHOOK)(_(URL|V?\d+))?$"
    r"|API_?KEY|SECRET|PASSW|PASSPHRASE|PASSCODE|CREDENTIAL|(PRIVATE|ACCESS|SIGNING|MASTER|ENCRYPTION)_?KEY"
    r"|(^|_)(TOKEN|KEY|PASS|PAT|AUTH|AUTHORIZATION|BEARER|JWT|COOKIE|DSN|OAUTH)(_(DEV|TEST|STAGING|PROD|LIVE|OLD|NEW))?_?\d*$"
    r"|(^|_)(ACCESS|API|AUTH|BEARER|REFRESH)_?TOKEN"
)
_IN_A_URL = re.compile(r"://[^/\s@]*:[^/\s@]+@")


def why_secret(name: str, environ: Mapping[str, str], secrets: Set[str] = frozenset()) -> str | None:
    """In words, why the variable `name` counts as holding a secret; None when it does not.

    `secrets` names variables that hold a key, beside those that are read by themselves.
    """
    keys = {*KEY_VARIABLES, *secrets}
    if name in keys:
        return "it holds the API key"
    if is_named_so(name):
        return "its name says that it holds a secret"
    value = environ.get(name, "").strip()
    if name in holding(environ, keys):
        return "it holds the API key, too"
    if _IN_A_URL.search(value):
        return "it holds a password, in a URL"
    if len(value) >= SHORTEST_SECRET and any(
        value == held.strip() and other != name and is_named_so(other) for other, held in environ.items()
    ):
        return "it holds what a variable holds whose name says that it is a secret"
    return None


def is_named_so(name: str) -> bool:
    """Whether the name of a variable says that it holds a secret."""
    return _NAMED_SO.search(name.upper()) is not None
