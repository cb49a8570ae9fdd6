"""The transports beneath the client: the network, a cassette, and a recorder around any of them.

Each is an `httpx.AsyncBaseTransport`. They carry bytes and refuse to interpret them.
"""
