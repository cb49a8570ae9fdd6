"""Documents in the shapes that other programs write, encodings of every kind, and what a table says of itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.config.load import load_documents_files
from workbench.documents.load import Loaded, load_sets
from workbench.documents.passages import FilePattern, FilePlace, Passage, SetSpec


def load(folder: Path, pattern: str) -> Loaded:
    return load_sets([SetSpec("s", files=(FilePattern(pattern, folder, FilePlace("docs.yaml", 1, 8)),))])


def passages(loaded: Loaded) -> list[Passage]:
    return [passage for documents in loaded.sets for passage in documents.passages]


TEXT = "The bridge is 340 metres long."
PART = [{"type": "text", "text": TEXT}]
SHAPES: dict[str, tuple[dict[str, Any], str | None, dict[str, Any]]] = {
    "langchain": (
        {"page_content": TEXT, "metadata": {"source": "in/a.pdf", "page": 2, "page_label": "3"}, "type": "Document"},
        None,
        {"text": TEXT, "title": "a.pdf › page 3", "source": "in/a.pdf", "page": 2, "page_label": "3"},
    ),
    "langchain, serialised": (
        {"lc": 1, "type": "constructor", "id": ["langchain"], "kwargs": {"page_content": TEXT, "metadata": {}}},
        None,
        {"text": TEXT},
    ),
    "llamaindex, old": (
        {"text": TEXT, "doc_id": "d1", "embedding": [0.1], "extra_info": {"file_name": "a.md", "year": 1912}},
        "d1",
        {"text": TEXT, "title": "a.md", "file_name": "a.md", "year": 1912},
    ),
    "llamaindex": (
        {"id_": "n1", "embedding": None, "metadata": {"title": "Bridges"}, "relationships": {"1": {}}, "text": TEXT,
         "start_char_idx": 0, "class_name": "TextNode"},
        "n1",
        {"text": TEXT, "title": "Bridges"},
    ),
    "llamaindex, scored": (
        {"node": {"id_": "n1", "metadata": {}, "text_resource": {"text": TEXT}}, "score": 0.7},
        "n1",
        {"text": TEXT},
    ),
    "haystack": (
        {"id": "h1", "content": TEXT, "meta": {"city": "Bremen"}, "score": 0.5, "embedding": [0.1], "blob": None},
        "h1",
        {"text": TEXT, "city": "Bremen"},
    ),
    "openai": (
        {"file_id": "f1", "filename": "a.md", "score": 0.9, "attributes": {"year": 1912}, "content": PART},
        None,
        {"text": TEXT, "title": "a.md", "year": 1912, "file_id": "f1", "filename": "a.md"},
    ),
    "anthropic": (
        {"type": "search_result", "source": "https://a.org/b", "title": "Bridges", "content": PART, "citations": {}},
        None,
        {"text": TEXT, "title": "Bridges", "source": "https://a.org/b"},
    ),
    "reranked": ({"document": {"text": TEXT}, "index": 0, "relevance_score": 0.9}, None, {"text": TEXT}),
    "vector store": (
        {"id": "v1", "score": 0.3, "values": [0.1], "metadata": {"text": TEXT, "year": 1912}},
        "v1",
        {"text": TEXT, "year": 1912},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("form", ["a.jsonl", "a.json", "sets.json", "one.json"])
def test_documents_of_other_programs(name: str, form: str, tmp_path: Path) -> None:
    record, own_id, data = SHAPES[name]
    (tmp_path / form).write_text(json.dumps(record if form in ("a.jsonl", "one.json") else [record]))
    given = form in ("sets.json", "one.json")
    loaded = load_sets(load_documents_files([tmp_path / form], {})) if given else load(tmp_path, form)
    (passage,) = passages(loaded)
    assert loaded.problems == ()
    assert (passage.text, passage.data) == (TEXT, data)
    assert own_id is None or passage.id == own_id
    assert passage.title == data.get("title", passage.title)


@pytest.mark.parametrize(
    "around",
    [{"object": "vector_store.search_results.page", "data": [SHAPES["openai"][0]]},
     {"matches": [SHAPES["vector store"][0]]},
     {"id": "rerank", "results": [SHAPES["reranked"][0]]}, {"documents": [SHAPES["haystack"][0]]}],
)  # fmt: skip
def test_search_results_as_they_were_answered(around: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(around))
    for loaded in (load(tmp_path, "a.json"), load_sets(load_documents_files([tmp_path / "a.json"], {}))):
        assert [each.text for each in passages(loaded)] == [TEXT]


def test_records_of_ones_own_stay_as_they_are(tmp_path: Path) -> None:
    own = [
        {"id": "1", "text": "a", "tags": ["x"], "score": 3},
        {"data": {"text": "b", "type": "note"}},
        {"meta": {"a": 1}},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, own)))
    assert [dict(each.data) for each in passages(load(tmp_path, "a.jsonl"))] == [
        {"text": "a", "tags": ["x"], "score": 3}, {"text": "b", "type": "note"}, {"meta": {"a": 1}},
    ]  # fmt: skip


# -- encodings ---------------------------------------------------------------------------------------------------

WRITTEN = {
    "German": ("Die Brücke ist 340 Meter lang und führt über die Weser.", ["latin-1"]),
    "French": ("Le café ouvre tôt le lundi; l'été, à l'ombre des chênes, on s'y repose.", ["cp1252"]),
    "quoted": ("The price is 5 £ and it’s “fine” – really", ["cp1252"]),
    "Swedish": ("Bron är trehundra meter lång och går över ån.", ["latin-1"]),
    "Spanish": ("El año pasado la señora Muñoz viajó a España ¿y tú?", ["cp1252"]),
    "Russian": ("Мост имеет длину триста сорок метров и ведёт через реку.", ["cp1251", "koi8-r"]),
    "Greek": ("Η γέφυρα έχει μήκος τριακόσια σαράντα μέτρα και οδηγεί πάνω από το ποτάμι.", ["cp1253"]),
    "Polish": ("Most ma długość trzystu czterdziestu metrów i prowadzi przez rzekę. Zażółć gęślą jaźń.", ["cp1250"]),
    "Hungarian": ("A híd háromszáznegyven méter hosszú, és átvezet a folyón. Őrült űrhajós.", ["cp1250"]),
    "Japanese": ("橋の長さは三百四十メートルで、川を渡ります。図書館は九時に開きます。", ["shift_jis", "euc-jp"]),
    "Chinese": ("桥长三百四十米,横跨河流。图书馆九点开门。", ["gb18030"]),
    "Korean": ("다리의 길이는 삼백사십 미터이며 강을 건넌다.", ["euc-kr"]),
    "a German table": ("plz ort\n07743 Jena und Mühlhausen\n37073 Göttingen", ["latin-1", "cp850"]),
    "a French line": ("Thé à la menthe, gâteau, crêpe", ["cp1252", "mac-roman"]),
    "Portuguese": ("As estações de verão são quentes; pães, maçãs.", ["cp1252"]),
    "Danish": ("Grød, æbler og få øl", ["cp1252"]),
    "Icelandic": ("Það er góð ýsa í þorpinu.", ["cp1252"]),
    "Turkish": ("Iğdır ve Muş dağlık illerdir; kışın yağış çoktur.", ["cp1254"]),
    "Czech": ("Řeka teče přes jez; kůň stojí u břehu.", ["cp1250", "iso8859-2"]),
    "Polish places": ("Łódź i Żywiec, też Gdańsk", ["cp1250", "iso8859-2"]),
    "Hungarian places": ("Gyöngyös, Kőszeg és Hűvösvölgy", ["cp1250"]),
    "Lithuanian": ("Žąsys plaukė per ežerą į šiaurę.", ["cp1257"]),
    "a Russian line": ("Мельница у моста закрыта.", ["cp1251", "koi8-r", "cp866"]),
    "Ukrainian": ("Ґанок біля їдальні, де є дерево.", ["cp1251", "koi8-u"]),
    "Hebrew": ("הגשר מעל הנהר ארוך מאוד.", ["cp1255"]),
    "Japanese by the old mails": ("渡し舟は朝に出ます。", ["iso2022_jp", "shift_jis", "euc-jp"]),
    "no mark, English": ("The mill stands by the weir.\n", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]),
    "no mark, Greek": ("Ο μύλος είναι κοντά στη γέφυρα.", ["utf-16-le", "utf-16-be"]),
}


@pytest.mark.parametrize(("language", "encoding"), [(name, each) for name, (_, all) in WRITTEN.items() for each in all])
def test_a_text_that_is_no_utf_8_is_read_and_that_is_said(language: str, encoding: str, tmp_path: Path) -> None:
    text, _ = WRITTEN[language]
    (tmp_path / "a.txt").write_bytes(text.encode(encoding))
    loaded = load(tmp_path, "a.txt")
    assert [each.text for each in passages(loaded)] == [text.strip()]
    (note,) = loaded.warnings()
    assert note.message.startswith("is not UTF-8; it is read as ") and loaded.fatal == ()


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="shift_jis">', "shift_jis"),
        ("<META HTTP-EQUIV='Content-Type' CONTENT='text/html; charset=ISO-2022-JP'>", "iso2022_jp"),
        ('<?xml version="1.0" encoding="EUC-JP"?><p></p>', "euc-jp"),
        ("<meta charset=latin-1>", "utf-8"),
        ('<meta charset="unicode_escape">', "utf-8"),
        ("", "shift_jis"),
    ],
)
def test_a_page_is_in_the_encoding_that_it_names(head: str, encoding: str, tmp_path: Path) -> None:
    text = WRITTEN["Japanese"][0]
    (tmp_path / "a.html").write_bytes(f"{head}<p>{text}</p>".encode(encoding))
    loaded = load(tmp_path, "a.html")
    assert [each.text for each in passages(loaded)] == [text]
    assert len(loaded.warnings()) == (not head)


# -- tables ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["sep=;\n", '"sep=;"\n', "SEP=;\r\n", "\ufeffsep=;\n"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_a_table_tells_its_separator(first: str, name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(f'{first}name,first;price\nlamp;"12,50"\n', newline="")
    (passage,) = passages(load(tmp_path, name))
    assert (dict(passage.data), passage.lines) == ({"name,first": "lamp", "price": "12,50"}, (3, 3))
