"""The moderation log narrowed down, entry by entry, and as a file."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from community.core.db import fetch_one
from community.core.errors import NotFound
from community.decisions.actions import log
from community.decisions.chain import BEGINNING
from community.decisions.queries import LogChoice, get_log_entry, list_log
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_thread, viewer_for
from tests.fixtures import Visit

URL = "/moderation/log"


async def _entries(cast: Cast) -> None:
    """Three entries by two people, in two spaces and in none."""
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    await log(
        "lock_thread", "thread:17", by=moderator, reason="Nothing more to say", space_id=cast.open_space.id
    )
    await log("hide_post", "post:18", by=administrator, reason="100% spam", space_id=cast.hidden_space.id)
    await log("grant_badge", f"member:{cast.helper.id}", by=administrator, reason="Helped =a lot")


async def _found(visit: Visit, cast: Cast, **query: Any) -> set[str]:
    page = (await (await visit(cast.moderator)).get(URL, params=query)).text
    reasons = ("Nothing more to say", "100% spam", "Helped =a lot")
    return {reason for reason in reasons if f"<td>{reason}</td>" in page}


async def test_each_field_narrows_the_log_down(cast: Cast, visit: Visit) -> None:
    await _entries(cast)
    locked, hidden, honoured = {"Nothing more to say"}, {"100% spam"}, {"Helped =a lot"}
    assert await _found(visit, cast) == locked | hidden | honoured
    assert await _found(visit, cast, act="hide_post") == hidden
    assert await _found(visit, cast, by=cast.administrator.id) == hidden | honoured
    assert await _found(visit, cast, space=cast.open_space.id) == locked
    assert await _found(visit, cast, about=cast.helper.nickname) == honoured
    assert await _found(visit, cast, about="https://community.example/threads/17-some-title") == locked
    assert await _found(visit, cast, about="/posts/18") == hidden
    assert await _found(visit, cast, words="MORE to") == locked
    assert await _found(visit, cast, words="0%") == hidden
    assert await _found(visit, cast, words="1_0") == set()
    assert await _found(visit, cast, first="2026-01-01") == locked | hidden | honoured
    assert await _found(visit, cast, last="2026-01-01") == set()
    assert await _found(visit, cast, act="hide_post", by=cast.moderator.id) == set()


async def test_what_was_typed_wrongly_is_told_and_nothing_shown(cast: Cast, visit: Visit) -> None:
    await _entries(cast)
    browser = await visit(cast.moderator)
    for query in ({"about": "nobody-of-this-name"}, {"first": "yesterday"}, {"last": "9999-12-31"}):
        page = await browser.get(URL, params=query)
        assert page.status_code == 200
        assert 'aria-invalid="true"' in page.text
        assert "Nothing more to say" not in page.text
    assert (await browser.get(URL, params={"by": "x"})).status_code == 404
    assert (await browser.get(URL, params={"space": "9" * 17})).status_code == 404


async def test_a_moderator_sees_nothing_of_spaces_they_may_not_read(cast: Cast) -> None:
    await _entries(cast)
    moderator = await viewer_for(cast.moderator)
    narrow = replace(moderator, readable_space_ids=(cast.open_space.id,))
    lines = await list_log(narrow)
    assert {line.act for line in lines} == {"lock_thread", "grant_badge"}
    assert not await list_log(narrow, choice=LogChoice(space_id=cast.hidden_space.id))
    secret = (await list_log(moderator, choice=LogChoice(act="hide_post")))[0]
    with pytest.raises(NotFound):
        await get_log_entry(narrow, secret.id)


async def test_an_entry_has_a_page_with_what_was_written_down(cast: Cast, visit: Visit) -> None:
    moderator = await viewer_for(cast.moderator)
    thread = await make_thread(cast.open_space, cast.asker, title="Router restarts")
    answer = await make_answer(thread, cast.helper)
    number = await log(
        "uphold_flags",
        f"post:{answer.id}",
        by=moderator,
        reason="Insulting",
        space_id=cast.open_space.id,
        flags=[3, 4],
    )
    browser = await visit(cast.moderator)
    page = (await browser.get(f"{URL}/{number}")).text
    for expected in (
        "Router restarts",
        "Insulting",
        "flags upheld",
        "<dt>Flags</dt><dd>2</dd>",
        cast.open_space.name,
        "none yet",
    ):
        assert expected in page
    assert f'href="{URL}/{number}"' in (await browser.get(URL)).text
    assert (await browser.get(f"{URL}/{number + 1}")).status_code == 404
    assert (await (await visit(cast.asker)).get(f"{URL}/{number}")).status_code == 404


@pytest.mark.each_database
async def test_the_export_can_be_checked_by_others(
    fresh_database: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("community.web.log_pages.EXPORTED_AT_ONCE", 2)
    cast = await make_cast()
    await _entries(cast)
    browser = await visit(cast.administrator)
    answer = await browser.post(f"{URL}/export", data={"format": "jsonl"})
    assert answer.status_code == 200
    lines = [json.loads(line) for line in answer.text.splitlines()]
    assert [line["act"] for line in lines] == ["lock_thread", "hide_post", "grant_badge", "export_log"]
    before = BEGINNING
    for line in lines:
        names = [
            _sha(f"{line['name_salt']}\x1f{line['actor_name']}"),
            _sha(f"{line['reason_salt']}\x1f{line['reason']}"),
        ]
        assert names == [line["name_digest"], line["reason_digest"]]
        covered = [
            line[name]
            for name in ("position", "id", "at", "actor_id", "act", "subject", "space_id", "details")
        ]
        before = _sha(json.dumps([*covered, *names, before], sort_keys=True, separators=(",", ":")))
        assert before == line["hash"]


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


async def test_a_narrowed_export_holds_what_fits_and_no_formula(cast: Cast, visit: Visit) -> None:
    administrator = await viewer_for(cast.administrator)
    for reason in ("=1+1", "+1", "-1", "@SUM(A1)", "harmless"):
        await log("lock_thread", "thread:17", by=administrator, reason=reason)
    await log("pin_thread", "thread:17", by=administrator, reason="other")
    browser = await visit(cast.administrator)
    answer = await browser.post(f"{URL}/export", data={"format": "csv", "act": "lock_thread"})
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [row["reason"].lstrip("'") for row in rows] == ["=1+1", "+1", "-1", "@SUM(A1)", "harmless"]
    assert not [row for row in rows for cell in row.values() if cell[:1] in ("=", "+", "-", "@", "\t")]
    logged = await fetch_one("SELECT act, actor_id, details FROM moderation_log ORDER BY id DESC LIMIT 1")
    assert logged is not None
    assert (logged["act"], logged["actor_id"]) == ("export_log", cast.administrator.id)
    assert '"narrowed": true' in logged["details"]


async def test_only_administrators_export(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.moderator)
    assert "As a file" not in (await browser.get(URL)).text
    assert (await browser.post(f"{URL}/export", data={"format": "csv"})).status_code == 404
    administrator = await visit(cast.administrator)
    assert (await administrator.post(f"{URL}/export", data={"format": "exe"})).status_code == 400
    assert (await administrator.get(f"{URL}/export")).status_code in (404, 405)
