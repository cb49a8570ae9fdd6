"""What is known of Cohere's models: what each can do and how much it writes at most, as of November 2026.

Facts to warn by, never to refuse by: a model that is not named here may be anything, and a server knows better.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Feature = Literal[
    "citations", "json_mode", "json_schema", "logprobs", "reasoning", "safety_modes", "strict_tools", "tool_choice",
    "tools", "vision",
]  # fmt: skip
"""As the list of models that the API gives names them."""


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """`context` and `most_output` are in tokens. `retired` says since when it is gone, "" for one that answers."""

    features: frozenset[Feature]
    context: int
    most_output: int
    retired: str = ""


def _facts(context: int, most_output: int, *features: Feature, retired: str = "") -> ModelFacts:
    return ModelFacts(frozenset(features), context * 1000, most_output * 1000, retired)


_OF_R: Final[tuple[Feature, ...]] = (
    "logprobs", "json_mode", "json_schema", "strict_tools", "safety_modes", "tools", "tool_choice", "citations",
)  # fmt: skip
_GONE: Final = "removed in September 2025"

FACTS: Final[Mapping[str, ModelFacts]] = MappingProxyType(
    {
        "command-a-plus-05-2026": _facts(
            128, 64, "logprobs", "json_mode", "json_schema", "strict_tools", "safety_modes", "tools", "reasoning",
            "vision", "citations",
        ),
        "command-a-03-2025": _facts(
            256, 8, "json_mode", "json_schema", "strict_tools", "safety_modes", "tools", "tool_choice", "citations"
        ),
        "command-a-reasoning-08-2025": _facts(
            256, 32, "json_mode", "json_schema", "strict_tools", "safety_modes", "tools", "reasoning", "citations"
        ),
        "command-a-vision-07-2025": _facts(
            128, 8, "vision", "logprobs", "json_mode", "json_schema", "strict_tools", "safety_modes", "citations"
        ),
        "command-a-translate-08-2025": _facts(
            8, 8, "json_mode", "json_schema", "safety_modes", "tools", "tool_choice", "citations"
        ),
        **dict.fromkeys(
            ("command-r-plus-08-2024", "command-r-08-2024", "command-r7b-12-2024", "command-r7b-arabic-02-2025"),
            _facts(128, 4, *_OF_R),
        ),
        "north-mini-code-1-0": _facts(256, 64, "logprobs", "strict_tools", "safety_modes", "tools", "reasoning"),
        "c4ai-aya-expanse-32b": _facts(128, 4),
        "c4ai-aya-vision-32b": _facts(16, 4, "logprobs", "vision", "citations"),
        "c4ai-aya-expanse-8b": _facts(8, 4, retired="retired in April 2026"),
        "c4ai-aya-vision-8b": _facts(16, 4, "vision", retired="retired in April 2026"),
        **dict.fromkeys(
            ("command-light", "command", "command-r", "command-r-plus"), _facts(128, 4, *_OF_R, retired=_GONE)
        ),
    }
)  # fmt: skip
"""By the names that the API has for them."""
