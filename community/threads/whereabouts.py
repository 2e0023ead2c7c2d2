"""Where a post has been: its threads and spaces, as the moderation log remembers them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from community.decisions.queries import LogLine, list_entries, list_mentioning

CARRYING = frozenset({"merge_thread", "split_thread"})
TAKING_BACK = frozenset({"unmerge_thread", "unsplit_thread"})


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """What the log tells of one post, newest first."""

    carried: tuple[LogLine, ...]
    """How it came from one thread into another."""
    moved: tuple[LogLine, ...]
    """How the threads that it stood in came from one space into another."""
    hidden: tuple[LogLine, ...]

    @property
    def spaces(self) -> frozenset[int]:
        """All spaces that it stood in while something was done with it."""
        entries = (*self.carried, *self.moved, *self.hidden)
        found = {entry.space_id for entry in entries} | {entry.details.get("from_space") for entry in entries}
        return frozenset(space for space in found if space is not None)

    def carriers_from(self, spaces: Collection[int]) -> frozenset[int]:
        """Who has carried it out of one of these spaces."""
        entries = (*self.carried, *self.moved)
        return frozenset(
            entry.actor_id
            for entry in entries
            if entry.actor_id and entry.details.get("from_space") in spaces
        )

    def opened(self, post_id: int) -> frozenset[int]:
        """The threads that the post has opened and that were merged away, or taken back, since."""
        return frozenset(
            thread
            for entry in self.carried
            if entry.details.get("opening") == post_id
            or (entry.details.get("is_new") and post_id in entry.details.get("answers", ())[:1])
            for thread in entry.details.get("threads", ())
        )


async def find_whereabouts(post_id: int, thread_id: int) -> Whereabouts:
    """Reads every entry about merging and splitting, which are few: for acts as rare as erasing."""
    carried = [
        entry
        for entry in await list_mentioning(post_id, CARRYING)
        if post_id in (entry.details.get("opening"), *entry.details.get("posts", ()))
    ]
    taken_back = await list_entries({entry.subject for entry in carried}, TAKING_BACK) if carried else []
    numbers = {entry.id for entry in carried}
    carried += [entry for entry in taken_back if entry.details.get("undoes") in numbers]
    threads = {f"thread:{thread_id}", *(entry.subject for entry in carried)}
    threads |= {f"thread:{thread}" for entry in carried for thread in entry.details.get("threads", ())}
    return Whereabouts(
        carried=tuple(carried),
        moved=tuple(await list_entries(threads, {"move_thread"})),
        hidden=tuple(await list_entries({f"post:{post_id}"}, {"hide_post"})),
    )
