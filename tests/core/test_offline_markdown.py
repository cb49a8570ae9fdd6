"""What the offline engine quotes is well-formed Markdown in its answer, whatever it was cut out of."""

from __future__ import annotations

import itertools
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.core.test_offline_grammar import Parsed, ask
from workbench.offline.quoting.flattening import flattened
from workbench.offline.quoting.quotable import units
from workbench.offline.quoting.quotation import in_backticks, is_open

PASSAGES = {
    "code": "To install the harbour tool, run:\n\n```sh\npip install harbour\n```\n\nIt takes a minute.",
    "code alone": "```python\nharbour = 1\nprint(harbour)\n```",
    "code without an end": "Harbour code:\n\n```python\nharbour = 1\n",
    "code in a list": "1. Install the harbour:\n\n    ```sh\n    pip install harbour\n    ```\n2. Start the harbour.",
    "code in a quote": "> The harbour example:\n> ```sh\n> harbour --go\n> ```\n> It ends.",
    "code behind a tab": "harbour\n\t```sh\n\tharbour x\n\t```",
    "code in code": "````md\n```sh\nharbour\n```\n````",
    "code behind a bullet": "- ~~~ sh\n  harbour --go\n  ~~~\n",
    "long code": "```python\n" + "\n".join(f"harbour{n} = `x{n}` # the harbour" for n in range(30)) + "\n```",
    "backticks that are no fence": "```harbour` is ok``` code",
    "table": "| Harbour | Price |\n|---|---:|\n| north `a\\|b` | 4 **euros** |\n| south harbour | 5 |",
    "table without bars at its ends": "Harbour | Price\n--- | ---\nnorth harbour | 4\nsouth | 5",
    "list": "The harbour has:\n\n- a **tower\n- the harbour [x](http://e) master\n  with a `hat\n- 1. nested harbour",
    "tasks": "- [ ] harbour todo\n- [x] harbour done\n* > harbour quote\n+ # harbour heading",
    "headings": "# Harbour tides\n\nThe harbour tide turns.\n\n## More harbour\n\nHarbour\n=======\nThe harbour again.",
    "HTML": "<div>The harbour <b>opens</b> at nine.</div>\n\n<details>\n<summary>Harbour</summary>\n\nmore harbour",
    "quote": "> The harbour is old,\n> and the harbour is deep. It is\n> said **to be\n> blue**.",
    "emphasis that is cut": "**Note: the harbour is closed. Go away.** The _harbour is. Open_ now.",
    "indented code": "The harbour:\n\n    # harbour comment\n    harbour = *args\n    ~~~\n\nDone.",
    "signs": "harbour\n---\nharbour is 1.\n***\nharbour\n\n--- harbour ---\n\n[harbour]: http://harbour.example",
    "maths": "The harbour costs $$x_1$$ and \\(a\\). The harbour $$\na = 1.\nb$$ Harbour \\[\na = 2.\nb\\]",
    "strikes": "harbour ~~gone~~ and ~~open harbour. The harbour~~ is new.",
}  # fmt: skip
QUESTIONS = ("Show me code of the harbour price", "What is the harbour?")
OTHER = {"id": "b", "data": {"title": "Other_*one", "text": "The harbour is big. `Harbour` masters live there."}}
FRAGMENTS = [
    "harbour ", "The harbour is open. ", "price ", "*", "**", "_", "`", "``", "```", "~~~", "~~", "\n", "\n\n", "- ",
    "1. ", "2) ", "> ", "    ", "  ", "# ", "---", "===", "|", "| a | b |\n|---|---|\n", "a | b\n--- | ---\n", "[l](http://e)",
    "[x]: http://y", "\t", "\\", "<b>", "python\n", "$$", "\\[", "\\]", "Code:\n", "harbour?\n", "x = harbour\n",
]  # fmt: skip
PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")
LAST = "Nothing is left open"


def document(text: str) -> dict[str, Any]:
    return {"id": "a", "data": {"title": "Ti_tle", "text": text}}


def tool(text: str) -> Parsed:
    """The answer from a tool's result."""
    return ask(
        [
            {"role": "user", "content": QUESTIONS[1]},
            {
                "role": "assistant",
                "tool_calls": [{"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}],
            },
            {"role": "tool", "tool_call_id": "c", "content": json.dumps({"result": text})},
        ]
    )


def is_well_formed(message: Parsed) -> None:
    """Fails where a block or a mark of the answer is not one that the engine meant."""
    tokens = PARSER.parse(f"{message.text}\n\n{LAST}")
    kinds = [token.type for token in tokens]
    assert tokens[-2].content == LAST, message.text
    assert not {"heading_open", "blockquote_open", "hr", "code_block", "ordered_list_open", "table_open"} & {*kinds}
    assert ("list_item_open", "list_item_close") not in list(itertools.pairwise(kinds)), message.text
    blocks = [cited for cited in message.cited if "\n" in cited]
    fences = [token for token in tokens if token.type == "fence"]
    assert len(fences) == len(blocks), message.text
    for fence, block in zip(fences, blocks, strict=True):
        assert fence.content.strip() in block, message.text
        assert fence.content.strip()
        assert fence.level == 0
    for token in tokens:
        assert_no_fence(token, message.text)


def assert_no_fence(token: Token, text: str) -> None:
    if token.type == "inline":
        first = (token.children or [token])[0]
        assert first.info == "escape" or not first.content.startswith(("```", "~~~")), text


@pytest.mark.parametrize("question", QUESTIONS)
@pytest.mark.parametrize("kind", PASSAGES)
def test_every_kind_of_passage_is_quoted_as_well_formed_markdown(kind: str, question: str) -> None:
    passage = document(PASSAGES[kind])
    for documents in ([passage], [passage, OTHER], [OTHER, {**passage, "id": "c"}]):
        is_well_formed(ask(question, documents=documents))
    is_well_formed(tool(PASSAGES[kind]))


@settings(deadline=None, derandomize=True, max_examples=150)
@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=25).map("".join))
def test_whatever_is_in_a_passage_the_answer_is_well_formed(text: str) -> None:
    for documents in ([document(text)], [document(text), OTHER]):
        is_well_formed(ask(QUESTIONS[1], documents=documents))
    is_well_formed(tool(text))


def test_code_below_a_title_stands_in_lines_of_its_own() -> None:
    message = ask(QUESTIONS[0], documents=[document(PASSAGES["code alone"]), OTHER])
    assert "**Ti\\_tle**:\n\n```python\nharbour = 1\nprint(harbour)\n```" in message.text
    assert "```python\nharbour = 1\nprint(harbour)\n```" in message.cited


def test_code_that_was_cut_ends_in_the_answer_and_not_in_what_is_cited() -> None:
    message = ask(QUESTIONS[0], documents=[document(PASSAGES["code without an end"])])
    assert message.text.endswith("```python\nharbour = 1\n```")
    assert message.cited[-1] == "```python\nharbour = 1"


def test_what_a_line_introduces_keeps_its_order() -> None:
    text = "The harbour needs this code:\n\n```\nharbour = 1\n```\n\n- a gate\n\n```\ngate = 2\n```\n- a tide"
    answer = ask("What code does the harbour need?", documents=[document(text)]).text
    assert answer.endswith("code:\n\n```\nharbour = 1\n```\n\n- a gate\n\n```\ngate = 2\n```\n\n- a tide")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (PASSAGES["table without bars at its ends"], ["Harbour: north harbour, Price: 4", "Harbour: south, Price: 5"]),
        ("> It is\n> old.\n>> Very\n>> old.", ["It is old.", "Very old."]),
        ("- ```sh\n  a\n    b\n  ```", ["```sh\na\n  b\n```"]),
        ("> ```\n> a\n\nNext.", ["```\na\n```", "Next."]),
        ("- 1. one", ["one"]),
        ("a > b, c | d", ["a > b, c | d"]),
    ],
)
def test_what_stands_around_a_block_is_no_part_of_it(text: str, found: list[str]) -> None:
    assert [unit.text for unit in units(text)] == found


def test_what_is_in_code_stays_as_it_is() -> None:
    code = "````md\n> a\n| b\n```\nx | y\n--- | ---\n````"
    assert flattened(code) == code


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("**a** `b*` snake_case 2 * 3 [x](y) \\*", False),
        ("**a", True),
        ("a `b", True),
        ("a_ b", True),
        ("[a", True),
        ("$$ a", True),
        ("*a **b** c*", False),
    ],
)  # fmt: skip
def test_a_mark_without_its_other_end_is_found(text: str, opens: bool) -> None:
    assert is_open(text) == opens


@pytest.mark.parametrize(("code", "shown"), [("x", "`x`"), ("a`b", "``a`b``"), ("`a``", "``` `a`` ```")])
def test_code_in_a_line_has_as_many_backticks_as_it_needs(code: str, shown: str) -> None:
    assert in_backticks(code) == shown
