"""Members take everything with them that the community holds about them, and nothing about anybody else."""

from __future__ import annotations

import io
import json
import re
import zipfile
from typing import Any

import pytest
from tortoise import Tortoise
from tortoise.fields.base import Field
from tortoise.fields.data import IntField
from tortoise.fields.relational import ForeignKeyFieldInstance
from tortoise.models import Model

from community.accounts.models import Account, Reveal
from community.core.clock import now
from community.core.db import APP
from community.core.viewer import Role
from community.faq.models import Entry, EntryState
from community.members.models import Member
from community.notifications.models import Notification
from community.personal_data.download import SECTIONS, gather
from community.personal_data.readable import field_labels, section_titles
from community.personal_data.tables import MEMBER_COLUMN, TABLES
from tests.cast import Cast
from tests.factories import viewer_for
from tests.fixtures import Visit
from tests.personal_data.planting import PASSWORD, Planted, plant


async def downloaded(planted: Planted, visit: Visit) -> tuple[dict[str, Any], str]:
    client = await visit(planted.member)
    answer = await client.post("/settings/data/download", data={"password": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        names = archive.namelist()
        assert names == ["data.json", "index.html", "files/1-Qxwfile.log", "files/2-Qxwunposted.txt"]
        assert [archive.read(name) for name in names[2:]] == [b"Qxwlogged", b"Qxwunpostedtext"]
        return json.loads(archive.read("data.json")), archive.read("index.html").decode()


@pytest.mark.each_database
@pytest.mark.parametrize("staff", [False, True])
async def test_the_file_holds_every_word_of_the_member_and_none_of_others(
    cast: Cast, visit: Visit, staff: bool
) -> None:
    planted = await plant(cast, staff=staff)
    data, page = await downloaded(planted, visit)
    for name, text in (("data.json", json.dumps(data, ensure_ascii=False)), ("index.html", page)):
        missing = [word for word in [*planted.said, *planted.rest] if word not in text]
        assert not missing, (name, missing)
        leaked = [word for word in [*planted.others, *planted.not_in_download] if word in text]
        assert not leaked, (name, leaked)
    assert {each["given_by"] for each in data["kudos_received"]} == {"Helper"}
    assert [each["reason"] for each in data["decisions"]] == ["Qxzdecided about this"]
    assert [each["decision"] for each in data["flags"]] == ["Qxzdismissed because"]
    assert [each["cause"] for each in data["reveals"]] == ["danger"]
    # The title of the second thread is out of a customer's reach.
    assert [each["thread"] for each in data["kudos_given"]] == [
        "Another router",
        "Hidden plans" if staff else "",
    ]
    assert data["faq_credits"][0]["question"].startswith("Qxzcredit")
    empty = {name for name, content in data.items() if not content}
    assert empty == (
        set()
        if staff
        else {"acts", "claims", "faq_versions", "releases", "vocabulary", "search_decisions", "page_versions"}
    )


async def test_the_page_needs_nothing_and_names_everything(cast: Cast, visit: Visit) -> None:
    planted = await plant(cast, staff=True)
    data, page = await downloaded(planted, visit)
    assert "<script" not in page
    assert not re.search(r"\bsrc=|<link|@import|url\(", page)
    assert set(section_titles()) == set(SECTIONS)
    names = {key for section in data.values() for key in _keys(section)}
    assert names - set(field_labels()) == set()


def _keys(content: Any) -> set[str]:
    if isinstance(content, dict):
        return set(content).union(*map(_keys, content.values()))
    return set().union(*map(_keys, content)) if isinstance(content, list) else set()


async def test_markup_in_a_text_stays_text_in_the_page(cast: Cast, visit: Visit) -> None:
    planted = await plant(cast)
    await Member.filter(id=planted.member.id).update(staff_field="<script>alert(1)</script>")
    _data, page = await downloaded(planted, visit)
    assert "<script" not in page
    assert "&lt;script&gt;" in page


async def test_the_page_is_in_the_language_of_the_reader(cast: Cast, visit: Visit) -> None:
    planted = await plant(cast)
    await Member.filter(id=planted.member.id).update(language="de")
    _data, page = await downloaded(planted, visit)
    assert '<html lang="de">' in page
    assert "Ihre Beiträge" in page


async def test_without_the_password_there_is_no_file(cast: Cast, visit: Visit) -> None:
    planted = await plant(cast)
    client = await visit(planted.member)
    refused = await client.post("/settings/data/download", data={"password": "something else"})
    assert refused.status_code == 422
    assert "This is not your password." in refused.text
    assert "something else" not in refused.text
    assert "zip" not in refused.headers["content-type"]
    guest = await (await visit()).post("/settings/data/download", data={"password": PASSWORD})
    assert guest.status_code == 303


async def test_files_are_made_a_few_times_a_day(cast: Cast, visit: Visit) -> None:
    planted = await plant(cast)
    client = await visit(planted.member)
    answers = [
        (await client.post("/settings/data/download", data={"password": PASSWORD})).status_code
        for _ in range(7)
    ]
    assert answers == [200] * 6 + [429]


async def test_a_reveal_that_may_not_be_told_yet_is_not_in_the_file(cast: Cast) -> None:
    planted = await plant(cast)
    await Reveal.all().update(told_at=None)
    sections = await gather(await viewer_for(planted.member))
    assert sections["reveals"] == []
    assert not [each for each in sections["decisions"] if "reveal" in each["act"]]  # type: ignore[index]


async def test_what_the_team_said_and_what_was_withdrawn_is_not_in_the_file(cast: Cast) -> None:
    planted = await plant(cast)
    for kind in ("entry_sent_back", "note_addressed"):
        await Notification.create(
            member_id=planted.member.id, kind=kind, note="Yvzinternal", cause=kind, created_at=now()
        )
    told = (await gather(await viewer_for(planted.member)))["notifications"]
    assert {"entry_sent_back", "note_addressed"} < {each["kind"] for each in told}  # type: ignore[index]
    assert "Yvzinternal" not in str(told)
    await Member.filter(id=planted.member.id).update(role=Role.MODERATOR)
    member = await Member.get(id=planted.member.id)
    assert "Yvzinternal" in str((await gather(await viewer_for(member)))["notifications"])

    async def voted_on() -> str:
        return str((await gather(await viewer_for(planted.member)))["faq_feedback"])

    assert "Qxzcredit" in await voted_on()
    await Entry.all().update(state=EntryState.WITHDRAWN)
    shown = await voted_on()
    assert "Qxzcredit" not in shown
    assert "Qxwfeedback" in shown


# --- the register -----------------------------------------------------------------------------------------


def _holds_a_member(name: str, column: Field) -> bool:
    if isinstance(column, ForeignKeyFieldInstance):
        return column.related_model in (Member, Account)
    return isinstance(column, IntField) and MEMBER_COLUMN.fullmatch(name) is not None


def _tables_with_members() -> dict[str, set[str]]:
    models: dict[str, type[Model]] = Tortoise.apps[APP]
    found: dict[str, set[str]] = {}
    for model in models.values():
        columns = {name for name, column in model._meta.fields_map.items() if _holds_a_member(name, column)}
        if columns:
            found[model._meta.db_table] = columns
    return found


async def test_every_table_that_holds_a_member_is_in_the_file_or_says_why_not(db: str) -> None:
    found = _tables_with_members()
    assert {"posts", "vault_sessions", "moderation_log", "vault_reveals", "faq_entries"} <= set(found)
    unknown = {table: columns for table, columns in found.items() if table not in TABLES}
    assert not unknown, "say in personal_data/tables.py what becomes of these"
    for table, held in TABLES.items():
        assert bool(held.section) != bool(held.why_not), table
        assert not held.section or held.section in SECTIONS, table
