"""The offline engine: a server in-process that answers v2 chat requests without a model.

`engine.answer` takes a request's bytes and gives a reply's bytes; `transport.OfflineTransport` is the same as an
httpx transport. It quotes the documents and calls the tools of the request, and never generates language.
"""
