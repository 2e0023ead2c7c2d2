"""The addresses of attached files."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import attachments
from community.web.uploads import most_form_bytes


def attachment_routes() -> list[BaseRoute]:
    """What is shown is decided by the post a file belongs to."""
    base = "/attachments/{attachment_id:int}"
    return [
        get(base + "/small/{name}", attachments.show_small, "attachments.small", Access.SCOPED),
        post(base + "/remove", attachments.remove_attachment, "attachments.remove", Access.MEMBER),
        get(base + "/{name}", attachments.show_attachment, "attachments.show", Access.SCOPED),
        post(
            "/attachments",
            attachments.add_attachment,
            "attachments.add",
            Access.MEMBER,
            most_file_bytes=most_form_bytes(),
        ),
    ]
