"""Somebody who answers by mail: an address, a reply address, and what became of the answers."""

from __future__ import annotations

from community.core.reply_addresses import address_for
from community.threads.models import Post
from tests.cast import make_cast
from tests.factories import make_account, make_thread

ERIKA = "erika@firm.example"


async def address_of_helper() -> tuple[str, int]:
    """The reply address of the helper, who is Erika, for a new thread; and the thread."""
    cast = await make_cast()
    await make_account(cast.helper, mail=ERIKA)
    thread = await make_thread(cast.open_space, cast.asker)
    return address_for(thread.id, cast.helper.id), thread.id


async def count_answers(thread_id: int) -> int:
    return await Post.filter(thread_id=thread_id, kind="answer").count()
