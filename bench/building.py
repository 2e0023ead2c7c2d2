"""Builds a large community once: `python -m bench.building FOLDER THREADS` (run by `python -m bench`).

Rows are written with plain SQL in one transaction, then the search index is filled by the code that `community
reindex` uses. VAR_DIR must be FOLDER. What the benchmark asks for afterwards stands in FOLDER/plan.json.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import random
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.texts import Texts
from community.app import build_search
from community.core.db import connect, disconnect
from community.core.db.migrate import migrate
from community.core.markdown import RENDER_VERSION
from community.core.nicknames import nickname_key
from community.core.progress import Progress
from community.core.text import slug
from community.core.vault_keys import VaultKeys
from community.ranks.points import carry_on_points
from community.reindexing.building import count_rows, rebuild
from community.settings import settings
from search.configuration import format_fingerprint

FORMAT = f"2-{format_fingerprint()}"
"""Raise the number when the content changes; a community of another format is thrown away and built anew. So is one
whose search index this release cannot read: a page that says so would be measured as a very fast search."""

THREADS_PER_MEMBER = 2
FEWEST_MEMBERS = 2_000
SPACES = 20
VIEWERS = 40
PLANNED_ANSWERS = 20
"""Threads that the benchmark reads have exactly one full page of answers."""
NEWEST = datetime.now(UTC) - timedelta(days=1)


def token_of(number: int) -> str:
    """The session token of the n-th viewer."""
    return f"benchmark-session-{number:04d}-{'x' * 20}"


def _text(moment: datetime) -> str:
    return moment.isoformat(" ")


class Builder:
    """Makes rows table by table and counts what the counters must say."""

    def __init__(self, thread_count: int) -> None:
        self.thread_count = thread_count
        self.chance = random.Random(11)
        self.texts = Texts()
        self.rows: dict[str, list[tuple]] = {}
        member_count = max(FEWEST_MEMBERS, thread_count // THREADS_PER_MEMBER)
        self.members = self._ids(member_count)
        # A few write most: the n-th member about 1/n**0.7 as much as the first.
        self._activity = list(itertools.accumulate(1 / (n + 10) ** 0.7 for n in range(member_count)))
        self.member_kudos = dict.fromkeys(self.members, 0)
        self.member_solutions = dict.fromkeys(self.members, 0)
        self.spaces = self._ids(SPACES)
        self.space_counts = {space: [0, 0, NEWEST - timedelta(days=2000)] for space in self.spaces}
        self.planned: list[tuple[int, str]] = []
        self.answered: list[tuple[int, str]] = []

    def _ids(self, count: int) -> list[int]:
        return [self.chance.randrange(2_000, 2**53) for _ in range(count)]

    def _id(self) -> int:
        return self.chance.randrange(2_000, 2**53)

    def _authors(self, count: int) -> list[int]:
        return self.chance.choices(self.members, cum_weights=self._activity, k=count)

    def access_of(self, position: int) -> str:
        """Sixteen spaces are open, two for members, two exclusive."""
        return "open" if position < 16 else "members" if position < 18 else "exclusive"

    def group_rows(self) -> Iterator[tuple]:
        for position in (18, 19):
            yield (position, f"group-{position}", f"Gruppe {position}", "", "request", _text(NEWEST))

    def _posts_of(self, thread: int, size: int, started: datetime) -> Iterator[tuple]:
        """Post rows of one thread: the opening, answers, and a comment under every sixth."""
        moment, parent = started, None
        authors = self._authors(size * 2)
        for number in range(size):
            kind = "opening" if number == 0 else "answer"
            body, html = self.texts.body()
            post = self._id()
            kudos = self._kudos(number)
            yield (post, thread, parent, authors[number], kind, body, html, moment, kudos)
            if number % 6 == 3:
                body, html = self.texts.short_body()
                later = moment + timedelta(minutes=3)
                yield (self._id(), thread, post, authors[size + number], "comment", body, html, later, 0)
            # Whole threads fit into ten days, so that nothing is newer than now.
            moment += timedelta(minutes=self.chance.randint(5, max(6, 14_000 // size)))

    def _kudos(self, number: int) -> int:
        """About half a kudos per post, more for the first ones; sometimes many."""
        if self.chance.random() < 0.7:
            return 0
        return self.chance.choice((1, 1, 1, 2, 2, 3)) + (self.chance.randint(0, 6) if number == 1 else 0)

    def _size(self, number: int) -> int:
        """Answers plus one. Every fiftieth thread has exactly one page of them, a few have hundreds."""
        if number % 50 == 0:
            return PLANNED_ANSWERS + 1
        if number % 997 == 0:
            return self.chance.randint(150, 400)
        return 1 + min(80, int(self.chance.expovariate(1 / 7.6)))

    def threads(self) -> Iterator[dict[str, list[tuple]]]:
        """Rows by table, thread by thread."""
        for number in range(self.thread_count):
            yield self._thread(number)

    def _thread(self, number: int) -> dict[str, list[tuple]]:
        chance, thread, size = self.chance, self._id(), self._size(number)
        place = 0 if number % 50 == 0 else min(SPACES - 1, int(chance.expovariate(1 / 5)))
        space = self.spaces[place]
        public = self.access_of(place) != "exclusive"
        age = 1 - (number + 1) / self.thread_count
        started = NEWEST - timedelta(days=10 + 1800 * age, minutes=number % 600)
        posts = list(self._posts_of(thread, size, started))
        kudos = [row for post in posts for row in self._kudos_rows(post, public=public)]
        answers = [post for post in posts if post[4] == "answer"]
        solution = chance.choice(answers) if answers and chance.random() < 0.6 else None
        status = "solved" if solution else "open" if answers else "unanswered"
        title, tags, asker = self.texts.title(), self.texts.tags(), posts[0][3]
        last = max(post[7] for post in posts)
        self._count(space, last, solution, public=public)
        if number % 50 == 0:
            self.planned.append((thread, slug(title)))
        elif number % 7 == 0 and place < 16:
            self.answered.append((thread, slug(title)))
        followers = {asker, *self._authors(2)}
        return {
            "threads": [
                (
                    thread, space, asker, title, slug(title), "de", " ".join(tags), status, len(answers),
                    posts[0][8], _text(started), _text(last), 1,
                )
            ],
            "thread_tags": [(self._id(), thread, tag) for tag in tags],
            "posts": [(*post[:7], RENDER_VERSION, _text(post[7]), post[8]) for post in posts],
            "kudos": kudos,
            "follows": [(self._id(), thread, member, _text(started)) for member in followers],
            "solutions": [(self._id(), thread, solution[0], asker, _text(last))] if solution else [],
        }  # fmt: skip

    def _kudos_rows(self, post: tuple, *, public: bool) -> Iterator[tuple]:
        if public:
            self.member_kudos[post[3]] += post[8]
        givers = self.chance.sample(self.members, post[8])
        return ((self._id(), post[0], giver, _text(post[7])) for giver in givers)

    def _count(self, space: int, last: datetime, solution: tuple | None, *, public: bool) -> None:
        counts = self.space_counts[space]
        counts[0] += 1
        counts[1] += solution is not None
        counts[2] = max(counts[2], last)
        if solution and public:
            self.member_solutions[solution[3]] += 1

    def related_rows(self, threads: list[int]) -> Iterator[tuple]:
        """Five similar threads beside each; the worker finds them in the index, here they are drawn."""
        for thread in threads:
            others = {self.chance.choice(threads) for _ in range(5)} - {thread}
            for position, other in enumerate(others):
                yield (self._id(), thread, other, "similar", position)

    def member_rows(self) -> Iterator[tuple]:
        for number, member in enumerate(self.members):
            nickname = f"{self.texts.words[200 + number % 15_000]}_{number}"
            role = "moderator" if number < 8 else "customer"
            staff_name = f"Sandra {chr(65 + number)}." if number < 8 else ""
            counted = (self.member_kudos[member], self.member_solutions[member])
            joined = 2018 + number % 8
            yield (member, nickname, nickname_key(nickname), role, staff_name, self._id(), joined, *counted)

    def space_rows(self) -> Iterator[tuple]:
        for position, space in enumerate(self.spaces):
            name = self.texts.words[90 + 7 * position].capitalize() + f" {position}"
            threads, solved, last = self.space_counts[space]
            yield (
                space, slug(name), name, "Fragen und Antworten zu diesem Thema, von Kunden für Kunden",
                "questions", self.access_of(position), "de", position, threads, solved, _text(last),
                _text(NEWEST - timedelta(days=2000)),
            )  # fmt: skip


COLUMNS = {
    "groups": "id, slug, name, description, access, created_at",
    "spaces": """id, slug, name, purpose, kind, access, language, position, thread_count, solved_count,
        last_activity_at, created_at""",
    "space_groups": "id, space_id, group_id",
    "memberships": "id, group_id, member_id, joined_at",
    "members": """id, nickname, nickname_key, role, staff_name, seed, year_joined, kudos_count,
        solution_count""",
    "experts": "id, space_id, member_id, granted_at",
    "threads": """id, space_id, author_id, title, slug, language, tag_names, status, answer_count, kudos_count,
        created_at, last_activity_at, version""",
    "thread_tags": "id, thread_id, name",
    "posts": """id, thread_id, parent_id, author_id, kind, body, body_html, render_version, created_at,
        kudos_count""",
    "kudos": "id, post_id, member_id, given_at",
    "follows": "id, thread_id, member_id, created_at",
    "solutions": "id, thread_id, post_id, accepted_by_id, accepted_at",
    "related_threads": "id, thread_id, related_id, kind, position",
    "vault_accounts": """id, member_id, mail_hash, mail_encrypted, real_name_encrypted,
        stated_company_encrypted, password_hash, created_at, confirmed_at, password_changed_at""",
    "vault_sessions": "id, token_hash, account_id, member_id, created_at, seen_at, expires_at",
}


def write(connection: sqlite3.Connection, table: str, rows: Iterable[tuple]) -> None:
    """Insert rows in the order of `COLUMNS`."""
    columns = COLUMNS[table]
    places = ", ".join("?" * (columns.count(",") + 1))
    connection.executemany(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', rows)


def fill(path: Path, builder: Builder) -> list[int]:
    """Write everything into a migrated, empty database; answers the viewers."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous=OFF", "journal_mode=OFF", "cache_size=-3000000", "foreign_keys=OFF"):
        connection.execute(f"PRAGMA {pragma}")
    indexes = connection.execute(
        "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    ).fetchall()
    for name, _sql in indexes:
        connection.execute(f'DROP INDEX "{name}"')
    connection.execute("BEGIN")
    viewers = _fill_people_and_threads(connection, builder)
    for _name, sql in indexes:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.close()
    return viewers


def _fill_people_and_threads(connection: sqlite3.Connection, builder: Builder) -> list[int]:
    threads: list[int] = []
    waiting: dict[str, list[tuple]] = {}
    with Progress("Threads", builder.thread_count) as progress:
        for made in builder.threads():
            threads.append(made["threads"][0][0])
            for table, rows in made.items():
                waiting.setdefault(table, []).extend(rows)
            if len(threads) % 500 == 0 or len(threads) == builder.thread_count:
                for table, rows in waiting.items():
                    write(connection, table, rows)
                progress.advance(len(waiting["threads"]))
                waiting = {}
    write(connection, "related_threads", builder.related_rows(threads))
    write(connection, "members", builder.member_rows())
    write(connection, "spaces", builder.space_rows())
    write(connection, "groups", builder.group_rows())
    write(connection, "space_groups", [(p, builder.spaces[p], p) for p in (18, 19)])
    viewers = builder.members[1000 : 1000 + VIEWERS]
    write(connection, "memberships", [(n, 18, m, _text(NEWEST)) for n, m in enumerate(viewers, 1)])
    experts = [
        (s + n, s, m, _text(NEWEST)) for s in builder.spaces for n, m in enumerate(builder.members[20:24])
    ]
    write(connection, "experts", experts)
    return viewers


def log_in(path: Path, viewers: list[int]) -> None:
    """Accounts and sessions that outlive any benchmark."""
    keys = VaultKeys.load(settings.vault_key_file, create=True)
    moment = datetime.now(UTC)
    ends = moment + timedelta(days=3650)
    accounts, sessions = [], []
    for number, member in enumerate(viewers):
        account = 500 + number
        mail = f"viewer{number}@example.org"
        sealed = keys.encrypt(mail, place="vault_accounts.mail_encrypted", row_id=account)
        times = (_text(moment),) * 3
        accounts.append((account, member, keys.mail_hash(mail), sealed, "", "", "", *times))
        digest = hashlib.sha256(token_of(number).encode()).hexdigest()
        # Seen in the future: neither idle nor written on every fifth minute of the measurement.
        sessions.append((account, digest, account, member, _text(moment), _text(ends), _text(ends)))
    connection = sqlite3.connect(path)
    with connection:
        write(connection, "vault_accounts", accounts)
        write(connection, "vault_sessions", sessions)
    connection.close()


def write_plan(folder: Path, builder: Builder) -> None:
    """What the benchmark asks for; a file that is there says that the building was finished."""
    spaces = [row[1] for row in builder.space_rows()]
    chance = random.Random(5)

    def some(threads: list[tuple[int, str]], most: int) -> list[str]:
        return [f"/threads/{i}-{s}" for i, s in chance.sample(threads, min(most, len(threads)))]

    plan = {
        "format": FORMAT,
        "threads": some(builder.planned, 200),
        "answered": some(builder.answered, 1000),
        "spaces": [f"/spaces/{name}" for name in spaces[:6]],
        "queries": builder.texts.queries(200),
        "tokens": [token_of(number) for number in range(VIEWERS)],
    }  # fmt: skip
    (folder / "plan.json").write_text(json.dumps(plan, indent=1), "utf-8")


async def fill_index(database_url: str) -> None:
    """What the worker does with a new index, and the rankings it keeps."""
    await connect(database_url)
    engine = build_search()
    try:
        with Progress("Search index", await count_rows()) as progress:
            await rebuild(engine, progress.advance)
        await carry_on_points()
    finally:
        await engine.close()
        await disconnect()


def main() -> None:
    folder, thread_count = Path(sys.argv[1]).resolve(), int(sys.argv[2])
    if settings.var_dir != folder:
        raise SystemExit("VAR_DIR must be the folder to build in.")
    path = folder / "community.sqlite3"
    asyncio.run(migrate(settings.database_url))
    builder = Builder(thread_count)
    builder.texts.check()
    viewers = fill(path, builder)
    log_in(path, viewers)
    asyncio.run(fill_index(settings.database_url))
    write_plan(folder, builder)


if __name__ == "__main__":
    main()
