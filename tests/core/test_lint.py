"""What settings are warned of: by the model, and by one another. A model that is not known is let be."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.config.lint import lint
from workbench.config.model_facts import FACTS
from workbench.config.response_format import ResponseFormat
from workbench.config.settings_model import OF_NAME, Settings

SCHEMA = ResponseFormat({"type": "json_object", "json_schema": {"type": "object"}})


@pytest.mark.parametrize(
    ("settings", "sent", "found"),
    [
        ({"tool_choice": "none"}, {"tools": True}, []),
        ({"model": "command-a-plus-05-2026", "tool_choice": "none"}, {"tools": True}, [("feature", "tool_choice")]),
        ({"tool_choice": "none"}, {}, [("excludes", "tool_choice")]),
        ({"logprobs": True}, {}, [("feature", "logprobs")]),
        ({"logprobs": False}, {}, []),
        ({"model": "command-r7b-12-2024", "logprobs": True}, {}, []),
        ({"thinking": True}, {}, [("feature", "thinking")]),
        ({"thinking": False}, {}, []),
        ({"model": "command-a-reasoning-08-2025", "thinking_budget": 2000}, {}, []),
        ({"model": "command-a-reasoning-08-2025", "thinking_budget": 31_500}, {}, [("range", "thinking_budget")]),
        (
            {"model": "command-a-reasoning-08-2025", "thinking_budget": 2000, "max_tokens": 2500},
            {},
            [("range", "thinking_budget")],
        ),
        ({"max_tokens": 8001}, {}, [("range", "max_tokens")]),
        ({"max_tokens": 8000}, {}, []),
        ({"model": "north-mini-code-1-0", "response_format": SCHEMA}, {}, [("feature", "response_format")]),
        ({"response_format": SCHEMA}, {"documents": True}, [("excludes", "response_format")]),
        ({"response_format": ResponseFormat({"type": "text"})}, {"documents": True}, []),
        ({"safety_mode": "strict"}, {"tools": True}, [("excludes", "safety_mode")]),
        ({"model": "command-r", "temperature": 1.0}, {}, [("retired-model", "model")]),
        ({"model": "command-a-vision-07-2025"}, {"tools": True}, [("feature", "model")]),
        ({"model": "of-my-own", "logprobs": True, "max_tokens": 900_000}, {}, []),
    ],
)
def test_what_is_found(settings: dict[str, Any], sent: dict[str, bool], found: list[tuple[str, str]]) -> None:
    findings = lint(Settings(**settings), **sent)
    assert [(each.rule, each.name) for each in findings] == found
    assert all(each.message and "\n" not in each.message for each in findings)


def test_every_model_that_is_suggested_is_known_and_answers() -> None:
    assert all(not FACTS[name].retired for name in OF_NAME["model"].usual)


def test_no_setting_is_refused_for_a_finding() -> None:
    """The defaults are fit for every model that answers."""
    assert not [each for name, facts in FACTS.items() if not facts.retired for each in lint(Settings(model=name))]
