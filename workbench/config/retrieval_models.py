"""The models of a set's retrieval: `embed:`, which makes vectors, and `rerank:`, in every form they are written in.

Owns which models go together: vectors of questions and passages must be of one space.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, get_args

from workbench.config.nodes import Map, Node, Scalar
from workbench.config.schema_parts import TEXT, Schema, closed, optional, optional_value
from workbench.config.typed_reading import Fields, Reader, described
from workbench.documents.passages import Candidates, EmbedSpec, RerankSpec

EMBED_KEYS: Final = ("passages", "questions", "dimensions")
RERANK_KEYS: Final = ("model", "candidates", "over")
DIMENSIONS: Final = (256, 384, 512, 1024, 1536, 2048)
OVER: Final[Mapping[str, Candidates]] = {each: each for each in get_args(Candidates)}
MOST_CANDIDATES: Final = 1000
_SIZES: Final = (  # the first of which a model has where none is asked for
    (re.compile(r"embed-.*light.*v3"), (384,)),
    (re.compile(r"embed-.+-v3"), (1024,)),
    (re.compile(r"embed-v4"), (1024, 256, 512, 1536)),
    (re.compile(r""), (1024, 256, 512, 1536, 2048)),
)
_FAMILY: Final = re.compile(r"(embed-.*?v\d+)")
_STANDARD: Final = EmbedSpec()


def embed_of(node: Node, reader: Reader) -> EmbedSpec:
    """A model for both, or `{passages, questions, dimensions}`."""
    if not isinstance(node, Map):
        model = reader.text(node)
        return EmbedSpec(model, model, _sizes_of(model)[0]) if model else EmbedSpec()
    fields = Fields(node, reader, EMBED_KEYS, "`embed`")
    found = {name: reader.text(each) for name in EMBED_KEYS[:2] if (each := fields.get(name))}
    passages, questions = found.get("passages"), found.get("questions")
    model = passages or _beside(questions, _STANDARD.passages)
    dimensions, sizes = fields.get("dimensions"), _sizes_of(model)
    size = (_dimensions(dimensions, model, sizes, reader) if dimensions else None) or sizes[0]
    spec = EmbedSpec(model, questions or _beside(passages, _STANDARD.questions), size)
    if _family(spec.passages) != _family(spec.questions):
        message = f"{spec.passages} and {spec.questions} make vectors of different spaces, which cannot be compared"
        reader.findings.add(node, message, "name models of one family, such as embed-v5.0-pro and embed-v5.0-fast")
    return spec


def rerank_of(node: Node, reader: Reader) -> RerankSpec:
    """A model, or `{model, candidates, over}`."""
    standard = RerankSpec()
    if not isinstance(node, Map):
        return RerankSpec(reader.text(node) or standard.model)
    fields = Fields(node, reader, RERANK_KEYS, "`rerank`")
    model, candidates, over = fields.get("model"), fields.get("candidates"), fields.get("over")
    chosen = reader.choice(over, OVER) if over else None
    return RerankSpec(
        (reader.text(model) if model else None) or standard.model,
        (reader.integer(candidates, 1, MOST_CANDIDATES) if candidates else None) or standard.candidates,
        OVER[chosen] if chosen else standard.over,
    )


def _beside(model: str | None, standard: str) -> str:
    """The model that goes with the other one, where that alone is named."""
    return standard if model is None or _family(model) == _family(standard) else model


def _family(model: str) -> str:
    found = _FAMILY.search(model)
    return found[1] if found else model


def _sizes_of(model: str) -> tuple[int, ...]:
    """How many numbers the vectors of a model can have, the usual one first."""
    return next(sizes for pattern, sizes in _SIZES if pattern.match(model))


def _dimensions(node: Node, model: str, sizes: tuple[int, ...], reader: Reader) -> int | None:
    found = reader.resolved(node)
    value = found.value if isinstance(found, Scalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and value in sizes:
        return value
    if found is not None:
        listed = f"one of {', '.join(map(str, sorted(sizes)))}" if len(sizes) > 1 else str(sizes[0])
        message = f"expected {listed} for {model}, found {described(found)}"
        reader.findings.add(found, message, f"leave it out for {sizes[0]}")
    return None


def embed_schema() -> Schema:
    """The schema of `embed`."""
    meanings: dict[str, Any] = {
        "passages": optional(TEXT, "The model that makes the vectors of passages."),
        "questions": optional(TEXT, "The model that makes those of questions, of the same family."),
        "dimensions": optional_value({"enum": list(DIMENSIONS)}, "How many numbers a vector has."),
    }
    whole = closed({key: meanings[key] for key in EMBED_KEYS})
    return optional({"anyOf": [TEXT, whole]}, "The models that make vectors, for the modes vector and hybrid.")


def rerank_schema() -> Schema:
    """The schema of `rerank`."""
    meanings: dict[str, Any] = {
        "model": optional(TEXT, "The model that ranks."),
        "candidates": optional_value(
            {"type": "integer", "minimum": 1, "maximum": MOST_CANDIDATES}, "How many passages it ranks."
        ),
        "over": optional_value({"enum": list(OVER)}, "How these are found."),
    }
    whole = closed({key: meanings[key] for key in RERANK_KEYS})
    return optional({"anyOf": [TEXT, whole]}, "The model that ranks what was found, for the mode rerank.")
