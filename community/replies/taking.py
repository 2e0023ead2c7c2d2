"""What a mail that arrives is for: an answer, or a report that a mail of ours could not be delivered."""

from __future__ import annotations

from collections.abc import Iterable

from community.core.reply_addresses import read_address, read_bounce_address
from community.replies.actions import receive
from community.replies.bounces import receive_report


def is_ours(receivers: Iterable[str]) -> bool:
    """Whether one of the addresses is a genuine one."""
    return any(read_address(address) or read_bounce_address(address) for address in receivers)


async def take(
    receivers: Iterable[str], content: bytes, *, return_path: str | None, is_whole: bool = True
) -> None:
    """Do what the first genuine address asks for. Once this returns, it is on disk."""
    for address in receivers:
        reply, bounce = read_address(address), read_bounce_address(address)
        if reply is not None:
            await receive(reply, content, return_path=return_path, is_whole=is_whole)
        elif bounce is not None:
            await receive_report(bounce, content, return_path=return_path)
        if reply or bounce:
            return
