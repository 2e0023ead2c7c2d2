"""Dumps become threads: everything comes over once, in whatever state the dump is, however often it is run."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from community.core.clock import now
from community.core.db import execute, fetch
from community.core.db.configuration import sqlite_path
from community.core.nicknames import nickname_key
from community.importing.items import find_imported
from community.importing.stackexchange import import_dump
from community.members.models import RetiredNickname
from community.settings import settings
from community.spaces.models import SpaceKind
from community.threads.models import Post, Thread
from tests.factories import make_member, make_space
from tests.importing.small_dump import (
    USERS,
    WHOLE,
    answer,
    comment,
    many_questions,
    question,
    up_vote,
    user,
    write_dump,
)

SITE = "routers.example.net"


async def bring(folder: Path, *, space: str = "routers", language: str = "en", source: str = "") -> str:
    """Import the dump, which must succeed, and answer the whole report."""
    assert await import_dump(folder, space_slug=space, language=language, source=source) == 0
    return (settings.var_dir / f"import-{source or folder.name}.txt").read_text()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / SITE


async def everything() -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables that an import writes."""
    tables = (
        "spaces", "threads", "posts", "thread_tags", "solutions", "kudos", "follows", "members", "badges",
        "related_threads", "revisions", "imported_items", "outbox_facts", "standings", "site_stamp",
    )  # fmt: skip
    return {
        table: sorted((dict(each) for each in await fetch(f'SELECT * FROM "{table}"')), key=repr)
        for table in tables
    }


async def threads_by_title() -> dict[str, dict[str, Any]]:
    rows = await fetch(
        """SELECT t.*, m.nickname FROM threads t LEFT JOIN members m ON m.id = t.author_id ORDER BY t.created_at"""
    )
    return {each["title"]: dict(each) for each in rows}


async def nicknames() -> dict[int, str]:
    """Nickname by the id of the user in the dump."""
    rows = await fetch(
        """SELECT i.foreign_id, m.nickname FROM imported_items i JOIN members m ON m.id = i.local_id
        WHERE i.kind = 'member'"""
    )
    return {int(each["foreign_id"]): each["nickname"] for each in rows}


async def bodies() -> set[str]:
    return {each["body"].strip() for each in await fetch("SELECT body FROM posts")}


# --- what comes over ------------------------------------------------------------------------------------------


@pytest.mark.each_database
async def test_a_question_comes_over_with_all_that_belongs_to_it(fresh_database: str, site: Path) -> None:
    report = await bring(write_dump(site, **WHOLE))
    found = await threads_by_title()
    assert set(found) == {
        "How do two lines share the load?", "Which cable for the second line?", "Two lines at once?"
    }  # fmt: skip
    solved = found["How do two lines share the load?"]
    assert (solved["status"], solved["answer_count"], solved["kudos_count"]) == ("solved", 2, 1)
    assert (solved["nickname"], solved["language"], solved["tag_names"]) == (
        "Asking-Annie",
        "en",
        "router dual-wan",
    )
    assert found["Which cable for the second line?"]["locked_at"] is not None
    solution = (
        await fetch("SELECT s.*, p.body, p.kudos_count FROM solutions s JOIN posts p ON p.id = s.post_id")
    )[0]
    assert solution["body"].strip() == "Use `wan2`."
    assert str(solution["accepted_at"]).startswith("2020-02-04")
    assert solution["accepted_by_id"] == solved["author_id"]
    assert solution["kudos_count"] == 2
    kudos = await fetch("SELECT member_id, given_at FROM kudos ORDER BY given_at")
    assert [str(each["given_at"])[:10] for each in kudos] == ["2020-02-03", "2020-02-03", "2020-02-05"]
    assert {each["member_id"] for each in kudos} == {None}
    helper = (await fetch("SELECT * FROM members WHERE nickname = 'Rupert'"))[0]
    assert (helper["year_joined"], helper["kudos_count"], helper["solution_count"]) == (2012, 2, 1)
    assert [each["name"] for each in await fetch("SELECT name FROM badges")] == ["Teacher"]
    assert "3  threads" in report and "2  answers" in report and "2  comments" in report


@pytest.mark.each_database
async def test_the_space_is_made_open_for_questions_with_its_figures(fresh_database: str, site: Path) -> None:
    await bring(write_dump(site, **WHOLE), space="home-office", language="de")
    space = (await fetch("SELECT * FROM spaces"))[0]
    assert (space["slug"], space["name"], space["kind"], space["access"]) == (
        "home-office", "Home office", "questions", "open"
    )  # fmt: skip
    assert (space["thread_count"], space["solved_count"], space["language"]) == (3, 1, "de")
    assert SITE in space["purpose"]
    assert {each["language"] for each in await fetch("SELECT language FROM threads")} == {"de"}


async def test_threads_go_into_a_space_that_is_there(fresh_database: str, site: Path) -> None:
    space = await make_space("Routers")
    await bring(write_dump(site, **WHOLE))
    assert {each["space_id"] for each in await fetch("SELECT space_id FROM threads")} == {space.id}
    assert len(await fetch("SELECT id FROM spaces")) == 1


async def test_duplicates_and_links_become_related_threads_in_both_directions(
    fresh_database: str, site: Path
) -> None:
    await bring(write_dump(site, **WHOLE))
    rows = await fetch(
        """SELECT a.title AS one, b.title AS other, r.kind FROM related_threads r
        JOIN threads a ON a.id = r.thread_id JOIN threads b ON b.id = r.related_id"""
    )
    first, second, third = (
        "How do two lines share the load?", "Which cable for the second line?", "Two lines at once?"
    )  # fmt: skip
    assert {(each["one"], each["other"], each["kind"]) for each in rows} == {
        (first, third, "duplicate"), (third, first, "duplicate"), (first, second, "linked"), (second, first, "linked")
    }  # fmt: skip


async def test_old_ids_lead_to_the_new_rows(fresh_database: str, site: Path) -> None:
    await bring(write_dump(site, **WHOLE))
    thread_id = await find_imported("thread", 1)
    assert thread_id is not None and (await Thread.get(id=thread_id)).title.startswith("How do two lines")
    post_id = await find_imported("post", 2, SITE)
    assert post_id is not None and (await Post.get(id=post_id)).thread_id == thread_id
    assert await find_imported("post", 2, "elsewhere.example.net") is None
    assert await find_imported("post", 6) is None


async def test_code_lists_and_tables_come_over_as_markdown(fresh_database: str, site: Path) -> None:
    body = (
        "<p>See <a href='/q/4'>there</a>:</p><pre><code>if a &lt; b:\n    go()\n</code></pre><ul><li>one</li></ul>"
        "<table><tr><th>Port</th></tr><tr><td>443</td></tr></table><script>alert(1)</script>"
    )
    await bring(write_dump(site, Posts=[question(1, body=body)], Users=USERS))
    post = await Post.get(kind="opening")
    assert "```\nif a < b:\n    go()\n```" in post.body and "- one" in post.body and "| 443 |" in post.body
    assert f"https://{SITE}/q/4" in post.body
    assert "<table" in post.body_html and "<script" not in post.body_html


async def test_comments_keep_no_blocks_and_call_those_who_wrote_in_the_thread(
    fresh_database: str, site: Path
) -> None:
    await bring(write_dump(site, **WHOLE))
    called = await Post.get(kind="comment", body__contains="AskingAnnie")
    assert 'href="/members/Asking-Annie"' in called.body_html and "<ol" not in called.body_html


async def test_nobody_is_called_who_did_not_write_in_the_thread(fresh_database: str, site: Path) -> None:
    await make_member("jana", role="moderator", staff_name="Jana K.")
    posts = [question(1, body="<p>Thanks @jana and @Rupert</p>")]
    await bring(write_dump(site, Posts=posts, Users=USERS))
    assert "/members/" not in (await Post.get(kind="opening")).body_html


async def test_tags_are_spelled_as_here_and_tags_in_other_scripts_are_kept(
    fresh_database: str, site: Path
) -> None:
    await bring(write_dump(site, Posts=[question(1, Tags="<c++><.net><c#><größe><роутер><sixth>")]))
    names = {each["name"] for each in await fetch("SELECT name FROM thread_tags")}
    assert names == {"c-plus-plus", "dot-net", "c-sharp", "groesse", "роутер"}


async def test_nobody_can_log_in_as_an_imported_member(fresh_database: str, site: Path) -> None:
    await bring(write_dump(site, **WHOLE))
    assert not await fetch("SELECT id FROM vault_accounts")


async def test_what_came_in_is_owed_to_the_index(fresh_database: str, site: Path) -> None:
    await bring(write_dump(site, **WHOLE))
    rows = await fetch("SELECT name, due_at FROM outbox_facts WHERE name LIKE 'thread.%'")
    assert sorted(each["name"] for each in rows) == ["thread.import_ended"] * 3 + ["thread.imported"] * 3
    assert not await fetch("SELECT id FROM outbox_facts WHERE due_at > :now", {"now": now()})


# --- members --------------------------------------------------------------------------------------------------


async def test_whoever_has_a_nickname_here_keeps_it(fresh_database: str, site: Path) -> None:
    mine = await make_member("rupert")
    await RetiredNickname.create(nickname_key=nickname_key("asking.annie"), retired_at=now())
    users = [user(1, "Asking Annie"), user(2, "Rupert"), user(3, "RUPERT")]
    posts = [question(1), answer(2, to=1), answer(3, to=1, OwnerUserId=3)]
    report = await bring(write_dump(site, Posts=posts, Users=users))
    names = await nicknames()
    assert names[2] == "Rupert2" and names[3] == "RUPERT3"
    assert names[1] == "Asking-Annie2"
    assert not await fetch("SELECT id FROM posts WHERE author_id = :id", {"id": mine.id})
    assert "Rupert → Rupert2" in report and "RUPERT → RUPERT3" in report


async def test_nobody_gets_the_name_of_staff_or_a_reserved_one(fresh_database: str, site: Path) -> None:
    await make_member("jana", role="moderator", staff_name="Jana K.")
    users = [user(1, "Jana K"), user(2, "Admin"), user(3, "Иван"), user(4, ""), user(5, "user77")]
    posts = [question(1), *(answer(number, to=1, OwnerUserId=number) for number in (2, 3, 4, 5))]
    await bring(write_dump(site, Posts=posts, Users=users))
    names = await nicknames()
    assert names == {number: f"routers-{number}" for number in range(1, 6)}


async def test_many_with_one_name_all_get_their_own(fresh_database: str, site: Path) -> None:
    users = [user(number, "John") for number in range(1, 31)]
    posts = [question(1), *(answer(number, to=1, OwnerUserId=number) for number in range(2, 31))]
    await bring(write_dump(site, Posts=posts, Users=users))
    names = await nicknames()
    assert len(set(names.values())) == 30
    assert (names[1], names[2], names[30]) == ("John", "John2", "John-30")


async def test_texts_without_a_user_are_those_of_a_former_member(fresh_database: str, site: Path) -> None:
    report = await bring(write_dump(site, **WHOLE))
    gone = await Post.get(body__contains="It cannot")
    assert gone.author_id is None
    assert "1 posts and comments are those of a former member" in report
    assert "Gone" not in {each["nickname"] for each in await fetch("SELECT nickname FROM members")}


async def test_only_those_who_wrote_something_become_members(fresh_database: str, site: Path) -> None:
    report = await bring(write_dump(site, **WHOLE))
    assert set(await nicknames()) == {1, 2, 3}
    assert "user: has written nothing that comes over" in report
    assert "badge: its user was left out" in report


# --- dumps in any state ---------------------------------------------------------------------------------------


async def test_posts_alone_are_enough(fresh_database: str, site: Path) -> None:
    report = await bring(write_dump(site, Posts=WHOLE["Posts"]))
    found = await threads_by_title()
    assert found["How do two lines share the load?"]["status"] == "solved"
    assert not await fetch("SELECT id FROM members") and not await fetch("SELECT id FROM kudos")
    for name in ("Users", "Comments", "Votes", "PostLinks", "Badges"):
        assert f"{name}.xml:" in report


async def test_without_a_vote_the_solution_has_the_date_of_the_answer(
    fresh_database: str, site: Path
) -> None:
    await bring(write_dump(site, Posts=WHOLE["Posts"]))
    assert str((await fetch("SELECT accepted_at FROM solutions"))[0]["accepted_at"]).startswith("2020-02-01")


async def test_what_belongs_to_nothing_is_left_out_with_its_reason(fresh_database: str, site: Path) -> None:
    report = await bring(write_dump(site, **WHOLE))
    assert "answer: its question is not in the dump" in report
    assert "comment: its post was left out" in report
    assert "vote: its post was left out" in report
    assert "vote: a down-vote" in report
    assert "post: the wiki page of a tag" in report
    assert "nobody sees this" not in await bodies()


async def test_an_accepted_answer_that_is_missing_leaves_the_thread_open(
    fresh_database: str, site: Path
) -> None:
    posts = [
        question(1, AcceptedAnswerId=50),
        answer(2, to=1),
        question(3, AcceptedAnswerId=51),
        answer(51, to=1),
    ]
    report = await bring(write_dump(site, Posts=posts, Users=USERS))
    assert {each["status"] for each in await fetch("SELECT status FROM threads")} == {"open", "unanswered"}
    assert "2  solution: the accepted answer is not among the answers" in report


async def test_a_second_row_with_the_same_id_is_left_out(fresh_database: str, site: Path) -> None:
    posts = [question(1), answer(2, to=1), answer(2, to=1, body="<p>Again.</p>"), question(1, "Twice")]
    report = await bring(write_dump(site, Posts=posts, Users=USERS))
    assert len(await fetch("SELECT id FROM posts")) == 2
    assert "a second row with the same id" in report


async def test_odd_characters_and_empty_attributes_do_no_harm(fresh_database: str, site: Path) -> None:
    title = "Straße & <Router> “x” 🛰️ ‮abc " + "long " * 60
    posts = [
        question(
            1, title, body="<p>\u200b🛰️ &amp; ünïcödé <b></b></p>", Tags="", OwnerUserId="", LastEditDate=""
        ),
        question(2, body=""),
        answer(3, to=1, body="<p><img></p>"),
        answer(4, to=1, CreationDate="", OwnerUserId="-1"),
    ]
    folder = write_dump(site, Posts=posts, Users=[*USERS, user(-1, "Community")], Comments=[comment(1, on=3)])
    report = await bring(folder)
    titles = [each["title"] for each in await fetch("SELECT title FROM threads")]
    assert any(each.startswith("Straße & <Router> “x” 🛰️") and len(each) == 200 for each in titles)
    assert "🛰️ & ünïcödé" in " ".join(await bodies())
    assert "answer: shows nothing" in report and "title cut to 200 characters" in report
    assert len(await fetch("SELECT id FROM posts WHERE author_id IS NULL")) == 2


async def test_a_very_long_text_comes_over_whole(fresh_database: str, site: Path) -> None:
    paragraph = "<p>" + "word " * 200 + "</p>"
    await bring(write_dump(site, Posts=[question(1, body=paragraph * 300 + "<p>the very end</p>")]))
    post = await Post.get(kind="opening")
    assert post.body.count("word") == 60_000 and "the very end" in post.body_html


@pytest.mark.parametrize("state", ["no folder", "no posts", "nothing readable", "a file for a folder"])
async def test_a_folder_that_is_no_dump_is_refused_and_nothing_is_made(
    state: str, fresh_database: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if state == "no posts":
        write_dump(site, Users=USERS)
    elif state == "nothing readable":
        write_dump(site, Posts=["<html>not a dump</html>"])
    elif state == "a file for a folder":
        site.write_text("text")
    assert await import_dump(site, space_slug="routers", language="en") == 1
    complaint = capsys.readouterr().err
    assert str(site) in complaint and "Traceback" not in complaint
    assert not await fetch("SELECT id FROM spaces") and not await fetch("SELECT id FROM members")


async def test_a_space_for_something_else_and_an_odd_language_are_refused(
    fresh_database: str, site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await make_space("Blog", kind=SpaceKind.BLOG)
    folder = write_dump(site, **WHOLE)
    assert await import_dump(folder, space_slug="blog", language="en") == 1
    assert await import_dump(folder, space_slug="routers", language="English, please") == 1
    assert await import_dump(folder, space_slug="???", language="en") == 1
    assert not await fetch("SELECT id FROM threads")
    assert "blog" in capsys.readouterr().err


# --- again, and with a newer dump -----------------------------------------------------------------------------


@pytest.mark.each_database
async def test_running_it_again_changes_nothing_at_all(fresh_database: str, site: Path) -> None:
    folder = write_dump(site, **WHOLE)
    await bring(folder)
    before = await everything()
    report = await bring(folder)
    assert await everything() == before
    assert "Nothing new" in report


@pytest.mark.each_database
async def test_a_newer_dump_adds_what_is_new(fresh_database: str, site: Path) -> None:
    await bring(write_dump(site, **WHOLE))
    before = await everything()
    newer = {
        **WHOLE,
        "Posts": [
            *(each for each in WHOLE["Posts"] if 'Id="4"' not in each[:12] and 'Id="3"' not in each[:12]),
            answer(3, to=1, body="<p>It can, after all.</p>", LastEditDate="2021-01-01T00:00:00.000"),
            question(4, "Which cable for the second line?", AcceptedAnswerId=20),
            answer(20, to=4, body="<p>Any cable.</p>", CreationDate="2021-02-01T00:00:00.000"),
            question(21, "A new one"),
        ],
        "Comments": [
            *WHOLE["Comments"], comment(30, on=3, text="At last"), comment(31, on=20, text="Thanks", UserId=4),
        ],
        "Votes": [*WHOLE["Votes"], up_vote(40, on=2, day="2021-03-01"), up_vote(41, on=20, day="2021-03-02")],
    }  # fmt: skip
    report = await bring(write_dump(site, **newer))
    found = await threads_by_title()
    assert len(found) == 4
    cable = found["Which cable for the second line?"]
    assert (cable["status"], cable["answer_count"]) == ("solved", 1)
    edited = await Post.get(body__contains="after all")
    assert edited.version == 2 and edited.edited_at is not None and edited.edited_at.year == 2021
    assert len(await fetch("SELECT id FROM revisions")) == 1
    assert {"At last", "Thanks", "Any cable."} <= await bodies()
    assert (await Post.get(body__contains="wan2`.")).kudos_count == 3
    after = await everything()
    assert len(after["posts"]) == len(before["posts"]) + 4 and len(after["kudos"]) == len(before["kudos"]) + 2
    assert set(await nicknames()) == {1, 2, 3, 4}
    helper = (await fetch("SELECT * FROM members WHERE nickname = 'Rupert'"))[0]
    assert (helper["kudos_count"], helper["solution_count"]) == (4, 2)
    assert (await fetch("SELECT thread_count, solved_count FROM spaces"))[0]["solved_count"] == 2
    assert "Brought up to date" in report and "1  edits" in report
    await bring(site)
    assert await everything() == after


async def test_what_was_removed_or_changed_here_stays_so(fresh_database: str, site: Path) -> None:
    folder = write_dump(site, **WHOLE)
    await bring(folder)
    removed = await find_imported("thread", 4)
    await execute("DELETE FROM threads WHERE id = :id", {"id": removed})
    changed = await find_imported("post", 2)
    await Post.filter(id=changed).update(body="Better said here.", edited_at=now())
    await execute(
        "UPDATE members SET nickname = 'Renamed', nickname_key = 'renamed' WHERE nickname = 'Rupert'"
    )
    report = await bring(folder)
    assert await Thread.filter(id=removed).count() == 0
    assert (await Post.get(id=changed)).body == "Better said here."
    assert (await nicknames())[2] == "Renamed"
    assert "has been removed here" in report


async def test_two_sites_in_folders_of_the_same_name_are_not_mixed_up(
    fresh_database: str, tmp_path: Path
) -> None:
    await bring(write_dump(tmp_path / "one" / "dump", **WHOLE))
    other = write_dump(
        tmp_path / "two" / "dump",
        Posts=[question(1, "About cheese", CreationDate="2015-05-05T00:00:00.000"), answer(90, to=1)],
    )
    report = await bring(other)
    assert len(await threads_by_title()) == 3
    assert "belongs to another question of an earlier import" in report
    await bring(other, source="cheese")
    assert "About cheese" in await threads_by_title()


async def test_what_people_linked_replaces_what_the_index_found(fresh_database: str, site: Path) -> None:
    without = {**WHOLE, "PostLinks": []}
    await bring(write_dump(site, **without))
    one, other = await find_imported("thread", 5), await find_imported("thread", 1)
    await execute(
        """INSERT INTO related_threads (id, thread_id, related_id, kind, position)
        VALUES (1, :one, :other, 'similar', 3)""",
        {"one": one, "other": other},
    )
    await bring(write_dump(site, **WHOLE))
    rows = await fetch("SELECT kind FROM related_threads WHERE thread_id = :id", {"id": one})
    assert [each["kind"] for each in rows] == ["duplicate"]


# --- killed ---------------------------------------------------------------------------------------------------


def _content(database: Path) -> list[tuple]:
    """What readers see of a database, without ids that are drawn by lot."""
    connection = sqlite3.connect(database)
    try:
        return [
            *connection.execute(
                """SELECT t.title, t.status, t.answer_count, t.kudos_count, t.last_activity_at, p.kind, p.body,
                p.body_html, p.created_at, p.kudos_count, m.nickname, x.accepted_at
                FROM posts p JOIN threads t ON t.id = p.thread_id
                LEFT JOIN members m ON m.id = p.author_id LEFT JOIN solutions x ON x.post_id = p.id
                ORDER BY t.title, p.kind, p.body"""
            ),
            *connection.execute(
                "SELECT nickname, kudos_count, solution_count, year_joined FROM members ORDER BY 1"
            ),
            *connection.execute("SELECT slug, thread_count, solved_count, last_activity_at FROM spaces"),
            *connection.execute("SELECT kind, foreign_id FROM imported_items ORDER BY kind, foreign_id"),
        ]
    finally:
        connection.close()


def _threads(database: Path) -> int:
    connection = sqlite3.connect(database, timeout=20)
    try:
        return int(connection.execute("SELECT COUNT(*) FROM threads").fetchone()[0])
    finally:
        connection.close()


@pytest.fixture
def start_import(tmp_path: Path) -> Iterator[Any]:
    """`start_import(url, folder)`: the command in a process of its own, ended after the test."""
    started: list[subprocess.Popen] = []

    def start(url: str, folder: Path) -> subprocess.Popen:
        environment = {**os.environ, "DATABASE_URL": url, "VAR_DIR": str(tmp_path / f"var{len(started)}")}
        command = [
            sys.executable, "-m", "community", "import", "stackexchange", str(folder), "--space", "routers"
        ]  # fmt: skip
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


async def test_an_import_killed_at_any_moment_is_resumed_without_loss_or_doubles(
    make_database: Any, start_import: Any, tmp_path: Path
) -> None:
    folder = write_dump(tmp_path / SITE, **many_questions(120))
    whole, killed = await make_database("sqlite"), await make_database("sqlite")
    undisturbed = start_import(whole, folder)
    output, _none = await asyncio.to_thread(undisturbed.communicate)
    assert undisturbed.returncode == 0, output
    for threads in (1, 30, 80):
        process = start_import(killed, folder)
        while process.poll() is None and _threads(sqlite_path(killed)) < threads:
            await asyncio.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        await asyncio.to_thread(process.communicate)
        assert process.returncode == -signal.SIGKILL
    assert 80 <= _threads(sqlite_path(killed)) < 120
    resumed = start_import(killed, folder)
    output, _none = await asyncio.to_thread(resumed.communicate)
    assert resumed.returncode == 0, output
    assert _content(sqlite_path(killed)) == _content(sqlite_path(whole))


async def test_the_command_makes_threads_findable(
    make_database: Any, start_import: Any, tmp_path: Path
) -> None:
    from search import open_engine
    from search.index import Query

    url = await make_database("sqlite")
    process = start_import(url, write_dump(tmp_path / SITE, **WHOLE))
    output, _none = await asyncio.to_thread(process.communicate)
    assert process.returncode == 0, output
    engine = open_engine("", "", tmp_path / "var0" / "index")
    try:
        found = await engine.search(Query("cable", audiences=frozenset({0, *_space_ids(sqlite_path(url))})))
        assert len(found.hits) == 1
    finally:
        await engine.close()


def _space_ids(database: Path) -> list[int]:
    connection = sqlite3.connect(database)
    try:
        return [each[0] for each in connection.execute("SELECT id FROM spaces")]
    finally:
        connection.close()
