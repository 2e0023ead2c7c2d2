"""Administration of spaces: the list in its order, the form of a new one and of an existing one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import fields as dataclass_fields

from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.errors import RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.i18n import number
from community.core.viewer import Viewer
from community.decisions.targets import list_targets, set_targets
from community.groups.queries import GroupView, list_groups
from community.spaces import actions
from community.spaces.actions import ICONS, LONGEST_NAME, LONGEST_PURPOSE, SpaceDraft
from community.spaces.models import SpaceAccess, SpaceKind
from community.spaces.permissions import can_manage_spaces
from community.spaces.queries import (
    FourEyes,
    SpaceCard,
    find_four_eyes,
    find_space,
    list_groups_of_space,
)
from community.web.admin import admin_crumbs
from community.web.admin_targets import TargetFields, read_targets, target_fields, target_values
from community.web.forms import check_length, read_form
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState


@dataclass(frozen=True, slots=True)
class SpaceLine:
    name: str
    url: str
    kind: str
    access: str
    """"open", "members" or "exclusive"."""
    access_name: str
    thread_count: str
    earlier_url: str
    """Empty for the first one."""
    later_url: str


@dataclass(frozen=True, slots=True)
class SpacesPage:
    crumbs: tuple[Crumb, ...]
    spaces: tuple[SpaceLine, ...]
    new_url: str


@dataclass(frozen=True, slots=True)
class SpaceFormPage:
    url: str
    heading: str
    crumbs: tuple[Crumb, ...]
    form: FormState
    kinds: tuple[Choice, ...]
    access: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    icons: tuple[Choice, ...]
    groups: tuple[Choice, ...]
    targets: tuple[TargetFields, ...]
    """How long things may wait there; empty for a new space, where the usual holds."""
    button: str
    show_url: str
    """The space itself; empty for a new one."""


def kind_names() -> dict[str, str]:
    return {
        SpaceKind.QUESTIONS: _("Questions"),
        SpaceKind.DISCUSSIONS: _("Discussions"),
        SpaceKind.IDEAS: _("Ideas"),
        SpaceKind.BLOG: _("Blog"),
    }


def access_names() -> dict[str, tuple[str, str]]:
    """Each kind of access with what it means."""
    return {
        SpaceAccess.OPEN: (_("Open"), _("Everyone on the internet reads, members write.")),
        SpaceAccess.MEMBERS: (_("Members only"), _("All members read and write, guests do not.")),
        SpaceAccess.EXCLUSIVE: (_("Exclusive"), _("Only members of the groups below read and write.")),
    }


def icon_names() -> dict[str, str]:
    """What is to be seen on each picture of `ICONS`."""
    names = {
        "messages-square": _("Speech bubbles"),
        "router": _("Router"),
        "network": _("Network"),
        "cloud": _("Cloud"),
        "phone": _("Telephone"),
        "smartphone": _("Mobile phone"),
        "headset": _("Headset"),
        "shield": _("Shield"),
        "receipt": _("Receipt"),
        "building-2": _("Building"),
        "lightbulb": _("Light bulb"),
        "megaphone": _("Megaphone"),
        "newspaper": _("Newspaper"),
        "lock": _("Padlock"),
        "users": _("People"),
        "handshake": _("Handshake"),
    }
    return {name: names[name] for name in ICONS}


# --- the list ---------------------------------------------------------------------------------------------


async def list_spaces(request: Request) -> Response:
    spaces: tuple[SpaceCard, ...] = request.state.spaces
    last = len(spaces) - 1
    page = SpacesPage(
        crumbs=admin_crumbs(),
        spaces=tuple(_line(space, place, last) for place, space in enumerate(spaces)),
        new_url="/admin/spaces/new",
    )
    return await show(request, "admin/spaces.html", page, Head(section="admin"))


def _line(space: SpaceCard, place: int, last: int) -> SpaceLine:
    url = f"/admin/spaces/{space.slug}"
    return SpaceLine(
        name=space.name,
        url=url,
        kind=kind_names()[space.kind],
        access=space.access,
        access_name=access_names()[space.access][0],
        thread_count=number(space.thread_count),
        earlier_url=f"{url}/earlier" if place > 0 else "",
        later_url=f"{url}/later" if place < last else "",
    )


async def shift_earlier(request: Request) -> Response:
    return await _shift(request, earlier=True)


async def shift_later(request: Request) -> Response:
    return await _shift(request, earlier=False)


async def _shift(request: Request, *, earlier: bool) -> Response:
    space = _load(request)
    await actions.shift_space(space.id, earlier=earlier)
    return redirect("/admin/spaces", notice="saved")


def _load(request: Request) -> SpaceCard:
    authorize(can_manage_spaces(viewer_of(request)))
    return find_space(request.state.spaces, request.path_params["slug"])


# --- forms ------------------------------------------------------------------------------------------------


async def show_new_form(request: Request) -> Response:
    values = {
        "kind": SpaceKind.QUESTIONS,
        "access": SpaceAccess.MEMBERS,
        "language": i18n.language(),
        "icon": ICONS[0],
    }
    return await _show_form(request, None, FormState({name: str(value) for name, value in values.items()}))


async def make_space(request: Request) -> Response:
    viewer = viewer_of(request)
    authorize(can_manage_spaces(viewer))
    fields = dict(await read_form(request))
    draft, errors = await _read(fields, viewer)
    if draft is None:
        return await _show_form(request, None, FormState(fields, tuple(errors)), status=422)
    try:
        slug = await actions.make_space(draft, by=viewer)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("name", str(error)),))
        return await _show_form(request, None, form, status=409)
    return redirect(f"/admin/spaces/{slug}", notice="saved")


async def show_space_form(request: Request) -> Response:
    space = _load(request)
    groups = await list_groups_of_space(space.id)
    values = {
        "name": space.name,
        "purpose": space.purpose,
        "kind": space.kind,
        "access": space.access,
        "language": space.language,
        "icon": space.icon,
        **{f"group-{group_id}": "1" for group_id in groups},
        **{name: "1" for name, waits in asdict(await find_four_eyes(space.id)).items() if waits},
        **target_values(await list_targets(space.id)),
    }
    return await _show_form(request, space, FormState(values))


async def change_space(request: Request) -> Response:
    viewer, space = viewer_of(request), _load(request)
    fields = dict(await read_form(request))
    draft, errors = await _read(fields, viewer)
    targets, wrong = read_targets(fields)
    if draft is None or wrong:
        errors += wrong
        return await _show_form(request, space, FormState(fields, tuple(errors)), status=422)
    try:
        await actions.change_space(space.id, draft, by=viewer)
        await set_targets(space.id, targets)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("", str(error)),))
        return await _show_form(request, space, form, status=409)
    return redirect(f"/admin/spaces/{space.slug}", notice="saved")


async def _read(fields: Mapping[str, str], viewer: Viewer) -> tuple[SpaceDraft | None, list[FieldError]]:
    """What the form says about the space, or what is wrong with it."""
    errors = check_length("name", fields.get("name", ""), least=2, most=LONGEST_NAME)
    errors += check_length("purpose", fields.get("purpose", ""), least=0, most=LONGEST_PURPOSE)
    choices: dict[str, set[str]] = {
        "kind": {*SpaceKind},
        "access": {*SpaceAccess},
        "language": set(i18n.languages()),
        "icon": set(ICONS),
    }
    for name, possible in choices.items():
        if fields.get(name) not in possible:
            errors.append(FieldError(name, _("Please choose one of these.")))
    groups = frozenset(
        group.id for group in await list_groups(viewer) if fields.get(f"group-{group.id}") == "1"
    )
    if fields.get("access") == SpaceAccess.EXCLUSIVE and not groups:
        errors.append(
            FieldError("access", _("Choose at least one group whose members read the exclusive space."))
        )
    if errors:
        return None, errors
    return (
        SpaceDraft(
            name=fields["name"],
            purpose=fields.get("purpose", ""),
            kind=SpaceKind(fields["kind"]),
            access=SpaceAccess(fields["access"]),
            language=fields["language"],
            icon=fields["icon"],
            group_ids=groups,
            four_eyes=FourEyes(
                **{each.name: fields.get(each.name) == "1" for each in dataclass_fields(FourEyes)}
            ),
        ),
        [],
    )


async def _show_form(
    request: Request, space: SpaceCard | None, form: FormState, *, status: int = 200
) -> Response:
    viewer = viewer_of(request)
    names = i18n.language_names()
    page = SpaceFormPage(
        url=f"/admin/spaces/{space.slug}" if space else "/admin/spaces/new",
        heading=space.name if space else _("New space"),
        crumbs=admin_crumbs(Crumb(_("Spaces"), "/admin/spaces")),
        form=form,
        kinds=tuple(Choice(value, label) for value, label in kind_names().items()),
        access=tuple(Choice(value, label, hint) for value, (label, hint) in access_names().items()),
        languages=tuple(Choice(code, name) for code, name in names.items()),
        icons=tuple(Choice(name, label) for name, label in icon_names().items()),
        groups=tuple(_group_choice(group) for group in await list_groups(viewer)),
        targets=target_fields() if space else (),
        button=_("Save") if space else _("Create space"),
        show_url=f"/spaces/{space.slug}" if space else "",
    )
    return await show(request, "admin/space.html", page, Head(section="admin"), status=status)


def _group_choice(group: GroupView) -> Choice:
    hint = (
        _("Closed: with this group alone the space is hidden from all others.")
        if group.access == "closed"
        else _("Others see the space as a locked tile.")
    )
    return Choice(f"group-{group.id}", group.name, hint)
