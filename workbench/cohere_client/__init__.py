"""The client of Cohere's v2 chat: one real `cohere.AsyncClientV2`, over a transport that can be exchanged.

Owns keys, base URLs, transports and the texts of failures. Gives raw bytes and refuses to know what they
mean: that is `workbench.wire`. Importing this package imports neither `cohere` nor `httpx`; the first
stream does so, in a thread.
"""

from workbench.cohere_client.client import ChatClient, connect, play
from workbench.cohere_client.client_options import ClientOptions, Description

__all__ = ["ChatClient", "ClientOptions", "Description", "connect", "play"]
