"""The variables of the environment that say whom to trust: SSL_CERT_FILE, SSL_CERT_DIR, and SSLKEYLOGFILE beside them.

Owns their checks, before anything is sent: httpx and Python's ssl raise, or wait for ever, for what they cannot use.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from workbench.errors import ConfigurationError, Problem
from workbench.paths import look_at, reason_of

FILE = "SSL_CERT_FILE"
FOLDER = "SSL_CERT_DIR"
KEY_LOG = "SSLKEYLOGFILE"
LOOKED_AT = 64 * 1024  # bytes at the beginning of a file, in which its first certificate stands
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


def check_certificates(environ: Mapping[str, str]) -> None:
    """Raises ConfigurationError, by the variable's name, for a value that no connection can be made with.

    A variable that is empty counts as not set. Where SSL_CERT_FILE is set, SSL_CERT_DIR is not looked at.
    """
    if file := environ.get(FILE, ""):
        _refuse(FILE, _file_fault(file), "name a file of certificates in PEM format, or unset it")
    elif folder := environ.get(FOLDER, ""):
        _refuse(FOLDER, _folder_fault(folder), "name a folder of certificates, or unset it")
    if log := environ.get(KEY_LOG, ""):
        _refuse(KEY_LOG, _log_fault(log), "name a file that can be written, or unset it")


def _refuse(variable: str, fault: str, hint: str) -> None:
    if fault:
        raise ConfigurationError([Problem(variable, 0, 0, fault, hint)])


def _file_fault(path: str) -> str:
    """What is wrong with a file of certificates, "" when it can be used."""
    found = look_at(path)
    if found.kind != "file":
        return _place_fault(path, found.reason or "it is no regular file")
    import ssl  # there already: asyncio needs it

    try:
        if not _begins_well(path):
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=path)
    except ssl.SSLError:  # its own text is of OpenSSL's insides
        return f"{path} holds no certificates that can be read"
    except (OSError, ValueError) as error:
        return _place_fault(path, reason_of(error))
    return ""


def _begins_well(path: str) -> bool:
    """Whether the first certificate of a file can be read: all of a system's take 20 ms, which a start has not.

    A fault behind it is one of the first connection, which says so.
    """
    import ssl

    with Path(path).open("rb") as file:
        head = file.read(LOOKED_AT)
    start = head.find(_BEGIN)
    end = head.find(_END, start)
    if start < 0 or end < 0:
        return False
    try:
        certificate = head[start : end + len(_END)].decode("ascii")
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=certificate)
    except (ssl.SSLError, ValueError):  # what OpenSSL takes for no certificate, or no ASCII
        return False
    return True


def _folder_fault(path: str) -> str:
    """OpenSSL takes a list of folders, and looks into them when it needs a certificate; one is enough."""
    faults = [
        _place_fault(each, found.reason or "it is no folder")
        for each in path.split(os.pathsep)
        if (found := look_at(each)).kind != "folder"
    ]
    return faults[0] if len(faults) == len(path.split(os.pathsep)) else ""


def _log_fault(path: str) -> str:
    """Python's ssl opens it, to append to it, with every connection pool; a pipe would be waited for."""
    found = look_at(path)
    if found.kind == "absent":
        folder = Path(path).parent
        return "" if os.access(folder, os.W_OK) else _place_fault(path, f"no file can be made in {folder}")
    if found.kind != "file":
        return _place_fault(path, found.reason or "it is no regular file")
    return "" if os.access(path, os.W_OK) else _place_fault(path, "it may not be written")


def _place_fault(path: str, reason: str) -> str:
    return f"{path} cannot be used: {reason}"
