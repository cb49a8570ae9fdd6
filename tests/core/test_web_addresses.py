"""Where an HTTP tool may go: every spelling of an address that it must not, names that lead there, and what it may."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Sequence

import pytest

from workbench.errors import ToolError
from workbench.tools.runners.web.reach import Reach, addresses_of, by_system
from workbench.tools.runners.web.urls import UrlError, joined, read_place, read_url

REFUSED = [
    # this machine, in the ways in which C libraries and browsers read IPv4
    "127.0.0.1", "127.1", "127.0.1", "127.255.255.254", "0x7f000001", "0X7F000001", "0x7f.1", "0x7f.0x0.0x0.0x1",
    "2130706433", "017700000001", "0177.0.0.1", "0177.1", "127.0.0.01", "0", "0.0.0.0", "00", "0x0", "0x",
    "127.0.0.1.", "①②⑦.⓪.⓪.①", "１２７．０．０．１", "127。0。0。1", "127.0.0.1%2e",
    "localhost", "LOCALHOST", "localhost.", "ｌocalhost", "db.localhost", "[::1]", "[0:0:0:0:0:0:0:1]", "[::]",
    "[::0001]", "[0::1]",
    # networks of one's own, and what hosts the machine
    "10.0.0.8", "012.0.0.8", "172.16.0.1", "172.31.255.255", "192.168.1.1", "0xc0a80101", "3232235777", "169.254.0.1",
    "169.254.169.254", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "100.64.0.1", "100.100.100.200",
    "100.127.255.255", "168.63.129.16", "192.0.0.192", "[fd00::1]", "[fd00:ec2::254]", "[fc00::1]", "[fe80::1]",
    "[fe80::1%25eth0]", "[fe80::1%eth0]", "[fec0::1]",
    # reserved for something else
    "0.1.2.3", "192.0.0.1", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "[ff02::1]", "[ff0e::1]", "[2001:db8::1]",
    "[3fff::1]", "[100::1]", "[2001:2::1]", "[2001:10::1]", "[4000::1]", "[5f00::1]",
    # one address within another
    "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:8.8.8.8]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]", "[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2002:a9fe:a9fe::1]",
    "[2001::1]", "[2001:0:7f00:1::]", "[2a00:1450:4001::5efe:7f00:1]", "[2a00:1450:4001::200:5efe:10.0.0.1]",
    # what is no host at all, and what two readers would take apart in two ways
    "256.0.0.1", "127.0.0.1.1", "127.0.0.0x100", "1.2.3.08", "a.127", "a..b", ".", "-", "[127.0.0.1]", "[::1", "::1",
    "user@127.0.0.1", "8.8.8.8@127.0.0.1", "user:word@8.8.8.8", "8.8.8.8\\@127.0.0.1", "127.0.0.1\t", "127.0.0.1 ",
    "%31%32%37.0.0.1", "8.8.8.8:0", "8.8.8.8:65536", "8.8.8.8:80:80", "8.8.8.8:8o", "straße.de", "a" * 64, "a." * 130,
]  # fmt: skip
PUBLIC = [
    "8.8.8.8", "1.1.1.1", "0x08080808", "134744072", "8.8.2056", "9.255.255.255", "11.0.0.1", "100.63.255.255",
    "100.128.0.1", "126.255.255.255", "128.0.0.1", "172.15.255.255", "172.32.0.1", "169.253.255.255", "192.167.255.255",
    "198.17.255.255", "198.20.0.1", "203.0.112.1", "223.255.255.255", "[2606:4700:4700::1111]",
    "[2001:4860:4860::8888]", "[2a00:1450:4001:80b::200e]", "[2001:200::1]",
]  # fmt: skip
ALIKE = {"0x08080808": "8.8.8.8", "134744072": "8.8.8.8", "8.8.2056": "8.8.8.8"}


async def nobody(name: str, port: int) -> Sequence[str]:
    raise AssertionError(f"{name} was looked up")


async def found(url: str, reach: Reach | None = None, *answers: str) -> list[str]:
    """The addresses for a URL, as text; `answers` are what its name resolves to."""

    async def resolver(name: str, port: int) -> Sequence[str]:
        return answers

    return [str(each) for each in await addresses_of(read_url(url), reach or Reach(), resolver if answers else nobody)]


@pytest.mark.parametrize("host", REFUSED)
async def test_a_spelling_that_must_not_be_reached_is_refused_before_anybody_is_asked(host: str) -> None:
    with pytest.raises((UrlError, ToolError)) as refused:
        await found(f"http://{host}/")
    assert not isinstance(refused.value, ToolError) or refused.value.kind == "address"


@pytest.mark.parametrize("host", PUBLIC)
async def test_a_public_address_is_reached_by_any_spelling(host: str) -> None:
    (address,) = await found(f"https://{host}:8443/a?b")
    assert address == ALIKE.get(host, host.strip("[]"))


@pytest.mark.parametrize("answer", ["127.0.0.1", "::1", "10.1.2.3", "fe80::1%eth0", "::ffff:7f00:1", "64:ff9b::1"])
async def test_a_name_is_refused_by_what_it_resolves_to(answer: str) -> None:
    with pytest.raises(ToolError) as refused:
        await found("http://news.example:8080/", None, "93.184.216.34", answer)
    assert refused.value.kind == "address"
    assert f"news.example:8080 leads to {answer}" in str(refused.value)
    assert '`allow_private: ["news.example:8080"]`' in str(refused.value)


async def test_a_name_is_gone_to_by_all_of_its_addresses_in_their_order() -> None:
    answers = ["2606:4700::1", "93.184.216.34"]
    assert await found("https://news.example/", None, *answers) == answers


@pytest.mark.parametrize("answers", [["nonsense"], ["93.184.216.34", "93.184"]])
async def test_what_a_resolver_says_that_is_no_address_is_gone_to_by_nobody(answers: list[str]) -> None:
    with pytest.raises(ToolError) as refused:
        await found("http://news.example/", None, *answers)
    assert refused.value.kind == "http"


@pytest.mark.parametrize(
    ("places", "url", "answer"),
    [
        (["localhost:80"], "http://LOCALHOST./", "127.0.0.1"),
        (["127.0.0.1:8000"], "http://127.1:8000/", ""),
        (["127.1:8000"], "http://127.0.0.1:8000/", ""),
        (["127.0.0.1:8000"], "http://localhost:8000/", "127.0.0.1"),
        (["[::1]:443"], "https://[0::1]/", ""),
        (["Api.Internal:443"], "https://api.internal/", "10.0.0.8"),
        (["10.0.0.8:443"], "https://api.internal/", "10.0.0.8"),
    ],
)
async def test_what_is_allowed_is_reached_by_its_name_or_its_address(places: list[str], url: str, answer: str) -> None:
    reach = Reach(places=frozenset(map(read_place, places)))
    assert len(await found(url, reach, *([answer] if answer else []))) == 1


@pytest.mark.parametrize(
    ("places", "url", "answer"),
    [
        (["localhost:80"], "http://localhost:81/", "127.0.0.1"),
        (["127.0.0.1:8000"], "http://127.0.0.2:8000/", ""),
        (["127.0.0.1:8000"], "http://127.0.0.1:9/", ""),
        (["localhost:8000"], "http://127.0.0.1:8000/", ""),
        (["api.internal:443"], "https://other.internal/", "10.0.0.8"),
    ],
)
async def test_what_is_allowed_lets_nothing_else_through(places: list[str], url: str, answer: str) -> None:
    with pytest.raises(ToolError) as refused:
        await found(url, Reach(places=frozenset(map(read_place, places))), *([answer] if answer else []))
    assert refused.value.kind == "address"


async def test_a_tool_may_reach_anything_that_says_so() -> None:
    assert await found("http://0x7f000001/", Reach(anywhere=True)) == ["127.0.0.1"]


@pytest.mark.parametrize("text", ["localhost", "localhost:", ":80", "a:b:80", "http://localhost:80", "a:70000", ""])
def test_what_is_allowed_is_a_host_and_a_port(text: str) -> None:
    with pytest.raises(UrlError):
        read_place(text)


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/b", "https://a.example/b"),
        ("b?c#d", "https://a.example/x/b?c"),
        ("//0x7f.1/b", "https://127.0.0.1/b"),
        ("http://LOCALHOST.:9", "http://localhost:9/"),
        ("?q=1", "https://a.example/x/y?q=1"),
    ],
)
def test_a_redirect_leads_from_where_it_was_said(location: str, leads_to: str) -> None:
    assert str(joined(read_url("https://a.example/x/y"), location)) == leads_to


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "gopher://a/", "http:\\\\b", "//b\\@c", "/\n/b", "javascript:1"]
)
def test_a_redirect_leads_nowhere_else(location: str) -> None:
    with pytest.raises(UrlError):
        joined(read_url("https://a.example/x/y"), location)


async def test_a_resolver_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, go_on = threading.Event(), threading.Event()

    def hang(*_: object, **__: object) -> list[object]:
        asked.set()
        go_on.wait(60)
        raise OSError("late")

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    task = asyncio.create_task(by_system("slow.example", 80))
    await asyncio.to_thread(asked.wait, 60)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    (thread,) = [each for each in threading.enumerate() if each.name == "resolve slow.example"]
    assert thread.daemon
    go_on.set()
    await asyncio.to_thread(thread.join, 60)
    assert not thread.is_alive()


async def test_the_systems_resolver_says_what_it_knows() -> None:
    assert set(await by_system("127.0.0.1", 80)) == {"127.0.0.1"}
    with pytest.raises(OSError):
        await by_system("a" * 70 + ".invalid", 80)
