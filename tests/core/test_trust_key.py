"""Where a key may go, and what a settings file may have without being asked: through the command, to the bytes sent."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.loopback import Received, Reply, error, message, stream
from tests.serving import serving
from workbench.cli import run
from workbench.cohere_client.endpoint import is_cohere, refuse_in_clear
from workbench.config.load import load_configuration
from workbench.config.settings import read_settings
from workbench.errors import ConfigurationError
from workbench.tools.trust import TrustStore

KEY = "the-key-0123456789"
Asked = tuple[int, list[Received], str]


def answers(_: Received) -> Reply:
    return stream(message("Yes."))


@pytest.fixture
def ask(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Asked]:
    """Asks a server with a settings file; `{url}` in the file and the flags is the server's."""

    def ask(settings: str, *flags: str, path: Path | None = None, url: Callable[[str], str] = str) -> Asked:
        with serving(answers) as server:
            file = path or tmp_path / "given.yaml"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(settings.format(url=url(server.url)))
            given = [] if path else ["--config", str(file)]
            code = run(["ask", *given, *(flag.format(url=server.url) for flag in flags), "why?"])
            return code, list(server.received), capsys.readouterr().err

    return ask


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CO_API_KEY", KEY)
    return KEY


def sent(received: list[Received]) -> list[str | None]:
    return [each.headers.get("authorization") for each in received]


def test_a_given_file_does_not_send_the_key_elsewhere(ask: Callable[..., Asked], key: str) -> None:
    code, received, said = ask("model: m\nbase_url: {url}\n")
    assert (code, received) == (2, [])
    assert "given.yaml:2:1: it sends the API key of CO_API_KEY to 127.0.0.1:" in said
    assert "--yes" in said
    assert "terminal" in said


def test_yes_is_for_this_run(ask: Callable[..., Asked], key: str) -> None:
    code, received, _ = ask("base_url: {url}\n", "--yes")
    assert (code, sent(received)) == (0, [f"Bearer {key}"])
    assert ask("base_url: {url}\n")[:2] == (2, [])


def test_a_flag_or_the_environment_says_it(
    ask: Callable[..., Asked], key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, received, _ = ask("base_url: http://stranger.invalid\n", "--base-url", "{url}")
    assert (code, sent(received)) == (0, [f"Bearer {key}"])

    def of_environment(url: str) -> str:
        monkeypatch.setenv("CO_API_URL", f"{url}/other/path")
        return f"{url}/path"

    code, received, _ = ask("base_url: {url}\n", url=of_environment)
    assert (code, sent(received)) == (0, [f"Bearer {key}"])
    monkeypatch.setenv("CO_API_URL", "https://another.invalid")
    assert ask("base_url: {url}\n")[:2] == (2, [])


def test_trust_is_for_the_content_of_the_file(
    ask: Callable[..., Asked], key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trusted(url: str) -> str:
        (tmp_path / "given.yaml").write_text(f"base_url: {url}\n")
        TrustStore.of_user(os.environ).trust(tmp_path / "given.yaml")
        return url

    assert ask("base_url: {url}\n", url=trusted)[0] == 0
    assert ask("base_url: {url}\nmodel: m\n")[:2] == (2, [])
    with serving(answers) as server:
        copy = tmp_path / "copy" / "given.yaml"
        copy.parent.mkdir()
        trusted(server.url)
        copy.write_bytes((tmp_path / "given.yaml").read_bytes())
        link = tmp_path / "copy" / "link.yaml"
        link.symlink_to("../given.yaml")
        assert run(["ask", "--config", str(copy), "why?"]) == 2
        assert server.received == []
        assert run(["ask", "--config", str(link), "why?"]) == 0


def own(environ: dict[str, str]) -> Path:
    return Path(environ["XDG_CONFIG_HOME"]) / "workbench" / "config.yaml"


def test_the_file_in_the_home_is_the_persons_own_word(ask: Callable[..., Asked], key: str) -> None:
    path = own(dict(os.environ))
    code, received, _ = ask("base_url: {url}\n", path=path)
    assert (code, sent(received)) == (0, [f"Bearer {key}"])
    code, received, _ = ask("base_url: {url}\n", "--config", str(path), path=path)
    assert code == 0, "named by its path, it is the same file"
    path.chmod(0o666)
    assert ask("base_url: {url}\n", path=path)[:2] == (2, []), "others may have written it"


def test_without_a_key_no_question_and_no_header(ask: Callable[..., Asked]) -> None:
    code, received, _ = ask("base_url: {url}\n")
    assert (code, sent(received)) == (0, [None])


@pytest.mark.parametrize("settings", ["offline: true\nbase_url: {url}\n", "offline: true\napi_key_env: OTHER_SECRET\n"])
def test_offline_nothing_is_asked(ask: Callable[..., Asked], key: str, settings: str) -> None:
    assert ask(settings)[:2] == (0, [])


def test_any_variable_as_the_key_needs_trust(
    ask: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE", "the-word-9876543210")
    code, received, said = ask("api_key_env: DATABASE\n", "--base-url", "{url}")
    assert (code, received) == (2, [])
    assert "given.yaml:1:1: it sends what the variable DATABASE holds as the API key" in said
    assert "the-word" not in said
    code, received, _ = ask("api_key_env: DATABASE\n", "--base-url", "{url}", "--yes")
    assert (code, sent(received)) == (0, ["Bearer the-word-9876543210"])
    code, received, _ = ask("model: m\n", "--base-url", "{url}", "--api-key-env", "DATABASE")
    assert (code, sent(received)) == (0, ["Bearer the-word-9876543210"])
    code, received, _ = ask("api_key_env: DATABASE\n", "--base-url", "{url}", path=own(dict(os.environ)))
    assert (code, sent(received)) == (0, ["Bearer the-word-9876543210"])


def test_a_log_outside_of_the_folder_needs_trust(ask: Callable[..., Asked], tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link").symlink_to(tmp_path)
    file = folder / "c.yaml"
    for log in (str(tmp_path / "profile"), "../profile", "link/profile", "~/profile"):
        file.write_text(f"log: {log}\n")
        assert run(["ask", "--offline", "--config", str(file), "why?"]) == 2
        assert not (tmp_path / "profile").exists()
    file.write_text("log: inside.log\n")
    assert run(["ask", "--offline", "--config", str(file), "why?"]) == 0


# -- an open line ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://stranger.invalid", "http://api.cohere.com", "HTTP://API.COHERE.COM", "http://192.168.1.2:8000/cohere",
        "http://[2001:db8::1]:8000", "http://127.0.0.1.evil.invalid", "http://localhost.evil.invalid",
        "http://127.evil.invalid", "http://2130706433", "http://0x7f000001", "http://0.0.0.0:8000",
        "http://[::ffff:10.0.0.1]", "http://[fe80::1%25eth0]", "http://localhost@evil.invalid",
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["flag", "environment", "settings", "own"])
def test_a_key_never_goes_over_an_open_line(
    url: str, way: str, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    argv = ["ask", "--yes"]
    if way == "flag":
        argv += ["--base-url", url]
    elif way == "environment":
        monkeypatch.setenv("CO_API_URL", url)
    else:
        file = own(dict(os.environ)) if way == "own" else tmp_path / "c.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f'base_url: "{url}"\n')
        argv += ["--config", str(file)]
    assert run([*argv, "why?"]) == 2
    said = capsys.readouterr().err
    assert key not in said
    assert len(said.splitlines()) == 1
    assert "@" in url or "https://" in said


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:1", "http://127.1.2.3", "http://localhost:8000", "http://LOCALHOST", "http://[::1]:8000",
     "https://anywhere.invalid"],
)  # fmt: skip
def test_lines_that_end_here_or_are_encrypted(url: str) -> None:
    refuse_in_clear(url, "--base-url")
    refuse_in_clear(url, "--base-url", "http://127.0.0.1:3128")


def test_a_proxy_elsewhere_is_no_way_to_this_machine() -> None:
    with pytest.raises(ConfigurationError, match="NO_PROXY"):
        refuse_in_clear("http://localhost:8000", "--base-url", "http://me:word@proxy.invalid:3128")
    refuse_in_clear("https://anywhere.invalid", "--base-url", "http://proxy.invalid:3128")


@pytest.mark.parametrize(
    ("url", "theirs"),
    [
        ("https://api.cohere.com", True),
        ("HTTPS://API.Cohere.COM/", True),
        ("https://api.cohere.com:443", True),
        ("https://api.cohere.com./", True),
        ("https://api.cohere.ai", True),
        ("http://api.cohere.com", False),
        ("https://api.cohere.com:8443", False),
        ("https://api.cohere.com.evil.example", False),
        ("https://evil.example/api.cohere.com", False),
        ("https://api.cohere.com@evil.example", False),
        ("https://apicohere.com", False),
        ("https://xapi.cohere.com", False),
        ("https://evil.api.cohere.com", False),
        ("https://cohere.com", False),
        ("https://api.cohere.com\\.evil.example", False),
        ("https://api.coh\u0435re.com", False),
        ("https://api.cohere\u3002com", False),
        ("https://xn--api-cohere.com", False),
        ("https://[::1]", False),
    ],
)
def test_whose_host_it_is(url: str, theirs: bool) -> None:
    assert is_cohere(url) is theirs


def test_a_lookalike_needs_trust(ask: Callable[..., Asked], key: str) -> None:
    for url in ("https://api.cohere.com.evil.example", "https://api.cohere.com:8443", "https://API.COHERE.CO"):
        code, _, said = ask(f"base_url: {url}\n")
        assert code == 2
        assert "it sends the API key" in said


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_does_not_take_the_key_along(status: int, key: str, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(answers) as other:

        def away(_: Received) -> Reply:
            return error(status, "", {"location": f"{other.url.replace('127.0.0.1', 'localhost')}/v2/chat"})

        with serving(away) as server:
            assert run(["ask", "--retries", "0", "--base-url", server.url, "why?"]) == 1
            assert sent(server.received) == [f"Bearer {key}"]
        assert other.connections == 0


# -- variables that hold a secret ------------------------------------------------------------------

SECRETS = {
    "CO_API_KEY": KEY, "COHERE_API_KEY": "another-key-0123", "NAMED": "a-named-one-0123", "COPY": KEY,
    "HEADER": f"Bearer {KEY}", "GITHUB_TOKEN": "gh-0123456789", "ALIAS": "gh-0123456789",
    "AWS_SECRET_ACCESS_KEY": "aws-0123456789", "DB_PASSWORD": "hunter-two-two", "PGPASSWORD": "hunter-2-2",
    "MY_KEY": "k", "DEPLOY_KEY_PROD": "k", "STRIPE_APIKEY": "k", "SERVICE_CREDENTIALS": "c", "X_AUTH": "a",
    "MYSQL_PWD": "p", "SSHPASS": "p", "STRIPE_SK": "s", "DB_PWD": "p", "BASIC_CREDS": "c", "BOT_TOKEN_V2": "t",
    "GPG_PASS_PHRASE": "p", "ADMIN_PIN": "1", "SLACK_WEBHOOK_URL": "https://hook.example/x",
    "BACKWARDS": KEY[::-1], "IN_BASE64": base64.b64encode(f"me:{KEY}".encode()).decode(),
    "DATABASE_URL": "postgres://me:word@db/x", "lower_secret": "s",
}  # fmt: skip
PLAIN = {
    "HOME": "/home/me", "PWD": "/work", "USER": "me", "MODEL": "command-x", "MAX_TOKENS": "5", "SSH_KEY_PATH": "/k",
    "OLDPWD": "/", "XDG_SESSION_ID": "7", "KEYBOARD": "us", "AUTHOR": "me", "HOST": "gpu-1", "PORT": "8000",
    "PATH_TO": "x",
}  # fmt: skip


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    "setting",
    ["base_url: https://host.example/${{{}}}", "model: x-${{{}}}", "log: logs/${{{}}}.log", "system: say ${{{}}}",
     "docs: ['${{{}}}.yaml']", "tools: ['${{{}}}.yaml']", "theme: ${{{}}}", "base_url: https://h/${{{}:-word}}",
     "api_key_env: ${{{}}}"],
)  # fmt: skip
def test_a_setting_expands_no_secret(tmp_path: Path, name: str, setting: str) -> None:
    file = tmp_path / "c.yaml"
    named = "" if "api_key_env" in setting else "api_key_env: NAMED\n"
    if not named and name == "NAMED":
        pytest.skip("nothing says that it is one")
    file.write_text(f"{named}{setting.format(name)}\n")
    _, (problem,) = read_settings(file, {**SECRETS, **PLAIN})
    assert problem.line == (2 if named else 1)
    assert f"`${{{name}}}` is not expanded" in problem.message
    assert not any(value in str(problem) for value in SECRETS.values() if len(value) > 4)


@pytest.mark.parametrize("name", PLAIN)
def test_other_variables_are_expanded(tmp_path: Path, name: str) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(f"model: ${{{name}}}\n")
    assert read_settings(file, {**SECRETS, **PLAIN})[0].model == PLAIN[name]


@pytest.mark.parametrize("setting", ["base_url: {url}/${{HARMLESS}}", "base_url: {url}\nsystem: say ${{HARMLESS}}"])
def test_what_a_variable_holds_is_sent_only_once_the_file_is_trusted(
    ask: Callable[..., Asked], setting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key is needed for that: a name says little of what a variable holds."""
    monkeypatch.setenv("HARMLESS", "a-value-that-is-not")
    code, received, said = ask(setting + "\n")
    assert (code, received) == (2, [])
    assert "HARMLESS" in said
    assert "a-value-that-is-not" not in said
    code, received, _ = ask(setting + "\n", "--yes")
    assert code == 0
    assert "a-value-that-is-not" in f"{received[0].path}{received[0].body}"


def test_tools_outside_of_the_folder_need_trust(ask: Callable[..., Asked], tmp_path: Path) -> None:
    tools = tmp_path / "mine" / "tools.yaml"
    tools.parent.mkdir()
    tools.write_text("tools: [{name: f, description: d, run: ask}]\n")
    given = tmp_path / "stranger" / "given.yaml"
    given.parent.mkdir()
    given.write_text("tools: [../mine/tools.yaml]\n")
    code, received, said = ask("", "--config", str(given), "--base-url", "{url}")
    assert (code, received) == (2, [])
    assert f"it uses tools from outside of its folder: {tools}" in said
    assert ask("", "--config", str(given), "--tools", str(tools), "--base-url", "{url}")[0] == 0


def test_documents_and_tools_expand_none_either(tmp_path: Path) -> None:
    docs, tools = tmp_path / "docs.yaml", tmp_path / "tools.yaml"
    docs.write_text("files: docs/${NAMED}.md\n")
    tools.write_text("tools: [{name: f, description: 'say ${NAMED}', run: ask}]\n")
    given: list[tuple[list[Path], list[Path]]] = [([docs], []), ([], [tools])]
    for of_docs, of_tools in given:
        with pytest.raises(ConfigurationError, match="not expanded") as caught:
            load_configuration(of_docs, of_tools, {"NAMED": KEY, "CO_API_KEY": KEY})
        assert KEY not in str(caught.value)


def test_the_variable_of_the_flag_is_a_secret_too(
    ask: Callable[..., Asked], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE", "the-word-9876543210")
    code, received, said = ask("model: ${{DATABASE}}\n", "--base-url", "{url}", "--api-key-env", "DATABASE")
    assert (code, received) == (2, [])
    assert "it holds the API key" in said
    (tmp_path / "docs.yaml").write_text("files: '${DATABASE}.md'\n")
    flags = ["--docs", str(tmp_path / "docs.yaml"), "--base-url", "{url}", "--api-key-env", "DATABASE"]
    code, received, said = ask("model: m\n", *flags)
    assert (code, received) == (2, [])
    assert "docs.yaml:1:8" in said
