"""Every route that writes about something, filled in for the ids of a secret."""

from __future__ import annotations

from collections.abc import Iterator

from community.http.route import Access, PolicyRoute, leaves
from community.web.routes import routes
from community.web.theming import Theme
from tests.access.worlds import MARKER, World

FORM = {
    "title": "A title that is long enough",
    "body": "A text that is long enough to be taken.",
    "text": "A text that is long enough to be taken.",
    "reason": "other",
    "note": "A note",
    "version": "1",
    "submission": "a-key-of-a-test",
    "helpful": "yes",
    "do": "post",
    "confirmed": "1",
}


def table() -> list[tuple[str, PolicyRoute]]:
    """All routes of the application with their full path."""
    return list(leaves(routes(Theme.load(), development=True)))


def forms_for(world: World) -> Iterator[tuple[str, dict[str, str]]]:
    """Addresses of forms about the secret: each with the ids of its threads, posts and entries."""
    slugs = [url.rpartition("/")[2] for url in world.urls if url.startswith("/groups/")]
    for path, route in table():
        if not route.policy.writes or route.policy.access in (Access.PUBLIC, Access.DEVELOPMENT):
            continue
        if "{thread_id:int}" in path:
            for thread_id in world.thread_ids:
                for post_id in world.posts[:2] if "{post_id:int}" in path else [0]:
                    yield (
                        path.replace("{thread_id:int}", str(thread_id)).replace(
                            "{post_id:int}", str(post_id)
                        ),
                        FORM,
                    )
        elif "{post_id:int}" in path:
            for post_id in world.posts:
                yield path.replace("{post_id:int}", str(post_id)), FORM
        elif "{attachment_id:int}" in path:
            for attachment_id in world.attachments:
                yield path.replace("{attachment_id:int}", str(attachment_id)), FORM
        elif "{entry_id:int}" in path:
            for entry_id in world.entry_ids:
                yield path.replace("{entry_id:int}", str(entry_id)), FORM
        elif path.startswith("/spaces/{slug}"):
            for slug in {url.split("/")[2] for url in world.urls if url.startswith("/spaces/")}:
                yield path.replace("{slug}", slug), {**FORM, "wish": "follow"}
        elif path.startswith("/tags/{name}"):
            yield path.replace("{name}", MARKER.lower()), {**FORM, "wish": "follow"}
        elif path.startswith("/groups/{slug}"):
            for slug in slugs:
                yield path.replace("{slug}", slug), FORM
