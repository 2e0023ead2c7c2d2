"""Administration of attributes: what can be known of companies and people, for the rules that fill groups."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.segments import actions
from community.segments.actions import AttributeWish
from community.segments.definitions import (
    Definition,
    NotAValue,
    checked_choices,
    get_definition,
    kind_names,
    list_definitions,
    subject_names,
)
from community.segments.models import Kind, Subject
from community.segments.permissions import can_manage_attributes
from community.web.admin import admin_crumbs
from community.web.forms import check_length, read_form
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState

URL = "/admin/attributes"
LONGEST_LABEL = 80
LONGEST_KEY = 40
_KEY = re.compile(r"[a-z][a-z0-9_]{1,39}")
_LISTS = (Kind.CHOICE, Kind.CHOICES)


@dataclass(frozen=True, slots=True)
class AttributeLine:
    label: str
    url: str
    key: str
    subject: str
    kind: str


@dataclass(frozen=True, slots=True)
class AttributesPage:
    crumbs: tuple[Crumb, ...]
    attributes: tuple[AttributeLine, ...]
    new_url: str
    import_url: str
    segments_url: str


@dataclass(frozen=True, slots=True)
class AttributePage:
    crumbs: tuple[Crumb, ...]
    heading: str
    url: str
    form: FormState
    is_new: bool
    kind: str
    """The name of the kind, which stays; empty for a new one."""
    key: str
    subject: str
    has_choices: bool
    kinds: tuple[Choice, ...]
    subjects: tuple[Choice, ...]
    remove_url: str
    problem: str
    """Why it could not be removed."""


async def list_attributes(request: Request) -> Response:
    kinds, subjects = kind_names(), subject_names()
    page = AttributesPage(
        crumbs=admin_crumbs(),
        attributes=tuple(
            AttributeLine(
                label=one.label,
                url="" if one.is_built_in else f"{URL}/{one.key}",
                key=one.key,
                subject=subjects[one.subject],
                kind=kinds[one.kind],
            )
            for one in await list_definitions()
        ),
        new_url=f"{URL}/new",
        import_url=f"{URL}/import",
        segments_url="/admin/segments",
    )
    return await show(request, "admin/attributes.html", page, Head(section="admin"))


async def show_new_form(request: Request) -> Response:
    values = {"subject": str(Subject.COMPANY), "kind": str(Kind.CHOICE)}
    return await _show(request, None, FormState(values))


async def make_attribute(request: Request) -> Response:
    authorize(can_manage_attributes(viewer_of(request)))
    fields = dict(await read_form(request))
    errors = _check_new(fields)
    errors += _check(fields, has_choices=fields.get("kind") in _LISTS)
    if not errors:
        try:
            await actions.make_attribute(
                fields["key"].strip(),
                _wish(fields, has_choices=fields["kind"] in _LISTS),
                subject=Subject(fields["subject"]),
                kind=Kind(fields["kind"]),
                by=viewer_of(request),
            )
            return redirect(URL, notice="saved")
        except RuleBroken as broken:
            errors = [FieldError("key", str(broken))]
    return await _show(request, None, FormState(fields, tuple(errors)), status=422)


async def show_attribute(request: Request) -> Response:
    definition = await _load(request)
    return await _show(request, definition, _values(definition))


async def change_attribute(request: Request) -> Response:
    definition, fields = await _load(request), dict(await read_form(request))
    has_choices = definition.kind in _LISTS
    errors = _check(fields, has_choices=has_choices)
    if not errors:
        try:
            await actions.change_attribute(
                definition, _wish(fields, has_choices=has_choices), by=viewer_of(request)
            )
            return redirect(URL, notice="saved")
        except RuleBroken as broken:
            errors = [FieldError("choices", str(broken))]
    return await _show(request, definition, FormState(fields, tuple(errors)), status=422)


async def remove_attribute(request: Request) -> Response:
    definition = await _load(request)
    try:
        await actions.remove_attribute(definition, by=viewer_of(request))
    except RuleBroken as broken:
        return await _show(request, definition, _values(definition), problem=str(broken), status=409)
    return redirect(URL, notice="saved")


async def _load(request: Request) -> Definition:
    definition = await get_definition(request.path_params["key"])
    if definition.is_built_in:
        raise NotFound
    authorize(can_manage_attributes(viewer_of(request)))
    return definition


def _check_new(fields: Mapping[str, str]) -> list[FieldError]:
    errors = []
    if not _KEY.fullmatch(fields.get("key", "").strip()):
        errors.append(
            FieldError(
                "key", _("Small letters, digits and underscores; the first is a letter, two at least.")
            )
        )
    for field, possible in (("subject", set(map(str, Subject))), ("kind", set(map(str, Kind)))):
        if fields.get(field) not in possible:
            errors.append(FieldError(field, _("Please choose one of these.")))
    return errors


def _check(fields: Mapping[str, str], *, has_choices: bool) -> list[FieldError]:
    errors = [
        error
        for name in ("label_de", "label_en")
        for error in check_length(name, fields.get(name, ""), least=2, most=LONGEST_LABEL)
    ]
    if has_choices:
        try:
            checked_choices(fields.get("choices", "").split("\n"))
        except NotAValue as problem:
            errors.append(FieldError("choices", str(problem)))
    return errors


def _wish(fields: Mapping[str, str], *, has_choices: bool) -> AttributeWish:
    choices = checked_choices(fields.get("choices", "").split("\n")) if has_choices else []
    return AttributeWish(fields["label_de"], fields["label_en"], choices)


def _values(definition: Definition) -> FormState:
    return FormState(
        {
            "label_de": definition.label_de,
            "label_en": definition.label_en,
            "choices": "\n".join(" = ".join(choice) for choice in definition.choices),
        }
    )


async def _show(
    request: Request,
    definition: Definition | None,
    form: FormState,
    *,
    problem: str = "",
    status: int = 200,
) -> Response:
    url = f"{URL}/{definition.key}" if definition else f"{URL}/new"
    page = AttributePage(
        crumbs=admin_crumbs(Crumb(_("Attributes"), URL)),
        heading=definition.label if definition else _("New attribute"),
        url=url,
        form=form,
        is_new=definition is None,
        kind=kind_names()[definition.kind] if definition else "",
        key=definition.key if definition else "",
        subject=subject_names()[definition.subject] if definition else "",
        has_choices=definition is None or definition.kind in _LISTS,
        kinds=tuple(Choice(value, label) for value, label in kind_names().items()),
        subjects=tuple(Choice(value, label) for value, label in subject_names().items()),
        remove_url=f"{url}/remove" if definition else "",
        problem=problem,
    )
    return await show(request, "admin/attribute.html", page, Head(section="admin"), status=status)
