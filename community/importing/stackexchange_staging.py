"""A dump laid out in a temporary SQLite file, so that threads can be put together one by one.

The files of a dump are sorted by id, not by thread: answers stand far from their questions, comments, votes and
users in files of their own, and any of them may refer to rows that come later or never. Streaming everything into
an indexed file on disk needs little memory however large the dump is, and costs seconds where the import itself
takes minutes. The file belongs to one run; what lasts is in `imported_items`.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from community.core.progress import Progress
from community.importing.stackexchange_dump import Dump
from community.importing.stackexchange_rows import Answer, Question

_TABLES = """
CREATE TABLE posts (id INTEGER PRIMARY KEY, question_id INTEGER, created TEXT, title TEXT, body TEXT, tags TEXT,
  owner_id INTEGER, owner_name TEXT, accepted_id INTEGER, edited TEXT, closed TEXT);
CREATE TABLE comments (id INTEGER PRIMARY KEY, post_id INTEGER, created TEXT, text TEXT, owner_id INTEGER,
  owner_name TEXT);
CREATE TABLE votes (post_id INTEGER, created TEXT, accepts INTEGER);
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, created TEXT);
CREATE TABLE links (post_id INTEGER, related_id INTEGER, is_duplicate INTEGER);
CREATE TABLE badges (user_id INTEGER, name TEXT, granted TEXT);
CREATE TABLE items (kind TEXT, foreign_id INTEGER, local_id INTEGER, PRIMARY KEY (kind, foreign_id)) WITHOUT ROWID;
"""

_INDEXES = """
CREATE INDEX questions_by_date ON posts (created, id) WHERE question_id IS NULL;
CREATE INDEX answers_by_question ON posts (question_id, created, id) WHERE question_id IS NOT NULL;
CREATE INDEX comments_by_post ON comments (post_id, created, id);
CREATE INDEX votes_by_post ON votes (post_id, accepts, created);
CREATE INDEX badges_by_user ON badges (user_id, granted, name);
"""

# Kind of row, reason, and the statement that removes what cannot come over. The order matters: what belongs to a
# removed row goes with it.
_ORPHANS = (
    (
        "answer",
        "its question is not in the dump",
        """DELETE FROM posts WHERE question_id IS NOT NULL AND NOT EXISTS
        (SELECT 1 FROM posts q WHERE q.id = posts.question_id AND q.question_id IS NULL)""",
    ),
    ("comment", "its post was left out", "DELETE FROM comments WHERE post_id NOT IN (SELECT id FROM posts)"),
    ("vote", "its post was left out", "DELETE FROM votes WHERE post_id NOT IN (SELECT id FROM posts)"),
    (
        "post link",
        "one of the two posts was left out",
        """DELETE FROM links WHERE post_id NOT IN (SELECT id FROM posts)
        OR related_id NOT IN (SELECT id FROM posts)""",
    ),
    ("user", "an account of the network itself", "DELETE FROM users WHERE id <= 0"),
    (
        "user",
        "has written nothing that comes over",
        """DELETE FROM users WHERE id NOT IN (SELECT owner_id FROM posts WHERE owner_id IS NOT NULL)
        AND id NOT IN (SELECT owner_id FROM comments WHERE owner_id IS NOT NULL)""",
    ),
    ("badge", "its user was left out", "DELETE FROM badges WHERE user_id NOT IN (SELECT id FROM users)"),
)


@dataclass(frozen=True, slots=True)
class StagedPost:
    """A question (`question_id` is None) or an answer, as the dump has it."""

    id: int
    question_id: int | None
    created_at: datetime
    title: str
    body_html: str
    tags: tuple[str, ...]
    owner_id: int | None
    accepted_answer_id: int | None
    edited_at: datetime | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class StagedComment:
    id: int
    created_at: datetime
    text: str
    owner_id: int | None


@dataclass(frozen=True, slots=True)
class StagedUser:
    id: int
    name: str
    created_at: datetime


class Staging:
    """`with Staging(folder) as staging: staging.fill(dump)`, then everything about one thread at a time."""

    def __init__(self, folder: Path) -> None:
        file = tempfile.NamedTemporaryFile(dir=folder, prefix="import-", suffix=".sqlite3")  # noqa: SIM115
        self._file = file
        self._database = sqlite3.connect(file.name, isolation_level=None)
        # Nothing here has to survive: a killed import begins with an empty file again.
        self._database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;"
            "PRAGMA cache_size = -32000;" + _TABLES
        )
        # The file has no name from here on, so that it is gone with this process, however that ends.
        file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    # --- filling ---

    def fill(self, dump: Dump) -> None:
        """Read all files. What cannot come over is removed and counted in the dump's report."""
        files: tuple[tuple[str, str, int, Callable[[], Iterator[Any]], Callable[[Any], tuple]], ...] = (
            ("Posts.xml", "posts", 11, dump.posts, _post_columns),
            (
                "Comments.xml",
                "comments",
                6,
                dump.comments,
                lambda row: (
                    row.id,
                    row.post_id,
                    _text(row.created_at),
                    row.text,
                    row.owner_id,
                    row.owner_name,
                ),
            ),
            (
                "Votes.xml",
                "votes",
                3,
                dump.votes,
                lambda row: (row.post_id, _text(row.created_at), row.accepts),
            ),
            ("Users.xml", "users", 3, dump.users, lambda row: (row.id, row.name, _text(row.created_at))),
            (
                "PostLinks.xml",
                "links",
                3,
                dump.post_links,
                lambda row: (row.post_id, row.related_post_id, row.is_duplicate),
            ),
            (
                "Badges.xml",
                "badges",
                3,
                dump.badges,
                lambda row: (row.user_id, row.name, _text(row.created_at)),
            ),
        )
        for file_name, table, width, rows, columns in files:
            with Progress(f"Reading {file_name}", dump.expected(file_name)) as progress:
                self._database.execute("BEGIN")
                self._database.executemany(
                    f"INSERT OR IGNORE INTO {table} VALUES ({', '.join('?' * width)})",  # noqa: S608
                    (columns(row) for row in _counted(rows(), progress)),
                )
                self._database.execute("COMMIT")
        self._database.executescript(_INDEXES)
        for kind, reason, statement in _ORPHANS:
            removed = self._database.execute(statement).rowcount
            if removed:
                dump.report.left_out[kind][reason] += removed

    # --- reading ---

    def count(self, table: str) -> int:
        return int(self._value(f"SELECT COUNT(*) FROM {table}") or 0)  # noqa: S608 - names of this module

    def count_questions(self) -> int:
        return int(self._value("SELECT COUNT(*) FROM posts WHERE question_id IS NULL") or 0)

    def count_without_author(self) -> tuple[int, int]:
        """Posts and comments without a user in the dump, and how many of them carry a name all the same."""
        without, named = 0, 0
        for table in ("posts", "comments"):
            row = self._database.execute(
                f"""SELECT COUNT(*), COUNT(owner_name) FROM {table}
                WHERE owner_id IS NULL OR owner_id NOT IN (SELECT id FROM users)"""  # noqa: S608
            ).fetchone()
            without, named = without + row[0], named + row[1]
        return without, named

    def questions(self) -> Iterator[StagedPost]:
        """The oldest first."""
        yield from map(
            _post, self._database.execute(f"{_POSTS} WHERE question_id IS NULL ORDER BY created, id")
        )

    def answers(self, question_id: int) -> list[StagedPost]:
        cursor = self._database.execute(
            f"{_POSTS} WHERE question_id = ? ORDER BY created, id", (question_id,)
        )
        return [_post(row) for row in cursor]

    def comments(self, post_id: int) -> list[StagedComment]:
        cursor = self._database.execute(
            "SELECT id, created, text, owner_id FROM comments WHERE post_id = ? ORDER BY created, id",
            (post_id,),
        )
        return [StagedComment(row[0], datetime.fromisoformat(row[1]), row[2], row[3]) for row in cursor]

    def up_votes(self, post_id: int) -> list[datetime]:
        """Their dates, the oldest first. Dumps give the day alone."""
        cursor = self._database.execute(
            "SELECT created FROM votes WHERE post_id = ? AND accepts = 0 ORDER BY created", (post_id,)
        )
        return [datetime.fromisoformat(row[0]) for row in cursor]

    def accepted_at(self, post_id: int) -> datetime | None:
        value = self._value("SELECT MAX(created) FROM votes WHERE post_id = ? AND accepts = 1", post_id)
        return datetime.fromisoformat(value) if value else None

    def user_name(self, user_id: int | None) -> str:
        return str(self._value("SELECT name FROM users WHERE id = ?", user_id) or "")

    def users(self) -> Iterator[list[StagedUser]]:
        """Everybody who has written something that comes over, in batches by id."""
        cursor = self._database.execute("SELECT id, name, created FROM users ORDER BY id")
        while rows := cursor.fetchmany(200):
            yield [StagedUser(row[0], row[1], datetime.fromisoformat(row[2])) for row in rows]

    def badges(self, user_id: int) -> list[tuple[str, datetime]]:
        cursor = self._database.execute(
            "SELECT name, granted FROM badges WHERE user_id = ? ORDER BY granted, name", (user_id,)
        )
        return [(row[0], datetime.fromisoformat(row[1])) for row in cursor]

    def links(self) -> Iterator[tuple[int, int, bool]]:
        """Ids of the two questions and whether one is a duplicate of the other; duplicates first.

        A link from or to an answer is one from or to its question.
        """
        cursor = self._database.execute(
            """SELECT DISTINCT COALESCE(p.question_id, p.id), COALESCE(r.question_id, r.id), is_duplicate
            FROM links JOIN posts p ON p.id = post_id JOIN posts r ON r.id = related_id
            WHERE COALESCE(p.question_id, p.id) <> COALESCE(r.question_id, r.id) ORDER BY is_duplicate DESC"""
        )
        yield from ((row[0], row[1], bool(row[2])) for row in cursor)

    # --- what was imported before, or just now ---

    def note_items(self, items: Iterable[tuple[str, int | str, int]]) -> None:
        """Kind, id in the dump, our id."""
        self._database.execute("BEGIN")
        self._database.executemany("INSERT OR REPLACE INTO items VALUES (?, ?, ?)", items)
        self._database.execute("COMMIT")

    def local_id(self, kind: str, foreign_id: int | None) -> int | None:
        return self._value("SELECT local_id FROM items WHERE kind = ? AND foreign_id = ?", kind, foreign_id)

    def _value(self, statement: str, *parameters: object) -> Any:
        row = self._database.execute(statement, parameters).fetchone()
        return row[0] if row else None


_POSTS = (
    "SELECT id, question_id, created, title, body, tags, owner_id, accepted_id, edited, closed FROM posts"
)


def _counted(rows: Iterator[Any], progress: Progress) -> Iterator[Any]:
    for row in rows:
        progress.advance()
        yield row


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="microseconds") if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _post_columns(post: Question | Answer) -> tuple:
    if isinstance(post, Answer):
        return (
            post.id, post.question_id, _text(post.created_at), "", post.body_html, "",
            post.owner_id, post.owner_name, None, _text(post.edited_at), None,
        )  # fmt: skip
    return (
        post.id, None, _text(post.created_at), post.title, post.body_html, " ".join(post.tags),
        post.owner_id, post.owner_name, post.accepted_answer_id, _text(post.edited_at), _text(post.closed_at),
    )  # fmt: skip


def _post(row: tuple) -> StagedPost:
    return StagedPost(
        id=row[0],
        question_id=row[1],
        created_at=datetime.fromisoformat(row[2]),
        title=row[3],
        body_html=row[4],
        tags=tuple(row[5].split()),
        owner_id=row[6],
        accepted_answer_id=row[7],
        edited_at=_moment(row[8]),
        closed_at=_moment(row[9]),
    )
