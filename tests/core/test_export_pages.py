"""Documents of a session: whatever is in it, a page runs nothing, and a document of Markdown keeps its shape."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.exporting import answered, citation, document, full_of, page, session_of, turn_of
from tests.hostile import ACTIVE, MARKUP, PAYLOADS
from workbench.documents.passages import Passage
from workbench.events import Request
from workbench.safe_text import safe_text
from workbench.sessions.export.answer_html import Marked, answer_html
from workbench.sessions.export.answer_markdown import Number, numbered_answer

OURS = {
    "html", "head", "meta", "title", "style", "body", "main", "header", "nav", "article", "section", "div", "span",
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "a", "sup", "b", "ol", "ul", "li", "pre", "code", "em", "strong", "s",
    "table", "thead", "tbody", "tr", "td", "th", "blockquote", "hr", "br", "details", "summary", "mark", "svg", "rect",
}  # fmt: skip
VOID = {"meta", "br", "hr", "rect"}
ATTRIBUTES = {
    "class", "id", "href", "lang", "charset", "name", "content", "http-equiv", "aria-label", "aria-hidden", "open",
    "start", "viewbox", "preserveaspectratio", "x", "y", "width", "height",
}  # fmt: skip
CLASSES = {
    "dim", "question", "plain", "answer", "ended", "source", "passage", "cited", "address", "number", "bar", "step",
    "wide", "events",
}  # fmt: skip


class Page(HTMLParser):
    """What a browser reads: every element closed in its order, what links where, and all text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[tuple[str, str]] = []  # (the last id before a link, where it leads)
        self.text = ""
        self.cited = ""
        self.metas: list[dict[str, str | None]] = []
        self._marked: list[bool] = []
        self.feed(text)
        self.close()
        assert self.open == []
        assert len(self.ids) == len(set(self.ids))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        assert tag in OURS
        assert set(said) <= ATTRIBUTES
        assert set((said.get("class") or "").split()) <= CLASSES
        if tag == "meta":
            self.metas.append(said)
        if "id" in said:
            self.ids.append(said["id"] or "")
        if tag == "a":
            assert (said["href"] or "").startswith("#")
            self.links.append((self.ids[-1] if self.ids else "", (said["href"] or "")[1:]))
        else:
            assert "href" not in said
        if tag not in VOID:
            self.open.append(tag)
            self._marked.append(said.get("class") == "cited")

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag
            self._marked.pop()

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
            self.cited += data if True in self._marked else ""


HOSTILE = [*(pytest.param(text, id=name) for name, text in PAYLOADS.items()), *ACTIVE, *MARKUP]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_hostile_is_shown_and_does_nothing(text: str) -> None:
    written = page(full_of(text))
    read = Page(written)
    assert {each["http-equiv"] for each in read.metas if "http-equiv" in each} == {"Content-Security-Policy"}
    assert {target for _, target in read.links} <= set(read.ids)
    assert not any(each in written for each in ("<script", "<img", "<iframe", 'href="http'))
    assert written.isprintable() or all(c.isprintable() or c in "\n\t\u200d\u3000\xa0" for c in written)
    assert read.text.count(safe_text(text)) >= 8  # question, thinking, plan, passage, path, call, result, printed, ...


@pytest.mark.parametrize("text", ACTIVE)
def test_what_may_be_fetched_or_run_is_kept_from_it_by_the_policy(text: str) -> None:
    policy = next(each["content"] or "" for each in Page(page(full_of(text))).metas if "http-equiv" in each)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy


def test_a_citation_leads_to_its_passage_and_back() -> None:
    passages = [Passage(id=name, set="s", title=f"Title {name}", text=f"passage of {name}") for name in ("a", "b", "c")]
    text = "Nine o'clock, **and ten** on Saturdays."
    turn = answered(
        text,
        citation(0, "Nine", {"type": "document", "id": "b"}),
        citation(14, "**and ten**", {"type": "document", "id": "a"}, {"type": "document", "id": "b"}),
        citation(500, "nowhere", {"type": "document", "id": "a"}),
        sent=passages,
    )
    read = Page(page(session_of(turn)))
    assert read.cited == "Nineand ten"
    there = {(at, to) for at, to in read.links if "-c" in at and "-s" in to}
    back = {(to, at) for at, to in read.links if "-s" in at and "-c" in to}
    assert there == {("t1-c0", "t1-s1"), ("t1-c1", "t1-s2"), ("t1-c1", "t1-s1"), ("t1-c2", "t1-s2")}
    assert back == there
    assert "2 cited of 3" in read.text
    assert "nowhere [2] (found nowhere)" in read.text


def test_the_words_that_are_cited_are_marked_in_their_passage() -> None:
    passage = Passage(
        id="a", set="s", title="T", text="first line\nopens at <nine> o'clock\nlast", path="g.md", lines=(4, 6)
    )
    turn = answered(
        "It opens at <nine>.", citation(3, "opens at <nine>", {"type": "document", "id": "a"}), sent=[passage]
    )
    written = page(session_of(turn))
    assert "first line\n<mark>opens at &lt;nine&gt;</mark> o&#x27;clock" in written
    assert "g.md:5<" in written
    assert "`g.md:5`" in document(session_of(turn))


def test_numbers_stand_behind_what_is_cited() -> None:
    written = answer_html("One `two` three.\n\n```\ncode\n```\n\n| a | a |\n|--|--|\n| b | c |", [
        Marked(0, 7, "<1>"), Marked(22, 26, "<2>"), Marked(38, 39, "<3>"),
    ])  # fmt: skip
    assert '<code><span class="cited">tw</span>o</code><1> three' in written
    assert '<span class="cited">code</span>\n</code></pre><2>' in written
    assert '<th>a</th><th><span class="cited">a</span><3></th>' in written


words = st.sampled_from(
    ["one ", "**two** ", "`three` ", "*", "`", "**", "```\n", "\n", "\n\n", "- ", "> ", "1. ", "| a | b |\n|--|--|\n| ",
     "# ", "[l](http://x) ", "<b>", "&amp;", "\\", "$x$ ", "\t", "![p](q)", "~~s~~ ", "ü🌈 ", "]", "[1]: x\n", "\r\n",
     "    "]
)  # fmt: skip
answers = st.lists(words, max_size=25).map("".join)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(answers, st.lists(st.tuples(st.integers(0, 80), st.integers(0, 20)), max_size=4))
def test_any_answer_is_whole_and_each_number_is_in_it_once(text: str, spans: list[tuple[int, int]]) -> None:
    places = [(min(begin, len(text)), min(begin + length, len(text))) for begin, length in spans]
    marks = [Marked(begin, end, f"<sup>№{place}</sup>") for place, (begin, end) in enumerate(places)]
    read = Page(answer_html(text, marks))
    for place in range(len(marks)):
        assert read.text.count(f"№{place}") == 1
    for letter in "ü🌈":
        assert read.text.count(letter) == text.count(letter)
    marked = [letter for letter in "ü🌈" for begin, end in places if letter in text[begin:end]]
    assert all(letter in read.cited for letter in marked)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(answers, st.lists(st.integers(0, 100), max_size=3))
@example("one one ````\n", [10])
@example("\\<b>", [1])
@example("<b>", [0])
@example("```\n\n", [0])
@example("\t\r\n", [1])
@example("$`a$ `<b>`", [2])
def test_numbers_change_nothing_else_of_an_answer(text: str, ends: list[int]) -> None:
    written = numbered_answer(text, [Number(min(end, len(text)), f"№{place}") for place, end in enumerate(ends)])
    for place in range(len(ends)):
        assert written.count(f"№{place}") == 1
    assert code_of(written) == code_of(numbered_answer(text, []))
    assert not {"html_block", "html_inline", "image"} & set(kinds_of(written))
    assert kinds_of(f"{written}\n\n## behind")[-4:] == ["heading_open", "inline", "text", "heading_close"]


def kinds_of(markdown: str) -> list[str]:
    """The tokens of a document as a reader of Markdown with HTML has them."""
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)
    return [each.type for token in tokens for each in (token, *(token.children or ()))]


def code_of(markdown: str) -> list[str]:
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)
    both = (each for token in tokens for each in (token, *(token.children or ())))
    return [each.content.rstrip("\n") for each in both if each.type in ("code_inline", "fence", "code_block")]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_document_keeps_its_shape(text: str) -> None:
    written = document(full_of(text))
    kinds = kinds_of(written)
    assert not {"html_block", "html_inline", "image"} & set(kinds)
    tokens = MarkdownIt("commonmark").parse(written)
    headings = [
        inline.content for token, inline in pairwise(tokens) if token.type == "heading_open" and token.level == 0
    ]
    ours = ["Session `20260131-091500-abcdef`", "Turn 1", "Plan", "Tool calls", "Answer", "Sources"]
    assert [each for each in headings if each in ours] == ours
    assert all(c.isprintable() or c in "\n\t\u200d\u3000\xa0" for c in written)


def test_a_document_has_question_answer_numbers_and_passages() -> None:
    passage = Passage(id="a", set="s", title="Guide *x*", text="```\nfenced\n```", path="a_b.md", lines=(3, 4))
    turn = answered("It opens at **nine**.", citation(12, "**nine**", {"type": "document", "id": "a"}), sent=[passage])
    written = document(session_of(turn))
    assert "It opens at **nine**[1].\n" in written
    assert "[1] **Guide \\*x\\*** · `a_b.md:3-4`\n\n````text\n```\nfenced\n```\n````\n" in written
    assert "```text\nq\n```\n" in written


def test_a_code_that_does_not_end_ends_with_the_answer() -> None:
    assert numbered_answer("so:\n\n~~~~py\nx = 1", [Number(17, "[1]")]) == "so:\n\n~~~~py\nx = 1\n~~~~\n\n[1]\n\n"


def test_a_request_is_shown_behind_the_one_before() -> None:
    first: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "first question"}]}
    more = [*first["messages"], {"role": "user", "content": "second question"}]
    asked = turn_of([Request(step=1, body=first), Request(step=2, body={"model": "m", "messages": more})])
    written = page(session_of(asked))
    assert written.count("first question") == 1
    assert "request of step 2, behind 1 of the messages before it" in written
