"""The one interface of search: what is indexed, what is asked, what comes back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, Protocol, Self, get_args

if TYPE_CHECKING:
    from search.configuration import Configuration
    from search.embedders import Embedder

Kind = Literal["thread", "idea", "faq", "blog", "person", "group"]
Status = Literal["unanswered", "open", "solved", "new", "planned", "done", "declined", ""]
Sort = Literal["relevance", "newest", "kudos"]
Facet = Literal["kind", "space_id", "tags", "status", "staff_answered"]
Passage = Literal["solution", "question", "answers"]

KINDS: tuple[Kind, ...] = get_args(Kind)
SIMILAR_KINDS: tuple[Kind, ...] = ("thread", "idea", "faq")


class SearchDown(Exception):  # noqa: N818 - the name says what the reader is told
    """The engine cannot answer or write now; the same call may succeed later. Nothing was lost."""


class IndexUnreadable(SearchDown):
    """The index on disk is damaged or has the format of another release: it must be rebuilt."""


class IndexLocked(SearchDown):
    """Another process is the one writer of the embedded index."""


class WriteRefused(Exception):  # noqa: N818 - not an error of the program
    """The engine read the documents and does not take them; the same call will fail again."""


@dataclass(frozen=True, slots=True)
class Document:
    """One thing that can be found. All texts are plain text without markup.

    `audience` is compared with the audiences of the reader and with nothing else: 0 stands for
    everybody, any other number for an id (of a space or a group) that the reader must hold. Whoever
    mixes ids of spaces and groups makes sure that they cannot collide.
    Texts beyond the limits of `search.configuration.TEXT_LIMITS` (characters) are not indexed.
    """

    key: str  # "thread-123": letters, digits, "-" and "_" only
    kind: Kind
    audience: int
    space_id: int = 0  # 0 = in no space; for filter and facet, never for access
    lang: str = ""  # "de", "en", or "" where it is neither known nor useful (nicknames)
    title: str = ""
    question: str = ""
    solution: str = ""
    answers: str = ""  # the most helpful first, because the end is cut off
    tags: tuple[str, ...] = ()
    status: Status = ""
    staff_answered: bool = False
    kudos: int = 0
    created: int = 0  # unix seconds
    active: int = 0  # unix seconds of the last activity
    version: int = 0  # of the row; among documents of one call with one key the highest wins
    vector: bytes = b""  # of its text, packed by `search.vectors`; empty where there is none (yet)


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. An empty filter filters nothing, with one exception: **empty audiences find nothing**.

    A guest holds the audience 0 alone. Text without any word ("?!") finds nothing; blank text finds
    every document that passes the filters, newest activity first.
    """

    text: str
    audiences: frozenset[int]
    kinds: tuple[Kind, ...] = ()
    space_id: int | None = None
    tags: tuple[str, ...] = ()  # the document has all of them
    status: tuple[Status, ...] = ()  # the document has one of them
    staff_answered: bool | None = None
    since: int | None = None  # unix seconds; compared with the last activity
    sort: Sort = "relevance"
    limit: int = 20
    offset: int = 0
    facets: tuple[Facet, ...] = ()  # counts respect every filter of this query
    typing: bool = False  # the last word may be the beginning of a word
    language: str = "de"  # of the reader; a hint, never a filter
    without: tuple[str, ...] = ()  # keys that are not found, whatever the index says of them

    def unfiltered(self) -> Query:
        """The same words with access alone. How generously they are read is decided by what this finds, so that
        a filter leaves out and never adds, and a count says what choosing it will show."""
        return replace(self, kinds=(), space_id=None, tags=(), status=(), staff_answered=None, since=None)


@dataclass(frozen=True, slots=True)
class Hit:
    """One document found. The HTML is escaped; the only element in it is <mark>."""

    key: str
    kind: Kind
    space_id: int
    score: float  # of the words, 0 where meaning alone found it; comparable within one answer only
    title_html: str
    passage_html: str  # may be empty for a query that is being typed, whose list shows titles
    passage_from: Passage


@dataclass(frozen=True, slots=True)
class Found:
    """An answer. Facet values are strings; ids in decimal, staff_answered as "true" and "false"."""

    hits: tuple[Hit, ...] = ()
    total: int = 0  # may be an estimate
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    relaxed: bool = False  # True when the words had to be read generously to find enough


@dataclass(frozen=True, slots=True)
class Health:
    """State of an engine, for the readiness page. `lag` counts writes that are not yet searchable."""

    ok: bool
    engine: str
    documents: int = 0
    lag: int = 0
    detail: str = ""


class SearchEngine(Protocol):
    """Every method may raise `SearchDown`; after it nothing has to be repaired, only repeated."""

    embedder: Embedder | None
    """Whose vectors documents should carry; None where words alone count."""

    prepared: str
    """Under which name `rebuild` takes what is being filled; empty for an engine that is searched."""

    async def setup(self) -> bool:
        """Create the index if there is none, bring it up to date, and answer what `check` does."""

    async def check(self) -> bool:
        """Whether it must be filled by `rebuild()`: missing, empty, damaged, of another format. Creates nothing."""

    async def begin_writing(self) -> None:
        """Become the one process that writes, where an engine has only one; `IndexLocked` if another one is."""

    async def upsert(self, documents: Sequence[Document]) -> None:
        """Write whole documents over those with the same keys. Give batches: each call is one commit.

        Returns when they can be found (in an engine that is being filled: after `flush` or the swap).
        """

    async def delete(self, keys: Iterable[str]) -> None:
        """Remove documents; unknown keys are fine."""

    async def flush(self, seconds: float = 10) -> None:
        """Return when all earlier writes of this engine can be found; `SearchDown` if that takes longer."""

    async def search(self, query: Query) -> Found:
        """Documents for the words, with passages and counts."""

    async def instant(
        self, text: str, audiences: frozenset[int], limit: int = 8, *, without: tuple[str, ...] = ()
    ) -> Found:
        """Search as you type over all kinds in one request; content before people and groups."""

    async def related(
        self,
        title: str,
        body: str,
        audiences: frozenset[int],
        *,
        exclude: str = "",
        limit: int = 5,
        kinds: tuple[Kind, ...] = SIMILAR_KINDS,
    ) -> tuple[Hit, ...]:
        """Documents about the same thing, the nearest first; `exclude` is the key of the asking document."""

    def configure(self, configuration: Configuration) -> None:
        """Read words with these synonyms and names from now on, in this process. Costs nothing, asks nobody."""

    async def publish_configuration(self) -> None:
        """Hand the configuration to what all processes share, if there is such a thing.

        `SearchDown` while that is not done yet; call it again then. For those who may write.
        """

    tries_exactly: bool
    """Whether `trying` answers exactly as the engine will with the other configuration."""

    def trying(self, configuration: Configuration) -> Self:
        """The same index read with another configuration, for looking at what it would change; not for writing."""

    def prepare(self) -> AbstractAsyncContextManager[Self]:
        """Yield an empty engine to fill beside the running one, in any process; dropped on an error.

        Afterwards it waits for `rebuild(engine.prepared)`, in this process or the one that writes, while this
        engine is open. What other processes left unfinished is removed: at most one may prepare at a time.
        """

    def rebuild(self, prepared: str = "") -> AbstractAsyncContextManager[Self]:
        """Yield an engine beside the running one, empty or prepared; swap on clean exit, drop it on an error.

        Writes to the running engine meanwhile go to both and win over the filling.
        `IndexUnreadable` if what was prepared is gone.
        """

    async def health(self) -> Health:
        """Never raises."""

    async def close(self) -> None:
        """Give the writer's lock and all connections back. The engine may be used again afterwards."""
