"""Spaces are made, changed and ordered; who may read them, and what figures count, follows."""

from __future__ import annotations

import asyncio

import pytest

from community.core.db import fetch
from community.core.errors import NotFound, RuleBroken
from community.core.models import OutboxFact
from community.decisions.models import LogEntry
from community.kudos.actions import give_kudos
from community.members.models import Member
from community.spaces import actions
from community.spaces.actions import ICONS, SpaceDraft
from community.spaces.models import Space, SpaceAccess, SpaceGroup, SpaceKind
from community.threads import order
from search import SearchEngine
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_thread, opening_of, viewer_for
from tests.moderation.flagging import assert_figures_are_right, deliver

SPRITE = "themes/default/static/icons.svg"


def draft(name: str = "Fibre", **changes: object) -> SpaceDraft:
    given: dict[str, object] = {
        "name": name,
        "purpose": "Everything about fibre.",
        "kind": SpaceKind.QUESTIONS,
        "access": SpaceAccess.OPEN,
        "language": "de",
        "icon": "network",
    }
    return SpaceDraft(**(given | changes))  # type: ignore[arg-type]


async def stamp() -> int:
    return int((await fetch("SELECT value FROM site_stamp WHERE id = 1"))[0]["value"])


@pytest.mark.each_database
async def test_a_new_space_stands_last_and_is_read_at_once(cast: Cast) -> None:
    administrator = await viewer_for(cast.administrator)
    before = await stamp()
    slug = await actions.make_space(draft("Glasfaser & Co"), by=administrator)
    space = await Space.get(slug=slug)
    assert (slug, space.name, space.icon) == ("glasfaser-co", "Glasfaser & Co", "network")
    assert space.position == max(await Space.all().values_list("position", flat=True))
    assert (await viewer_for(None)).may_read(space.id)
    assert await stamp() > before
    assert (await LogEntry.get()).act == "make_space"


async def test_two_spaces_do_not_have_one_address(cast: Cast) -> None:
    administrator = await viewer_for(cast.administrator)
    await actions.make_space(draft("Fibre"), by=administrator)
    for name in ("fibre", "New", "???"):
        with pytest.raises(RuleBroken):
            await actions.make_space(draft(name), by=administrator)


@pytest.mark.each_database
async def test_an_exclusive_space_is_read_by_the_members_of_its_groups(cast: Cast) -> None:
    administrator = await viewer_for(cast.administrator)
    exclusive = draft(access=SpaceAccess.EXCLUSIVE, group_ids=frozenset({cast.closed_group.id}))
    space = await Space.get(slug=await actions.make_space(exclusive, by=administrator))
    assert (await viewer_for(cast.asker)).may_read(space.id)
    for other in (None, cast.outsider, cast.marketing):
        assert not (await viewer_for(other)).may_read(space.id)
    with pytest.raises(RuleBroken):
        await actions.make_space(draft("Empty", access=SpaceAccess.EXCLUSIVE), by=administrator)
    with pytest.raises(RuleBroken):
        gone = draft("Gone", access=SpaceAccess.EXCLUSIVE, group_ids=frozenset({4711}))
        await actions.make_space(gone, by=administrator)


@pytest.mark.each_database
async def test_a_space_that_becomes_exclusive_is_closed_at_once_and_its_figures_leave_the_public(
    cast: Cast, search_engine: SearchEngine
) -> None:
    administrator = await viewer_for(cast.administrator)
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    for post in (answer, await opening_of(thread)):
        await give_kudos(post.id, by=cast.outsider.id)
    exclusive = draft(
        cast.open_space.name, access=SpaceAccess.EXCLUSIVE, group_ids=frozenset({cast.closed_group.id})
    )
    await actions.change_space(cast.open_space.id, exclusive, by=administrator)
    assert not (await viewer_for(cast.outsider)).may_read(cast.open_space.id)
    assert (await viewer_for(cast.helper)).may_read(cast.open_space.id)
    await deliver(search_engine)
    assert (await Member.get(id=cast.helper.id)).kudos_count == 0
    await assert_figures_are_right()
    await actions.change_space(cast.open_space.id, draft(cast.open_space.name), by=administrator)
    assert await SpaceGroup.filter(space_id=cast.open_space.id).count() == 0
    await deliver(search_engine)
    assert (await Member.get(id=cast.helper.id)).kudos_count == 1
    assert (await Member.get(id=cast.asker.id)).kudos_count == 1
    await assert_figures_are_right()


async def test_only_a_change_of_access_recounts_people(cast: Cast) -> None:
    administrator = await viewer_for(cast.administrator)
    await actions.change_space(cast.open_space.id, draft("Renamed"), by=administrator)
    space = await Space.get(id=cast.open_space.id)
    assert (space.name, space.slug) == ("Renamed", cast.open_space.slug)
    assert not await OutboxFact.filter(name="space.access_changed").exists()
    with pytest.raises(NotFound):
        await actions.change_space(4711, draft(), by=administrator)


async def test_threads_do_not_turn_into_articles_by_changing_their_space(cast: Cast) -> None:
    administrator = await viewer_for(cast.administrator)
    await make_thread(cast.open_space, cast.asker)
    with pytest.raises(RuleBroken):
        await actions.change_space(cast.open_space.id, draft(kind=SpaceKind.BLOG), by=administrator)
    await actions.change_space(cast.open_space.id, draft(kind=SpaceKind.DISCUSSIONS), by=administrator)
    await actions.change_space(cast.discussions.id, draft("Talk", kind=SpaceKind.BLOG), by=administrator)


@pytest.mark.each_database
async def test_spaces_change_places(cast: Cast) -> None:
    async def names() -> list[str]:
        return await Space.all().order_by("position", "name", "id").values_list("name", flat=True)  # type: ignore[return-value]

    before = await names()
    second = await Space.get(name=before[1])
    await actions.shift_space(second.id, earlier=True)
    assert await names() == [before[1], before[0], *before[2:]]
    await actions.shift_space(second.id, earlier=True)
    assert (await names())[0] == before[1]
    await actions.shift_space(second.id, earlier=False)
    assert await names() == before
    with pytest.raises(NotFound):
        await actions.shift_space(4711, earlier=True)


@pytest.mark.each_database
async def test_orders_made_at_once_leave_every_space_in_its_own_place(fresh_database: str) -> None:
    cast = await make_cast()
    await asyncio.gather(*(actions.shift_space(space.id, earlier=True) for space in cast.spaces))
    positions = await Space.all().values_list("position", flat=True)
    assert sorted(positions) == list(range(1, len(cast.spaces) + 1))


@pytest.mark.each_database
async def test_ordering_spaces_never_stands_against_other_changes_of_them(fresh_database: str) -> None:
    cast = await make_cast()
    administrator, moderator = await viewer_for(cast.administrator), await viewer_for(cast.moderator)
    thread = await make_thread(cast.open_space, cast.asker)
    other = await make_thread(cast.discussions, cast.asker)
    changes = []
    for number in range(8):
        changes += [
            actions.shift_space(cast.members_space.id, earlier=number % 2 == 0),
            actions.change_space(cast.open_space.id, draft(f"Fibre {number}"), by=administrator),
        ]
    changes += [
        order.move_thread(thread.id, to_space=cast.discussions.id, by=moderator, reason="Fits better"),
        order.move_thread(other.id, to_space=cast.open_space.id, by=moderator, reason="Fits better"),
    ]
    await asyncio.gather(*changes)
    await assert_figures_are_right()


@pytest.mark.each_database
async def test_of_two_spaces_of_one_name_made_at_once_one_is_made(fresh_database: str) -> None:
    administrator = await viewer_for((await make_cast()).administrator)
    results = await asyncio.gather(
        *(actions.make_space(draft("Twins"), by=administrator) for _ in range(2)), return_exceptions=True
    )
    assert sum(isinstance(result, RuleBroken) for result in results) == 1
    assert await Space.filter(name="Twins").count() == 1


def test_every_picture_of_a_space_is_in_the_sprite() -> None:
    with open(SPRITE, encoding="utf-8") as file:
        sprite = file.read()
    assert [name for name in ICONS if f'id="{name}"' not in sprite] == []
