"""Office files, PDF and books: their text, with the page, slide, row or heading as its place; and bad ones."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.loaded import LoadedProgram
from workbench.documents.attached import attached, refusal
from workbench.documents.load import Loaded, load_sets
from workbench.documents.passages import FilePattern, FilePlace, Named, SetSpec
from workbench.documents.suggestions import suggestions


def load(folder: Path, pattern: str) -> Loaded:
    return load_sets([SetSpec("s", files=(FilePattern(pattern, folder, FilePlace("docs.yaml", 1, 8)),))])


def placed(loaded: Loaded) -> list[tuple[str, str]]:
    return [(passage.title, passage.text) for documents in loaded.sets for passage in documents.passages]


# -- files of each format, made by hand or by the library that reads them ----------------------------------------


def pdf(*pages: str) -> bytes:
    """A PDF file of these texts, a page each; "" is a page without text."""
    bodies = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    bodies.append("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
    kids = []
    for text in pages:
        lines = "".join(f"({line}) Tj 0 -14 Td " for line in text.split("\n")) if text else ""
        stream = f"BT /F1 12 Tf 72 720 Td {lines}ET"
        bodies.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        font = "/Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 612 792]"
        bodies.append(f"<< /Type /Page /Parent 2 0 R {font} /Contents {len(bodies)} 0 R >>")
        kids.append(f"{len(bodies)} 0 R")
    bodies[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    data, starts = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        starts.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{start:010} 00000 n \n" for start in starts)
    size = len(bodies) + 1
    tail = (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{len(data)}\n"
    )
    return data + tail.encode() + b"%%EOF\n"


def zipped(parts: dict[str, str]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in parts.items():
            package.writestr(name, text)
    return made.getvalue()


W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def docx(*paragraphs: tuple[str, str], before: str = "", table: str = "") -> bytes:
    """A Word file of (style, text) paragraphs."""
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>'
        for style, text in paragraphs
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{each.replace(" ", "")}"><w:name w:val="{each}"/></w:style>'
        for each in ("Title", "heading 1", "heading 2", "Normal")
    )
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}.document.main+xml"/>'
        f'<Override PartName="/word/styles.xml" ContentType="{kind}.styles+xml"/></Types>'
    )
    return zipped(
        {
            "[Content_Types].xml": types,
            "_rels/.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="r1" Type="{OFFICE}/officeDocument"'
            ' Target="word/document.xml"/></Relationships>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELS}"><Relationship Id="r1"'
            f' Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
            "word/styles.xml": f'<w:styles xmlns:w="{W}">{styles}</w:styles>',
            "word/document.xml": f'{before}<w:document xmlns:w="{W}"><w:body>{body}{table}</w:body></w:document>',
        }
    )


def pptx(*slides: tuple[str, str, str]) -> bytes:
    """A presentation of (title, text, notes) slides."""
    from pptx import Presentation

    deck = Presentation()
    for title, text, notes in slides:
        slide: Any = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = text
        if notes:
            slide.notes_slide.notes_text_frame.text = notes
    made = io.BytesIO()
    deck.save(made)
    return made.getvalue()


def xlsx(**sheets: list[list[Any]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def epub(title: str, *chapters: str, encryption: str = "", head: str = "") -> bytes:
    names = [f"text/c{number}.xhtml" for number in range(1, len(chapters) + 1)]
    items = "".join(f'<item id="{name}" href="{name}" media-type="application/xhtml+xml"/>' for name in names)
    spine = "".join(f'<itemref idref="{name}"/>' for name in names)
    content = (
        '<package xmlns="http://www.idpf.org/2007/opf"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>"
    )
    parts = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        "OEBPS/book.opf": head + content,
    }
    if encryption:
        parts["META-INF/encryption.xml"] = encryption
    for name, chapter in zip(names, chapters, strict=True):
        parts[f"OEBPS/{name}"] = f"<html><body>{chapter}</body></html>"
    return zipped(parts)


GOOD: dict[str, tuple[Callable[[], bytes], str, str, str]] = {
    "bridge.pdf": (
        lambda: pdf("The bridge opened in 1912.", "The bridge is 340 metres\nlong, and was re-\npainted in 1990."),
        "How long is the bridge?", "340 metres", "bridge › page 2",
    ),
    "leave.docx": (
        lambda: docx(("Title", "Staff handbook"), ("heading1", "Holidays"), ("heading2", "Notice"),
                     ("Normal", "Holidays are asked for 14 days ahead."), ("heading1", "Sickness"),
                     ("Normal", "Call before 8:30.")),
        "How many days ahead are holidays asked for?", "14 days", "Staff handbook › Holidays › Notice",
    ),
    "plan.pptx": (
        lambda: pptx(("Welcome", "The plan.", ""), ("Harvest", "The quince harvest is in October.", "Ask Ines.")),
        "When is the quince harvest?", "October", "plan › slide 2: Harvest",
    ),
    "fees.xlsx": (
        lambda: xlsx(Fees=[["Item", "Fee"], ["Replacement badge", 7], ["Locker", 12.5]], Empty=[]),
        "What is the fee of a replacement badge?", "7", "fees › Fees, row 2",
    ),
    "well.epub": (
        lambda: epub("The Old Well", "<h1>Digging</h1><p>It took two years.</p>",
                     "<h1>Depth</h1><p>The well is 83 metres deep.</p>"),
        "How deep is the well?", "83 metres", "The Old Well › Depth",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_question_is_answered_with_its_place(name: str, tmp_path: Path, loaded: LoadedProgram) -> None:
    made, question, answer, place = GOOD[name]
    (tmp_path / name).write_bytes(made())
    done = loaded.run_text("ask", "--offline", "--docs", name, question, folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert answer in done.stdout
    assert f"[1] {place} · {name}" in done.stderr


def test_all_of_them_in_one_folder(tmp_path: Path) -> None:
    for name, (made, *_) in GOOD.items():
        (tmp_path / name).write_bytes(made())
    loaded = load(tmp_path, ".")
    assert loaded.problems == loaded.left_out == ()
    assert {place for *_, place in GOOD.values()} <= {title for title, _ in placed(loaded)}


def test_lines_and_words_of_a_page_are_joined(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(GOOD["bridge.pdf"][0]())
    _, (_, text) = placed(load(tmp_path, "a.pdf"))
    assert text == "The bridge is 340 metres\nlong, and was repainted in 1990."


def test_a_table_in_a_word_file_keeps_its_rows(tmp_path: Path) -> None:
    cell = "<w:tc><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>"
    table = f"<w:tbl><w:tr>{cell.format('Oak')}{cell.format('40 m')}</w:tr></w:tbl>"
    (tmp_path / "a.docx").write_bytes(docx(("heading1", "Trees"), table=table))
    assert placed(load(tmp_path, "a.docx")) == [("Trees", "Trees\nOak | 40 m")]


def test_a_note_of_a_word_file_stands_behind_its_paragraph(tmp_path: Path) -> None:
    made = docx(
        ("heading1", "Harbour"), ("Normal", "The pilot boards at the buoy.@2"), ("heading1", "Last"), ("Normal", "End.")
    )
    lines = "".join(
        f"<w:p><w:r><w:t>{each}</w:t></w:r></w:p>" for each in ("It is vermilion &lt;li&gt;.", "Since 1911.")
    )
    note = f'<w:footnote w:id="2">{lines}</w:footnote>'
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        parts = {name: package.read(name).decode() for name in package.namelist()}
    text = '</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:t>'
    parts["word/document.xml"] = parts["word/document.xml"].replace("@2", text)
    parts["word/footnotes.xml"] = f'<w:footnotes xmlns:w="{W}">{note}</w:footnotes>'
    relation = f'<Relationship Id="r2" Type="{OFFICE}/footnotes" Target="footnotes.xml"/></Relationships>'
    parts["word/_rels/document.xml.rels"] = parts["word/_rels/document.xml.rels"].replace("</Relationships>", relation)
    (tmp_path / "a.docx").write_bytes(zipped(parts))
    assert placed(load(tmp_path, "a.docx")) == [
        ("Harbour", "Harbour\n\nThe pilot boards at the buoy.[1]\n\n[1] It is vermilion <li>. Since 1911."),
        ("Last", "Last\n\nEnd."),
    ]


def test_what_a_form_was_filled_in_with_is_text_of_its_page(tmp_path: Path) -> None:
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

    def field(name: str, kind: str, value: Any, flags: int = 0) -> DictionaryObject:
        return DictionaryObject(
            {
                NameObject("/Subtype"): NameObject("/Widget"),
                NameObject("/FT"): NameObject(kind),
                NameObject("/T"): TextStringObject(name),
                NameObject("/V"): value,
                NameObject("/Ff"): NumberObject(flags),
            }
        )

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("First.", "Application."))))
    owner = DictionaryObject({NameObject("/T"): TextStringObject("owner")})
    name = field("name", "/Tx", TextStringObject("Hendrickje"))
    name[NameObject("/Parent")] = writer._add_object(owner)
    fields = [
        name,
        field("secret", "/Tx", TextStringObject("hunter2"), flags=1 << 13),
        field("agree", "/Btn", NameObject("/Yes")),
        field("boats", "/Ch", ArrayObject([TextStringObject("tjalk"), TextStringObject("botter")])),
        field("empty", "/Tx", TextStringObject(" ")),
        field("odd", "/Tx", NumberObject(7)),
    ]
    writer.pages[1][NameObject("/Annots")] = ArrayObject([writer._add_object(each) for each in fields])
    writer.write(tmp_path / "a.pdf")
    assert placed(load(tmp_path, "a.pdf")) == [
        ("a › page 1", "First."),
        ("a › page 2", "Application.\n\nowner.name: Hendrickje\nboats: tjalk, botter"),
    ]


def test_hours_and_formulas_of_a_sheet(tmp_path: Path) -> None:
    import datetime

    rows: list[list[Any]] = [
        ["task", "time"],
        ["Milking", datetime.timedelta(hours=26, minutes=5)],
        ["All", "=SUM(B2)"],
    ]
    (tmp_path / "a.xlsx").write_bytes(xlsx(Times=rows))
    loaded = load(tmp_path, "*.xlsx")
    assert [each.text for each in loaded.sets[0].passages] == ["task: Milking\ntime: 26:05:00", "task: All"]
    (note,) = loaded.warnings()
    assert note.message == "1 formula has no value saved in the file; its cell is empty"
    assert loaded.problems == ()


def test_what_is_too_much_of_a_sheet_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from workbench.documents.formats import sheets

    monkeypatch.setattr(sheets, "MOST_CELLS", 5)
    (tmp_path / "a.xlsx").write_bytes(
        xlsx(Many=[["a", "b"], ["one", "two"], ["three", "four"]], Few=[["c", "d"], ["x", "y"]])
    )
    loaded = load(tmp_path, "*.xlsx")
    assert [each.text for each in loaded.sets[0].passages] == ["a: one\nb: two", "c: x\nd: y"]
    (note,) = loaded.warnings()
    assert note.message == "the sheet Many has more than 5 cells; what comes before row 3 is used"


def test_rows_of_a_sheet_are_records_and_what_stands_above_their_names_is_text(tmp_path: Path) -> None:
    import datetime

    day = datetime.datetime(2026, 3, 1)
    rows: list[list[Any]] = [
        ["Costs of 2026"],
        [],
        ["id", "Item", "Day", "Sum"],
        ["r1", "Paint", day, 20.0],
        [None, "Nails", None, 0.5],
    ]
    (tmp_path / "a.xlsx").write_bytes(xlsx(Costs=rows, Notes=[["One"], ["Two"], [], ["Four"]]))
    found = load(tmp_path, "a.xlsx").sets[0].passages
    assert [(each.id, each.title, each.text) for each in found] == [
        ("a.xlsx#1", "a › Costs, row 1", "Costs of 2026"),
        ("r1", "a › Costs, row 4", "Item: Paint\nDay: 2026-03-01\nSum: 20"),
        ("a.xlsx#2", "a › Costs, row 5", "Item: Nails\nSum: 0.5"),
        ("a.xlsx#3", "a › Notes, rows 1–2", "One\nTwo"),
        ("a.xlsx#4", "a › Notes, row 4", "Four"),
    ]  # fmt: skip


def test_the_notes_and_tables_of_a_slide(tmp_path: Path) -> None:
    from pptx import Presentation

    deck = Presentation()
    slide: Any = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Trees"
    table = slide.shapes.add_table(1, 2, 0, 0, 100, 100).table
    table.cell(0, 0).text, table.cell(0, 1).text = "Oak", "40 m"
    slide.notes_slide.notes_text_frame.text = "Ask Ines."
    deck.save(str(tmp_path / "a.pptx"))
    assert placed(load(tmp_path, "a.pptx")) == [("a › slide 1: Trees", "Trees\n\nOak | 40 m\n\nNotes: Ask Ines.")]


def test_the_figures_of_a_chart(tmp_path: Path) -> None:
    from pptx import Presentation
    from pptx.chart.data import CategoryChartData
    from pptx.enum.chart import XL_CHART_TYPE

    deck = Presentation()
    slide: Any = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "Fodder"
    data: Any = CategoryChartData()  # type: ignore[no-untyped-call]
    data.categories = ["Clover", "Lucerne"]
    data.add_series("tons", (1, 2.5))
    data.add_series("euros", (None, 1_250_000))
    slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, 0, 0, 100, 100, data)
    deck.save(str(tmp_path / "a.pptx"))
    (found,) = placed(load(tmp_path, "a.pptx"))
    assert found == ("a › slide 1: Fodder", "Fodder\n\nClover | tons: 1\nLucerne | tons: 2.5 | euros: 1250000")


# -- files that cannot be read -----------------------------------------------------------------------------------

BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>'


def encrypted() -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("secret"))))
    writer.encrypt("s3same", algorithm="AES-256")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def with_owner_only() -> bytes:
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf("Printing is forbidden."))))
    writer.encrypt("", "owner", algorithm="AES-256")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "cut.pdf": (lambda: b"%PDF-1.7", "is damaged"),
    "noise.pdf": (lambda: b"no such thing at all" * 30, "is damaged"),
    "locked.pdf": (encrypted, "is encrypted with a password"),
    "scan.pdf": (lambda: pdf("", ""), "holds no text: its pages are pictures, or empty"),
    "text.docx": (lambda: b"only text", "is no .docx file, whatever its name says"),
    "none.pptx": (lambda: b"", "is empty"),
    "cut.docx": (lambda: docx(("Normal", "Hello"))[:-40], "is damaged"),
    "old.docx": (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "is encrypted with a password, or"),
    "other.docx": (lambda: zipped({"a.txt": "Hello"}), "is damaged"),
    "other.pptx": (lambda: zipped({"a.txt": "Hello"}), "is damaged"),
    "other.xlsx": (lambda: zipped({"a.txt": "Hello"}), "is damaged"),
    "other.epub": (lambda: zipped({"a.txt": "Hello"}), "has no part META-INF/container.xml"),
    "empty.docx": (lambda: docx(), "holds no text"),
    "empty.xlsx": (lambda: xlsx(A=[]), "holds no text"),
    "entities.docx": (lambda: docx(("Normal", "&c;"), before=BOMB), "declares entities"),
    "entities.epub": (lambda: epub("A", "<p>b</p>", head=BOMB), "declares entities"),
    "bomb.xlsx": (lambda: zipped({"xl/a.xml": "<a>" + " " * 61_000_000}), "is too large with 61 MB of text"),
    "shop.epub": (
        lambda: epub("A", "<p>b</p>", encryption='<e><CipherReference URI="OEBPS/text/c1.xhtml"/></e>'),
        "is locked by its publisher",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_loaded(name: str, tmp_path: Path) -> None:
    made, told = BAD[name]
    (tmp_path / name).write_bytes(made())
    (tmp_path / "zz.md").write_text("good")
    loaded = load(tmp_path, ".")
    assert [text for _, text in placed(loaded)] == ["good"]
    (warning,) = loaded.warnings()
    assert (Path(warning.file).name, loaded.fatal) == (name, ())
    assert told in warning.message and warning.message.endswith("; the file is left out")
    (fatal,) = load(tmp_path, name).fatal
    assert told in fatal.message


def test_a_file_that_may_not_be_printed_may_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(with_owner_only())
    assert placed(load(tmp_path, "a.pdf")) == [("a › page 1", "Printing is forbidden.")]


def test_pages_without_text_are_told_and_end_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf("", "Two", ""))
    loaded = load(tmp_path, "a.pdf")
    assert placed(loaded) == [("a › page 2", "Two")]
    (note,) = loaded.warnings()
    assert (note.message, loaded.fatal) == ("pages 1, 3 hold no text; the other pages are used", ())


@pytest.mark.parametrize(
    ("name", "package", "command"),
    [
        ("a.pdf", "pypdf", "pip install 'cohere-workbench[pdf]'"),
        ("a.docx", "mammoth", "pip install 'cohere-workbench[office]'"),
        ("a.pptx", "pptx", "pip install 'cohere-workbench[office]'"),
        ("a.xlsx", "openpyxl", "pip install 'cohere-workbench[office]'"),
    ],
)
def test_without_the_package_the_command_that_installs_it_is_named(
    name: str, package: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    (tmp_path / name).write_bytes(b"anything")
    (tmp_path / "zz.md").write_text("good")
    (fatal,) = load(tmp_path, name).fatal
    assert "need a package that is not installed" in fatal.message and fatal.hint == command
    forgiving = load(tmp_path, ".")
    (warning,) = forgiving.warnings()
    assert forgiving.fatal == () and f"1 file is left out: {name} (needs {command})" in warning.message


def test_they_go_along_with_one_question(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bridge.pdf").write_bytes(GOOD["bridge.pdf"][0]())
    named = Named("bridge.pdf")
    assert refusal(named, tmp_path) == ""
    assert [each.title for each in attached(named, tmp_path).passages] == ["bridge › page 1", "bridge › page 2"]
    assert "has no lines" in attached(Named("bridge.pdf", (1, 2)), tmp_path).problem
    without = tmp_path / "without"
    without.mkdir()
    (without / "pypdf.py").write_text("raise ImportError")
    monkeypatch.setenv("PYTHONPATH", str(without))
    assert "(pip install 'cohere-workbench[pdf]')" in attached(named, tmp_path).problem


def test_a_place_is_no_name_to_ask_about(tmp_path: Path) -> None:
    for name in ("bridge.pdf", "plan.pptx"):
        (tmp_path / name).write_bytes(GOOD[name][0]())
    asked = " ".join(suggestions([documents.passages for documents in load(tmp_path, ".").sets]))
    assert "page" not in asked and "slide" not in asked and "arvest" in asked
