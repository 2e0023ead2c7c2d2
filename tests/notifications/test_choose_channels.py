"""Members choose what they are told of; what concerns their rights is told anyway."""

from __future__ import annotations

import re

import httpx2
import pytest

from community.consequences.telling import tell_followers, tell_mentioned, tell_thanked
from community.core.models import OutboxFact
from community.core.outbox import Fact
from community.groups.models import Membership
from community.kudos.actions import give_kudos
from community.notifications.actions import choose_channels, notify
from community.notifications.models import Notification
from community.notifications.rules import ALWAYS_TOLD, TOPIC_OF, Channel, Topic, channel_of, channels_for
from community.notifications.wording import texts
from community.threads.marks import follow_thread
from tests.cast import Cast
from tests.factories import make_answer, make_thread
from tests.fixtures import Visit
from tests.moderation.flagging import told

NOTHING = dict.fromkeys(Topic, Channel.NONE)


async def happen() -> None:
    """Let everything recorded so far be told."""
    for row in await OutboxFact.filter(name__in=("answer.added", "kudos.given")).order_by("created_at"):
        fact = Fact(row.id, row.name, row.payload)
        for tell in (tell_thanked,) if row.name == "kudos.given" else (tell_mentioned, tell_followers):
            await tell(fact)


def test_every_kind_is_chosen_or_always_told() -> None:
    assert set(TOPIC_OF) | ALWAYS_TOLD == set(texts("frieda"))
    assert not set(TOPIC_OF) & ALWAYS_TOLD
    # What is always told is a topic of mails alone, and what digests tell of the community is no notification.
    assert set(TOPIC_OF.values()) == set(Topic) - {Topic.DECISIONS, Topic.HIGHLIGHTS}


@pytest.mark.each_database
async def test_what_is_switched_off_is_not_told_and_the_rest_is(cast: Cast) -> None:
    await choose_channels(cast.asker.id, {Topic.ANSWERS: Channel.NONE})
    await choose_channels(cast.helper.id, {Topic.KUDOS: Channel.NONE})
    thread = await make_thread(cast.open_space, cast.asker)
    first = await make_answer(thread, cast.helper)
    await follow_thread(thread.id, by=cast.helper.id)
    await make_answer(thread, cast.colleague, body="Hello @Asker, hello @Outsider")
    await give_kudos(first.id, by=cast.asker.id)
    await happen()
    assert [kind for kind, _note in await told(cast.asker)] == ["mentioned"]
    assert [kind for kind, _note in await told(cast.outsider)] == ["mentioned"]
    assert [kind for kind, _note in await told(cast.helper)] == ["answered_followed"]
    # It is asked when something is told: switched on again, the next one is.
    await choose_channels(cast.helper.id, {Topic.KUDOS: Channel.SITE})
    await give_kudos(first.id, by=cast.colleague.id)
    await happen()
    assert "thanked" in [kind for kind, _note in await told(cast.helper)]


async def test_thanks_do_not_join_an_older_line_when_they_are_not_wanted(cast: Cast) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    await give_kudos(answer.id, by=cast.asker.id)
    await happen()
    line = await Notification.get(member_id=cast.helper.id, kind="thanked")
    await choose_channels(cast.helper.id, NOTHING)
    await give_kudos(answer.id, by=cast.colleague.id)
    await happen()
    assert (await Notification.get(id=line.id)).created_at == line.created_at


@pytest.mark.parametrize("kind", sorted(ALWAYS_TOLD))
async def test_what_concerns_ones_rights_cannot_be_switched_off(cast: Cast, kind: str) -> None:
    await choose_channels(cast.asker.id, NOTHING)
    await notify([cast.asker.id], kind, cause="x")
    assert [kind for kind, _note in await told(cast.asker)] == [kind]


async def test_the_page_keeps_what_was_chosen(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    assert await chosen_on_page(client) == {topic: channel_of(topic, None) for topic in Topic}
    wanted = {topic: channels_for(topic)[-1] for topic in Topic}
    assert (await client.post("/settings/notifications", data=wanted)).status_code == 303
    assert await chosen_on_page(client) == wanted
    # What no topic can be is not taken over, and what is left out stays.
    odd = {"decisions": "none", "highlights": "mail", "answers": "pigeon", "mentions": "weekly"}
    assert (await client.post("/settings/notifications", data=odd)).status_code == 303
    assert await chosen_on_page(client) == wanted | {Topic.MENTIONS: Channel.WEEKLY}


async def chosen_on_page(client: httpx2.AsyncClient) -> dict[Topic, Channel]:
    page = (await client.get("/settings/notifications")).text
    assert "cannot be switched off" in page
    selects = re.findall(r'<select[^>]* name="(\w+)".*?</select>', page, re.DOTALL)
    pattern = r'<select[^>]* name="{}".*?<option value="(\w+)" selected'
    found = {name: re.search(pattern.format(name), page, re.DOTALL) for name in selects}
    return {Topic(name): Channel(match[1]) for name, match in found.items() if match and name in set(Topic)}


async def test_the_list_shows_nothing_that_may_not_be_read_any_more_and_all_is_marked_read(
    cast: Cast, visit: Visit
) -> None:
    for space, title in ((cast.hidden_space, "Secret plans"), (cast.open_space, "Public question")):
        await make_answer(await make_thread(space, cast.asker, title=title), cast.helper)
    await happen()
    client = await visit(cast.asker)
    page = (await client.get("/notifications")).text
    assert "Secret plans" in page
    assert page.count("<section aria-label") == 1
    await Membership.filter(member_id=cast.asker.id).delete()
    page = (await client.get("/notifications")).text
    assert "Secret plans" not in page
    assert page.count("has answered") == 1
    assert (await client.post("/notifications/read")).status_code == 303
    page = (await client.get("/notifications")).text
    assert 'class="new"' not in page
    assert "Mark all as read" not in page
