"""How often somebody may write or look something up: for the member, for their address of the net, for who is new.

Staff write and read for their work, and are named; they are not counted.
"""

from __future__ import annotations

from starlette.requests import Request

from community.accounts.queries import is_new_account
from community.core import limits
from community.core.rate_limits import Limit
from community.core.viewer import Viewer
from community.http import tries
from community.web.pages import viewer_of


async def count_post(request: Request) -> None:
    """A text that is about to be published or changed. Raises TooMany."""
    await _count(request, limits.POSTS, new=limits.NEW_POSTS, address=limits.POSTS_FROM_ONE_ADDRESS)


async def count_question(request: Request) -> None:
    """A thread that is about to be started, which is a text as well. Raises TooMany."""
    await _count(request, limits.QUESTIONS, new=limits.NEW_QUESTIONS)
    await count_post(request)


async def count_kudos(request: Request) -> None:
    """Kudos or "same problem". Raises TooMany."""
    await _count(request, limits.KUDOS, new=limits.NEW_KUDOS)


async def count_flag(request: Request) -> None:
    await _count(request, limits.FLAGS)


async def count_entry_feedback(request: Request) -> None:
    """Raises TooMany."""
    viewer = viewer_of(request)
    if not viewer.is_staff:
        await limits.ENTRY_FEEDBACK.take(*_who(request, viewer))


async def count_guest_answer(request: Request, entry_id: int) -> None:
    """A guest's first answer about an entry on this day, from this address of the net. Raises TooMany."""
    await limits.ENTRY_FEEDBACK_ONCE.take(entry_id, tries.place_of(request))


async def count_words_of_entry(request: Request, entry_id: int, words: str) -> None:
    """An entry was opened from the results for these words, for the first time on this day. Raises TooMany."""
    who = _who(request, viewer_of(request))
    await limits.ENTRY_WORDS.take(*who)
    await limits.ENTRY_WORDS_ONCE.take(entry_id, words, *who)


async def count_draft(request: Request) -> None:
    await _count_look(request, limits.DRAFTS)


async def count_profile(request: Request) -> None:
    """A look at a member's page: nobody needs so many of them, but whoever wants to know all nicknames."""
    await _count_look(request, limits.PROFILES)


async def count_nicknames(request: Request) -> None:
    await _count_look(request, limits.NICKNAMES)


async def count_search(request: Request) -> None:
    await _count_look(request, limits.SEARCHES)


async def count_suggestions(request: Request) -> None:
    await _count_look(request, limits.SUGGESTIONS)


async def _count(
    request: Request, limit: Limit, *, new: Limit | None = None, address: Limit | None = None
) -> None:
    viewer = viewer_of(request)
    if viewer.is_staff:
        return
    if new is not None and await is_new_account(viewer.id, limits.NEW_FOR):
        await new.take(viewer.id)
    await limit.take(viewer.id)
    if address is not None:
        await address.take(tries.place_of(request))


async def _count_look(request: Request, limit: Limit) -> None:
    """Of a member, or of all guests at one address."""
    viewer = viewer_of(request)
    if not viewer.is_staff:
        await limit.take_lightly(*_who(request, viewer))


def _who(request: Request, viewer: Viewer) -> tuple[object, ...]:
    return ("member", viewer.id) if viewer.is_member else ("address", tries.place_of(request))
