"""What tests about keeping order share: flagged posts, delivered facts, and figures that must stay right."""

from __future__ import annotations

from datetime import timedelta

from community.consequences import consequences
from community.core import outbox
from community.core.viewer import Viewer
from community.decisions.models import LogEntry, WorkItem
from community.decisions.work import WorkKind
from community.indexing import PendingDocuments
from community.members.models import Member
from community.moderation import actions
from community.moderation.claiming import claim_item
from community.moderation.models import FlagReason
from community.notifications.models import Notification
from community.threads.models import Post
from community.threads.recounting import recount
from search import SearchEngine

ORIGIN = {"Origin": "http://127.0.0.1:8000"}
REASON = "This belongs to somebody else, so it cannot stay."
GROUNDED = {"ground": "respect", "reason": REASON}
"""What the form of an act sends; acts that restrict nobody take no notice of the ground."""


async def flag(post: Post, by: Member, note: str = "Please look at this.") -> int:
    return await actions.flag_post(post.id, reason=FlagReason.INSULT, note=note, by=by.id)


async def claim(post: Post, *, by: Viewer) -> None:
    """Be on the flags of this post."""
    await claim_item(WorkKind.FLAG, f"post:{post.id}", by=by)


async def item_url(post: Post) -> str:
    """The address of the item of this post in the queue."""
    return f"/moderation/items/{(await WorkItem.get(subject=f'post:{post.id}')).id}"


async def age(post: Post, *, hours: int) -> None:
    """As if the item of this post had waited for so many hours longer."""
    item = await WorkItem.get(subject=f"post:{post.id}")
    by = timedelta(hours=hours)
    await WorkItem.filter(id=item.id).update(
        since=item.since - by, soon_at=item.soon_at - by, due_at=item.due_at - by
    )


async def deliver(engine: SearchEngine) -> None:
    """Everything that follows from what has happened so far, as the worker would do it."""
    pending = PendingDocuments(engine)
    table = consequences(pending)
    while rows := await outbox.lease():
        deliveries = [await outbox.run(row, table) for row in rows]
        failures = [delivery.failure for delivery in deliveries if delivery.failure]
        assert not failures, failures
        assert not await pending.write()
        await outbox.finish(deliveries)


async def only_log_entry() -> LogEntry:
    """The one entry of the log; fails where there are none or several."""
    entries = await LogEntry.all()
    assert len(entries) == 1, [entry.act for entry in entries]
    return entries[0]


async def told(member: Member) -> list[tuple[str, str]]:
    """Kind and reason of what a member was told, in order."""
    rows = await Notification.filter(member_id=member.id).order_by("created_at", "id")
    return [(row.kind, row.note) for row in rows]


async def assert_figures_are_right() -> None:
    """Every counter says what the facts say."""
    assert await recount() == 0
