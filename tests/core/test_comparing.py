"""Embedding and reranking over the client: what goes over the wire, what comes back, and what becomes of failures."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from workbench.cohere_client import ClientOptions, connect
from workbench.cohere_client.channel import Channel
from workbench.cohere_client.comparing import CohereModels
from workbench.cohere_client.failures import Failures
from workbench.cohere_client.server_errors import ErrorTexts
from workbench.conversation.retrying import Backoff
from workbench.documents.embedding import Stop, Stopped, Vector
from workbench.errors import ChatError, HttpError
from workbench.offline import comparing
from workbench.secrets.keys import MASK, ApiKey
from workbench.secrets.redactor import Redactor

KEY = "sk-canary-0123456789abcdef"


class AtOnce(Backoff):
    """Waits for nothing."""

    def chance(self) -> float:
        return 0.0


@contextmanager
def models(answer: Callable[[httpx.Request], Any], retries: int = 2) -> Iterator[CohereModels]:
    redactor = Redactor([ApiKey(KEY, "CO_API_KEY")])
    failures = Failures(ErrorTexts("api", None, None, redactor), idle_timeout=5, connect_timeout=5)

    def build() -> Channel:
        transport = httpx.MockTransport(answer)
        return Channel(transport, base_url="http://api.invalid", key=None, failures=failures, client_name="test")

    made = CohereModels(build, redactor, AtOnce(), space="api", retries=retries)
    try:
        yield made
    finally:
        made.close()


def embed(of: CohereModels, *texts: str, stop: Stop | None = None) -> list[Vector]:
    return of.embed(texts, model="embed-v5.0-pro", dimensions=256, purpose="search_document", stop=stop or Stop())


def test_texts_are_sent_without_keys_and_vectors_come_back_as_bytes() -> None:
    sent: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        count = len(sent[-1]["texts"])
        found = {"int8": [[-128, 127, 0]] * count, "ubinary": [[255]] * count}
        return httpx.Response(200, json={"id": "1", "embeddings": found, "response_type": "embeddings_by_type"})

    with models(answer) as of:
        assert embed(of, "one", f"two {KEY}") == [Vector(b"\x80\x7f\x00", b"\xff")] * 2
    [body] = sent
    assert body["texts"] == ["one", f"two {MASK}"]
    assert (body["model"], body["input_type"], body["output_dimension"]) == ("embed-v5.0-pro", "search_document", 256)
    assert body["embedding_types"] == ["int8", "ubinary"]


def test_ranks_come_best_first_with_spans_that_lie_in_their_texts() -> None:
    asked: list[dict[str, Any]] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content))
        spans = [{"start": 0, "end": 3, "score": 0.9}, {"start": 2, "end": 99, "score": 0.8}]
        results = [{"index": 0, "relevance_score": 0.1}, {"index": 1, "relevance_score": 0.7, "relevant_spans": spans}]
        return httpx.Response(200, json={"results": results})

    with models(answer) as of:
        found = of.rerank("q", ["one", "two"], model="rerank-v5.0-fast", stop=Stop())
        of.rerank("q", ["one", "two"], model="rerank-v4.0-fast", stop=Stop())
    assert [(each.index, each.score, each.spans) for each in found] == [(1, 0.7, ((0, 3, 0.9),)), (0, 0.1, ())]
    assert asked[0]["relevant_spans"]["mode"] == "enabled" and "relevant_spans" not in asked[1]


def test_a_request_is_sent_again_while_that_may_help_and_fails_in_words_then() -> None:
    tried: list[int] = []

    def busy(request: httpx.Request) -> httpx.Response:
        tried.append(1)
        return httpx.Response(503, json={"message": f"busy {KEY}"})

    with models(busy) as of, pytest.raises(HttpError) as caught:
        embed(of, "one")
    assert len(tried) == 3 and caught.value.status == 503 and KEY not in str(caught.value)
    tried.clear()

    def refused(request: httpx.Request) -> httpx.Response:
        tried.append(1)
        return httpx.Response(404, json={"message": "model not found"})

    with models(refused) as of, pytest.raises(HttpError, match="model not found"):
        embed(of, "one")
    assert len(tried) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"embeddings": {"int8": [[1]], "ubinary": [[1]]}},
        {"embeddings": {"int8": [[1], [999]], "ubinary": [[1], [2]]}},
        {"embeddings": {"float": [[1.0], [2.0]]}},
        {"results": 3},
        ["embeddings"],
    ],
)
def test_what_is_no_answer_to_what_was_asked_is_an_error(body: dict[str, Any]) -> None:
    with models(lambda _: httpx.Response(200, json=body)) as of:
        with pytest.raises(ChatError):
            embed(of, "one", "two")
        with pytest.raises(ChatError):
            of.rerank("q", ["one"], model="rerank-v5.0-fast", stop=Stop())


def test_a_request_that_is_stopped_is_given_up() -> None:
    begun, stop = threading.Event(), Stop()

    def stop_once_begun() -> None:
        assert begun.wait(10)
        stop.stop()

    async def answer(request: httpx.Request) -> httpx.Response:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody ends this wait")

    with models(answer) as of:
        stopper = threading.Thread(target=stop_once_begun)
        stopper.start()
        with pytest.raises(Stopped):
            embed(of, "one", stop=stop)
        stopper.join()
        with pytest.raises(Stopped):
            embed(of, "one", stop=stop)


async def test_the_offline_engine_embeds_and_ranks_by_words_and_says_that_it_is_no_model() -> None:
    client = connect(ClientOptions(offline=True), {})
    of = client.models(Backoff())
    assert of is not None and of.is_free and "no model" in of.notice

    def ask() -> list[Vector]:
        texts = ("A strong hive holds fifty thousand bees.", "The ferry leaves at six.", "")
        return embed(of, *texts)

    vectors = await asyncio.to_thread(ask)
    assert [(len(each.int8), len(each.bits)) for each in vectors] == [(256, 32)] * 3
    assert vectors == await asyncio.to_thread(ask)
    ranks = await asyncio.to_thread(
        of.rerank,
        "When does the ferry leave?",
        ["A hive.", "It rains. The ferry leaves at six."],
        model="m",
        stop=Stop(),
    )
    assert ranks[0].index == 1 and ranks[0].spans[0][:2] == (10, 34)
    await client.aclose()


def offline(serve: Callable[[bytes], Any], **body: Any) -> tuple[int, dict[str, Any]]:
    reply = serve(json.dumps(body).encode())
    return reply.status, json.loads(reply.frames[0])


def test_the_engine_embeds_as_the_api_does() -> None:
    types = ["float", "int8", "uint8", "binary", "ubinary"]
    given = {"model": "embed-v5.0-pro", "texts": ["the ferry"], "input_type": "search_query", "output_dimension": 512}
    status, said = offline(comparing.embed, **given, embedding_types=types)
    assert status == 200 and said["meta"]["warnings"] == [comparing.NO_MODEL]
    assert {name: len(each[0]) for name, each in said["embeddings"].items()} == {
        "float": 512, "int8": 512, "uint8": 512, "binary": 64, "ubinary": 64,
    }  # fmt: skip
    signs = [number > 0 for number in said["embeddings"]["float"][0]]
    packed = int.from_bytes(bytes(said["embeddings"]["ubinary"][0]), "big")
    assert [bool(packed >> (511 - at) & 1) for at in range(512)] == signs


@pytest.mark.parametrize(
    ("serve", "body", "words"),
    [
        (comparing.embed, {"texts": ["a"], "input_type": "search_query"}, "model is required"),
        (comparing.embed, {"model": "m", "texts": ["a"], "input_type": "x"}, "input_type must be one of"),
        (comparing.embed, {"model": "m", "texts": ["a"] * 97, "input_type": "search_query"}, "may have 96"),
        (comparing.embed, {"model": "m", "texts": [1], "input_type": "search_query"}, "texts[0] must be a string"),
        (
            comparing.embed,
            {"model": "m", "texts": ["a"], "input_type": "search_query", "output_dimension": 7},
            "output_dimension must be one of",
        ),
        (comparing.rerank, {"model": "m", "documents": ["a"]}, "query is required"),
        (comparing.rerank, {"model": "m", "query": "q", "documents": ["a"], "top_n": 0}, "top_n must be 1 or more"),
    ],
)
def test_the_engine_refuses_as_the_api_does(serve: Callable[[bytes], Any], body: dict[str, Any], words: str) -> None:
    status, said = offline(serve, **body)
    assert status in (400, 422) and words in said["message"]
