"""What is asked of the embed endpoint over the wire, of each family of models, and how often: never a text twice."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import Received, Reply, error
from tests.serving import serving
from workbench.cli import run
from workbench.documents.embedding import BATCH
from workbench.documents.lance.place import is_installed
from workbench.offline import comparing

PLACES = [
    "",
    pytest.param("store: {lance: shared}", marks=pytest.mark.skipif(not is_installed(), reason="no extra")),
]


class Api:
    """The embedded engine behind HTTP; it fails after so many requests for vectors of passages."""

    def __init__(self) -> None:
        self.bodies: list[dict[str, Any]] = []
        self.most = 10**6

    def __call__(self, request: Received) -> Reply:
        body = request.body
        assert request.path == "/v2/embed"
        if body["input_type"] == "search_document":
            if self.most == 0:
                return error(400, {"message": "the trial is over"})
            self.most -= 1
        self.bodies.append(body)
        reply = comparing.embed(json.dumps({"output_dimension": 1024, **body}).encode())
        return error(reply.status, json.loads(b"".join(reply.frames)))

    def take(self) -> list[dict[str, Any]]:
        """The requests since the last call."""
        taken, self.bodies = self.bodies, []
        return taken


def documents(folder: Path, count: int, embed: str, place: str) -> str:
    """Write so many passages, two of which say the same, and a file that names them."""
    (folder / "docs").mkdir(exist_ok=True)
    pages = [f"# Boat {number}\n\nBoat {number} is at sea." for number in range(count - 1)]
    (folder / "docs" / "boats.md").write_text("\n\n".join([*pages, pages[0]]))
    file = folder / "docs.yaml"
    file.write_text(f"sets:\n  boats:\n    files: docs\n    retrieval: {{mode: vector, embed: {embed}}}\n    {place}\n")
    return str(file)


@pytest.mark.parametrize(
    ("embed", "passages", "questions", "dimensions"),
    [
        ("{dimensions: 256}", "embed-v5.0-pro", "embed-v5.0-fast", 256),
        ("{passages: embed-v5.0-fast}", "embed-v5.0-fast", "embed-v5.0-fast", 1024),
        ("embed-v4.0", "embed-v4.0", "embed-v4.0", 1024),
        ("{questions: embed-v4.0, dimensions: 1536}", "embed-v4.0", "embed-v4.0", 1536),
        ("embed-multilingual-v3.0", "embed-multilingual-v3.0", "embed-multilingual-v3.0", None),
    ],
)
def test_each_family_is_asked_as_it_takes_it(
    tmp_path: Path, embed: str, passages: str, questions: str, dimensions: int | None
) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path), "CO_API_KEY": "a-key-of-a-test"}
    given = ["--docs", documents(tmp_path, 3, embed, ""), "--yes"]
    api = Api()
    with serving(api) as server:
        assert run(["index", *given, "--base-url", server.url], environ) == 0
        assert run(["search", "boat 1", *given, "--base-url", server.url], environ) == 0
    of_passages, of_question = api.take()
    for body, model, purpose in ((of_passages, passages, "search_document"), (of_question, questions, "search_query")):
        assert (body["model"], body["input_type"]) == (model, purpose)
        assert body["embedding_types"] == ["int8", "ubinary"] and body["truncate"] == "END"
        assert body.get("output_dimension") == dimensions, "older models have one number of dimensions, and take none"
    assert of_passages["texts"] == [f"Boat {each}\n\n# Boat {each}\n\nBoat {each} is at sea." for each in (0, 1)]
    assert of_question["texts"] == ["boat 1"]


@pytest.mark.parametrize("place", PLACES)
def test_what_costs_is_asked_for_sent_in_batches_and_never_paid_twice(
    tmp_path: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path), "CO_API_KEY": "a-key-of-a-test"}
    count = 7 * BATCH + 10
    file = documents(tmp_path, count, "{dimensions: 256}", place)
    api = Api()
    with serving(api) as server:
        given = ["--docs", file, "--base-url", server.url, "--json"]
        assert run(["index", *given], environ) == 1
        said = capsys.readouterr().err
        assert f"boats: {count} of {count} passages are to be embedded by embed-v5.0-pro, about" in said
        characters = sum(len(f"Boat {each}\n\n# Boat {each}\n\nBoat {each} is at sea.") for each in range(count - 1))
        assert f"about {characters // 4:,} tokens" in said, "what two passages say is paid for once"
        assert not api.take()
        api.most = 5
        assert run(["index", *given, "--yes"], environ) == 1
        assert "the trial is over" in capsys.readouterr().err
        first = api.take()
        assert [len(each["texts"]) for each in first] == [BATCH] * 5
        api.most = 10**6
        assert run(["index", *given, "--yes"], environ) == 0
        out, err = capsys.readouterr()
        assert f"boats: {count - 5 * BATCH - 1} of {count} passages are to be embedded" in err
        assert json.loads(out)["embedded"] == count - 5 * BATCH - 1
        rest = api.take()
        assert [len(each["texts"]) for each in rest] == [BATCH] * 2 + [9]
        texts = Counter(text for each in (*first, *rest) for text in each["texts"])
        assert len(texts) == count - 1 and set(texts.values()) == {1}
        (tmp_path / "docs" / "new.md").write_text("# Kiln\n\nThe kiln is hot.\n")
        (tmp_path / "docs" / "copy.md").write_text("# Boat 3\n\nBoat 3 is at sea.")
        assert run(["index", *given, "--yes"], environ) == 0
        assert [each["texts"] for each in api.take()] == [["Kiln\n\n# Kiln\n\nThe kiln is hot."]]
        assert run(["index", *given, "--yes"], environ) == 0
        assert not api.take()


@pytest.mark.parametrize(
    ("embed", "found"),
    [
        ("{passages: embed-v4.0, dimensions: 2048}", "expected one of 256, 512, 1024, 1536 for embed-v4.0, found"),
        ("{passages: embed-english-light-v3.0, dimensions: 1024}", "expected 384 for embed-english-light-v3.0, found"),
        ("{dimensions: 384}", "expected one of 256, 512, 1024, 1536, 2048 for embed-v5.0-pro, found"),
    ],
)
def test_dimensions_that_a_model_has_not_are_a_problem(
    tmp_path: Path, embed: str, found: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", documents(tmp_path, 3, embed, "")], {"HOME": str(tmp_path)}) == 2
    assert found in capsys.readouterr().err


def test_a_model_of_fewer_dimensions_is_taken_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path), "CO_API_KEY": "a-key-of-a-test"}

    def answer(request: Received) -> Reply:
        assert "output_dimension" not in request.body
        texts = request.body["texts"]
        found = {"int8": [[1, -1] * 192] * len(texts), "ubinary": [[170] * 48] * len(texts)}
        return error(200, {"id": "1", "embeddings": found, "response_type": "embeddings_by_type"})

    given = ["--docs", documents(tmp_path, 3, "embed-english-light-v3.0", ""), "--json"]
    with serving(answer) as server:
        assert run(["index", *given, "--base-url", server.url, "--yes"], environ) == 0
        assert json.loads(capsys.readouterr().out)["embedded"] == 3
        assert run(["search", "boat", *given, "--base-url", server.url], environ) == 0
        assert json.loads(capsys.readouterr().out.splitlines()[0])["score"] == pytest.approx(1.0)
