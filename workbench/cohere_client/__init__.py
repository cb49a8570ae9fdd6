"""The client of Cohere's v2 chat: one real `cohere.AsyncClientV2`, over a transport that can be exchanged.

Owns keys, base URLs, transports and the texts of failures. Gives raw bytes and refuses to know what they
mean: that is `workbench.wire`. Importing this package imports neither `cohere` nor `httpx`; the first
stream does so, in a thread. Its public names are imported when first asked for: the command line needs only some.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.cohere_client.client import ChatClient, connect, play
    from workbench.cohere_client.client_options import ClientOptions, Description

__all__ = ["ChatClient", "ClientOptions", "Description", "connect", "play"]


def __getattr__(name: str) -> Any:
    """Import a public name from its module. Raises AttributeError for any other."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "client_options" if name in ("ClientOptions", "Description") else "client"
    return getattr(import_module(f"{__name__}.{module}"), name)
