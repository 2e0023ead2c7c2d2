"""An edit that meets a newer version: both changes in one text, and where they overlap, the choice between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from community.core.differences import Segment, differences
from community.core.i18n import gettext as _
from community.core.three_ways import Piece, bring_together
from community.threads.actions import MOST_TAGS, clean_tags
from community.threads.models import PostKind
from community.threads.queries import PostRow, ThreadView
from community.threads.versions import list_versions
from community.web.edit_drafts import Wording
from community.web.forms import version_of
from community.web.parts import Crumb, When

CONTEXT = 60
"""Characters that are shown before and after a place where both have changed something."""
CARRIED = ("title", "tags", "body", "version", "kind", "reason", "attachments", "had")
"""The form as it was sent first, which goes along until a text is saved."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two wordings, word by word; empty where nothing does."""

    title: tuple[Segment, ...]
    tags: tuple[Segment, ...]
    body: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """One place that both have changed. The choice has the name `name` and says "mine", "theirs" or "both"."""

    name: str
    label: str
    before: str
    mine: str
    theirs: str
    after: str
    takes_both: bool
    chosen: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """Two wordings that began with the same one."""

    by: str
    """Who saved the newer one; empty for a former member."""
    when: When
    saved: Wording
    typed: Wording
    meanwhile: Changes | None
    """What was changed while somebody typed; None where the text that they began with is not kept."""
    pieces: Mapping[str, tuple[Piece, ...]]
    overlaps: tuple[Overlap, ...]

    @property
    def proposal(self) -> Wording:
        return self.put_together({})

    def put_together(self, choices: Mapping[str, str]) -> Wording:
        """One wording, by what was chosen for each overlap; one's own where nothing was."""
        texts = {}
        for field, pieces in self.pieces.items():
            chosen = (
                _text(piece, choices.get(_name(field, place), "mine")) for place, piece in enumerate(pieces)
            )
            texts[field] = "".join(chosen)
        return Wording(**texts)


@dataclass(frozen=True, slots=True)
class Merged:
    """Where the text in the form comes from after it met a newer version."""

    meeting: Meeting
    is_own: bool
    """It is the text as it was typed, which replaces the newer one."""
    changes: Changes
    """What saving it changes in the text as it is saved."""
    hidden: Mapping[str, str]
    """Of a form that puts the text in as it was typed."""


@dataclass(frozen=True, slots=True)
class ConflictPage:
    url: str
    heading: str
    crumbs: tuple[Crumb, ...]
    back_url: str
    language: str
    meeting: Meeting
    hidden: Mapping[str, str]


def wording_of(fields: Mapping[str, str]) -> Wording:
    """What was typed, as it would be saved."""
    title = " ".join(fields.get("title", "").split())
    return Wording(fields.get("body", "").strip(), title, fields.get("tags", ""))


def changes_between(before: Wording, after: Wording) -> Changes:
    def differing(old: str, new: str) -> tuple[Segment, ...]:
        return differences(old, new) if old != new else ()

    return Changes(
        differing(before.title, after.title),
        differing(_tags(before.tags), _tags(after.tags)),
        differing(before.body, after.body),
    )


async def meet(post: PostRow, thread: ThreadView, fields: Mapping[str, str]) -> Meeting:
    """Compare what was typed with what is saved now, by the version that it was made from."""
    versions = await list_versions(post, thread)
    newest = versions[-1]
    began_with = version_of(fields)
    first = next((each for each in versions if each.number == began_with), None)
    is_opening = post.kind == PostKind.OPENING
    saved = Wording(newest.body, newest.title, ", ".join(newest.tags))
    typed = wording_of(fields) if is_opening else Wording(wording_of(fields).body)
    base = Wording(first.body, first.title, ", ".join(first.tags)) if first else None
    pieces = {"body": bring_together(base.body if base else None, typed.body, saved.body)}
    if is_opening:
        pieces["title"] = (_whole(base.title if base else None, typed.title, saved.title),)
        pieces["tags"] = (_tag_piece(base.tags if base else None, typed.tags, saved.tags),)
    return Meeting(
        by=newest.by,
        when=When.of(newest.at),
        saved=saved,
        typed=typed,
        meanwhile=changes_between(base, saved) if base else None,
        pieces=pieces,
        overlaps=tuple(_overlaps(pieces, fields)),
    )


def make_merged(meeting: Meeting, result: Wording, fields: Mapping[str, str], *, seen: int) -> Merged:
    return Merged(
        meeting=meeting,
        is_own=result == meeting.typed,
        changes=changes_between(meeting.saved, result),
        hidden=hidden_fields(fields, seen=seen),
    )


def hidden_fields(fields: Mapping[str, str], *, seen: int) -> dict[str, str]:
    """What was sent, to be sent once more; `seen` is the version that it is compared with."""
    carried = {name: text for name, text in fields.items() if name in CARRIED or name.startswith("alt-")}
    return carried | {"seen": str(seen)}


def _whole(base: str | None, mine: str, theirs: str) -> Piece:
    """What is short is taken as a whole."""
    if theirs == base:
        return Piece(mine, mine)
    return Piece(theirs, theirs) if mine == base else Piece(mine, theirs)


def _tag_piece(base: str | None, mine: str, theirs: str) -> Piece:
    """Tags that one has added or taken out; a choice only where there would be too many."""
    my_tags, their_tags = clean_tags(mine), clean_tags(theirs)
    base_tags = clean_tags(base) if base is not None else ()
    kept = [tag for tag in their_tags if tag in my_tags or tag not in base_tags]
    added = [tag for tag in my_tags if tag not in their_tags and tag not in base_tags]
    if base is None or len(kept) + len(added) > MOST_TAGS:
        return Piece(", ".join(my_tags), ", ".join(their_tags))
    together = ", ".join([*kept, *added])
    return Piece(together, together)


def _tags(text: str) -> str:
    return ", ".join(clean_tags(text))


def _name(field: str, place: int) -> str:
    return f"choice-{field}-{place}"


def _text(piece: Piece, choice: str) -> str:
    return {"theirs": piece.theirs, "both": piece.both}.get(choice, piece.mine)


def _overlaps(pieces: Mapping[str, tuple[Piece, ...]], fields: Mapping[str, str]) -> list[Overlap]:
    labels = {"title": _("Title"), "tags": _("Tags"), "body": _("Text")}
    places = [
        (field, place, row)
        for field in labels
        for row in (pieces.get(field, ()),)
        for place, piece in enumerate(row)
        if not piece.is_agreed
    ]
    in_text = [place for field, place, _row in places if field == "body"]
    found = []
    for field, place, row in places:
        label = labels[field]
        if field == "body" and len(in_text) > 1:
            values = {"number": in_text.index(place) + 1, "count": len(in_text)}
            label = _("Text, place %(number)d of %(count)d") % values
        name, piece = _name(field, place), row[place]
        found.append(
            Overlap(
                name=name,
                label=label,
                before=_end_of(row[place - 1].mine) if place else "",
                mine=piece.mine,
                theirs=piece.theirs,
                after=_start_of(row[place + 1].mine) if place + 1 < len(row) else "",
                takes_both=field == "body" and bool(piece.mine.strip() and piece.theirs.strip()),
                chosen=fields.get(name, "mine"),
            )
        )
    return found


def _end_of(text: str) -> str:
    """The last words of the line, with a sign that there are more."""
    text = text.rpartition("\n")[2]
    return text if len(text) <= CONTEXT else "… " + text[-CONTEXT:].partition(" ")[2]


def _start_of(text: str) -> str:
    text = text.partition("\n")[0]
    return text if len(text) <= CONTEXT else text[:CONTEXT].rpartition(" ")[0] + " …"
