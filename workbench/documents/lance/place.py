"""Where the table of a set is in a store, and how it is reached: the library's options, and the one who may write.

Owns what of the environment goes to a server: the credentials of AWS's own variables, and nothing else. They are put
into options that no one prints.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.util import find_spec
from typing import Any, Final

from workbench.documents.lance.faults import StoreUnusable, faults_told, no_credentials, not_installed
from workbench.documents.passages import StoreSpec
from workbench.documents.writer_lock import writer_lock

_UNFIT: Final = re.compile(r"[^A-Za-z0-9_-]+")
_LOG: Final = "LANCEDB_LOG"  # which the library reads: its own lines on stderr would stand across the screen
_LONGEST: Final = 60  # characters of a set's name in that of its table
_KEYS: Final = {
    "AWS_ACCESS_KEY_ID": "aws_access_key_id",
    "AWS_SECRET_ACCESS_KEY": "aws_secret_access_key",
    "AWS_SESSION_TOKEN": "aws_session_token",
}
_OTHER_WAYS: Final = (  # AWS's own ways to have credentials, which the library knows
    *("AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
)
_PATIENCE: Final = {  # a person waits: what a server does not answer soon is told
    "timeout": "60s",
    "connect_timeout": "5s",
    "client_max_retries": "2",
    "client_retry_timeout": "20",
}


def table_of(name: str) -> str:
    """The table of the set `name`: this name where a table can have it, else what is like it and tells it apart."""
    fit = _UNFIT.sub("-", name).strip("-")[:_LONGEST]
    if fit == name:
        return fit
    return f"{fit or 'set'}-{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}"


def connected(spec: StoreSpec, environ: Mapping[str, str], *, make: bool) -> Any:
    """A connection of the library's. A folder that is not there is made with `make` alone. Raises StoreUnusable."""
    folder = spec.folder
    if folder is not None and not make and not folder.is_dir():
        missing = "is no folder" if folder.exists() else "is not there"
        raise StoreUnusable(spec.address, missing, "fill it with `workbench index`, where the documents are")
    options = None if folder is not None else options_of(spec, environ)
    with faults_told(spec, environ):
        if folder is not None and make:
            folder.mkdir(parents=True, exist_ok=True)
        os.environ.setdefault(_LOG, "off")  # read when it is loaded
        try:
            import lancedb
        except ImportError:
            raise not_installed(spec) from None
        return lancedb.connect(spec.address, storage_options=options)


def options_of(spec: StoreSpec, environ: Mapping[str, str]) -> dict[str, str]:
    """The library's options for S3. Raises StoreUnusable when the environment has no credentials."""
    found = {option: environ[name] for name, option in _KEYS.items() if environ.get(name)}
    if not {"aws_access_key_id", "aws_secret_access_key"} <= found.keys():
        if not any(environ.get(each) for each in _OTHER_WAYS):
            raise no_credentials(spec)
        found = {}
    region = spec.region or environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    if region or spec.endpoint:
        found["aws_region"] = region or "us-east-1"
    if spec.endpoint:
        found["aws_endpoint"] = spec.endpoint
    path_style = spec.path_style if spec.path_style is not None else spec.endpoint is not None
    found["aws_virtual_hosted_style_request"] = str(not path_style).lower()
    found["allow_http"] = str(spec.allow_http).lower()
    return {**found, **_PATIENCE}


def is_installed() -> bool:
    """Whether the library is there, without importing it."""
    return find_spec("lancedb") is not None


def server_of(spec: StoreSpec) -> str:
    """Who gets what goes to a store on S3, in words."""
    return spec.endpoint or "Amazon S3"


def asked_of(store: StoreSpec) -> str:
    """What a file asks for that names this store and is not trusted, as a sentence; "" where nobody need be asked."""
    if store.named_by is None:
        return ""
    if store.folder is None:
        server = server_of(store)
        return (
            f"it reads and writes documents in {store.address} at {server}, with the AWS credentials of the environment"
        )
    if store.named_by.holds(store.folder):
        return ""
    return f"it keeps documents in a store outside of its folder: {os.path.realpath(store.folder)}"


@contextlib.contextmanager
def only_writer(spec: StoreSpec, table: str, waiting: Callable[[], object]) -> Iterator[None]:
    """Within, no other program writes this table of a folder; `waiting` is called once when one does by now.

    On S3 nothing can be locked: whoever writes there notices that another one does when it is about to.
    Raises StoreUnusable.
    """
    folder = spec.folder
    if folder is None:
        yield
        return
    with contextlib.ExitStack() as stack:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            # Others who may write the folder lock it, too.
            stack.enter_context(writer_lock(folder / f"{table}.lock", 0o666, waiting))
        except OSError as error:
            raise _unwritable(spec, error) from error
        yield


def _unwritable(spec: StoreSpec, error: OSError) -> StoreUnusable:
    return StoreUnusable(spec.address, f"cannot be written: {error.strerror}", "ask for the rights to its folder")
