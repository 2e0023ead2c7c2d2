"""From threads, members, groups and FAQ entries to documents of the search engine, and from hits back to rows.

State-based: a document is always built from what the database says now, so order and repetition do not matter.
A thread that is hidden or gone is deleted from the index. Who may read is decided twice: by the audiences given
to the engine, and by the database when hits are shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from community.core.db import Row, as_json, as_time, fetch
from community.core.markdown import plain_text
from community.core.viewer import Viewer
from community.faq.models import IS_PUBLIC
from community.faq.queries import list_entries_by_ids
from community.groups.queries import list_groups_by_ids, list_own_closed_groups
from community.members.queries import list_profiles_by_ids
from community.spaces.models import SpaceKind
from community.threads.lists import list_by_ids
from community.vectors.keeping import forget_vectors, with_kept_vectors
from community.vocabulary.queries import current_configuration
from search import SearchEngine
from search.index import Document, Kind, Status, WriteRefused

EVERYBODY = 0
ANY_MEMBER = 1
"""Audience numbers below all ids, which are random and large."""

INDEXING_FACTS = (
    "thread.started",
    "thread.imported",
    "answer.added",
    "comment.added",
    "post.edited",
    "post.hidden",
    "post.restored",
    "thread.moved",
    "thread.retitled",
    "post.unlinked",
    "post.erased",
    "thread.merged",
    "thread.unmerged",
    "thread.split",
    "thread.unsplit",
    "solution.accepted",
    "solution.withdrawn",
    "kudos.given",
    "kudos.taken_back",
    "member.joined",
    "member.changed",
    "member.erased",
    "thread.scrubbed",
    "faq.scrubbed",
    "group.changed",
    "faq.published",
    "faq.withdrawn",
    "vocabulary.changed",
)
"""What changes a document, or how all of them are read."""

MOST_ANSWERS = 40
LONGEST_TEXT = 40_000
MOST_LOOKS = 5
MANY = 20


async def audiences_of(viewer: Viewer) -> frozenset[int]:
    """The audiences that a viewer stands in: everybody, any member, the spaces they may read, their closed groups."""
    general = {EVERYBODY, ANY_MEMBER} if viewer.is_member else {EVERYBODY}
    return frozenset({*general, *viewer.readable_space_ids, *await list_own_closed_groups(viewer)})


def thread_key(thread_id: int) -> str:
    return f"thread-{thread_id}"


def id_of(key: str) -> int:
    """The id in a key such as "thread-123"."""
    return int(key.rpartition("-")[2])


async def thread_documents(thread_ids: Sequence[int]) -> list[Document]:
    """Documents of those threads that exist and are not hidden."""
    rows = await fetch(
        """SELECT t.id, t.space_id, t.language, t.title, t.tag_names, t.status, t.staff_answered_at, t.kudos_count,
        t.created_at, t.last_activity_at, t.version, t.idea_status, s.kind, x.post_id AS solution_id
        FROM threads t JOIN spaces s ON s.id = t.space_id LEFT JOIN solutions x ON x.thread_id = t.id
        WHERE t.id IN (:ids) AND t.hidden_at IS NULL""",
        {"ids": list(thread_ids)},
    )
    posts = await _texts([row["id"] for row in rows])
    if len(rows) < MANY:
        return _make_thread_documents(rows, posts)
    # Reading hundreds of posts takes a while, in which a process that also answers requests should do so.
    return await asyncio.to_thread(_make_thread_documents, rows, posts)


def _make_thread_documents(rows: Sequence[Row], posts: dict[int, list[Row]]) -> list[Document]:
    documents = []
    for row in rows:
        kind, status = _kind_and_status(row)
        question, answers, solution = "", [], ""
        for post in posts.get(row["id"], ()):
            if post["kind"] == "opening":
                question = plain_text(post["body_html"])
            elif post["id"] == row["solution_id"]:
                solution = plain_text(post["body_html"])
            else:
                answers.append(plain_text(post["body_html"]))
        documents.append(
            Document(
                key=thread_key(row["id"]),
                kind=kind,
                audience=row["space_id"],
                space_id=row["space_id"],
                lang=row["language"],
                title=row["title"],
                question=question[:LONGEST_TEXT],
                solution=solution[:LONGEST_TEXT],
                answers="\n".join(answers)[:LONGEST_TEXT],
                tags=tuple(row["tag_names"].split()),
                status=status,
                staff_answered=row["staff_answered_at"] is not None,
                kudos=row["kudos_count"],
                created=_seconds(row["created_at"]),
                active=_seconds(row["last_activity_at"]),
                version=row["version"],
            )
        )
    return documents


def _kind_and_status(row: Row) -> tuple[Kind, Status]:
    """An idea has the status that staff have given it, an article has none."""
    if row["kind"] == SpaceKind.IDEAS:
        return "idea", row["idea_status"]
    return ("blog", "") if row["kind"] == SpaceKind.BLOG else ("thread", row["status"])


async def _texts(thread_ids: Sequence[int]) -> dict[int, list[Row]]:
    """Visible posts by thread: the opening, the solution and the answers with most kudos first."""
    rows = await fetch(
        """SELECT p.id, p.thread_id, p.kind, p.body_html FROM posts p
        LEFT JOIN posts parent ON parent.id = p.parent_id
        WHERE p.thread_id IN (:ids) AND p.hidden_at IS NULL AND parent.hidden_at IS NULL
        ORDER BY p.thread_id, p.kudos_count DESC, p.created_at, p.id""",
        {"ids": list(thread_ids)},
    )
    texts: dict[int, list[Row]] = {}
    for row in rows:
        of_thread = texts.setdefault(row["thread_id"], [])
        if len(of_thread) < MOST_ANSWERS or row["kind"] == "opening":
            of_thread.append(row)
    return texts


def _seconds(value: object) -> int:
    moment = as_time(value)  # type: ignore[arg-type]
    return int(moment.timestamp()) if moment else 0


async def member_documents(member_ids: Sequence[int]) -> list[Document]:
    """A member is found by nickname (staff by short name too); nothing else of them is in the index."""
    rows = await fetch(
        """SELECT id, nickname, staff_name, staff_field FROM members
        WHERE id IN (:ids) AND erased_at IS NULL""",
        {"ids": list(member_ids)},
    )
    return [
        Document(
            key=f"person-{row['id']}",
            kind="person",
            audience=EVERYBODY,
            title=f"{row['staff_name']} ({row['nickname']})" if row["staff_name"] else row["nickname"],
            question=row["staff_field"],
        )
        for row in rows
    ]


async def group_documents(group_ids: Sequence[int]) -> list[Document]:
    """Closed groups have themselves as audience: only who holds the group's id finds them."""
    rows = await fetch(
        'SELECT id, name, description, access FROM "groups" WHERE id IN (:ids)', {"ids": list(group_ids)}
    )
    return [
        Document(
            key=f"group-{row['id']}",
            kind="group",
            audience=row["id"] if row["access"] == "closed" else EVERYBODY,
            title=row["name"],
            question=row["description"],
        )
        for row in rows
    ]


async def faq_documents(entry_ids: Sequence[int]) -> list[Document]:
    """Published entries only."""
    rows = await fetch(
        f"""SELECT id, published_language AS language, published_audience AS audience, published_question,
        published_short_answer, published_html, published_at, changed_at FROM faq_entries e
        WHERE id IN (:ids) AND {IS_PUBLIC}""",  # noqa: S608 - constants
        {"ids": list(entry_ids)},
    )
    return [
        Document(
            key=f"faq-{row['id']}",
            kind="faq",
            audience=EVERYBODY if row["audience"] == "public" else ANY_MEMBER,
            lang=row["language"],
            title=row["published_question"],
            question=plain_text(row["published_html"]),
            solution=row["published_short_answer"],
            status="solved",
            created=_seconds(row["published_at"]),
            active=_seconds(row["changed_at"] or row["published_at"]),
        )
        for row in rows
    ]


# How the documents of each kind of row are made, and from which table. Blog articles are threads.
MAKERS: dict[str, tuple[str, Callable[[Sequence[int]], Awaitable[list[Document]]]]] = {
    "thread": ("threads", thread_documents),
    "person": ("members", member_documents),
    "group": ("groups", group_documents),
    "faq": ("faq_entries", faq_documents),
}


async def bring_in_line(engine: SearchEngine, kind: str, ids: Sequence[int]) -> None:
    """Make the documents of these rows say what the database says: those that are not to be found are deleted.

    Another worker may write the same documents at the same time, from rows that it read earlier and after us. So
    whoever has written looks again, and the last one leaves what is right.
    """
    documents = await MAKERS[kind][1](ids)
    for _ in range(MOST_LOOKS):
        found = {document.key for document in documents}
        if documents:
            await engine.upsert(await with_kept_vectors(engine.embedder, kind, documents))
        gone = [key for key in (f"{kind}-{i}" for i in ids) if key not in found]
        if gone:
            await engine.delete(gone)
            await forget_vectors(kind, [id_of(key) for key in gone])
        written, documents = documents, await MAKERS[kind][1](ids)
        if documents == written:
            return


class PendingDocuments:
    """What the facts of one batch want indexed, each row once however many facts name it."""

    def __init__(self, engine: SearchEngine) -> None:
        self.engine = engine
        self._wanted: dict[str, dict[int, set[int]]] = {}

    def want(self, kind: str, row_id: int, fact_id: int) -> None:
        self._wanted.setdefault(kind, {}).setdefault(row_id, set()).add(fact_id)

    async def write(self) -> dict[int, Exception]:
        """Write everything wanted and forget it. Answers the error of each fact whose documents are still owed."""
        wanted, self._wanted = self._wanted, {}
        failures: dict[int, Exception] = {}
        for kind, rows in wanted.items():
            try:
                await bring_in_line(self.engine, kind, sorted(rows))
            except WriteRefused:
                # One document spoils the batch for all: find it, so that the others get through.
                for row_id, facts in rows.items():
                    try:
                        await bring_in_line(self.engine, kind, [row_id])
                    except Exception as error:
                        failures.update(dict.fromkeys(facts, error))
            except Exception as error:
                failures.update({fact: error for facts in rows.values() for fact in facts})
        return failures


# Facts after which a document must no longer be shown as it is: kind of its row, and where the fact says which.
_TAKING_AWAY: Mapping[str, tuple[str, str]] = {
    "thread.moved": ("thread", "thread_id"),
    "post.hidden": ("thread", "thread_id"),
    "faq.withdrawn": ("faq", "entry_id"),
    "faq.published": ("faq", "entry_id"),
    "group.changed": ("group", "group_id"),
    "member.changed": ("person", "member_id"),
    "post.edited": ("thread", "thread_id"),
    "thread.retitled": ("thread", "thread_id"),
    "post.erased": ("thread", "thread_id"),
    "thread.scrubbed": ("thread", "thread_id"),
    "faq.scrubbed": ("faq", "entry_id"),
    "thread.merged": ("thread", "from_id"),
    "thread.unmerged": ("thread", "from_id"),
    "thread.split": ("thread", "from_id"),
    "thread.unsplit": ("thread", "from_id"),
}
# After these everybody may read as much as before. One erasure leaves hundreds: behind what hides something.
_WORDS_ALONE = ("post.edited", "thread.scrubbed", "faq.scrubbed")
_MOST_OWED = 500


@dataclass(frozen=True, slots=True)
class Owed:
    """What the index is behind with: keys of documents that may still hold what was taken away."""

    keys: frozenset[str] = frozenset()
    too_many: bool = False
    """So much waits to be indexed that any document may be meant."""

    def __contains__(self, key: str) -> bool:
        return self.too_many or key in self.keys


async def list_owed() -> Owed:
    """Documents that say more than the database since something was hidden, moved, withdrawn, edited or erased."""
    rows = await fetch(
        """SELECT name, payload FROM outbox_facts WHERE done_at IS NULL AND name IN (:names)
        ORDER BY CASE WHEN name IN (:words_alone) THEN 1 ELSE 0 END, due_at LIMIT :most""",
        {"names": list(_TAKING_AWAY), "words_alone": list(_WORDS_ALONE), "most": _MOST_OWED},
    )
    keys = set()
    for row in rows:
        kind, name = _TAKING_AWAY[row["name"]]
        keys.add(f"{kind}-{as_json(row['payload'])[name]}")
    return Owed(frozenset(keys), len(rows) == _MOST_OWED)


async def list_unreadable(viewer: Viewer, owed: Owed) -> tuple[str, ...]:
    """Keys of documents that the index may still give to this viewer although the database no longer does.

    They are named in every search, so that they count nowhere: not among the hits, not in a total, not in a filter.
    """
    if not owed.keys:
        return ()
    ids: dict[str, list[int]] = {kind: [] for kind in MAKERS}
    for key in sorted(owed.keys):
        ids[key.partition("-")[0]].append(id_of(key))
    readable: dict[str, Mapping[int, object]] = {
        "thread": await list_by_ids(viewer, ids["thread"]),
        "faq": await list_entries_by_ids(viewer, ids["faq"]) if ids["faq"] else {},
        "group": await list_groups_by_ids(viewer, ids["group"]) if ids["group"] else {},
        "person": await list_profiles_by_ids(ids["person"]) if ids["person"] else {},
    }
    return tuple(f"{kind}-{each}" for kind in ids for each in ids[kind] if each not in readable[kind])


async def publish_vocabulary(engine: SearchEngine) -> None:
    """Let the engine read words as staff say now, and hand that to what all processes share."""
    engine.configure(await current_configuration())
    await engine.publish_configuration()
