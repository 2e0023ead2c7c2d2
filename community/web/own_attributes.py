"""What is known of oneself and one's company for the rules that fill groups, and the groups one has left."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.segments.attributes import list_own_values
from community.segments.definitions import source_name, subject_names
from community.segments.filling import come_back
from community.segments.segments import list_left_groups
from community.web.pages import path_id, redirect, show, viewer_of
from community.web.parts import FilterLink
from community.web.settings import settings_tabs


@dataclass(frozen=True, slots=True)
class AttributeRow:
    label: str
    value: str
    subject: str
    source: str


@dataclass(frozen=True, slots=True)
class LeftGroup:
    name: str
    come_back_url: str


@dataclass(frozen=True, slots=True)
class OwnAttributesPage:
    tabs: tuple[FilterLink, ...]
    attributes: tuple[AttributeRow, ...]
    left: tuple[LeftGroup, ...]


async def show_own_attributes(request: Request) -> Response:
    viewer, subjects = viewer_of(request), subject_names()
    page = OwnAttributesPage(
        tabs=settings_tabs("attributes"),
        attributes=tuple(
            AttributeRow(
                label=own.definition.label,
                value=own.definition.shown(own.value),
                subject=subjects[own.definition.subject],
                source=source_name(own.source),
            )
            for own in await list_own_values(viewer.id)
        ),
        left=tuple(
            LeftGroup(name, f"/settings/attributes/groups/{group_id}/come-back")
            for group_id, name in await list_left_groups(viewer.id)
        ),
    )
    return await show(request, "settings/attributes.html", page)


async def come_back_to_group(request: Request) -> Response:
    """Let a rule put one into a group again that one has left."""
    await come_back(viewer_of(request).id, path_id(request, "group_id"))
    return redirect("/settings/attributes", notice="group-again")
