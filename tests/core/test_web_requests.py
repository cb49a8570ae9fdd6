"""`http:` of a tools file: what is read, what is wrong and where, and the request that a call makes of it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from workbench.commands.check import check
from workbench.config.reader import read_tree
from workbench.config.tools_file import tools_of
from workbench.config.tools_schema import tools_schema
from workbench.errors import Problem, ToolError
from workbench.tools.runners.http import Http
from workbench.tools.runners.web.reach import Reach
from workbench.tools.runners.web.reading import OPTIONAL
from workbench.tools.runners.web.request import Prepared

CONFIG = Path(__file__).parents[2] / "config"
PARAMETERS = {"type": "object", "properties": {name: {} for name in ("id", "q", "n", "tags", "deep")}}


def read(folder: Path, http: Any) -> tuple[list[Any], tuple[Problem, ...]]:
    """The tool and the problems of a file with this `http:`, a value or YAML."""
    file = folder / "tools.yaml"
    written = http if isinstance(http, str) else json.dumps(http, ensure_ascii=False)
    file.write_text(
        f"- name: t\n  parameters: {json.dumps(PARAMETERS)}\n  run:\n    http: {written}\n", encoding="utf-8"
    )
    tools, problems = tools_of(read_tree(file), {})
    return [tool.spec.run for tool in tools], problems


def tool(folder: Path, http: Any) -> Http:
    (run,), problems = read(folder, http)
    assert problems == ()
    assert isinstance(run, Http)
    return run


def prepared(folder: Path, http: Any, arguments: dict[str, Any], **environ: str) -> Prepared:
    return tool(folder, http).request.prepared(arguments, environ)


# -- where it goes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "arguments", "target"),
    [
        ("https://a.example", {}, "/"),
        ("https://a.example/items/{id}", {"id": "a/b"}, "/items/a%2Fb"),
        ("https://a.example/items/{id}", {"id": "ü €?#&%2e"}, "/items/%C3%BC%20%E2%82%AC%3F%23%26%252e"),
        ("https://a.example/items/{id}", {"id": 5}, "/items/5"),
        ("https://a.example/items/{id}", {"id": True}, "/items/true"),
        ("https://a.example/items/{id}", {}, "/items/"),
        ("https://a.example/{id}.json?x={q}", {"id": "..", "q": "..&y=/"}, "/...json?x=..%26y%3D%2F"),
        ("https://a.example/a b/ü?{q}", {"q": "="}, "/a%20b/%C3%BC?%3D"),
        ("https://a.example/{{id}}", {}, "/%7Bid%7D"),
        ("https://a.example/$${id}/${V}/${W:-w}", {}, "/$%7Bid%7D/v{id}/w".replace("{id}", "%7Bid%7D")),
        ("https://a.example?a=b#c", {}, "/?a=b"),
        ("https://a.example/{id}", {"id": "\ud800"}, "/%3F"),
    ],
)
def test_an_argument_is_one_piece_of_the_url(tmp_path: Path, url: str, arguments: dict[str, Any], target: str) -> None:
    made = prepared(tmp_path, {"url": url}, arguments, V="v{id}")
    assert (made.url.target, made.url.host.name) == (target, "a.example")


@pytest.mark.parametrize("argument", [".", ".."])
def test_an_argument_leads_not_out_of_its_path(tmp_path: Path, argument: str) -> None:
    with pytest.raises(ToolError, match="lead out of it") as refused:
        prepared(tmp_path, {"url": "https://a.example/items/{id}/x"}, {"id": argument})
    assert refused.value.kind == "arguments"
    assert prepared(tmp_path, {"url": "https://a.example/./{id}"}, {"id": "x"}).url.target == "/./x"


@pytest.mark.parametrize("base", ["https:", "https://", "https:/", "http://b@", "//b"])
def test_no_argument_becomes_the_server_behind_a_variable(tmp_path: Path, base: str) -> None:
    with pytest.raises(ToolError) as refused:
        prepared(tmp_path, {"url": "${BASE}/{id}/x"}, {"id": "evil.example"}, BASE=base)
    assert refused.value.kind == "address"
    with pytest.raises(ToolError) as refused:
        prepared(tmp_path, {"url": "${BASE}//{id}/x"}, {"id": "evil.example"}, BASE="https:")
    assert refused.value.kind == "address"


def test_a_variable_may_name_the_server(tmp_path: Path) -> None:
    made = prepared(tmp_path, {"url": "${BASE}/{id}"}, {"id": "x"}, BASE="https://a.example:8443/v1")
    assert str(made.url) == "https://a.example:8443/v1/x"
    assert made.shown == "${BASE}/x"


def test_an_argument_that_no_url_could_hold_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="longer than 16,000 characters") as refused:
        prepared(tmp_path, {"url": "https://a.example/", "query": {"q": "{q}"}}, {"q": "a" * 1_000_000})
    assert refused.value.kind == "arguments"


# -- what it sends -----------------------------------------------------------------------------------


def test_a_query_leaves_out_what_is_not_given_and_repeats_lists(tmp_path: Path) -> None:
    http = {
        "url": "https://a.example/?a=1",
        "query": {"q": "{q}", "n": "{n}", "tag": "{tags}", "fixed": 5, "two": ["x", "{q}!"], "on": True, "k": "${KEY}"},
    }
    made = prepared(tmp_path, http, {"q": "a&b", "tags": ["u", "v w"]}, KEY="k=&")
    assert made.url.target == "/?a=1&q=a%26b&tag=u&tag=v%20w&fixed=5&two=x&two=a%26b%21&on=true&k=k%3D%26"
    assert "k=k" not in made.shown
    assert made.shown.endswith("&k=${KEY}")


def test_json_keeps_the_types_of_arguments(tmp_path: Path) -> None:
    body = {
        "n": "{n}",
        "all": ["{q}", "{id}", 1],
        "text": "n={n} {q}",
        "deep": {"x": "{deep}", "y": "{id}"},
        "k": "${KEY}",
    }
    made = prepared(
        tmp_path, {"url": "https://a.example/", "json": body}, {"n": 5, "q": "${KEY}", "deep": {"a": [None]}}, KEY="{n}"
    )
    assert (made.method, made.headers) == ("POST", {"Content-Type": "application/json"})
    assert json.loads(made.content) == {
        "n": 5, "all": ["${KEY}", 1], "text": "n=5 ${KEY}", "deep": {"x": {"a": [None]}}, "k": "{n}"
    }  # fmt: skip


def test_a_form_and_a_text_are_bodies_too(tmp_path: Path) -> None:
    made = prepared(tmp_path, {"url": "https://a.example/", "form": {"q": "{q}", "n": "{n}"}}, {"q": "a b&c"})
    assert (made.method, made.content) == ("POST", b"q=a+b%26c")
    assert made.headers == {"Content-Type": "application/x-www-form-urlencoded"}
    http = {
        "url": "https://a.example/",
        "method": "put",
        "body": "<q>{q}</q>\n",
        "headers": {"content-type": "text/xml"},
    }
    made = prepared(tmp_path, http, {"q": "ü"})
    assert (made.method, made.content, made.headers) == ("PUT", "<q>ü</q>\n".encode(), {"content-type": "text/xml"})


def test_headers_have_arguments_and_variables(tmp_path: Path) -> None:
    headers = {"Authorization": "Bearer ${KEY}", "X-Id": "{id}", "X-Q": "q={q}", "Accept": "text/csv"}
    made = prepared(tmp_path, {"url": "https://a.example:80/", "headers": headers}, {"q": "ü"}, KEY=" k\n")
    sent = dict(made.all_headers())
    assert sent[b"Authorization"] == b"Bearer k"
    assert sent[b"X-Q"] == "q=ü".encode()
    assert (sent[b"Host"], sent[b"Accept"], sent[b"Accept-Encoding"]) == (
        b"a.example:80",
        b"text/csv",
        b"gzip, deflate",
    )
    assert b"X-Id" not in sent


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\0", "\x7f"])
def test_no_argument_begins_a_header(tmp_path: Path, end: str) -> None:
    http = {"url": "https://a.example/", "headers": {"X-Id": "{id}"}}
    with pytest.raises(ToolError, match="no line break can stand") as refused:
        prepared(tmp_path, http, {"id": f"a{end}Host: b"})
    assert refused.value.kind == "arguments"
    with pytest.raises(ToolError, match="a variable holds") as refused:
        prepared(tmp_path, {"url": "https://a.example/", "headers": {"X": "${KEY}"}}, {}, KEY=f"a{end}b")
    assert "Host" not in str(refused.value)


def test_a_variable_that_is_not_set_fails_the_call_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="the environment variable KEY is not set") as refused:
        prepared(tmp_path, {"url": "https://a.example/", "query": {"k": "${KEY}"}}, {})
    assert refused.value.kind == "http"


# -- what is wrong, and where ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("http", "at", "message", "hint"),
    [
        ("{method: GET}", "{", "missing key `url` of `http`", ""),
        ("{url: 5}", "5}", "expected text, found the number 5", ""),
        ("{url: 'ftp://a/'}", "'", "`ftp://a/` is no http:// or https:// URL", "such as"),
        ("{url: 'a.example/x'}", "'", "is no http:// or https:// URL", "such as"),
        ("{url: 'https:///x'}", "'", "is no http:// or https:// URL", "such as"),
        ("{url: 'https://{id}/x'}", "'", "the argument `{id}` stands where the server is named", "must not choose"),
        ("{url: 'https://{id}.a.example/x'}", "'", "the argument `{id}` stands where the server is named", ""),
        ("{url: 'https://a.example{id}/x'}", "'", "the argument `{id}` stands where the server is named", ""),
        ("{url: 'https://a.example:{n}/x'}", "'", "the argument `{n}` stands where the server is named", ""),
        ("{url: '{id}'}", "'", "the argument `{id}` stands where the server is named", ""),
        ("{url: '{q}://a.example/'}", "'", "the argument `{q}` stands where the server is named", ""),
        ("{url: '${BASE}{id}'}", "'", "the argument `{id}` stands where the server is named", ""),
        ("{url: 'https://${HOST}{id}/'}", "'", "the argument `{id}` stands where the server is named", ""),
        ("{url: 'https://a.example\\{id}/'}", "'", "the argument `{id}` stands where the server is named", ""),
        ("{url: 'https://a/{id'}", "'", "there is a single `{`", ""),
        ("{url: 'https://a/${1}'}", "'", "`${` begins no variable", ""),
        ("{url: 'https://a/', methd: GET}", "methd", "unknown key `methd`", "did you mean `method`?"),
        ("{url: 'https://a/', method: PSOT}", "PSOT", "`PSOT` is no method", "did you mean `POST`?"),
        ("{url: 'https://a/', method: CONNECT}", "CONNECT", "`CONNECT` is no method", "one of GET"),
        ("{url: 'https://a/', method: HEAD, json: 1}", "HEAD", "a HEAD has no body", "query"),
        ("{url: 'https://a/', json: 1, form: {}}", "{}}", "`http` has both `json` and `form`", "keep one"),
        ("{url: 'https://a/', query: [q]}", "[q]", "`query` is a map", ""),
        ("{url: 'https://a/', query: {q: {a: 1}}}", "{q: {a", "`q` of `query` is neither text nor a list", "`json`"),
        ("{url: 'https://a/', form: {q: '{'}}", "{q", "there is a single `{`", "" ),
        ("{url: 'https://a/', json: {a: ['${CO_API_KEY}']}}", "{a", "`${CO_API_KEY}` is the key", "of its own"),
        ("{url: 'https://a/${COHERE_API_KEY}'}", "'https", "`${COHERE_API_KEY}` is the key", "of its own"),
        ("{url: 'https://a/', body: 5}", "5}", "`body` is a text", "`json`"),
        ("{url: 'https://a/', headers: {Host: b}}", "b}", "the header `Host` is not the tool's to set", ""),
        ("{url: 'https://a/', headers: {X Y: b}}", "b}", "`X Y` is no name of a header", ""),
        ("{url: 'https://a/', headers: {X: b, x: c}}", "c}", "a second header `x`", "keep one"),
        ("{url: 'https://a/', headers: {X: \"a\\nb\"}}", "\"a", "line breaks and control characters", ""),
        ("{url: 'https://a/', allow_private: yes}", "yes}", "`allow_private` is true, or a list", "write true"),
        ("{url: 'https://a/', allow_private: []}", "[]}", "`allow_private` is true, or a list", "write true"),
        ("{url: 'https://a/', allow_private: [localhost]}", "[l", "`localhost` in `allow_private`", "localhost:8000"),
        ("{url: 'https://a/', allow_private: [8000]}", "[8000]}", "`8000` in `allow_private`", "localhost:8000"),
        ("{url: 'https://a/', proxy: 'http://p'}", "'http://p", "`proxy` is true or false", "HTTPS_PROXY"),
        ("{url: 'https://a/{idd}'}", "", "`{idd}` stands for an argument that the tool does not have", "`id`"),
    ],
)  # fmt: skip
def test_problems_have_their_place(tmp_path: Path, http: str, at: str, message: str, hint: str) -> None:
    _, problems = read(tmp_path, http)
    matching = [each for each in problems if message in each.message]
    assert matching, problems
    column = len("    http: ") + http.index(at) if at else len("    ")
    assert (matching[0].line, matching[0].column - 1) == (4, column)
    assert hint in matching[0].hint


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    _, problems = read(
        tmp_path, "{url: u, method: x, headers: {Host: a}, json: 1, form: {}, allow_private: 1, proxy: 2}"
    )
    assert len(problems) == 6


def test_check_warns_of_what_a_call_would_find(tmp_path: Path) -> None:
    def said(http: Any, **environ: str) -> str:
        err = io.StringIO()
        read(tmp_path, http)
        assert check([tmp_path / "tools.yaml"], environ, io.StringIO(), err) == 0
        return err.getvalue()

    url = "https://a.example/"
    assert said({"url": url, "headers": {"X": "${SERVICE}"}}, SERVICE="x") == ""
    assert said({"url": url, "headers": {"X": "${SERVICE:-x}"}}) == ""
    place = f"{tmp_path / 'tools.yaml'}:4:5: warning: "
    missing = said({"url": url, "headers": {"X": "${SERVICE}"}})
    assert missing.startswith(f"{place}the environment variable `SERVICE` is not set")
    kept = said({"url": url, "headers": {"X": "${SERVICE}"}}, SERVICE="Bearer key-12345678", CO_API_KEY="key-12345678")
    assert "holds the key to the chat API" in kept
    assert "key-1234" not in kept
    assert '`allow_private: ["127.0.0.1:80"]`' in said({"url": "http://127.1/"})
    assert said({"url": "http://127.1/", "allow_private": True}) == ""
    in_clear = {"url": "http://a.example/", "headers": {"X": "${SERVICE}"}}
    assert "can read what SERVICE holds (use https://)" in said(in_clear, SERVICE="x")
    assert said({**in_clear, "allow_private": ["a.example:80"]}, SERVICE="x") == ""
    assert said({**in_clear, "url": "http://localhost/", "allow_private": True}, SERVICE="x") == ""
    assert "there is a user or a password in it" in said({"url": "http://a:b@c.example/"})


# -- what is written of it ---------------------------------------------------------------------------


def test_the_example_sends_what_it_says() -> None:
    tools, problems = tools_of(read_tree(CONFIG / "http_tools.yaml"), {})
    assert problems == ()
    runs = {tool.spec.name: tool.spec.run for tool in tools if isinstance(tool.spec.run, Http)}
    article = runs["encyclopedia"].request.prepared({"title": "AC/DC"}, {})
    assert str(article.url) == "https://en.wikipedia.org/api/rest_v1/page/summary/AC%2FDC"
    weather = runs["weather_now"].request.prepared({"latitude": 43.7, "longitude": -79}, {})
    assert weather.url.target == "/v1/forecast?latitude=43.7&longitude=-79&current=temperature_2m%2Cwind_speed_10m"
    note = runs["create_note"].request.prepared({"text": "x", "labels": ["y"]}, {})
    assert json.loads(note.content) == {"text": "x", "labels": ["y"], "from": "Workbench"}


def test_the_handbook_has_its_keys_and_an_example_that_loads(tmp_path: Path) -> None:
    page = (CONFIG / "handbook" / "tools.md").read_text(encoding="utf-8")
    section = page.partition("## HTTP: send a request")[2].partition("\n## ")[0]
    keys = {key for row in re.findall(r"^\| (`.*?) \|", section, re.MULTILINE) for key in re.findall(r"`(\w+)`", row)}
    assert keys == {"url", *OPTIONAL}
    (tmp_path / "tools.yaml").write_text(section.partition("```yaml\n")[2].partition("```")[0])
    ((tool,), problems) = tools_of(read_tree(tmp_path / "tools.yaml"), {})
    assert problems == ()
    assert tool.spec.run.needs() == {"TRACKER_TOKEN"}


# -- what a person decides by ------------------------------------------------------------------------


def test_a_person_is_told_what_goes_where_and_no_secret(tmp_path: Path) -> None:
    http = {
        "url": "https://a.example/{id}", "query": {"k": "${KEY}"}, "headers": {"Authorization": "Bearer ${TOKEN}"},
        "json": {"q": "{q}"}, "allow_private": ["localhost:80", "[::1]:81"], "proxy": True,
    }  # fmt: skip
    run = tool(tmp_path, http)
    assert run.what() == (
        'sends POST https://a.example/{id}, query {"k": "${KEY}"}, header Authorization: Bearer ${TOKEN}, '
        'json {"q": "{q}"}; it sends what the environment has for TOKEN, KEY; it may reach [::1]:81, localhost:80, '
        "on private networks too; it goes through the proxy of the environment"
    )
    assert run.what_of({"id": "a/${b}", "q": "c"}) == (
        "sends POST https://a.example/a%2F%24%7Bb%7D?k=${KEY}; it sends what the environment has for TOKEN, KEY; "
        "it may reach [::1]:81, localhost:80, on private networks too; it goes through the proxy of the environment",
        "header Authorization: Bearer ${TOKEN}",
        "json: {",
        '  "q": "c"',
        "}",
    )
    assert (set(run.names()), set(run.needs())) == ({"id", "q"}, {"KEY", "TOKEN"})
    assert tool(tmp_path, {"url": "https://a.example/", "allow_private": True}).reach == Reach(anywhere=True)


def test_two_tools_that_are_written_alike_do_the_same(tmp_path: Path) -> None:
    http = {"url": "https://a.example/{id}", "json": ["{q}"]}
    assert tool(tmp_path, http) == tool(tmp_path, http)
    assert tool(tmp_path, http) != tool(tmp_path, {**http, "allow_private": True})


@pytest.mark.parametrize(
    ("http", "fits"),
    [
        ({"url": "https://a.example/", "query": {"a": ["{q}", 1]}, "json": [1], "allow_private": ["a:1"]}, True),
        (
            {"url": "https://a.example/", "method": "get", "form": {"a": "b"}, "allow_private": True, "proxy": True},
            True,
        ),
        ({"method": "GET"}, False),
        ({"url": "https://a.example/", "method": "PSOT"}, False),
        ({"url": "https://a.example/", "allow_private": ["localhost"]}, False),
        ({"url": "https://a.example/", "retries": 3}, False),
    ],
)
def test_the_schema_for_editors_knows_its_keys(http: Any, fits: bool) -> None:
    assert Draft7Validator(tools_schema()).is_valid([{"name": "x", "run": {"http": http}}]) is fits
