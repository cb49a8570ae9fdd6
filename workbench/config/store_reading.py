"""`store:` of a documents set: where its passages are kept for several people, and how that is reached.

Owns its keys. Refuses credentials: they come from the environment, and a file that has some is told so, without them.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from workbench.config.nodes import Map, Node, Tree
from workbench.config.typed_reading import Fields, Reader
from workbench.documents.passages import S3, FilePlace, StoreSpec
from workbench.errors import quoted

STORE_KEYS: Final = ("lance", "region", "endpoint", "allow_http", "path_style")
OF_S3: Final = STORE_KEYS[1:]
_WHERE: Final = "a folder, or s3://bucket/path"
_CREDENTIALS: Final = "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment instead"
_SECRET: Final = re.compile(r"key|secret|token|password|credential|profile", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,62}")
_REGION: Final = re.compile(r"[A-Za-z0-9-]{1,40}")


class StoreReader:
    """Reads the stores of one documents file."""

    def __init__(self, tree: Tree, reader: Reader) -> None:
        self._tree = tree
        self._reader = reader

    def read(self, node: Node) -> StoreSpec | None:
        """The store at a node; None after adding a problem."""
        add = self._reader.findings.add
        if not isinstance(node, Map):
            self._reader.wrong_type(node, "a map such as `{lance: shared/store}`", f"`lance:` names {_WHERE}")
            return None
        secret = [entry for key, entry in node.entries.items() if key not in STORE_KEYS and _SECRET.search(key)]
        for entry in secret:
            add(entry, f"{quoted(entry.key)} does not belong into a file", _CREDENTIALS)
        known = {key: entry for key, entry in node.entries.items() if entry not in secret}
        fields = Fields(Map(known, node.line, node.column), self._reader, STORE_KEYS, "a store")
        where = fields.require("lance", f"it names {_WHERE}")
        address = self._address(where) if where is not None else None
        endpoint = self._endpoint(found) if (found := fields.get("endpoint")) else None
        allows = bool(self._reader.flag(found)) if (found := fields.get("allow_http")) else False
        if endpoint and endpoint.startswith("http:") and not allows and (found := fields.get("endpoint")):
            message = f"{quoted(endpoint)} is plain http: anybody on the way reads the documents"
            add(found, message, "use https://, or say `allow_http: true` as well")
        region = self._region(found) if (found := fields.get("region")) else None
        path_style = self._reader.flag(found) if (found := fields.get("path_style")) else None
        if address is None or where is None:
            return None
        if not address.startswith(S3):
            for key in OF_S3:
                if found := fields.get(key):
                    add(found, f"`{key}` is for a store on S3", f"leave it out: {quoted(address)} is a folder")
        place = FilePlace(str(self._tree.path), where.line, where.column)
        return StoreSpec(address, region, endpoint, allows, path_style, place, self._tree.origin)

    def _address(self, node: Node) -> str | None:
        text = self._reader.text(node)
        if text is None:
            return None
        add = self._reader.findings.add
        if not _SCHEME.match(text):
            return os.path.abspath(self._tree.folder / Path(text.strip()).expanduser())  # noqa: PTH100 - links are kept
        if not text.startswith(S3):
            add(node, f"no store can be at an address that begins with {quoted(text.partition('://')[0])}", _WHERE)
            return None
        bucket, _, path = text.removeprefix(S3).partition("/")
        if "@" in bucket or ":" in bucket:
            add(node, "the address of a store holds no user, password or port", _CREDENTIALS)
            return None
        path = path.strip("/")
        if not _BUCKET.fullmatch(bucket) or (path and {"", ".", ".."} & {*path.split("/")}):
            add(node, f"{quoted(text)} is no address of a store", "write s3://bucket/path")
            return None
        return f"{S3}{bucket}/{path}".rstrip("/")

    def _endpoint(self, node: Node) -> str | None:
        text = self._reader.text(node)
        if text is None:
            return None
        try:
            parts = urlsplit(text)
            named = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
        except ValueError:  # no port, or an address in brackets that is none
            named = False
        if not named:
            self._reader.findings.add(node, "expected the URL of a server", "such as https://s3.example.com")
            return None
        if "@" in parts.netloc or parts.query or parts.fragment:
            message = "the URL of an endpoint has no user, password, query or fragment"
            self._reader.findings.add(node, message, _CREDENTIALS)
            return None
        return text.rstrip("/")

    def _region(self, node: Node) -> str | None:
        text = self._reader.text(node)
        if text is not None and not _REGION.fullmatch(text):
            self._reader.findings.add(node, f"{quoted(text)} is no region", "such as eu-central-1")
            return None
        return text
