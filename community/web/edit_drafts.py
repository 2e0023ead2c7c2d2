"""What somebody has typed into the form of an edit and not saved: kept on the server, for them alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from community.core.differences import Segment, differences
from community.core.errors import authorize
from community.core.viewer import Viewer
from community.threads import clearing, permissions, queries
from community.threads.actions import edit_place
from community.threads.models import PostKind
from community.threads.queries import PostRow, ThreadView
from community.threads.versions import list_versions
from community.web.forms import version_of
from community.web.parts import When


@dataclass(frozen=True, slots=True)
class Wording:
    """What the form of an edit says; title and tags only for what opens a thread."""

    body: str
    title: str = ""
    tags: str = ""
    """As they are typed, with commas."""

    def fields(self, post: PostRow) -> dict[str, str]:
        """Of the form that changes the text as it stands now."""
        said = {"body": self.body, "version": str(post.version), "kind": post.kind}
        return said | {"title": self.title, "tags": self.tags} if post.kind == PostKind.OPENING else said


@dataclass(frozen=True, slots=True)
class DraftNote:
    """What is said above a form that has a draft in it."""

    when: When
    body: tuple[Segment, ...]
    """What was changed in the text that it was made from."""
    is_outdated: bool
    """Somebody has changed that text since."""


@dataclass(frozen=True, slots=True)
class Drafted:
    fields: dict[str, str]
    note: DraftNote
    title: str = ""
    """That was typed while the post opened a thread; it opens none any more."""


async def saved_wording(post: PostRow, thread: ThreadView) -> Wording:
    body = await queries.get_body(post.id)
    if post.kind != PostKind.OPENING:
        return Wording(body)
    return Wording(body, thread.title, ", ".join(thread.tags))


async def find_edit_draft(
    post: PostRow, thread: ThreadView, saved: Wording, viewer: Viewer
) -> Drafted | None:
    """The viewer's draft, unless it says what is saved already."""
    draft = await queries.find_draft(edit_place(post.id), viewer)
    if draft is None:
        return None
    typed = replace(saved, body=draft.body)
    if post.kind == PostKind.OPENING and draft.title:
        typed = Wording(draft.body, draft.title, draft.tags)
    lost = draft.title if post.kind != PostKind.OPENING else ""
    if typed == saved and not lost:
        return None
    is_outdated = draft.version != post.version
    before = saved.body
    if is_outdated:
        versions = await list_versions(post, thread)
        before = next((each.body for each in versions if each.number == draft.version), before)
    note = DraftNote(When.of(draft.saved_at), differences(before, draft.body), is_outdated)
    return Drafted(typed.fields(post) | {"version": str(draft.version)}, note, lost)


async def save_edit_draft(post_id: int, fields: Mapping[str, str], viewer: Viewer) -> None:
    await clearing.save_edit_draft(
        post_id,
        by=viewer.id,
        title=fields.get("title", ""),
        body=fields.get("body", ""),
        tags=fields.get("tags", ""),
        version=version_of(fields),
    )


async def save_draft_of_edit(post_id: int, fields: Mapping[str, str], viewer: Viewer) -> None:
    """While one types; of their own posts also where those were hidden, locked or moved meanwhile."""
    if not await queries.wrote(post_id, viewer):
        post, thread = await queries.get_post(post_id, viewer)
        authorize(permissions.can_edit_post(viewer, thread, post))
    await save_edit_draft(post_id, fields, viewer)
