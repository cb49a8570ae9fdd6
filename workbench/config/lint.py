"""What of some settings a server is likely to refuse: by what is known of the model, and of fields that exclude others.

Owns the rules and their words. A finding warns: nothing that is asked is ever held back for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from workbench.config.model_facts import FACTS, Feature, ModelFacts
from workbench.config.settings_model import Settings

LEAST_BESIDE_THINKING: Final = 1000  # tokens that an answer needs beside what is thought

_NEEDS: Final[tuple[tuple[str, Feature, str], ...]] = (
    ("tool_choice", "tool_choice", "takes no tool_choice"),
    ("strict_tools", "strict_tools", "has no strict tools"),
    ("logprobs", "logprobs", "gives no log probabilities"),
    ("thinking", "reasoning", "does not reason"),
    ("thinking_budget", "reasoning", "does not reason"),
    ("safety_mode", "safety_modes", "has no safety modes"),
    ("citations", "citations", "does not cite"),
)
_ASKS_FOR_NOTHING: Final = (None, False, "off", "disabled")


@dataclass(frozen=True, slots=True)
class Lint:
    """A finding about the setting `name`; `rule` is its name for scripts."""

    rule: str
    name: str
    message: str


def lint(settings: Settings, *, documents: bool = False, tools: bool = False) -> tuple[Lint, ...]:
    """What may be refused of the settings, sent with documents and tools or without."""
    facts = FACTS.get(settings.model)
    of_model = _of_model(settings, facts, tools=tools) if facts is not None else ()
    return (*of_model, *_excluding(settings, documents=documents, tools=tools))


def _of_model(settings: Settings, facts: ModelFacts, *, tools: bool) -> Iterator[Lint]:
    model = settings.model
    if facts.retired:
        yield Lint("retired-model", "model", f"{model} was {facts.retired}")
        return
    for name, feature, lacks in _NEEDS:
        if getattr(settings, name) not in _ASKS_FOR_NOTHING and feature not in facts.features:
            yield Lint("feature", name, f"{model} {lacks}")
    if tools and "tools" not in facts.features:
        yield Lint("feature", "model", f"{model} calls no tools, and there are some")
    wire = settings.response_format.wire if settings.response_format is not None else {}
    if wire.get("type") not in (None, "text"):
        needed: Feature = "json_schema" if wire.get("json_schema") else "json_mode"
        if needed not in facts.features:
            what = "follows no JSON Schema" if needed == "json_schema" else "has no JSON mode"
            yield Lint("feature", "response_format", f"{model} {what}")
    if (tokens := settings.max_tokens) is not None and tokens > facts.most_output:
        yield Lint("range", "max_tokens", f"{model} writes {facts.most_output:,} tokens at most")
    budget = settings.thinking_budget
    if budget is not None and "reasoning" in facts.features:
        most = min(settings.max_tokens or facts.most_output, facts.most_output)
        if budget > most - LEAST_BESIDE_THINKING:
            left = f"{LEAST_BESIDE_THINKING:,} tokens for the answer"
            yield Lint("range", "thinking_budget", f"of {most:,} tokens, it leaves less than {left}")


def _excluding(settings: Settings, *, documents: bool, tools: bool) -> Iterator[Lint]:
    sent = " and ".join(filter(None, ("documents" if documents else "", "tools" if tools else "")))
    asked = settings.response_format
    if sent and asked is not None and asked.wire.get("type") not in (None, "text"):
        yield Lint("excludes", "response_format", f"not supported together with {sent}")
    if sent and settings.safety_mode not in (None, "off"):
        yield Lint("excludes", "safety_mode", f"not supported together with {sent}")
    if settings.tool_choice is not None and not tools:
        yield Lint("excludes", "tool_choice", "there are no tools to choose")
    if settings.thinking is False and settings.thinking_budget is not None:
        yield Lint("excludes", "thinking_budget", "thinking is turned off")
