"""A documents file: owns its forms and turns them into set specifications; loads no document.

Refuses duplicate sets and ids, and sets and documents without content.
A document's own text is data: it is taken as it stands and `${VAR}` in it is not expanded.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import get_args

from workbench.config.findings import Findings, Located, unknown_word
from workbench.config.inline_documents import InlineDocuments
from workbench.config.kind import expect_kind
from workbench.config.nodes import List, Map, MapEntry, Node, Scalar, Tree
from workbench.config.retrieval_models import embed_of, rerank_of
from workbench.config.typed_reading import Fields, Reader, described
from workbench.config.where import where_of
from workbench.documents.passages import (
    FilePattern,
    FilePlace,
    QuerySource,
    RetrievalMode,
    RetrievalSpec,
    SetSpec,
    SplitSpec,
)
from workbench.errors import Problem, quoted

SET_KEYS = ("documents", "files", "gitignore", "split", "retrieval")
RETRIEVAL_KEYS = ("mode", "top_k", "budget_words", "where", "search", "query", "rewrite", "embed", "rerank")
MODES: dict[str, RetrievalMode] = {each: each for each in get_args(RetrievalMode)}
SEARCHES: dict[str, RetrievalMode] = {each: MODES[each] for each in MODES if each not in ("all", "tool")}
"""The modes in which a set can be searched by a tool."""

_AVAILABLE = f"available are {', '.join(MODES)}; leave it out to choose by the size of the set"
QUERIES: dict[str, QuerySource] = {each: each for each in get_args(QuerySource)}
MAX_WORDS = 100_000
MAX_TOP_K = 1000
MAX_BUDGET = 1_000_000


def documents_of(
    tree: Tree, environ: Mapping[str, str], secrets: Set[str] = frozenset()
) -> tuple[tuple[SetSpec, ...], tuple[Problem, ...]]:
    """The sets of a file that is read already, in its order, and every problem of it, in file order.

    `secrets` are as for `Reader`.
    """
    findings = Findings(str(tree.path), tree.problems)
    sets: tuple[SetSpec, ...] = ()
    if tree.root is not None and expect_kind(tree, "documents", findings):
        sets = _File(tree, Reader(findings, environ, secrets)).sets(tree.root)
    return sets, findings.problems()


class _File:
    """One pass over a documents file."""

    def __init__(self, tree: Tree, reader: Reader) -> None:
        self._path = tree.path
        self._folder = tree.folder
        self._origin = tree.origin
        self._reader = reader
        self._inline = InlineDocuments(str(tree.path), reader)

    def sets(self, root: Node) -> tuple[SetSpec, ...]:
        if isinstance(root, Map) and "sets" in root.entries:
            return self._named(Fields(root, self._reader, ("sets",), "a documents file with `sets`"))
        only = self._set(self._path.stem, root, root)
        return (only,) if only else ()

    def _named(self, fields: Fields) -> tuple[SetSpec, ...]:
        node = fields.require("sets", "give it at least one `name: documents`")
        if node is None:
            return ()
        if not isinstance(node, Map):
            self._reader.wrong_type(
                node, "a map of named sets", "write `sets:` and below it `name:` with its documents"
            )
            return ()
        if not node.entries:
            self._reader.findings.add(node, "there is no set", "give it at least one `name: documents`")
        found = (self._set(entry.key, entry.value, entry) for entry in node.entries.values() if self._name(entry))
        return tuple(spec for spec in found if spec)

    def _name(self, entry: MapEntry) -> bool:
        """Whether a set's key can be its name: shown in a status line and part of passage ids."""
        if entry.key.strip() and entry.key.isprintable() and len(entry.key) <= 64:
            return True
        message = f"a set's name is 1 to 64 printable characters, not {quoted(entry.key)}"
        self._reader.findings.add(entry, message, "rename the set")
        return False

    def _set(self, name: str, node: Node, place: Located) -> SetSpec | None:
        where = self._place(place)
        if isinstance(node, List):
            documents = self._inline.read(node)
            self._refuse_empty(node, empty=not node.items)
            return SetSpec(name, documents, place=where)
        if not isinstance(node, Map):
            hint = "list files under `files:`, documents under `documents:`"
            message = f"expected a set (a map or a list of documents), found {described(node)}"
            self._reader.findings.add(node, message, hint)
            return None
        fields = Fields(node, self._reader, SET_KEYS, "a set")
        documents_node, files_node = fields.get("documents"), fields.get("files")
        self._refuse_empty(place, empty=documents_node is None and files_node is None)
        return SetSpec(
            name,
            self._inline.read(documents_node) if documents_node else (),
            self._files(files_node, fields.get("gitignore")) if files_node else (),
            self._split(split) if (split := fields.get("split")) else SplitSpec(),
            self._retrieval(retrieval) if (retrieval := fields.get("retrieval")) else RetrievalSpec(),
            where,
        )

    def _refuse_empty(self, place: Located, *, empty: bool) -> None:
        if empty:
            message = "the set has neither documents nor files"
            self._reader.findings.add(place, message, "add `documents:` with a list, or `files:` with a glob")

    def _files(self, node: Node, gitignore: Node | None) -> tuple[FilePattern, ...]:
        ignores = gitignore is not None and bool(self._reader.flag(gitignore))
        if isinstance(node, List) and not node.items:
            self._reader.findings.add(node, "`files` lists nothing", "name a file or a glob such as docs/**/*.md")
        return tuple(
            FilePattern(text, self._folder, self._place(item), self._origin, gitignore=ignores)
            for text, item in self._reader.texts(node)
        )

    def _split(self, node: Node) -> SplitSpec:
        """`none`, a number of words, or `{max_words: number}`."""
        found = self._reader.resolved(node)
        if found is None:
            return SplitSpec()
        if isinstance(found, Map):
            fields = Fields(found, self._reader, ("max_words",), "`split`")
            words = fields.require("max_words", "in words, such as 300")
            return self._words(words) if words else SplitSpec()
        if isinstance(found, Scalar) and found.value == "none":
            return SplitSpec(mode="none")
        if isinstance(found, Scalar) and not isinstance(found.value, str):
            return self._words(found)
        expected = "none, a number of words or {max_words: number}"
        self._reader.wrong_type(found, expected, "none keeps each document whole")
        return SplitSpec()

    def _words(self, node: Node) -> SplitSpec:
        words = self._reader.integer(node, 1, MAX_WORDS)
        return SplitSpec(max_words=words) if words else SplitSpec()

    def _retrieval(self, node: Node) -> RetrievalSpec:
        """A mode, or a map of `RETRIEVAL_KEYS`."""
        if not isinstance(node, Map):
            return RetrievalSpec(mode=self._mode(node))
        read, standard = self._reader, RetrievalSpec()
        fields = Fields(node, read, RETRIEVAL_KEYS, "`retrieval`")
        mode, top_k, budget, where, search, query, rewrite, embed, rerank = map(fields.get, RETRIEVAL_KEYS)
        return RetrievalSpec(
            self._mode(mode) if mode else None,
            (read.integer(top_k, 1, MAX_TOP_K) if top_k else None) or standard.top_k,
            (read.integer(budget, 1, MAX_BUDGET) if budget else None) or standard.budget_words,
            where_of(where, read) if where else standard.where,
            self._search(search) if search else standard.search,
            QUERIES.get(read.choice(query, QUERIES) or "", standard.query) if query else standard.query,
            bool(read.flag(rewrite)) if rewrite else standard.rewrite,
            embed=embed_of(embed, read) if embed else standard.embed,
            rerank=rerank_of(rerank, read) if rerank else standard.rerank,
        )

    def _search(self, node: Node) -> RetrievalMode:
        """How a tool searches the set."""
        word = self._reader.text(node)
        if word is not None and word not in SEARCHES:
            known = f"a set is searched by {', '.join(SEARCHES)}"
            self._reader.findings.add(node, *unknown_word("unknown way to search", word, SEARCHES, known))
        return SEARCHES.get(word or "", RetrievalSpec().search)

    def _mode(self, node: Node) -> RetrievalMode | None:
        mode = self._reader.text(node)
        if mode is None or mode in MODES:
            return MODES[mode] if mode else None
        self._reader.findings.add(node, *unknown_word("unknown retrieval", mode, MODES, _AVAILABLE))
        return None

    def _place(self, where: Located) -> FilePlace:
        return FilePlace(str(self._path), where.line, where.column)
