"""Two worlds that differ in one hidden thing. What a viewer may not know must not change a byte of what they get.

The base world is built once and copied; the other world is the copy with the secret added. All visible dates lie
days back, so that no relative time changes between two requests.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from community.core.clock import now
from community.core.db import execute, fetch
from community.faq.actions import add_sources, draft_entry, release_entry, send_for_review
from community.faq.categories import make_category
from community.faq.freshness import look_at
from community.faq.rules import EntryText
from community.groups.actions import add_member
from community.ideas.models import IdeaStep
from community.members.models import Member
from community.moderation.actions import flag_post
from community.moderation.models import FlagReason
from community.notifications.actions import notify
from community.ranks.models import Expert
from community.spaces.models import Space, SpaceAccess, SpaceKind
from community.spaces.queries import load_viewer
from community.threads import history, order
from community.threads.actions import edit_post
from community.threads.models import Draft, Post, Thread
from community.threads.queries import get_thread
from community.waiting.models import WaitingText
from tests.attachments.files import picture, saved
from tests.attachments.posted import attach, posted
from tests.cast import Cast
from tests.decisions.owner import open_the_gates
from tests.factories import make_group, make_space
from tests.faq.entries import seen_by

MARKER = "Zwetschgenkrokant"
"""A word that stands in every secret and nowhere else."""

START = now() - timedelta(days=40)


@dataclass
class World:
    """The base world's things by name, and the addresses that a secret adds."""

    cast: Cast
    threads: dict[str, history.Brought] = field(default_factory=dict)
    entries: dict[str, int] = field(default_factory=dict)
    """Published FAQ entries by the thread they were made from."""
    urls: list[str] = field(default_factory=list)
    """Addresses of secret things: they exist in one world only, and are asked for in both."""
    posts: list[int] = field(default_factory=list)
    thread_ids: list[int] = field(default_factory=list)
    entry_ids: list[int] = field(default_factory=list)
    text_ids: list[int] = field(default_factory=list)
    """Texts that wait for release."""
    attachments: list[int] = field(default_factory=list)
    wishes: Space = field(init=False)
    """An open space of ideas, empty: each document more shifts the order of all hits a little."""

    def know(self, brought: history.Brought, slug: str) -> None:
        """Note everything that can be addressed in a secret thread."""
        self.thread_ids.append(brought.thread_id)
        posts = [
            brought.opening_id,
            *brought.answer_ids,
            *(c for group in brought.comment_ids for c in group),
        ]
        self.posts += posts
        self.urls += [f"/threads/{brought.thread_id}-{slug}", f"/threads/{brought.thread_id}"]
        self.urls += [f"/feeds/threads/{brought.thread_id}.atom"]


def past(
    space: Space,
    author: Member,
    helper: Member,
    *,
    title: str,
    days: float,
    word: str = "plain words",
    kudos_by: tuple[Member, ...] = (),
    solved: bool = True,
) -> history.PastThread:
    """A thread of the past with an answer, a comment, tags and, where asked for, kudos and a solution."""
    at = START + timedelta(days=30 - days)
    kudos = [history.PastKudos(member.id, at + timedelta(hours=9)) for member in kudos_by]
    return history.PastThread(
        space_id=space.id,
        language="en",
        title=title,
        tags=("routers", word.lower().replace(" ", "-")),
        opening=history.PastPost(
            author.id, f"How does this work with {word}? Thanks, @Outsider.", at, kudos=kudos
        ),
        answers=[
            history.PastPost(
                helper.id,
                f"It works with {word} once the router is restarted.",
                at + timedelta(hours=2),
                kudos=kudos,
                comments=[history.PastPost(author.id, f"Thank you for the {word}!", at + timedelta(hours=3))],
            )
        ],
        solution=0 if solved else None,
        accepted_by=author.id if solved else None,
        accepted_at=at + timedelta(hours=4) if solved else None,
        same_problem_by=[kudos_by[0].id] if kudos_by else [],
    )


async def build_base(cast: Cast) -> World:
    """Visible things in every kind of space, so that there is something for a secret to disturb."""
    world = World(cast)
    for name, space, days in (
        ("open", cast.open_space, 3.0),
        ("members", cast.members_space, 4.0),
        ("tile", cast.tile_space, 5.0),
        ("hidden", cast.hidden_space, 6.0),
        ("talk", cast.discussions, 7.0),
    ):
        world.threads[name] = await history.bring_thread(
            past(space, cast.asker, cast.helper, title=f"Thread about routers in {name}", days=days,
                 kudos_by=(cast.colleague,), word="modem")
        )  # fmt: skip
    world.threads["blog"] = await history.bring_thread(
        past(cast.blog, cast.moderator, cast.helper, title="News about routers", days=8, solved=False)
    )
    world.wishes = await make_space("Wishes", kind=SpaceKind.IDEAS)
    category = await make_category("Routers", "en")
    world.entries["open"] = await _make_entry(world, "open", category, "How do I restart the router?")
    await Expert.create(space_id=cast.open_space.id, member_id=cast.helper.id, granted_at=START)
    await history.settle()
    await _let_time_pass()
    return world


async def _built_idea(world: World, space: Space, title: str, word: str) -> history.Brought:
    """An idea with a vote that staff say is built, in words that no other search asks for."""
    cast, at = world.cast, START + timedelta(days=21)
    brought = await history.bring_thread(
        history.PastThread(
            space_id=space.id,
            language="en",
            title=title,
            tags=(),
            opening=history.PastPost(cast.asker.id, f"I wish for {word}.", at),
            answers=[history.PastPost(cast.moderator.id, f"There is {word} now.", at + timedelta(days=1))],
            same_problem_by=[cast.colleague.id],
        )
    )
    await IdeaStep.create(
        thread_id=brought.thread_id,
        status="done",
        post_id=brought.answer_ids[0],
        answered_by_id=cast.moderator.id,
        at=START + timedelta(days=22),
    )
    await Thread.filter(id=brought.thread_id).update(idea_status="done")
    return brought


async def _let_time_pass() -> None:
    """Date back what the actions have dated now, so that "5 minutes ago" stands nowhere."""
    await open_the_gates()
    for table, columns in {
        "moderation_log": ("at",),
        "faq_entries": ("created_at", "edited_at", "published_at", "changed_at", "checked_at"),
        "faq_revisions": ("saved_at",),
        "faq_changes": ("at",),
        "notifications": ("created_at",),
    }.items():
        for column in columns:
            await execute(f"UPDATE {table} SET {column} = :at WHERE {column} IS NOT NULL", {"at": START})


async def _make_entry(
    world: World, thread: str, category: int, question: str, *, released: bool = True
) -> int:
    editor, _spaces = await load_viewer(world.cast.moderator.id)
    releaser, _spaces = await load_viewer(world.cast.administrator.id)
    source = await get_thread(world.threads[thread].thread_id, editor)
    text = EntryText(
        question=question,
        short_answer="Pull the plug, wait, plug it in.",
        category_id=category,
        language="en",
    )
    entry_id = await draft_entry(source, text, by=editor)
    if released:
        await send_for_review(
            entry_id, version=1, by=editor, cleared=True, seen=await seen_by(editor, entry_id)
        )
        await release_entry(entry_id, version=1, by=releaser)
    return entry_id


# --- the secrets ---------------------------------------------------------------------------------------------


async def hidden_space(world: World) -> None:
    """A closed group, its hidden space, a thread with thanks and a solution in it, and an FAQ draft made from it."""
    cast = world.cast
    group = await make_group(f"{MARKER} circle", members=(cast.asker, cast.helper, cast.colleague))
    space = await make_space(f"{MARKER} lab", access=SpaceAccess.EXCLUSIVE, groups=(group,))
    world.urls += [f"/spaces/{space.slug}", f"/groups/{group.slug}", f"/feeds/spaces/{space.slug}.atom"]
    world.urls.append(f"/spaces/{space.slug}/experts")
    world.urls += [f"/groups/{group.slug}/{page}" for page in ("manage", "invitation")]
    world.urls += [
        f"/ranking?space={space.slug}",
        f"/search?q=router&space={space.slug}",
        f"/ask?space={space.slug}",
    ]
    await _thread_in(world, space, "lab")
    wishes = await make_space(
        f"{MARKER} wishes", kind=SpaceKind.IDEAS, access=SpaceAccess.EXCLUSIVE, groups=(group,)
    )
    world.know(await _built_idea(world, wishes, f"{MARKER} wish", MARKER), f"{MARKER.lower()}-wish")
    world.urls += [f"/spaces/{wishes.slug}", f"/ideas/done?space={wishes.slug}"]
    await Expert.create(space_id=space.id, member_id=cast.helper.id, granted_at=START)
    await notify(
        [cast.colleague.id], "answered", cause="secret", thread_id=world.thread_ids[0], post_id=world.posts[0]
    )


async def thread_behind_tile(world: World) -> None:
    """One more thread in an exclusive space that others know by its tile. An entry for everybody rests on it, too,
    and is in check, because it says something else by now."""
    brought = await _thread_in(world, world.cast.tile_space, "pilot")
    await _rest_on(world, world.entries["open"], brought)


async def _rest_on(world: World, entry_id: int, brought: history.Brought) -> None:
    editor, _spaces = await load_viewer(world.cast.moderator.id)
    await add_sources(entry_id, [brought.thread_id], by=editor)
    # As if that had been released with a person's yes, at the time of everything else.
    await execute("UPDATE faq_sources SET fingerprint = draft_fingerprint WHERE fingerprint = ''")
    post = await Post.get(id=brought.answer_ids[0])
    await edit_post(
        post.id,
        body=f"It works with {MARKER} once the router is restarted twice.",
        version=post.version,
        by=world.cast.helper.id,
    )
    await look_at([entry_id])
    assert (await fetch("SELECT state FROM faq_entries WHERE id = :id", {"id": entry_id}))[0][
        "state"
    ] == "check"


async def thread_for_members(world: World) -> None:
    """A thread for members, by people who have nothing else to their name that a figure could show."""
    cast = world.cast
    brought = await history.bring_thread(
        past(cast.members_space, cast.colleague, cast.outsider, title=f"{MARKER} for members", days=2.5,
             word=MARKER, solved=False)
    )  # fmt: skip
    world.know(brought, f"{MARKER.lower()}-for-members")
    await _attach(world, brought.opening_id, cast.colleague)


async def hidden_thread(world: World) -> None:
    """A thread in an open space that staff have hidden, with thanks and a solution."""
    idea = await _built_idea(world, world.wishes, f"{MARKER} wish", MARKER)
    world.know(idea, f"{MARKER.lower()}-wish")
    await order.hide_post(idea.opening_id, by=await _moderator(world), reason="Not for the public")
    brought = await _thread_in(world, world.cast.open_space, "open")
    await order.hide_post(brought.opening_id, by=await _moderator(world), reason="Not for the public")


async def hidden_answer(world: World) -> None:
    """An answer that staff have hidden in a thread that everybody reads: the newest, with thanks and a comment."""
    cast, thread = world.cast, world.threads["open"]
    at = START + timedelta(days=29)
    answer = history.PastPost(
        cast.moderator.id,
        f"{MARKER}: this should not stand here.",
        at,
        kudos=[history.PastKudos(cast.colleague.id, at)],
        comments=[history.PastPost(cast.helper.id, f"{MARKER} in a comment", at + timedelta(hours=1))],
    )
    answer_id, comment_ids = await history.bring_answer(thread.thread_id, answer)
    await history.settle_thread(thread.thread_id)
    world.posts += [answer_id, *comment_ids]
    await _attach(world, answer_id, cast.moderator)
    await order.hide_post(answer_id, by=await _moderator(world), reason="Insult")


async def unpublished(world: World) -> None:
    """What is written but not published: an FAQ draft, somebody's draft, a flag, a notice to somebody else."""
    cast = world.cast
    category = await make_category("Modems", "en")
    entry = await _make_entry(world, "open", category, f"What is {MARKER}?", released=False)
    world.urls += [f"/faq/{entry}-what-is-{MARKER.lower()}", "/faq/modems"]
    world.entry_ids.append(entry)
    unposted = await attach(cast.asker, ("unposted.txt", MARKER.encode()))
    world.attachments.append(unposted.id)
    world.urls.append(f"/attachments/{unposted.id}/unposted.txt")
    await Draft.create(member_id=cast.asker.id, place="ask", title=MARKER, body=MARKER, saved_at=START)
    flagged = world.threads["open"].opening_id
    await flag_post(flagged, reason=FlagReason.OTHER, note=MARKER, by=cast.colleague.id)
    await execute("UPDATE flags SET created_at = :at", {"at": START})
    await execute("UPDATE work_items SET since = :at, soon_at = :at, due_at = :at", {"at": START})


async def waiting_texts(world: World) -> None:
    """What marketing has written and nobody has released: an article, an answer, a comment and a change; and what a
    member has written and a rule holds."""
    cast, open_thread, article = world.cast, world.threads["open"], world.threads["blog"]
    texts: list[dict[str, Any]] = [
        {"kind": "thread", "space_id": cast.blog.id, "title": f"{MARKER} article", "tags": MARKER.lower()},
        {"kind": "answer", "space_id": cast.open_space.id, "thread_id": open_thread.thread_id},
        {"kind": "answer", "space_id": cast.blog.id, "thread_id": article.thread_id},
        {"kind": "comment", "space_id": cast.open_space.id, "thread_id": open_thread.thread_id,
         "post_id": open_thread.opening_id},
        {"kind": "edit", "space_id": cast.blog.id, "thread_id": article.thread_id,
         "post_id": article.opening_id, "post_version": 1, "title": f"{MARKER} news"},
    ]  # fmt: skip
    for author, why in ((cast.marketing, "four_eyes"), (cast.helper, "held")):
        for columns in texts:
            text = await WaitingText.create(
                author_id=author.id,
                why=why,
                body=f"{MARKER}: not public yet.",
                writers=[author.id],
                submitted_at=START,
                **columns,
            )
            world.text_ids.append(text.id)
    world.urls += [f"/waiting/{text_id}" for text_id in world.text_ids]
    world.urls += [
        f"/moderation/waiting/{text_id}{end}" for text_id in world.text_ids for end in ("", "/edit")
    ]


async def somebody_came(world: World) -> None:
    """Somebody was invited by mail into a closed group, and has come: neither managers nor staff see it anywhere."""
    group = world.cast.closed_group
    await add_member(group.id, world.cast.outsider.id, openly=False)
    world.urls += ["/admin/groups", f"/admin/groups/{group.slug}", "/admin/people/Outsider"]


async def _thread_in(world: World, space: Space, name: str) -> history.Brought:
    cast = world.cast
    brought = await history.bring_thread(
        past(space, cast.asker, cast.helper, title=f"{MARKER} router {name}", days=2,
             word=MARKER, kudos_by=(cast.colleague, cast.outsider))
    )  # fmt: skip
    world.know(brought, f"{MARKER.lower()}-router-{name}")
    await history.settle()
    await _attach(world, brought.opening_id, cast.asker)
    return brought


async def _attach(world: World, post_id: int, member: Member) -> None:
    """A picture and a log, of a post that is a secret."""
    for file in (("plan.png", saved(picture(60, 40), "PNG")), ("router.log", MARKER.encode())):
        row = await posted(post_id, member, file)
        world.attachments.append(row.id)
        world.urls.append(f"/attachments/{row.id}/{row.name}")
        if row.is_picture:
            world.urls.append(f"/attachments/{row.id}/small/{row.name}")


async def _moderator(world: World):
    viewer, _spaces = await load_viewer(world.cast.moderator.id)
    return viewer


@dataclass(frozen=True)
class Secret:
    """A hidden thing, and the people of the cast who may know it; everybody else must not notice it."""

    add: Callable[[World], Awaitable[None]]
    known_to: frozenset[str]


STAFF = frozenset({"moderator", "administrator"})
INSIDE = frozenset({"asker", "helper", "colleague"})
EVERY_MEMBER = INSIDE | STAFF | {"outsider", "marketing"}

SECRETS = {
    "a hidden space": Secret(hidden_space, INSIDE | STAFF),
    "a thread behind a tile": Secret(thread_behind_tile, INSIDE | STAFF),
    "a thread for members": Secret(thread_for_members, EVERY_MEMBER),
    "a hidden thread": Secret(hidden_thread, STAFF | {"asker", "helper"}),
    "a hidden answer": Secret(hidden_answer, STAFF | {"helper"}),
    "who came into a group": Secret(somebody_came, frozenset({"outsider"})),
    "waiting texts": Secret(waiting_texts, STAFF | {"marketing", "helper"}),
    "unpublished texts": Secret(unpublished, STAFF | {"asker", "colleague"}),
}
VIEWERS = ("guest", "outsider", "marketing", "colleague", "helper", "asker", "moderator", "administrator")
