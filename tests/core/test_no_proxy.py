"""NO_PROXY: which servers are reached without the proxy, as for curl and Go."""

from __future__ import annotations

import pytest

from tests.loopback import message, stream
from tests.serving import serving
from workbench.cli import run
from workbench.cohere_client.endpoint import find_proxy

PROXY = "http://p:1"

DIRECT = [
    ("127.0.0.0/8", "http://127.0.0.1:8000/cohere"),
    ("127.0.0.1/8", "http://127.9.9.9"),
    ("10.0.0.0/8,192.168.0.0/16", "https://192.168.3.4"),
    ("10.1.2.3/32", "http://10.1.2.3"),
    ("0.0.0.0/0", "http://8.8.8.8"),
    ("::1/128", "http://[::1]:8000"),
    ("fd00::/8", "http://[fd12:3456::1]"),
    ("[fd00::]/8", "http://[fd12:3456::1]"),
    ("FE80::/10", "http://[fe80::1]"),
    ("::/0", "http://[2001:db8::1]"),
    ("::1", "http://[::1]"),
    ("[::1]", "http://[::1]:8000"),
    ("[::1]:8000", "http://[::1]:8000"),
    ("0:0:0:0:0:0:0:1", "http://[::1]"),
    ("127.0.0.0/8", "http://[::ffff:127.0.0.1]"),
    ("::ffff:0:0/96", "http://[::ffff:127.0.0.1]"),
    ("127.0.0.1", "http://[::ffff:127.0.0.1]"),
    ("10.0.0.1:80", "http://10.0.0.1"),
    ("api.cohere.com:443", "https://api.cohere.com"),
    ("cohere.com:443", "https://api.cohere.com:443"),
    ("api.cohere.com", "https://api.cohere.com:8443"),
    (".cohere.com", "https://api.cohere.com"),
    (".cohere.com", "https://cohere.com"),
    ("*.cohere.com", "https://api.cohere.com"),
    ("COHERE.com", "https://API.cohere.com"),
    ("cohere.com.", "https://api.cohere.com"),
    ("cohere.com", "https://api.cohere.com."),
    ("localhost 127.0.0.0/8", "http://127.0.0.1"),
    (" a ,\t*\n", "http://host"),
    ("nonsense/8,/,//,[,],:,10.0.0.0/99,a/b/c,127.0.0.0/8", "http://127.0.0.1"),
]
BY_PROXY = [
    ("127.0.0.0/8", "http://128.0.0.1"),
    ("127.0.0.0/8", "http://localhost"),
    ("10.0.0.0/8", "http://[::1]"),
    ("fd00::/8", "http://[fe80::1]"),
    ("fd00::/8", "http://10.0.0.1"),
    ("::/0", "http://10.0.0.1"),
    ("::1", "http://[::2]"),
    ("[::1]:8000", "http://[::1]:9000"),
    ("10.0.0.1:81", "http://10.0.0.1"),
    ("api.cohere.com:80", "https://api.cohere.com"),
    ("0.0.1", "http://127.0.0.1"),
    ("herbs.com", "https://superherbs.com"),
    ("10.0.0.0/33", "http://10.0.0.1"),
    ("10.0.0.0/x", "http://10.0.0.1"),
    ("10.0.0.0/", "http://10.0.0.1"),
    ("/8", "http://10.0.0.1"),
    ("1.0.0.127/8", "http://127.0.0.1"),
    (".", "http://host"),
    (",, ,", "http://host"),
    ("host:99999", "http://host"),
]


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
@pytest.mark.parametrize(("exceptions", "url"), DIRECT)
def test_it_is_reached_directly(exceptions: str, url: str, name: str) -> None:
    environ = {"ALL_PROXY": PROXY, "HTTPS_PROXY": PROXY, name: exceptions}
    assert find_proxy(url, environ) is None


@pytest.mark.parametrize(("exceptions", "url"), BY_PROXY)
def test_it_is_reached_by_the_proxy(exceptions: str, url: str) -> None:
    assert find_proxy(url, {"ALL_PROXY": PROXY, "NO_PROXY": exceptions}) == PROXY


@pytest.mark.parametrize(("exceptions", "code"), [("127.0.0.0/8", 0), ("126.0.0.0/8", 1)])
def test_a_question_goes_that_way(
    exceptions: str, code: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CO_API_KEY", "key-of-these-tests")
    monkeypatch.setenv("HTTP_PROXY", "socks5h://127.0.0.1:1" if code == 0 else "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", exceptions)
    with serving(lambda _: stream(message("Direct."))) as server:
        assert run(["ask", "--retries", "0", "--base-url", server.url, "?"]) == code
    out, err = capsys.readouterr()
    assert ("Direct." in out, "proxy" in err) == (code == 0, code == 1)
