"""Who gave thanks for a post, as members see it."""

from __future__ import annotations

from community.core.db import fetch
from community.threads.queries import AUTHOR_COLUMNS, AuthorRow, author_of

MOST_GIVERS = 200


async def list_givers(post_id: int) -> tuple[AuthorRow, ...]:
    """Members who thanked for a post that was loaded through the viewer before, the latest first, at most
    `MOST_GIVERS`. Former members, and givers that an import knows by number only, are not among them."""
    rows = await fetch(
        f"""SELECT {AUTHOR_COLUMNS} FROM kudos k JOIN members m ON m.id = k.member_id
        WHERE k.post_id = :post_id AND m.erased_at IS NULL
        ORDER BY k.given_at DESC, k.id LIMIT {MOST_GIVERS}""",  # noqa: S608 - constants
        {"post_id": post_id},
    )
    return tuple(author for row in rows if (author := author_of(row)))
