"""Every format from its text: titles, passages with their exact lines, fields, and located problems."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.documents.formats import PARSERS
from workbench.documents.passages import SplitSpec
from workbench.documents.source_lines import Parsed, SourceFile
from workbench.documents.split import SplitPiece, split


def parse(extension: str, text: str) -> Parsed:
    return PARSERS[extension](SourceFile(text, "folder/page" + extension, "page"))


def pieces(extension: str, text: str, max_words: int = 300) -> list[SplitPiece]:
    parsed = parse(extension, text)
    assert parsed.problems == ()
    return [piece for doc in parsed.documents for piece in split(doc.blocks, SplitSpec(max_words=max_words))]


def outline(extension: str, text: str) -> list[tuple[str, tuple[int, int] | None]]:
    return [(piece.title, piece.lines) for piece in pieces(extension, text)]


def faults(parsed: Parsed) -> list[tuple[int, int]]:
    assert all(problem.file.startswith("folder/page") and problem.message for problem in parsed.problems)
    return [(problem.line, problem.column) for problem in parsed.problems]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# Guide\n\n## Hours\nNine.\n\n### Late\nTen.\n## Fees\nFour.", [
            ("Guide › Hours", (1, 4)), ("Guide › Hours › Late", (6, 7)), ("Guide › Fees", (8, 9))]),
        ("Intro.\n\n## Hours\n\nNine.\n", [("page", (1, 1)), ("page › Hours", (3, 5))]),
        ("---\ntitle: 'The  Guide'\ntags: [a]\n---\n# Start\ntext", [("The Guide › Start", (5, 6))]),
        ("---\ntitle: Guide\n---\n\ntext", [("Guide", (5, 5))]),
        ("---\ntitle: Guide\n---\n# Guide\n## In\ntext", [("Guide › In", (4, 6))]),
        ("---\n\nnot front matter\n\n---\n", [("page", (1, 5))]),
        ("Guide\n=====\n\nHours\n-----\nNine.", [("Guide › Hours", (1, 6))]),
        ("# A `b` **c** [d](http://x) ## {#id}\ntext", [("A b c d ##", (1, 2))]),
        ("## Closed ##\ntext", [("page › Closed", (1, 2))]),
        ("# One\na\n# Two\nb", [("One", (1, 2)), ("Two", (3, 4))]),
        ("#nospace\n\n```\n# not a heading\n```\n", [("page", (1, 5))]),
        ("# Only a heading", [("Only a heading", (1, 1))]),
        ("- item\n---\n- item", [("page", (1, 3))]),
        ("", []),
        ("\n \n\t\n", []),
    ],
)  # fmt: skip
def test_markdown_titles_and_lines(text: str, expected: list[tuple[str, tuple[int, int]]]) -> None:
    assert outline(".md", text) == expected
    assert outline(".markdown", text) == expected


def test_a_fence_stays_with_the_paragraph_that_introduces_it() -> None:
    text = "One two three.\n\nRun this:\n\n```sh\na b\n\n# c d\n```\n\nLast words here now."
    assert [piece.text.split("\n")[0] for piece in pieces(".md", text, max_words=9)] == [
        "One two three.",
        "Run this:",
        "Last words here now.",
    ]
    assert [piece.lines for piece in pieces(".md", text, max_words=9)] == [(1, 1), (3, 9), (11, 11)]


def test_a_fence_too_long_is_cut_at_its_lines() -> None:
    code = "\n".join(f"line {n} of code" for n in range(10))
    found = pieces(".md", f"```\n{code}\n```", max_words=9)
    assert [piece.lines for piece in found] == [(1, 3), (4, 5), (6, 7), (8, 9), (10, 12)]
    assert found[1].text == "line 2 of code\nline 3 of code"


def test_a_fence_that_never_ends_and_a_list_in_pieces() -> None:
    assert pieces(".md", "a\n\n```\n# b\n\nc\n\n")[0].lines == (1, 6)
    found = pieces(".md", "- one two. Three four\n- five six seven\n- eight", max_words=5)
    assert [(piece.text, piece.lines) for piece in found] == [
        ("- one two. Three four", (1, 1)),
        ("- five six seven", (2, 2)),
        ("- eight", (3, 3)),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=====\nGuide\n=====\n\nHours\n-----\nNine.\n\nFees\n----\nFour.\n\nLate\n~~~~\nTen.", [
            ("Guide › Hours", (1, 7)), ("Guide › Fees", (9, 11)), ("Guide › Fees › Late", (13, 15))]),
        ("Intro::\n\n    code\n\nmore", [("page", (1, 5))]),
        ("text\n\n----\n\nmore", [("page", (1, 5))]),
        ("=== ===\na   b\n=== ===", [("page", (1, 3))]),
        ("", []),
    ],
)  # fmt: skip
def test_rst_titles_and_lines(text: str, expected: list[tuple[str, tuple[int, int]]]) -> None:
    assert outline(".rst", text) == expected


def test_plain_text_is_paragraphs() -> None:
    found = pieces(".txt", "\n\nfirst one\nhere\n\n\n# not a heading\n", max_words=4)
    assert [(piece.text, piece.lines, piece.title) for piece in found] == [
        ("first one\nhere", (3, 4), "page"),
        ("# not a heading", (7, 7), "page"),
    ]


HTML = """<!doctype html><html><head><title>The &amp; Guide</title><style>p{}</style>
<script>var x = "<p>hidden</p>";</script></head><body>
<h1>Welcome</h1>
<h2>Opening
 hours</h2>
<p>At <b>nine</b> o'clock,<br>caf&eacute; later.</p>
<ul><li>Monday</li><li><p>Tuesday</p></li></ul>
<table><tr><th>Day</th><td>Time</td></tr>
<tr><td>Sun</td><td>10</td></tr></table>
<pre>
  two
    spaces
</pre>
</body></html>"""


def test_html() -> None:
    (piece,) = pieces(".html", HTML)
    assert piece.title == "The & Guide › Welcome › Opening hours"
    assert piece.lines == (3, 12)
    assert piece.text.split("\n") == [
        "Welcome",
        "",
        "Opening hours",
        "",
        "At nine o'clock,",
        "café later.",
        "- Monday",
        "- Tuesday",
        "Day | Time",
        "Sun | 10",
        "",
        "  two",
        "    spaces",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>never <b>closed", ["never closed"]),
        ("<h1>a<p>b<li>c<td>d", ["a", "b", "c", "d"]),
        ("plain < text & more", ["plain < text & more"]),
        ("before<script>alert(1)</p>", ["before"]),
        ("<p>a</p></script></p></div>b", ["a", "b"]),
        ("<p hidden='<p>'>x</p><!-- c --><!-- open", ["x", "<!-- open"]),
        ("", []),
        ("<p></p><br/>&nbsp;", []),
    ],
)
def test_broken_html_keeps_its_text(text: str, expected: list[str]) -> None:
    found = "\n".join(piece.text for piece in pieces(".htm", text))
    words = " ".join(found.split())
    assert all(part in words for part in expected)
    assert "alert" not in words
    assert bool(words) == bool(expected)


@pytest.mark.parametrize("part", ["<", "<!--", "<a ", "<![", "<a href='", "<!doctype ", "<p>", "</", "<?", "&"])
@pytest.mark.parametrize("end", ["", ">", "-->"])
def test_endless_html_ends(part: str, end: str) -> None:
    parse(".html", part * 50_000 + end)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('["plain", {"id": "a", "data": {"snippet": "s", "url": "u"}},\n {"id": 7, "title": "T", "text": "x"}]', [
            (None, {"text": "plain"}, "page, item 1", (1, 1)),
            ("a", {"snippet": "s", "url": "u"}, "page, item 2", (1, 1)),
            ("7", {"title": "T", "text": "x"}, "T", (2, 2))]),
        ('\n{"name": "Ann",\n "age": 4}', [(None, {"name": "Ann", "age": 4}, "page, item 1", (2, 3))]),
        ('{"documents": [{"text": "a"}, "b"]}', [
            (None, {"text": "a"}, "page, item 1", (1, 1)), (None, {"text": "b"}, "page, item 2", (1, 1))]),
        ('[{"id": "d", "data": "just text"}]', [("d", {"text": "just text"}, "page, item 1", (1, 1))]),
        ('[{"text": "\\ud800x", "n": NaN, "m": 1e999}]', [
            (None, {"text": "�x", "n": "NaN", "m": "1e999"}, "page, item 1", (1, 1))]),
        ("[]", []),
        ("", []),
    ],
)  # fmt: skip
def test_json_documents(text: str, expected: list[tuple[str | None, dict[str, Any], str, tuple[int, int]]]) -> None:
    parsed = parse(".json", text)
    assert parsed.problems == ()
    assert [(d.id, d.data, d.title, d.blocks[0].lines) for d in parsed.documents] == expected
    for document in parsed.documents:
        json.dumps(document.data, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("text", "documents", "places"),
    [
        ('[{"text": "a"},\n  {"text": }]', 1, [(2, 12)]),
        ('["a",\n 5, null, ["x"], "b"]', 2, [(2, 2), (2, 5), (2, 11)]),
        ('["a"', 1, [(1, 5)]),
        ('["a" "b"]', 1, [(1, 6)]),
        ("{", 0, [(1, 2)]),
        ('{"text": "a"}\n{"text": "b"}', 1, [(2, 1)]),
        ("[" * 1000 + "]" * 1000, 0, [(1, 101)]),
        ('[\n{"a":' * 1000, 0, [(51, 6)]),
        ('"' + "\\" * 99_999, 0, [(1, 1)]),
        ("12", 0, [(1, 1)]),
    ],
)
def test_json_problems_are_located_and_the_rest_is_kept(
    text: str, documents: int, places: list[tuple[int, int]]
) -> None:
    parsed = parse(".json", text)
    assert faults(parsed) == places
    assert len(parsed.documents) == documents


def test_json_lines() -> None:
    text = '{"id": "a", "text": "x"}\n\n{"text": \n  "plain"\n{"text": "y"} z\n' + "[" * 1000 + "\n3\n"
    parsed = parse(".jsonl", text)
    assert [(d.id, d.blocks[0].lines) for d in parsed.documents] == [("a", (1, 1)), (None, (4, 4))]
    assert faults(parsed) == [(3, 10), (5, 15), (6, 101), (7, 1)]


@pytest.mark.parametrize(
    ("extension", "text", "expected"),
    [
        (".csv", 'id,title,text\n1,Hours,"Nine, or\nten"\n\n2,Fees,Four\n', [
            ("1", {"title": "Hours", "text": "Nine, or\nten"}, (2, 3)),
            ("2", {"title": "Fees", "text": "Four"}, (5, 5))]),
        (".csv", "name;price\nTea;2\nCake;\n", [
            (None, {"name": "Tea", "price": "2"}, (2, 2)), (None, {"name": "Cake"}, (3, 3))]),
        (".tsv", "Snippet\turl,x\nhello\tu\n", [(None, {"snippet": "hello", "url,x": "u"}, (2, 2))]),
        (".csv", "a,,a\n1,2,3", [(None, {"a": "1", "column 2": "2", "a (3)": "3"}, (2, 2))]),
        (".csv", "text\nnul\0byte", [(None, {"text": "nul\0byte"}, (2, 2))]),
        (".csv", "only,a,header\n", []),
        (".csv", "", []),
    ],
)  # fmt: skip
def test_rows_are_documents(
    extension: str, text: str, expected: list[tuple[str | None, dict[str, str], tuple[int, int]]]
) -> None:
    parsed = parse(extension, text)
    assert parsed.problems == ()
    assert [(d.id, d.data, d.blocks[0].lines) for d in parsed.documents] == expected


def test_a_row_without_a_text_column_reads_as_lines() -> None:
    assert [piece.text for piece in pieces(".csv", "name,price\nTea,2\n")] == ["name: Tea\nprice: 2"]


@pytest.mark.parametrize(
    ("text", "documents", "places"),
    [
        ('text,b\n"a"x,1\nok,2\n', 1, [(2, 1)]),
        ("text\na,b,c\nd\n", 2, [(2, 1)]),
        ('text\nok\n"never closed\nmore\n', 1, [(3, 1)]),
        ("text\n" + "x" * 200_000 + "\nok\n", 1, [(2, 1)]),
    ],
)
def test_bad_rows_are_located_and_the_rest_is_kept(text: str, documents: int, places: list[tuple[int, int]]) -> None:
    parsed = parse(".csv", text)
    assert faults(parsed) == places
    assert len(parsed.documents) == documents


MARKED = st.text(alphabet=st.sampled_from("ab1 \n#-=`>|<!/p.,;\"'{}[]:\\\t\0é字\x1b"), max_size=200)


@given(MARKED, st.sampled_from(sorted(PARSERS)))
def test_no_text_makes_a_parser_fail(text: str, extension: str) -> None:
    parsed = parse(extension, text)
    count = text.count("\n") + 1
    for document in parsed.documents:
        for block in document.blocks:
            assert block.lines is not None
            assert 1 <= block.lines[0] <= block.lines[1] <= count
    assert all(1 <= line <= count for line, _ in faults(parsed))


@given(MARKED, st.sampled_from([".md", ".rst", ".txt"]), st.integers(1, 12))
def test_the_text_of_a_page_is_its_own_lines(text: str, extension: str, max_words: int) -> None:
    found = pieces(extension, text, max_words)
    lines = text.split("\n")
    if not (extension == ".md" and text.startswith("---")):
        assert "".join("".join(piece.text for piece in found).split()) == "".join(text.split())
    for piece in found:
        assert piece.lines is not None
        first, last = piece.lines
        assert piece.text.split("\n")[0].strip() in lines[first - 1]
        assert piece.text.split("\n")[-1].strip() in lines[last - 1]


@pytest.mark.parametrize("extension", [".json", ".jsonl"])
def test_numbers_of_records_stay_as_they_are_written(extension: str) -> None:
    (document,) = parse(
        extension, '{"text": "t", "a": 1.10, "b": 1e3, "c": [2.50, 2.5, 7, -0, 12345678901234567890.5]}'
    ).documents
    assert document.data == {
        "text": "t",
        "a": "1.10",
        "b": "1e3",
        "c": ["2.50", 2.5, 7, "-0", "12345678901234567890.5"],
    }


INNER = "<table><tr><td>x</td><td>y</td></tr><tr><td><p>z</p></td><td>w</td></tr></table>"
ROW = "<table><tr><th>Day</th><th>Time</th></tr><tr>{}</tr></table><p>After.</p>"


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("<td><p>Mon</p></td><td><p>nine</p></td>", "Mon | nine"),
        ("<td><p>Mon</p><p>day</p></td><td><div>nine</div><div>to five</div></td>", "Mon day | nine to five"),
        ("<td>Mon<br>day</td><td>nine<br/>to five</td>", "Mon day | nine to five"),
        ("<td><ul><li>Mon<li>Tue</ul></td><td><ol><li><p>nine</p></li><li>ten</li></ol></td>", "Mon; Tue | nine; ten"),
        ("<td><dl><dt>Mon</dt><dd>day</dd></dl></td><td><blockquote>nine</blockquote>", "Mon day | nine"),
        ("<td><h4>Mon</h4></td><td><pre>nine\n  ten</pre></td>", "Mon | nine ten"),
        ("<td>\n<section><article>Mon</article></section>\n</td>\n<td>nine</td>", "Mon | nine"),
        ("<td><p>Mon<td><div>nine", "Mon | nine"),
        ("<td><div>- 5</div></td><td><p>- 7</p></td>", "- 5 | - 7"),
        ("<td></td><td><p>nine</p></td>", "nine"),
        ("<td><p>Mon</p></td><td></td><td><p>nine</p></td>", "Mon | | nine"),
        ("<td colspan=2><p>closed</p><p>all day</p></td>", "closed all day"),
        ("<td><a href='x'><div>Mon</div></a></td><td><b>ni</b>ne</td>", "Mon | nine"),
        (f"<td>Mon</td><td>{INNER}</td>", "Mon | x, y; z, w"),
        (f"<td>Mon</td><td>{INNER}</td><td>nine</td>", "Mon | x, y; z, w | nine"),
        (f"<td>{INNER}</td><td><p>nine</p></td>", "x, y; z, w | nine"),
        (f"<td><p>Mon</p></td><td>see: {INNER} and on</td><td>nine", "Mon | see: x, y; z, w and on | nine"),
        (f"<td>{INNER}</td><td>{INNER}</td>", "x, y; z, w | x, y; z, w"),
        (f"<td>Mon<td><table><tr><td>{INNER}</td></tr></table><td>nine", "Mon | x, y; z, w | nine"),
        (f"<td>Mon<td><table><tr><th>in</th><td>{INNER}</td></table><td>nine", "Mon | in, x, y; z, w | nine"),
        ("<td>Mon<td><table><tr><td><ul><li>x<li>y</ul></table><td>nine", "Mon | x; y | nine"),
        ("<td>Mon<td><table><caption>c</caption><tr><td>x<td>y</table><td>nine", "Mon | c x, y | nine"),
        ("<td>Mon<td><table><tr><td></table><td>nine", "Mon | | nine"),
        (f"<td>Mon<td>{INNER.replace('w', 'w ' * 200)}<td>nine", f"Mon | x, y; z,{' w' * 200} | nine"),
    ],
)
def test_a_row_stays_one_row_whatever_its_cells_hold(cells: str, expected: str) -> None:
    (piece,) = pieces(".html", ROW.format(cells))
    assert piece.text.split("\n") == ["Day | Time", expected, "", "After."]


def test_rows_that_lay_out_a_page_keep_its_headings_and_inner_tables_their_rows() -> None:
    body = "<h1>Guide</h1>" + "<p>At nine the doors of it open.</p>" * 30
    inner = "<table><tr><td><p>a</p></td><td>b</td></tr></table>"
    page = f"<table><tr><td><p>menu</p></td><td>{body}{inner}</td></tr></table>"
    texts = "\n".join(piece.text for piece in pieces(".html", page)).split("\n")
    assert {"Guide", "menu", "a | b"} <= set(texts)
    assert pieces(".html", f"<table><tr><td>{body}</table>")[0].title == "Guide"


def test_a_table_that_only_frames_another_keeps_the_rows_of_the_inner_one() -> None:
    (piece,) = pieces(".html", f"<table><tr><td></td><td>{INNER}</td><td>&nbsp;</td></tr></table>")
    assert piece.text.split("\n") == ["x | y", "z | w"]


def test_the_row_of_a_nested_table_has_the_lines_of_all_that_is_in_it() -> None:
    (piece,) = pieces(
        ".html", "<table><tr>\n<td>Mon</td>\n<td><table><tr><td>x</td></tr>\n</table></td>\n<td>y</table>"
    )
    assert (piece.text, piece.lines) == ("Mon | x | y", (2, 5))


@pytest.mark.parametrize(
    "part",
    [
        *("<table>", "<table><tr><td>", "<tr><td>x", "<td>", "<table><tr><td>x</table>", "<li><td>"),
        *("<table><tr><td>x", "<table><tr><td>x<td>", "<table><tr><th>x<td><p>y", "<table><tr><td><li>x"),
    ],
)
def test_many_tables_end(part: str) -> None:
    parse(".html", part * 20_000)
