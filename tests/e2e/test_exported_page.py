"""The exported page in a real browser: it runs nothing, fetches nothing, fits its window, and its links lead there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.browser import Browser, browsing, found
from tests.exporting import answered, citation, full_of, page, session_of
from tests.hostile import ACTIVE, MARKUP, PAYLOADS
from workbench.documents.passages import Passage
from workbench.sessions.export.exported import Exported

WIDTHS: Final = (400, 1200)  # pixels of a telephone, and of a window
HAPPENED: Final = (
    "Page.javascriptDialogOpening", "Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded",
    "Page.windowOpen", "Page.downloadWillBegin",
)  # fmt: skip
FORBIDDEN: Final = "script,iframe,frame,object,embed,form,input,button,img,link,base,audio,video,math,template"
ABOUT: Final = """(() => {
  const all = [...document.querySelectorAll("*")], names = ["href", "src", "xlink:href", "action", "data", "srcset"];
  document.querySelectorAll("details").forEach(each => { each.open = true; });
  const root = document.documentElement;
  return {
    title: document.title, titles: document.querySelectorAll("title").length,
    styles: document.querySelectorAll("style").length,
    forbidden: [...document.querySelectorAll("FORBIDDEN")].map(each => each.outerHTML.slice(0, 80)),
    handlers: all.flatMap(each => each.getAttributeNames()).filter(name => name.startsWith("on") || name == "style"),
    addresses: all.flatMap(each => names.map(name => each.getAttribute(name)))
      .filter(address => address !== null && !address.startsWith("#")),
    wider: Math.max(root.scrollWidth, document.body.scrollWidth) - window.innerWidth,
    spaces: [...new Set(all.map(each => each.namespaceURI))].length,
  };
})()""".replace("FORBIDDEN", FORBIDDEN)
UP_TO: Final = """(() => {
  const range = document.createRange(), sup = document.getElementById("ID");
  range.setStart(sup.closest(".answer"), 0);
  range.setEndBefore(sup);
  const before = range.cloneContents();
  before.querySelectorAll("sup").forEach(each => each.remove());
  return before.textContent;
})()"""
"""What stands in an answer before the number of a citation."""
TITLE: Final = "Session 20260131-091500-abcdef"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """One for all tests, each of which opens a page of its own; they are left out where there is none."""
    program = found()
    if program is None:
        pytest.skip("no Chromium is there (CHROMIUM names one): the exported page is not looked at in a browser")
    with browsing(program, tmp_path_factory.mktemp("profile")) as browser:
        yield browser


def looked_at(browser: Browser, session: Exported, file: Path, width: int) -> dict[str, Any]:
    """The page of a session at a width: it has asked for nothing and done nothing, with all its folds open too."""
    file.write_text(page(session), encoding="utf-8")
    browser.events.clear()
    browser.open(file, width)
    about: dict[str, Any] = browser.value(ABOUT)
    about["wider"] = browser.value(ABOUT)["wider"]  # now that all is open
    asked = [each["params"]["request"]["url"] for each in browser.take("Network.requestWillBeSent")]
    assert asked == [file.as_uri()]
    assert browser.take(*HAPPENED) == []
    assert (about["title"], about["titles"], about["styles"]) == (TITLE, 1, 1)
    assert about["forbidden"] == about["handlers"] == about["addresses"] == []
    assert about["spaces"] <= 2  # HTML, and the bars of times
    assert about["wider"] <= 0
    return about


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("texts", [ACTIVE, tuple(PAYLOADS.values()), MARKUP], ids=["active", "sequences", "markup"])
def test_what_is_hostile_runs_nothing(browser: Browser, texts: tuple[str, ...], width: int, tmp_path: Path) -> None:
    for number, text in enumerate(texts):
        looked_at(browser, full_of(text), tmp_path / f"{number}.html", width)


def wide() -> Exported:
    """A session with what does not fit a telephone, in every place, and citations in all kinds of blocks."""
    word = "Donaudampfschifffahrtsgesellschaftskapitän" * 12
    table = f"| {' | '.join(f'column {n}' for n in range(20))} |\n|{'--|' * 20}\n| {' | '.join(['cell'] * 20)} |"
    code = f"```python\nprint('{'x' * 300}')\n```"
    text = f"{word}\n\nIt opens at **nine**, it costs `4 euros` and more.\n\n{table}\n\n{code}\n\n> quoted\n\n- an item"
    sources = [
        Passage(id="a", set="s", title=word, text=f"The hall opens at nine.\n{word}", path=f"{word}.md", lines=(1, 2))
    ]
    sources.append(Passage(id="b", set="s", title="Tickets", text="A ticket costs 4 euros. " + "word " * 3000))
    a, b = ({"type": "document", "id": name} for name in ("a", "b"))
    cited = [(word[:20], a), ("opens at **nine**", a), ("`4 euros`", b), ("and more", b), ("quoted", a), ("an item", b)]
    citations = [citation(text.index(words), words, source) for words, source in cited]
    citations += [citation(text.index("cell"), "cell", a, b), citation(text.index("print"), "print", b)]
    long = full_of(f'{word} {{"a": [{word!r}]}} https://e.invalid/{word}').turns[0].turn
    long.number = 2
    return session_of(answered(text, *citations, sent=sources, prompt=word), long)


@pytest.mark.parametrize("width", WIDTHS)
def test_each_citation_leads_to_its_passage_and_back(browser: Browser, width: int, tmp_path: Path) -> None:
    session = wide()
    looked_at(browser, session, tmp_path / "page.html", width)
    turn = session.turns[0].turn
    numbers = {each.ordinal: each.numbers for each in turn.citations}
    assert sum(map(len, numbers.values())) == 9
    for ordinal, sources in numbers.items():
        cited = f"t1-c{ordinal}"
        if not (words := turn.citations[ordinal].text).startswith("print"):  # within code the number stands behind it
            assert browser.value(UP_TO.replace("ID", cited)).endswith(words.strip("*`").replace("**", ""))
        for number in sources:
            passage = f"t1-s{number}"
            follow(browser, cited, passage)
            assert browser.value(f"document.querySelector('#{passage} .passage').textContent.length > 20")
            follow(browser, passage, cited)
    assert browser.take(*HAPPENED, "Network.requestWillBeSent") == []
    assert browser.value("document.querySelectorAll('#t1 mark').length") >= 2


def follow(browser: Browser, begin: str, end: str) -> None:
    """Click on the link in one place that leads to another: it is in the window then, and marked."""
    where = browser.value(
        f"(() => {{ const link = document.querySelector('#{begin} a[href=\"#{end}\"]');"
        " link.scrollIntoView({block: 'center'}); const box = link.getClientRects()[0];"
        " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
    )
    browser.click(*where)
    browser.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert browser.value("location.hash") == f"#{end}"
    at = browser.value(
        f"(() => {{ const box = document.getElementById('{end}').getBoundingClientRect();"
        " return [box.top, box.bottom, window.innerHeight, box.left, box.right, window.innerWidth]; })()"
    )
    assert at[0] < at[2] and at[1] > 0 and at[3] >= 0 and at[4] <= at[5]
    assert browser.value("document.querySelectorAll(':target').length") == 1
