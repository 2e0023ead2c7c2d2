"""What a mail that arrives is for: an answer, or a report that a mail of ours could not be delivered."""

from __future__ import annotations

from collections.abc import Iterable

from community.core.reply_addresses import BounceTag, ReplyTag, read_address, read_bounce_address
from community.replies.actions import receive
from community.replies.bounces import receive_report


def find_tag(receivers: Iterable[str]) -> ReplyTag | BounceTag | None:
    """What the first genuine one of these addresses stands for."""
    tags = (read_address(address) or read_bounce_address(address) for address in receivers)
    return next((tag for tag in tags if tag is not None), None)


async def take(
    tag: ReplyTag | BounceTag, content: bytes, *, return_path: str | None, is_whole: bool = True
) -> None:
    """Do what a mail to the address with this tag asks for. Once this returns, it is on disk."""
    if isinstance(tag, BounceTag):
        await receive_report(tag, content, return_path=return_path)
    else:
        await receive(tag, content, return_path=return_path, is_whole=is_whole)
