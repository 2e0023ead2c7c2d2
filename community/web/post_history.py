"""Earlier versions of a post: what each changed, and any two of them side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from community.core.differences import Segment, differences
from community.core.i18n import gettext as _
from community.threads import queries
from community.threads.versions import Version, list_versions
from community.web.pages import Head, choose_language, path_id, show, viewer_of
from community.web.parts import Choice, Crumb, FormState, When
from community.web.posts import thread_crumbs


@dataclass(frozen=True, slots=True)
class VersionView:
    """One version of a text, as what changed against the one before it."""

    number: int
    by: str
    """Who wrote this version; empty for a former member."""
    when: When
    title: tuple[Segment, ...]
    tags: tuple[Segment, ...]
    body: tuple[Segment, ...]
    is_first: bool
    compare_url: str
    """Where it stands beside the one before it; empty for the first one."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A stretch of the two texts: what was removed stands on the left, what was added on the right."""

    before: tuple[Segment, ...]
    after: tuple[Segment, ...]
    is_same: bool
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class SideBySide:
    before: VersionView
    after: VersionView
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """All versions of a post, the newest first."""

    url: str
    heading: str
    crumbs: tuple[Crumb, ...]
    back_url: str
    language: str
    versions: tuple[VersionView, ...]
    form: FormState
    older: tuple[Choice, ...]
    newer: tuple[Choice, ...]
    """What can be compared; empty where there is one version alone."""
    compared: SideBySide | None


async def show_history(request: Request) -> Response:
    """For members alone: an edit may have taken out what the whole internet need not read."""
    viewer = viewer_of(request)
    post, thread = await queries.get_post(path_id(request, "post_id"), viewer)
    choose_language(request, thread.language)
    versions = await list_versions(post, thread)
    url = f"/posts/{post.id}/history"
    views = tuple(
        _view(version, versions[index - 1] if index else None, url) for index, version in enumerate(versions)
    )
    chosen = _chosen(request, versions)
    before, after = chosen or (len(versions) - 2, len(versions) - 1)
    page = HistoryPage(
        url=url,
        heading=_("Earlier versions"),
        crumbs=thread_crumbs(thread),
        back_url=f"/posts/{post.id}",
        language=thread.language,
        versions=tuple(reversed(views)),
        form=FormState(),
        older=_choices(views, before) if len(views) > 1 else (),
        newer=_choices(views, after) if len(views) > 1 else (),
        compared=SideBySide(views[before], views[after], tuple(_pairs(versions[before], versions[after])))
        if chosen
        else None,
    )
    head = Head(section="spaces", robots="noindex")
    return await show(request, "threads/history.html", page, head)


def _chosen(request: Request, versions: Sequence[Version]) -> tuple[int, int] | None:
    """Places of the two versions that the address names, the older one first; None where it names no two."""
    places = {str(version.number): place for place, version in enumerate(versions)}
    named = {
        places[text] for name in ("older", "newer") if (text := request.query_params.get(name, "")) in places
    }
    return (min(named), max(named)) if len(named) == 2 else None


def _choices(views: Sequence[VersionView], chosen: int) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            str(view.number),
            _("Version %(number)s – %(name)s, %(when)s")
            % {"number": view.number, "name": view.by or _("Former member"), "when": view.when.text},
            selected=place == chosen,
        )
        for place, view in reversed([*enumerate(views)])
    )


def _view(version: Version, before: Version | None, url: str) -> VersionView:
    base = before or version
    tags, base_tags = ", ".join(version.tags), ", ".join(base.tags)
    return VersionView(
        number=version.number,
        by=version.by,
        when=When.of(version.at),
        title=differences(base.title, version.title),
        tags=differences(base_tags, tags) if tags != base_tags else (),
        body=differences(base.body, version.body),
        is_first=version.number == 1,
        compare_url=f"{url}?older={before.number}&newer={version.number}" if before else "",
    )


def _pairs(before: Version, after: Version) -> Iterator[Pair]:
    if before.title or after.title:
        title = differences(before.title, after.title)
        yield Pair(_side(title, "added"), _side(title, "removed"), before.title == after.title, is_title=True)
    yield from _pairs_of(differences(before.body, after.body))
    tags = ", ".join(before.tags), ", ".join(after.tags)
    if tags[0] != tags[1]:
        changed = differences(*tags)
        yield Pair(_side(changed, "added"), _side(changed, "removed"), is_same=False)


def _pairs_of(segments: Sequence[Segment]) -> Iterator[Pair]:
    """Parted where a line ends in both texts, so that what belongs together stands on one height."""
    same: list[Segment] = []
    changed: list[Segment] = []
    for segment in _lines(segments):
        ends = segment.kind == "kept" and segment.text.endswith("\n")
        if not changed and segment.kind == "kept" and ends:
            same.append(segment)
            continue
        changed.append(segment)
        if ends:
            yield from _row(same, changed)
            same, changed = [], []
    yield from _row(same, changed)


def _row(same: list[Segment], line: list[Segment]) -> Iterator[Pair]:
    """The unchanged lines before a line, then the line itself."""
    if all(segment.kind == "kept" for segment in line):
        same, line = [*same, *line], []
    for segments in (same, line):
        if any(segment.text.strip("\n") for segment in segments):
            yield Pair(_side(segments, "added"), _side(segments, "removed"), is_same=segments is same)


def _lines(segments: Sequence[Segment]) -> Iterator[Segment]:
    """Kept text line by line; changed text in one piece."""
    for segment in segments:
        if segment.kind != "kept":
            yield segment
        else:
            for line in segment.text.splitlines(keepends=True):
                yield Segment("kept", line)


def _side(segments: Sequence[Segment], without: str) -> tuple[Segment, ...]:
    """One of the two texts, without empty lines around it."""
    side = [segment for segment in segments if segment.kind != without]
    while side and not side[0].text.strip("\n"):
        side.pop(0)
    while side and not side[-1].text.strip("\n"):
        side.pop()
    if side:
        side[0] = replace(side[0], text=side[0].text.lstrip("\n"))
        side[-1] = replace(side[-1], text=side[-1].text.rstrip("\n"))
    return tuple(side)
