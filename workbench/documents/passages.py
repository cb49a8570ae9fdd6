"""The values of this room: what a documents file asks for, and the passages that come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from workbench.documents.conditions import Condition
from workbench.documents.left_out import FileCount
from workbench.origin import Origin

RetrievalMode = Literal["all", "keyword", "vector", "hybrid", "rerank", "tool"]
Candidates = Literal["keyword", "hybrid"]
"""How those passages are found that a reranker ranks."""

QuerySource = Literal["question", "turns"]
"""What is searched for: the words of the question, or those of the questions before it, too."""

SplitMode = Literal["passages", "none"]


@dataclass(frozen=True, slots=True)
class FilePlace:
    """Where something stands in a configuration file; line and column count from 1."""

    file: str = ""
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True)
class InlineDocument:
    """A document written in the file. `data` is what the API gets beside the id: text fields, title, ..."""

    id: str | None
    data: Mapping[str, Any]
    place: FilePlace = FilePlace()


@dataclass(frozen=True, slots=True)
class FilePattern:
    """A glob, relative to the folder of the file that holds it (`base`).

    `named_by` is a file that nobody has trusted yet: what it names must lie in its folder. None when a person named it.
    `stays` tells that no link in the folders of the pattern may lead out of them: a person named these, and no more.
    `gitignore` tells that what the folders' .gitignore files name is left out.
    """

    pattern: str
    base: Path
    place: FilePlace = FilePlace()
    named_by: Origin | None = field(default=None, compare=False)
    stays: bool = field(default=False, compare=False)
    gitignore: bool = False


@dataclass(frozen=True, slots=True)
class SplitSpec:
    """`max_words` bounds a passage; mode "none" keeps each document whole."""

    mode: SplitMode = "passages"
    max_words: int = 300


@dataclass(frozen=True, slots=True)
class EmbedSpec:
    """The models that make vectors, of passages and of questions: both must be of one space.

    `dimensions` is how many numbers a vector has.
    """

    passages: str = "embed-v5.0-pro"
    questions: str = "embed-v5.0-fast"
    dimensions: int = 1024


@dataclass(frozen=True, slots=True)
class RerankSpec:
    """The model that ranks the best `candidates`, which are found `over` all passages in that mode."""

    model: str = "rerank-v5.0-fast"
    candidates: int = 50
    over: Candidates = "keyword"


@dataclass(frozen=True, slots=True)
class RetrievalSpec:
    """`mode` None means: all of a set that fits `budget_words`, else the `top_k` best by BM25.

    `query` is what is searched for; with `rewrite` it is what the model writes in its place. With the mode "tool"
    nothing is sent with a question: the model searches the set itself, in the mode `search`.
    Passages of documents whose fields do not meet all of `where` are never retrieved.
    """

    mode: RetrievalMode | None = None
    top_k: int = 10
    budget_words: int = 6000
    where: tuple[Condition, ...] = ()
    search: RetrievalMode = "keyword"
    query: QuerySource = "question"
    rewrite: bool = False
    embed: EmbedSpec = EmbedSpec()
    rerank: RerankSpec = RerankSpec()

    @property
    def ranked_by(self) -> RetrievalMode | None:
        """The mode in which the set is searched, whoever searches it."""
        return self.search if self.mode == "tool" else self.mode


@dataclass(frozen=True, slots=True)
class SetSpec:
    """One named set, as configured and not yet loaded."""

    name: str
    documents: tuple[InlineDocument, ...] = ()
    files: tuple[FilePattern, ...] = ()
    split: SplitSpec = SplitSpec()
    retrieval: RetrievalSpec = RetrievalSpec()
    place: FilePlace = FilePlace()


@dataclass(frozen=True, slots=True)
class Passage:
    """What is sent as one document and can be cited.

    `id` is unique over all sets in use. `title` is for people ("Visitor guide › Hours"). `path` is the file as
    the user would name it, None for inline documents. `lines` is (first, last), counted from 1, of the
    passage in that file. `data` is the API's `data` object: `text` first, then title and the rest.
    """

    id: str
    set: str
    title: str
    text: str
    data: Mapping[str, Any] = field(default_factory=dict)
    path: str | None = None
    lines: tuple[int, int] | None = None

    def as_document(self) -> dict[str, Any]:
        """The passage in the shape of a request's `documents` list. Its data is shared by all requests."""
        return {"id": self.id, "data": self.data if type(self.data) is dict else dict(self.data)}


@dataclass(frozen=True, slots=True)
class DocumentSet:
    """A loaded set: its passages in the order of the file, and what of its files is left out."""

    name: str
    passages: tuple[Passage, ...]
    retrieval: RetrievalSpec = RetrievalSpec()
    files: FileCount = field(default_factory=FileCount)


@dataclass(frozen=True, slots=True)
class Named:
    """A path that a question names, and which lines of it, (first, last) from 1; None is all of it."""

    path: str
    lines: tuple[int, int] | None = None

    @property
    def shown(self) -> str:
        """As it is written behind an `@`, without quotes."""
        if self.lines is None:
            return self.path
        first, last = self.lines
        return f"{self.path}#{first}-{last}" if last != first else f"{self.path}#{first}"
