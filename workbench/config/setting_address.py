"""The two settings that decide where a request goes and with which key: a base URL and the name of a variable.

Refuses URLs that the client would misread, and never repeats what may be a key by mistake.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.config.setting_types import SettingType

if TYPE_CHECKING:
    from workbench.config.nodes import Node
    from workbench.config.typed_reading import Reader

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class BaseUrl(SettingType):
    """Where the API is served. A flag's is checked where it is used, as that of the environment is."""

    def read(self, node: Node, reader: Reader, folder: Path) -> str | None:
        """The URL without slashes at its end, or None after adding a problem."""
        url = reader.text(node)
        if url is None:
            return None
        if fault := _url_fault(url):
            reader.findings.add(node, *fault)
            return None
        return url.rstrip("/")

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of it: http or https, or text with a `${VAR}`."""
        return {"type": "string", "pattern": r"^(https?://|.*\$\{)"}

    def words(self) -> str:
        """What is expected, for a sentence."""
        return "an http or https URL"


class VariableName(SettingType):
    """The name of an environment variable."""

    def read(self, node: Node, reader: Reader, folder: Path) -> str | None:
        """The variable's name, or None after adding a problem, which does not quote what may be a key."""
        name = reader.text(node)
        if name is None or _VARIABLE.fullmatch(name):
            return name
        message = "api_key_env is the name of an environment variable, which this is not"
        reader.findings.add(node, message, "put the key into a variable and name that, such as CO_API_KEY")
        return None

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of it: a variable's name, or text with a `${VAR}`."""
        return {"type": "string", "pattern": r"^[A-Za-z_][A-Za-z0-9_]*$|\$\{"}

    def words(self) -> str:
        """What is expected, for a sentence."""
        return "a name"


def _url_fault(url: str) -> tuple[str, str] | None:
    """What is wrong with a base URL and what to do; None when it can be used."""
    from urllib.parse import urlsplit

    example = "write one such as https://api.cohere.com or http://localhost:8000/cohere"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"base_url is no URL: {error}", example
    if parts.scheme not in {"http", "https"} or not host or any(character.isspace() for character in url):
        return "base_url must be an http or https URL", example
    if parts.username or parts.password:
        return "base_url must not hold a user name or password", "the API key is sent as a header"
    if parts.query or parts.fragment:
        return "base_url must not have a query or fragment", example
    if re.search(r"/v[12](/chat)?/?$", parts.path):
        return "base_url must stop before the API's version", "leave out /v2: the client adds /v2/chat itself"
    return None
