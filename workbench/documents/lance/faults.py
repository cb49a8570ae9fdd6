"""What goes wrong with a store, in words and with a remedy: the library's own errors are pages of Rust.

Owns which words these are. Refuses to quote what a server says, but for one short line that nobody expected.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from workbench.documents.passages import StoreSpec
from workbench.errors import DocumentsAway, causes_of

INSTALL: Final = "pip install 'cohere-workbench[lance]'"
_SHOWN: Final = 160  # characters of an error that is not known
_AWAY: Final = (
    (re.compile(r"dns error|failed to lookup address"), "its server's name cannot be found"),
    (re.compile(r"ConnectionRefused|Connection refused"), "nothing answers there"),
    (re.compile(r"UnknownIssuer|certificate", re.IGNORECASE), "its certificate is not to be trusted"),
    (re.compile(r"kind: (?:Connect|Timeout|Request|Interrupted)|TimedOut|timed out|error sending"), "no answer comes"),
)
_RIGHTS: Final = re.compile(
    r"AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|Unauthenticated|status: 40[13]\b"
    r"|PermissionDenied|Permission denied"
)
_CREDENTIALS: Final = re.compile(r"CredentialsNotLoaded|no providers in chain|NoCredentials|credentials provider")
_BUCKET: Final = re.compile(r"NoSuchBucket")
_REGION: Final = re.compile(r"PermanentRedirect|AuthorizationHeaderMalformed|status: 301\b|IllegalLocationConstraint")
_OPEN: Final = re.compile(r"BadScheme")
_FULL: Final = re.compile(r"No space left|StorageFull|QuotaExceeded|EntityTooLarge")
_READ_ONLY: Final = re.compile(r"Read-only file system|ReadOnlyFilesystem")
_MISSING: Final = re.compile(
    r"was not found|Ref not found|tag \S+ does not exist|no longer exists|Not found: |NotFound"
)
_CONFLICT: Final = re.compile(
    r"[Cc]ommit conflict|Retryable commit|TooMuchWriteContention|preempted by concurrent|already exists"
)
_TORN: Final = re.compile(r"EOF while parsing|trailing characters at line|expected value at line|refs\.rs")


class StoreUnusable(DocumentsAway):
    """The store cannot be used: `message` says why, in words that go on from its address, `hint` what to do."""

    def __init__(self, address: str, message: str, hint: str = "") -> None:
        self.message = f"the store {address} {message}"
        self.hint = hint
        super().__init__(self.message + (f" ({hint})" if hint else ""))


class NotInStore(StoreUnusable):
    """The store can be reached, and has not what was looked for."""


class ReadMeanwhile(StoreUnusable):
    """What was read was being written: the library asks for the size of a tag first and then for so much of it."""


class WrittenMeanwhile(StoreUnusable):
    """Another program has written what this one was about to write."""

    def __init__(self, spec: StoreSpec) -> None:
        hint = "wait until the other one is done, and try again"
        super().__init__(spec.address, "is being written by another program", hint)


_ANEW: Final = "bring it up to date with `workbench index`, where the documents are"
_PLAIN: Final[tuple[tuple[re.Pattern[str], type[StoreUnusable], str, str], ...]] = (
    (_REGION, StoreUnusable, "is in a bucket of another region", "give its `region:`"),
    (_OPEN, StoreUnusable, "has an endpoint of plain http", "say `allow_http: true` if you mean it"),
    (_FULL, StoreUnusable, "is full: there is no room left to write", "make some, and try again"),
    (_READ_ONLY, StoreUnusable, "is on a file system that cannot be written", "index it where it can"),
    (_MISSING, NotInStore, "lacks a table, a version or a part of one", _ANEW),
    (_TORN, ReadMeanwhile, "is being written by another program", "try again"),
)
_NO_BUCKET: Final = ("is in a bucket that does not exist", "make it, or correct the name, the region or the endpoint")


@contextmanager
def faults_told(spec: StoreSpec, environ: Mapping[str, str]) -> Iterator[None]:
    """Within, an error of the library or of the system becomes StoreUnusable; secrets of `environ` are masked in it."""
    try:
        yield
    except StoreUnusable:
        raise
    except (OSError, RuntimeError, ValueError, KeyError, TypeError) as error:
        raise in_words(spec, error, environ) from None


def in_words(spec: StoreSpec, error: BaseException, environ: Mapping[str, str]) -> StoreUnusable:
    """What an error of the library means for whoever uses the store."""
    said = " ".join(f"{type(each).__name__}: {each}" for each in causes_of(error))
    if _CONFLICT.search(said):
        return WrittenMeanwhile(spec)
    if _BUCKET.search(said):
        return StoreUnusable(spec.address, *_NO_BUCKET)
    if _CREDENTIALS.search(said):
        return no_credentials(spec)
    if _RIGHTS.search(said):
        return _no_rights(spec)
    for pattern, what in _AWAY if spec.folder is None else ():
        if pattern.search(said):
            return StoreUnusable(spec.address, f"cannot be reached: {what}", "look at the network and the endpoint")
    for found, kind, what, remedy in _PLAIN:
        if found.search(said):
            return kind(spec.address, what, remedy)
    short = _without_secrets(" ".join(str(error).split()), environ)[:_SHOWN]
    return StoreUnusable(
        spec.address,
        f"cannot be used: {short or type(error).__name__}",
        "name another one, or take this away and index it anew",
    )


def no_credentials(spec: StoreSpec) -> StoreUnusable:
    """That the environment has nothing to sign requests with."""
    hint = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN), or AWS_PROFILE"
    return StoreUnusable(spec.address, "needs credentials, and the environment has none", hint)


def not_installed(spec: StoreSpec) -> StoreUnusable:
    """That the library is not there."""
    return StoreUnusable(spec.address, "needs a package that is not installed", INSTALL)


def _no_rights(spec: StoreSpec) -> StoreUnusable:
    if spec.folder is not None:
        return StoreUnusable(spec.address, "may not be read or written by you", "ask for the rights to its folder")
    hint = "look at AWS_ACCESS_KEY_ID and its rights: to read, list and get objects; to index, put and delete, too"
    return StoreUnusable(spec.address, "does not let you in: the server refuses these credentials", hint)


def _without_secrets(text: str, environ: Mapping[str, str]) -> str:
    for name, value in environ.items():
        if name.upper().startswith("AWS_") and any(each in name.upper() for each in ("KEY", "TOKEN")) and value:
            text = text.replace(value, "***")
    return text
