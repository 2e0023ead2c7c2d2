"""What a transaction does right before its commit.

For a row that many transactions change and that must not keep them waiting for each other: it is locked last, when
nothing but the commit is left. Locked last by all, it also takes part in no deadlock.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection

Work = Callable[[list[Any]], Awaitable[None]]
_NAME = "_last_works"


def before_commit(work: Work, item: Any) -> None:
    """Have `work` called once, with the items of this transaction, right before its commit.

    What was undone by a savepoint stays among the items. If the work fails, the transaction is undone.
    """
    transaction = get_connection("default")
    if not isinstance(transaction, TransactionalDBClient):
        raise RuntimeError("before_commit needs a transaction.")
    vars(transaction).setdefault(_NAME, {}).setdefault(work, []).append(item)


async def do_last_works(transaction: Any) -> None:
    """For the end of a transaction, while it is still the connection of its task."""
    works: dict[Work, list[Any]] = vars(transaction).get(_NAME, {})
    while works:
        work = next(iter(works))
        await work(works.pop(work))
