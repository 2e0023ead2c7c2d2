"""Reading a thread: addresses, what stands on the page, who sees what, and what it costs."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import brotli
import pytest

from community.core.clock import now
from community.faq.models import Entry, EntryState
from community.members.models import Member
from community.spaces.models import Space
from community.threads import marks, order
from community.threads.models import Post, RelatedThread, Thread
from tests.cast import Cast
from tests.chance import without_random
from tests.factories import (
    make_answer,
    make_comment,
    make_entry,
    make_member,
    make_thread,
    opening_of,
    viewer_for,
)
from tests.fixtures import Visit


def address(thread: Thread, query: str = "") -> str:
    return f"/threads/{thread.id}-{thread.slug}{query}"


def post_ids(page: str) -> list[int]:
    """The posts on a page in their order, the pointer to the solution included."""
    return [int(number) for number in re.findall(r'id="post-(\d+)"', page)]


async def make_answers(thread: Thread, author: Member, count: int) -> list[Post]:
    """Answers a minute apart, the oldest first."""
    start = now() - timedelta(days=1)
    return [
        await make_answer(thread, author, f"Answer {number}", at=start + timedelta(minutes=number))
        for number in range(count)
    ]


async def test_a_guest_reads_an_open_thread(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Router restarts", tags=("router",))
    answer = await make_answer(thread, cast.helper, "Change the **power supply**.")
    await make_comment(answer, cast.asker, "Which one fits?")
    page = await (await visit()).get(address(thread))
    assert page.status_code == 200
    assert "<h1>Router restarts</h1>" in page.text
    assert "<strong>power supply</strong>" in page.text
    assert "Which one fits?" in page.text
    assert "?tag=router" in page.text
    assert f'rel="canonical" href="http://127.0.0.1:8000{address(thread)}"' in page.text
    assert '<form method="post" action="/threads' not in page.text
    assert f"/log-in?next={address(thread)}" in page.text


async def test_an_address_with_another_slug_or_none_leads_to_the_right_one(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Router restarts")
    guest = await visit()
    for wrong, right in (
        (f"/threads/{thread.id}", address(thread)),
        (f"/threads/{thread.id}-old-title", address(thread)),
        (
            f"/threads/{thread.id}-old-title?page=2&order=newest&utm=x",
            address(thread, "?order=newest&page=2"),
        ),
        (address(thread, "?page=1"), address(thread)),
        (address(thread, "?page=1&order=kudos"), address(thread, "?order=kudos")),
    ):
        answer = await guest.get(wrong)
        assert (answer.status_code, answer.headers["location"]) == (301, right)


async def test_numbers_that_are_no_thread_and_nonsense_are_not_found(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    guest = await visit()
    for nowhere in (
        "/threads/1-x",
        f"/threads/{10**25}-x",
        "/threads/abc",
        address(thread, "?page=2"),
        address(thread, "?page=0"),
        address(thread, "?page=-1"),
        address(thread, "?page=x"),
        address(thread, f"?page={10**30}"),
        address(thread, "?order=random"),
    ):
        assert (await guest.get(nowhere)).status_code == 404, nowhere


@pytest.mark.parametrize("space", ["hidden_space", "tile_space"])
async def test_an_exclusive_thread_is_not_found_by_those_outside(
    cast: Cast, visit: Visit, space: str
) -> None:
    thread = await make_thread(getattr(cast, space), cast.asker)
    for insider in (cast.asker, cast.colleague, cast.moderator, cast.administrator):
        assert (await (await visit(insider)).get(address(thread))).status_code == 200
    for outsider in (None, cast.outsider, cast.marketing):
        browser = await visit(outsider)
        # With the slug missing too: a redirect would tell the title.
        for path in (address(thread), f"/threads/{thread.id}", f"/threads/{thread.id}-x"):
            answer = await browser.get(path)
            assert answer.status_code == 404
            assert thread.title not in answer.text


async def test_a_members_thread_is_not_found_by_guests_and_not_listed_by_search_engines(
    cast: Cast, visit: Visit
) -> None:
    thread = await make_thread(cast.members_space, cast.asker)
    assert (await (await visit()).get(address(thread))).status_code == 404
    page = (await (await visit(cast.outsider)).get(address(thread))).text
    assert 'rel="canonical"' not in page
    assert 'name="robots" content="noindex"' in page


async def test_the_solution_stands_under_the_question_and_a_pointer_in_its_place(
    cast: Cast, visit: Visit
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    first, second, third = await make_answers(thread, cast.helper, 3)
    await marks.accept_solution(second.id, by=cast.asker.id)
    page = (await (await visit(cast.colleague)).get(address(thread))).text
    assert post_ids(page) == [(await opening_of(thread)).id, first.id, second.id, third.id]
    assert page.count("Answer 1") == 1
    assert page.index("Answer 1") < page.index("Answer 0")
    assert "Accepted by Asker" in page
    assert f'id="kudos-{second.id}"' in page
    assert "Solved" in page


async def test_the_solution_is_lifted_on_every_page(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answers = await make_answers(thread, cast.helper, 45)
    await marks.accept_solution(answers[21].id, by=cast.asker.id)
    guest = await visit()
    opening = (await opening_of(thread)).id
    ids = [answer.id for answer in answers]
    for number, expected in ((1, ids[:20]), (2, ids[20:40]), (3, ids[40:])):
        query = f"?page={number}" if number > 1 else ""
        page = (await guest.get(address(thread, query))).text
        assert post_ids(page) == [opening, *expected]
        assert page.count("<p>Answer 21</p>") == 1
    newest = (await guest.get(address(thread, "?order=newest"))).text
    assert post_ids(newest) == [opening, *ids[:-21:-1]]


async def test_answers_can_be_ordered_by_kudos(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    first, second, third = await make_answers(thread, cast.helper, 3)
    await Post.filter(id=third.id).update(kudos_count=5)
    await Post.filter(id=second.id).update(kudos_count=2)
    page = (await (await visit()).get(address(thread, "?order=kudos"))).text
    assert post_ids(page)[1:] == [third.id, second.id, first.id]
    assert 'rel="canonical"' not in page


async def test_a_permalink_leads_to_the_page_of_the_post(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answers = await make_answers(thread, cast.helper, 22)
    comment = await make_comment(answers[21], cast.asker)
    opening = await opening_of(thread)
    guest = await visit()
    for post_id, place in (
        (opening.id, f"{address(thread)}#post-{opening.id}"),
        (answers[0].id, f"{address(thread)}#post-{answers[0].id}"),
        (answers[21].id, f"{address(thread)}?page=2#post-{answers[21].id}"),
        (comment.id, f"{address(thread)}?page=2#comment-{comment.id}"),
    ):
        answer = await guest.get(f"/posts/{post_id}")
        assert (answer.status_code, answer.headers["location"]) == (302, place)
    # Hidden answers move the others up for everybody but the moderators.
    await Post.filter(id__in=[answers[1].id, answers[2].id]).update(hidden_at=now())
    place = (await guest.get(f"/posts/{answers[21].id}")).headers["location"]
    assert "page=2" not in place
    seen = await (await visit(cast.moderator)).get(f"/posts/{answers[21].id}")
    assert "page=2" in seen.headers["location"]


async def test_hidden_posts_are_seen_by_moderators_alone(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper, "Something rude")
    comment = await make_comment(answer, cast.colleague, "A comment below it")
    moderator = await viewer_for(cast.moderator)
    await order.hide_post(answer.id, by=moderator, reason="rude words")
    for viewer in (None, cast.asker, cast.helper, cast.marketing):
        browser = await visit(viewer)
        page = (await browser.get(address(thread))).text
        assert "Something rude" not in page
        assert "A comment below it" not in page
        for post in (answer, comment):
            assert (await browser.get(f"/posts/{post.id}")).status_code == 404
            history = await browser.get(f"/posts/{post.id}/history")
            assert history.status_code == (404 if viewer else 303)
    page = (await (await visit(cast.moderator)).get(address(thread))).text
    assert "Something rude" in page
    assert f"/moderation/posts/{answer.id}/restore" in page


async def test_controls_are_those_that_the_viewer_may_use(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    opening = await opening_of(thread)
    asker = (await (await visit(cast.asker)).get(address(thread))).text
    assert f"/threads/{thread.id}/answers/{answer.id}/accept" in asker
    assert f'action="/posts/{answer.id}/kudos"' in asker
    assert f'action="/posts/{opening.id}/kudos"' not in asker
    assert f"/posts/{opening.id}/edit" in asker
    assert f"/posts/{answer.id}/edit" not in asker
    assert f"/posts/{answer.id}/flag" in asker
    assert "/moderation/" not in asker
    colleague = (await (await visit(cast.colleague)).get(address(thread))).text
    assert "/accept" not in colleague
    assert f'action="/threads/{thread.id}/same-problem"' in colleague
    assert f'action="/threads/{thread.id}/follow"' in colleague
    moderator = (await (await visit(cast.moderator)).get(address(thread))).text
    for link in (
        f"/moderation/threads/{thread.id}/lock",
        f"/moderation/threads/{thread.id}/pin",
        f"/moderation/threads/{thread.id}/move",
        f"/moderation/posts/{answer.id}/hide",
        f"/posts/{answer.id}/edit",
    ):
        assert link in moderator


async def test_a_discussion_knows_no_solution(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.discussions, cast.asker)
    answer = await make_answer(thread, cast.helper)
    asker = await visit(cast.asker)
    page = (await asker.get(address(thread))).text
    assert "Discussion" in page
    assert "/accept" not in page
    assert "Same problem" not in page
    refused = await asker.post(f"/threads/{thread.id}/answers/{answer.id}/accept")
    assert refused.status_code == 409


async def test_members_comment_on_blog_articles(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.blog, cast.marketing, title="New tariffs")
    member = await visit(cast.outsider)
    assert "Publish comment" in (await member.get(address(thread))).text
    answer = await member.post(f"/threads/{thread.id}/answers", data={"body": "Good news."})
    assert answer.status_code == 303
    page = (await member.get(address(thread))).text
    assert "1 comment" in page
    assert "Article by" in page


async def test_a_quotation_fills_the_form(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, body="It restarts.\n\nEvery night.")
    opening = await opening_of(thread)
    elsewhere = await make_thread(cast.hidden_space, cast.asker, body="Not for everybody")
    page = (await (await visit(cast.outsider)).get(address(thread, f"?quote={opening.id}"))).text
    assert "&gt; @Asker:\n&gt;\n&gt; It restarts.\n&gt;\n&gt; Every night." in page
    outsider = await visit(cast.outsider)
    for unseen in ((await opening_of(elsewhere)).id, 12345):
        assert (await outsider.get(address(thread, f"?quote={unseen}"))).status_code == 404


async def test_the_comment_form_opens_without_scripts(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    member = await visit(cast.colleague)
    assert '<details class="comment-form" open>' not in (await member.get(address(thread))).text
    opened = (await member.get(address(thread, f"?comment={opening.id}"))).text
    assert '<details class="comment-form" open>' in opened


async def test_related_threads_are_those_the_viewer_may_read(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    near = await make_thread(cast.open_space, cast.asker, title="Another open one")
    hidden = await make_thread(cast.hidden_space, cast.asker, title="In the hidden lab")
    for position, other in enumerate((near, hidden)):
        await RelatedThread.create(
            thread_id=thread.id, related_id=other.id, kind="similar", position=position
        )
    outsider = (await (await visit(cast.outsider)).get(address(thread))).text
    assert "Another open one" in outsider
    assert "In the hidden lab" not in outsider
    assert "In the hidden lab" in (await (await visit(cast.colleague)).get(address(thread))).text


async def test_faq_entries_made_from_the_thread_stand_beside_it(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    entry = await make_entry(await make_answer(thread, cast.helper), answer="Update the firmware.")
    member = await visit(cast.outsider)
    page = (await member.get(address(thread))).text
    assert f'<a href="/faq/{entry.id}-{entry.slug}">' in page
    await Entry.filter(id=entry.id).update(state=EntryState.WITHDRAWN)
    assert f"/faq/{entry.id}" not in (await member.get(address(thread))).text


async def test_a_former_member_is_named_as_such(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await Member.filter(id=cast.asker.id).update(erased_at=now())
    page = (await (await visit()).get(address(thread))).text
    assert "Former member" in page
    assert "Asker" not in without_random(page)


class Statements(logging.Handler):
    """Counts what the database is asked."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(record.getMessage())

    def __enter__(self) -> Statements:
        self.logger = logging.getLogger("tortoise.db_client")
        self.level = self.logger.level
        self.logger.setLevel(logging.DEBUG)
        self.logger.addHandler(self)
        return self

    def __exit__(self, *_error: object) -> None:
        self.logger.removeHandler(self)
        self.logger.setLevel(self.level)


@pytest.mark.each_database
async def test_the_number_of_statements_does_not_grow_with_the_posts(cast: Cast, visit: Visit) -> None:
    short = await make_thread(cast.open_space, cast.asker)
    await make_comment(await make_answer(short, cast.helper), cast.asker)
    long = await make_thread(cast.open_space, cast.asker)
    for answer in await make_answers(long, cast.helper, 20):
        await make_comment(answer, cast.asker)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    for viewer, most in ((None, 8), (cast.colleague, 12), (cast.moderator, 16)):
        browser = await visit(viewer)
        counts = []
        for thread in (short, long):
            with Statements() as statements:
                assert (await browser.get(address(thread))).status_code == 200
            # The files of a draft are looked for in merged threads, too: that is no reading of the thread.
            about_thread = [
                text
                for text in statements.seen
                if re.search(r"FROM (posts|threads t JOIN|\(\n)", text) and "FROM attachments" not in text
            ]
            assert len(about_thread) <= 4, about_thread
            counts.append(len(statements.seen))
        assert counts[0] == counts[1]
        # Who looks (spaces; session with the member, bell), thread and posts (3 or 4), files, related threads, FAQ;
        # for guests the mark under which the page is kept; for members the draft with its files and what waits of
        # theirs; for moderators whether their texts wait here, canned answers, and how many notes there are.
        assert counts[0] <= most, statements.seen


LOREM = (
    "The tunnel drops at **{n}:14** with error `{m:x}`; the log of the router says phase {n} was renegotiated.",
    "After the update to version {n}.{m} the registration at the trunk takes {m} seconds instead of {n}.",
    "We measured {m} ms to the gateway over line {n}, and the provider's side shows {n} packets lost in {m}.",
    "Try `set vpn ipsec lifetime {m}` on unit {n}; it was the cure at three of our branches in week {n}.",
)


@pytest.mark.parametrize("space", ["open_space", "members_space"])
async def test_a_page_with_twenty_posts_keeps_its_budget(cast: Cast, visit: Visit, space: str) -> None:
    place: Space = getattr(cast, space)
    thread = await make_thread(place, cast.asker, title="VPN drops at night", tags=("vpn", "router"))
    for number in range(20):
        author = await make_member(f"writer_{number * 37}")
        text = "\n\n".join(
            sentence.format(n=number + 3, m=(number + 7) * 7919 % 5000)
            for sentence in (*LOREM[number % 4 :], *LOREM[: number % 4])
        )
        answer = await make_answer(thread, author, text)
        if number % 4 == 0:
            await make_comment(answer, cast.asker, f"Did that help on line {number}?")
    page = await (await visit(cast.colleague)).get(address(thread), headers={"Accept-Encoding": "br"})
    assert page.headers["content-encoding"] == "br"
    compressed = brotli.compress(page.text.encode(), quality=4)
    assert len(compressed) <= 14 * 1024, f"{len(compressed)} bytes of {len(page.text)}"


async def test_what_one_viewer_was_shown_of_a_post_is_never_shown_to_one_who_may_do_something_else(
    cast: Cast, visit: Visit
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper, "Change the power supply.")
    comment = await make_comment(answer, cast.asker, "Which one fits?")
    edit, hide = f'"/posts/{answer.id}/edit"', f'"/moderation/posts/{answer.id}/hide"'
    accept, kudos = f'"/threads/{thread.id}/answers/{answer.id}/accept"', f'"/posts/{answer.id}/kudos"'
    edit_comment = f'"/posts/{comment.id}/edit"'
    expected = {
        "helper": (cast.helper, [edit]),
        "asker": (cast.asker, [accept, kudos, edit_comment]),
        "outsider": (cast.outsider, [kudos]),
        "moderator": (cast.moderator, [edit, hide, kudos, edit_comment]),
        "guest": (None, []),
    }
    pages = {name: await visit(member) for name, (member, _controls) in expected.items()}
    # Twice, and the other way round the second time: whoever comes first, everybody gets their own.
    for names in (list(expected), list(expected)[::-1]):
        for name in names:
            page = (await pages[name].get(address(thread))).text
            shown = [control for control in (edit, hide, accept, kudos, edit_comment) if control in page]
            assert sorted(shown) == sorted(expected[name][1]), name
