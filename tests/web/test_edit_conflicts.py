"""An edit that meets a newer version: both changes in one text, or the choice between them, and nothing is lost."""

from __future__ import annotations

import html
import re

import httpx2

from community.core.viewer import Viewer
from community.decisions.grounds import Ground, GroundKind
from community.members.models import Member
from community.threads.actions import edit_post
from community.threads.clearing import clear_post
from community.threads.merging import merge_threads
from community.threads.models import Draft, Post, Revision, Thread
from community.threads.order import hide_post
from tests.cast import Cast
from tests.factories import make_answer, make_thread, opening_of, viewer_for
from tests.fixtures import Visit


def _said(page: httpx2.Response) -> str:
    """The page as a reader sees it, without what is said to screen readers alone."""
    return html.unescape(re.sub(r'<span class="vh">.*?</span>', "", page.text))


def _sent_back(page: httpx2.Response, button: str) -> dict[str, str]:
    """What the form with this button sends, radio buttons as they are chosen."""
    form = next(
        text for text in re.findall(r"<form.*?</form>", page.text, re.DOTALL) if f'value="{button}"' in text
    )
    fields = dict(re.findall(r'<input type="hidden" name="([a-z-]+)" value="([^"]*)"', form))
    fields |= dict(
        re.findall(r'<input class="input" id="f-[a-z]+" name="([a-z]+)" type="text" value="([^"]*)"', form)
    )
    fields |= dict(re.findall(r'<input type="radio" name="([a-z0-9-]+)" value="([a-z]+)" checked', form))
    area = re.search(r'<textarea id="f-body".*?>\n(.*?)</textarea>', form, re.DOTALL)
    fields |= {"body": area[1]} if area else {}
    return {name: html.unescape(value) for name, value in fields.items()} | {"do": button}


async def _edit(post: Post, by: Member, body: str, version: int = 1) -> None:
    await edit_post(post.id, body=body, version=version, by=by.id)


async def test_changes_in_different_places_are_proposed_together(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(
        await make_thread(cast.open_space, cast.asker), cast.helper, "Restart the router. Then wait."
    )
    await _edit(answer, cast.moderator, "Restart the router. Then wait a minute.")
    helper, url = await visit(cast.helper), f"/posts/{answer.id}/edit"
    page = await helper.post(
        url, data={"body": "Restart the modem. Then wait.", "version": "1", "kind": "answer"}
    )
    assert page.status_code == 409
    assert "Restart the modem. Then wait a minute.</textarea>" in page.text
    assert "Restart the <del>router</del><ins>modem</ins>. Then wait a minute." in _said(page)
    assert "Restart the router. Then wait<ins> a minute</ins>." in _said(page)
    assert "Jana K." in page.text
    assert (await Post.get(id=answer.id)).body == "Restart the router. Then wait a minute."
    saved = await helper.post(url, data=_sent_back(page, "publish"))
    assert saved.status_code == 303
    assert (await Post.get(id=answer.id)).body == "Restart the modem. Then wait a minute."
    assert [row.body for row in await Revision.all().order_by("version")] == [
        "Restart the router. Then wait.",
        "Restart the router. Then wait a minute.",
    ]


async def test_where_both_changed_the_same_words_the_writer_chooses(cast: Cast, visit: Visit) -> None:
    base = "First restart it.\n\nThen wait."
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, base)
    await _edit(answer, cast.moderator, "First unplug it.\n\nThen wait a minute.\n\nThen call.")
    helper, url = await visit(cast.helper), f"/posts/{answer.id}/edit"
    typed = "First reset it.\n\nThen wait an hour.\n\nThanks!"
    page = await helper.post(url, data={"body": typed, "version": "1", "alt-7": "A blue router"})
    assert page.status_code == 409
    assert '<input type="hidden" name="alt-7" value="A blue router">' in page.text
    assert "Text, place 1 of 2" in page.text
    assert "Text, place 2 of 2" in page.text
    assert typed in html.unescape(page.text)
    # What was chosen is looked through before it is saved.
    chosen = _sent_back(page, "choose")
    assert [value for name, value in chosen.items() if name.startswith("choice-")] == ["mine", "mine"]
    names = sorted(name for name in chosen if name.startswith("choice-"))
    together = await helper.post(url, data=chosen | {names[0]: "theirs", names[1]: "both"})
    assert together.status_code == 200
    result = _sent_back(together, "publish")
    assert result["body"].startswith("First unplug it.\n\nThen wait a minute")
    assert "an hour" in result["body"]
    assert (await Post.get(id=answer.id)).version == 2
    assert (await helper.post(url, data=result)).status_code == 303
    assert (await Post.get(id=answer.id)).body == result["body"]


async def test_ones_own_text_can_be_taken_as_it_was_typed(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, "One two three")
    await _edit(answer, cast.moderator, "One two three four")
    helper, url = await visit(cast.helper), f"/posts/{answer.id}/edit"
    page = await helper.post(url, data={"body": "Zero two three", "version": "1"})
    own = await helper.post(url, data=_sent_back(page, "mine"))
    assert "Zero two three</textarea>" in own.text
    await helper.post(url, data=_sent_back(own, "publish"))
    assert (await Post.get(id=answer.id)).body == "Zero two three"


async def test_what_moves_on_while_somebody_chooses_is_compared_anew(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, "Wait a minute.")
    await _edit(answer, cast.moderator, "Wait an hour.")
    helper, url = await visit(cast.helper), f"/posts/{answer.id}/edit"
    page = await helper.post(url, data={"body": "Wait a day.", "version": "1"})
    await _edit(answer, cast.moderator, "Wait a week.", version=2)
    again = await helper.post(url, data=_sent_back(page, "choose"))
    assert again.status_code == 409
    assert "a week" in again.text
    assert (await Post.get(id=answer.id)).body == "Wait a week."


async def test_title_and_tags_are_brought_together_too(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(
        cast.open_space, cast.asker, title="Router", body="It stops.", tags=("vpn", "dsl")
    )
    opening = await opening_of(thread)
    await edit_post(
        opening.id, body="It stops.", version=1, by=cast.moderator.id, title="Modem", tags=("dsl", "modem")
    )
    asker, url = await visit(cast.asker), f"/posts/{opening.id}/edit"
    typed = {"body": "It stops at night.", "version": "1", "kind": "opening"}
    # Another title, a tag more: everything fits together.
    page = await asker.post(url, data=typed | {"title": "Router", "tags": "vpn, dsl, night"})
    result = _sent_back(page, "publish")
    assert (result["title"], result["tags"]) == ("Modem", "dsl, modem, night")
    assert result["body"] == "It stops at night."
    # Two other titles: one is chosen.
    page = await asker.post(url, data=typed | {"title": "Switch", "tags": "vpn, dsl"})
    chosen = await asker.post(url, data=_sent_back(page, "choose") | {"choice-title-0": "theirs"})
    assert _sent_back(chosen, "publish")["title"] == "Modem"
    await asker.post(url, data=_sent_back(chosen, "publish"))
    assert ((await Thread.get(id=thread.id)).title, (await Post.get(id=opening.id)).body) == (
        "Modem",
        "It stops at night.",
    )


async def test_what_was_typed_is_a_draft_until_a_text_is_saved(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, "Wait a minute.")
    await _edit(answer, cast.moderator, "Wait an hour.")
    helper, url = await visit(cast.helper), f"/posts/{answer.id}/edit"
    page = await helper.post(url, data={"body": "Wait a day.", "version": "1"})
    # The page is closed here; elsewhere the edit is gone on with and meets the newer version again.
    elsewhere = await (await visit(cast.helper)).get(url)
    assert "Wait a day.</textarea>" in elsewhere.text
    assert _sent_back(elsewhere, "publish")["version"] == "1"
    await helper.post(
        url, data=_sent_back(await helper.post(url, data=_sent_back(page, "choose")), "publish")
    )
    assert (await Post.get(id=answer.id)).body == "Wait a day."
    assert await Draft.all().count() == 0


async def test_after_the_earlier_versions_are_erased_both_texts_are_shown(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, "Call 030 123.")
    moderator = await viewer_for(cast.moderator)
    await hide_post(answer.id, by=moderator, reason="A number")
    await clear_post(answer.id, ground=Ground(GroundKind.PRIVACY), by=moderator, reason="A number")
    page = await (await visit(cast.moderator)).post(
        f"/posts/{answer.id}/edit", data={"body": "Call us.", "version": "1", "reason": "Mended"}
    )
    assert page.status_code == 409
    assert "Call us." in page.text
    assert "030 123" not in page.text


async def _merge(thread: Thread, into: Thread, by: Viewer) -> None:
    await merge_threads(thread.id, into=into.id, by=by, reason="Asked twice")


async def test_a_question_that_was_merged_meanwhile_keeps_what_was_typed(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Router", body="It stops.")
    into = await make_thread(cast.open_space, cast.helper, title="Routers that stop")
    opening = await opening_of(thread)
    asker, url = await visit(cast.asker), f"/posts/{opening.id}/edit"
    form = _sent_back(await asker.get(url), "publish")
    await _merge(thread, into, await viewer_for(cast.moderator))
    page = await asker.post(url, data=form | {"title": "My router", "body": "It stops at night."})
    assert page.status_code == 409
    assert "My router" in page.text
    assert "Routers that stop" in page.text
    assert (await asker.post(url, data=_sent_back(page, "publish"))).status_code == 303
    assert (await Post.get(id=opening.id)).body == "It stops at night."
    assert (await Thread.get(id=into.id)).title == "Routers that stop"


async def test_the_reason_of_staff_goes_along(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, "Wait a minute.")
    await _edit(answer, cast.helper, "Wait an hour.")
    moderator, url = await visit(cast.moderator), f"/posts/{answer.id}/edit"
    page = await moderator.post(url, data={"body": "Wait a day.", "version": "1", "reason": "Too short"})
    chosen = await moderator.post(url, data=_sent_back(page, "choose"))
    assert "Too short</textarea>" in chosen.text
