"""Keys, base URLs and proxies: what is taken, what is refused, and that no key is ever shown."""

from __future__ import annotations

import copy
import pickle

import pytest

from workbench.cohere_client import ClientOptions, connect
from workbench.cohere_client.endpoint import checked_base_url, find_base_url, find_proxy, without_credentials
from workbench.errors import ConfigurationError
from workbench.secrets.keys import ApiKey, find_key

SECRET = "s3cr3t-0123456789"


def found(environ: dict[str, str], variable: str | None = None) -> tuple[str, str] | None:
    key = find_key(environ, variable)
    return (key.reveal(), key.source) if key else None


def test_the_order_of_the_variables() -> None:
    assert found({"CO_API_KEY": "first-key", "COHERE_API_KEY": "second-key"}) == ("first-key", "CO_API_KEY")
    assert found({"CO_API_KEY": " \t", "COHERE_API_KEY": "second-key"}) == ("second-key", "COHERE_API_KEY")
    assert found({"CO_API_KEY": "first-key", "MY_KEY": "mine"}, "MY_KEY") == ("mine", "MY_KEY")
    assert found({"CO_API_KEY": "", "COHERE_API_KEY": "\n"}) is None
    assert found({"CO_API_KEY": "  spaces-around  "}) == ("spaces-around", "CO_API_KEY")


def test_a_named_variable_must_be_set() -> None:
    with pytest.raises(ConfigurationError, match="MY_KEY is not set"):
        find_key({"CO_API_KEY": SECRET, "MY_KEY": " "}, "MY_KEY")


def test_a_key_in_the_place_of_a_name_is_not_shown() -> None:
    with pytest.raises(ConfigurationError) as raised:
        find_key({}, SECRET)
    assert SECRET not in str(raised.value)
    assert "name of the variable" in str(raised.value)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (f"{SECRET}\n", "line break"),
        (f"a\r\n{SECRET}", "line break"),
        (f"\n{SECRET}", "line break"),
        (f"{SECRET[:8]}\n{SECRET[8:]}", "line break"),
        (f"Bearer {SECRET}", "space"),
        (f"{SECRET}é", "not ASCII"),
        (f"{SECRET}\x1b", "control character"),
        (f"{SECRET}\x00", "control character"),
        (f"{SECRET}\x7f", "control character"),
        (f"{SECRET}\u20ac", "not ASCII"),
        (f"{SECRET}\udcff", "not ASCII"),
        (f"{SECRET}\t{SECRET}", "space"),
    ],
)
def test_a_key_that_no_header_can_carry_is_refused_unseen(value: str, says: str) -> None:
    with pytest.raises(ConfigurationError, match=says) as raised:
        connect(ClientOptions(), {"CO_API_KEY": value})
    assert "CO_API_KEY" in str(raised.value)
    assert SECRET[:5] not in str(raised.value)
    assert SECRET[-5:] not in str(raised.value)


def test_a_key_shows_itself_nowhere() -> None:
    key = ApiKey(SECRET, "CO_API_KEY")
    for shown in (str(key), repr(key), f"{key}", f"{key:>5}", f"{key!r}", "%s" % key, repr([key])):  # noqa: UP031
        assert SECRET not in shown
        assert "***" in shown
    for copying in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            copying(key)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://api.cohere.com/v2", "use https://api.cohere.com"),
        ("https://api.cohere.com/v2/", "use https://api.cohere.com"),
        ("https://api.cohere.ai/v1", "use https://api.cohere.ai"),
        ("http://localhost:8000/cohere/v2/chat", "use http://localhost:8000/cohere"),
        ("localhost:8000", "http://"),
        ("api.cohere.com", "http://"),
        ("ftp://host", "http://"),
        ("http://", "http://"),
        ("", "http://"),
        ("http://host:99999", "Port"),
        ("http://host?x=1", "query"),
        ("http://ho st", "space"),
        ("http://host\x1b[2J", "control"),
    ],
)
def test_base_urls_that_cannot_work_are_explained(url: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        checked_base_url(url, "--base-url")
    assert says in str(raised.value)
    assert str(raised.value).startswith("--base-url: ")
    assert "\x1b" not in str(raised.value)


def test_a_base_url_with_credentials_is_refused_unseen() -> None:
    with pytest.raises(ConfigurationError) as raised:
        checked_base_url(f"https://user:{SECRET}@host", "CO_API_URL")
    assert SECRET not in str(raised.value)


def test_the_order_of_base_urls() -> None:
    assert find_base_url("http://given/", {"CO_API_URL": "http://set"}) == "http://given"
    assert find_base_url(None, {"CO_API_URL": " http://set/cohere// "}) == "http://set/cohere"
    assert find_base_url(None, {"CO_API_URL": " "}) is None


@pytest.mark.parametrize(
    ("environ", "url", "proxy"),
    [
        ({}, "https://api.cohere.com", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https://api.cohere.com", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1", "https_proxy": "http://q:2"}, "https://api.cohere.com", "http://q:2"),
        ({"HTTPS_PROXY": "http://p:1"}, "http://api.cohere.com", None),
        ({"ALL_PROXY": "p:1"}, "http://api.cohere.com", "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "*"}, "http://host", None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "a, .cohere.com"}, "https://api.cohere.com", None),
        ({"ALL_PROXY": "http://p:1", "NO_PROXY": "cohere.com"}, "https://notcohere.com", "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "no_proxy": "127.0.0.1:8000"}, "http://127.0.0.1:8000", None),
        ({"ALL_PROXY": "http://p:1", "no_proxy": "127.0.0.1:8000"}, "http://127.0.0.1:9000", "http://p:1"),
        ({"ALL_PROXY": "http://p:1", "no_proxy": ""}, "http://localhost", "http://p:1"),
    ],
)
def test_proxies_of_the_environment(environ: dict[str, str], url: str, proxy: str | None) -> None:
    assert find_proxy(url, environ) == proxy


def test_a_proxy_is_shown_without_its_password() -> None:
    assert without_credentials(f"http://me:{SECRET}@proxy:3128") == "http://proxy:3128"
    assert without_credentials(None) == ""
