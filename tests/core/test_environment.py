"""Bad values of the environment: a line that names the variable and exit code 2, or what others fall back to."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.loaded import LoadedProgram
from workbench.cohere_client import ClientOptions, connect
from workbench.errors import ConfigurationError, ConnectionFailed
from workbench.startup.terminal_variables import make_fit
from workbench.ui.editor import EditorFailed, edited, editor_of

SECRET = "hunter2"
LIVE = ("ask", "--base-url", "https://127.0.0.1:1", "--retries", "0", "q")


def workbench(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """The command, started with these variables; the answer of a hang is a failure."""
    return told(
        subprocess.run(
            [sys.executable, "-m", "workbench", *arguments],
            env={**os.environ, **environ}, capture_output=True, text=True, timeout=60, errors="surrogateescape",
        )
    )  # fmt: skip


def told(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    for fault in ("Traceback", "a fault of this program", "Exception ignored"):
        assert fault not in done.stderr
    return done


def short(value: object) -> str:
    """What pytest calls a case."""
    return ascii(value)[:40]


def refused(loaded: LoadedProgram, variable: str, value: str) -> str:
    """What is said of a value, which must be one line that begins with the variable."""
    done = told(loaded.run_text(*LIVE, environ={**os.environ, variable: value}))
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith(f"{variable}: ")
    return done.stderr


# -- certificates ---------------------------------------------------------------------------------


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _circle(path: Path) -> None:
    path.symlink_to(path)


PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
MAKES: dict[str, Callable[[Path], object]] = {
    "nothing": lambda path: None,
    "a folder": Path.mkdir,
    "an empty file": Path.touch,
    "text": lambda path: path.write_text("not a certificate"),
    "noise": lambda path: path.write_bytes(bytes(range(256)) * 20),
    "a certificate that is none": lambda path: path.write_text(PEM.format("bm90aGluZw==")),
    "a certificate that is cut": lambda path: path.write_text(PEM.format("MIIB")[:40]),
    "a pipe": _fifo,
    "a circle of links": _circle,
    "a broken link": lambda path: path.symlink_to(path.with_name("gone")),
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
}


@pytest.mark.parametrize("make", MAKES)
def test_certificates_that_cannot_be_used(make: str, tmp_path: Path, loaded: LoadedProgram) -> None:
    path = tmp_path / "ca.pem"
    MAKES[make](path)
    assert str(path) in refused(loaded, "SSL_CERT_FILE", str(path))


NO_FILES = ("/nope/ca.pem", "/" + "n" * 300, "/" + "n" * 5000, "ca\x1b[31m.pem", os.fsdecode(b"\xff"))


@pytest.mark.parametrize("value", NO_FILES, ids=short)
def test_certificates_with_a_name_that_no_file_has(value: str, loaded: LoadedProgram) -> None:
    assert "\x1b" not in refused(loaded, "SSL_CERT_FILE", value)


@pytest.mark.parametrize("make", [name for name in MAKES if name != "a folder"])
def test_a_folder_of_certificates_that_is_none(make: str, tmp_path: Path, loaded: LoadedProgram) -> None:
    MAKES[make](tmp_path / "certificates")
    refused(loaded, "SSL_CERT_DIR", str(tmp_path / "certificates"))


@pytest.mark.parametrize("make", ["a folder", "a pipe", "a circle of links", "a link to a device"])
def test_a_log_of_session_keys_that_cannot_be_written(make: str, tmp_path: Path, loaded: LoadedProgram) -> None:
    MAKES[make](tmp_path / "log")
    refused(loaded, "SSLKEYLOGFILE", str(tmp_path / "log"))
    refused(loaded, "SSLKEYLOGFILE", str(tmp_path / "no" / "log"))


def test_what_can_be_used_is(tmp_path: Path) -> None:
    """The connection, which nobody takes, is what fails."""
    import certifi

    for environ in (
        {"SSL_CERT_FILE": certifi.where()},
        {"SSL_CERT_DIR": f"/nope:{tmp_path}", "SSLKEYLOGFILE": str(tmp_path / "log")},
        {"SSL_CERT_FILE": "", "SSL_CERT_DIR": "", "SSLKEYLOGFILE": ""},
    ):
        done = workbench(*LIVE, **environ)
        assert done.returncode == 1
        assert "refused the connection" in done.stderr


def test_the_offline_engine_asks_for_no_certificates() -> None:
    assert workbench("ask", "--offline", "q", SSL_CERT_FILE="/nope", HTTPS_PROXY="nonsense://").returncode == 0


async def test_certificates_that_go_away_fail_the_turn_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import certifi

    path = tmp_path / "ca.pem"
    path.write_bytes(Path(certifi.where()).read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    client = connect(ClientOptions(base_url="https://127.0.0.1:1"), os.environ)
    path.unlink()
    with pytest.raises(ConnectionFailed, match="SSL_CERT_FILE"):
        async with client.stream({"model": "m", "messages": []}):
            pass
    await client.aclose()


# -- proxies --------------------------------------------------------------------------------------

BAD_PROXIES = (
    "http://", "http://[::1", "http://h:99999", "http://h:-1", "http://h:abc", "ftp://h", "socks4://h:1", "://", "javascript://x",
    "http://a b", "http://\x1b[31m", "http://h\nx", "http:///path", "http://:8080", "http://?x", "http://a..b\u00e9:1",
    "http://h%zz:1", os.fsdecode(b"http://\xff.com"), "http://\u202eh", f"ftp://me:{SECRET}@h", f"http://me:{SECRET}@h:port",
    f"http://me:{SECRET}\x07@h",
)  # fmt: skip


@pytest.mark.parametrize("url", BAD_PROXIES, ids=ascii)
def test_a_proxy_that_cannot_be_used_is_refused_unseen(url: str) -> None:
    for variable in ("https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        with pytest.raises(ConfigurationError) as raised:
            connect(ClientOptions(base_url="https://127.0.0.1:1"), {variable: url})
        (problem,) = raised.value.problems
        assert problem.file == variable
        assert SECRET not in str(problem)
        assert str(problem).isprintable()


def test_a_proxy_that_cannot_be_used_is_one_line(loaded: LoadedProgram) -> None:
    for url in ("http://h:99999", "ftp://h", "socks5://127.0.0.1:1"):
        assert "proxy" in refused(loaded, "HTTPS_PROXY", url)


GOOD_PROXIES = (
    "h:1", "http://h", "http://me:p%40ss@h:1/", "https://[::1]:8", "http://b\u00fccher.example:1", "H:3128",
)  # fmt: skip


@pytest.mark.parametrize("url", GOOD_PROXIES, ids=short)
def test_a_proxy_that_can_be_used_is_left_alone(url: str) -> None:
    connect(ClientOptions(base_url="https://127.0.0.1:1"), {"ALL_PROXY": url})


EXCEPTIONS = ("", "*", ",,,", " , ", "[::1", "\x1b", "n" * 100_000, "*.x,.", os.fsdecode(b"\xff"))


@pytest.mark.parametrize("exceptions", EXCEPTIONS, ids=short)
def test_any_list_of_exceptions_will_do(exceptions: str) -> None:
    connect(ClientOptions(base_url="https://127.0.0.1:1"), {"ALL_PROXY": "h:1", "NO_PROXY": exceptions})


# -- what the screen's library reads ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        *(("TEXTUAL_COLOR_SYSTEM", value) for value in ("nonsense", "AUTO", "1", "\x1b[31m", "x" * 100_000, "windows")),
        *(("ESCDELAY", value) for value in ("99999999", "9" * 400)),
        *(("TEXTUAL_FPS", value) for value in ("99999999", "9" * 400)),
        *(("TEXTUAL_DIM_FACTOR", value) for value in ("101", "9" * 400)),
        ("TEXTUAL_SLOW_THRESHOLD", "9" * 400),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_a_value_that_the_screen_would_die_of_is_refused_by_name(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        make_fit({variable: value})
    (problem,) = raised.value.problems
    assert problem.file == variable
    assert len(str(problem)) < 200


def test_a_value_that_does_no_harm_stays() -> None:
    harmless = {
        "ESCDELAY": "abc",
        "TEXTUAL_FPS": "",
        "TEXTUAL_COLOR_SYSTEM": "256",
        "TEXTUAL_ANIMATIONS": "none",
        "X": "1",
    }
    environ = dict(harmless)
    make_fit(environ)
    assert environ == harmless


def test_what_is_not_for_a_person_is_taken_away() -> None:
    environ = {
        "TEXTUAL_DRIVER": "a:b",
        "TEXTUAL_LOG": "/dev/full",
        "COLUMNS": "\u00b2",
        "LINES": "9" * 400,
        "TEXTUAL_COLOR_SYSTEM": " ",
    }
    make_fit(environ)
    assert environ == {}


@pytest.mark.parametrize("columns", ["", "0", "-5", "1", "abc", "\u00b2", "99999999", "9" * 400, "9" * 5000], ids=short)
def test_help_of_any_width(columns: str, loaded: LoadedProgram) -> None:
    done = told(loaded.run_text("ask", "--help", environ={**os.environ, "COLUMNS": columns, "LINES": columns}))
    assert (done.returncode, done.stderr) == (0, "")


# -- the locale -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "environ",
    [
        {"LC_ALL": "C"}, {"LC_ALL": "nonsense"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "ascii:strict"}, {"PYTHONIOENCODING": "cp037"}, {"TZ": ":/nope"},
    ],
    ids=str,
)  # fmt: skip
def test_no_locale_loses_output(environ: dict[str, str], project: Path) -> None:
    docs = str(project / "config" / "library.yaml")
    assert (
        workbench(
            "ask", "--offline", "--session", "--docs", docs, "When is lunch in the caf\u00e9?", **environ
        ).returncode
        == 0
    )
    listed = workbench("sessions", "list", **environ)
    assert (listed.returncode, listed.stderr) == (0, "")
    assert workbench("--help", **environ).returncode == 0
    assert workbench("--h\u00e9lp", **environ).returncode == 2


# -- the editor -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ("/nowhere/editor --wait", "No such file or directory"),
        ("'unbalanced", "no closing quotation"),
        ("\\", "no escaped character"),
        ("/", "Permission denied"),
        ("/etc/passwd", "Permission denied"),
        ("false", "exit code 1"),
        ("sh -c 'kill -9 $$'", "signal 9"),
        ("rm -f", "No such file or directory"),
        ('sh -c \'rm "$0"; mkdir "$0"\'', "Is a directory"),
        ("/" + "n" * 300, "File name too long"),
        ("x" * 130_000, "too long"),
        ("a\0b", "NUL"),
    ],
    ids=lambda value: ascii(value)[:30],
)
def test_an_editor_that_cannot_be_used(command: str, reason: str) -> None:
    with pytest.raises(EditorFailed) as raised:
        edited(command, "text")
    assert reason in str(raised.value)
    assert len(str(raised.value)) < 200


def test_an_editor_of_a_few_words_edits() -> None:
    assert edited('sh -c \'printf " more" >> "$0"\'', "text") == "text more"
    assert edited('sh -c \'printf "\\377" > "$0"\'', "text") == "\ufffd"


def test_a_variable_of_spaces_names_no_editor() -> None:
    assert editor_of({"VISUAL": " ", "EDITOR": "vi"}) == ("EDITOR", "vi")
    assert editor_of({"VISUAL": "emacs -nw", "EDITOR": "vi"}) == ("VISUAL", "emacs -nw")
    assert editor_of({"EDITOR": "\t"}) == ("EDITOR", "")


def test_a_folder_for_temporary_files_that_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for value in ("/nope", str(tmp_path / "file"), "/" + "n" * 5000, ""):
        (tmp_path / "file").touch()
        monkeypatch.setenv("TMPDIR", value)
        monkeypatch.setattr("tempfile.tempdir", None)
        assert edited("true", "text") == "text"
