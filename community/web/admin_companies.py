"""Administration of customer organisations: names, domains, the first who acts for one. Never who belongs to it,
and no figure of how many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.rules import problem_with_mail
from community.companies import actions, invitations, queries
from community.companies.actions import CompanyWish
from community.companies.permissions import can_manage_companies
from community.companies.queries import CompanyDetails
from community.companies.rules import (
    LONGEST_NAME,
    LONGEST_NUMBER,
    SIZE_CLASSES,
    JoiningBy,
    problem_with_domain,
)
from community.core import i18n
from community.core.errors import RuleBroken, authorize
from community.core.i18n import gettext as _
from community.http import tries
from community.segments import attributes
from community.segments.definitions import (
    Definition,
    NotAValue,
    Value,
    decimal_sign,
    list_definitions,
    read_value,
)
from community.segments.models import Kind, Subject
from community.web.admin import admin_crumbs
from community.web.company_colleagues import joining_choices
from community.web.forms import check_length, read_form
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, Link, Pager, numbered_pager

URL = "/admin/companies"
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class CompaniesPage:
    crumbs: tuple[Crumb, ...]
    query: str
    companies: tuple[Link, ...]
    pager: Pager
    new_url: str


@dataclass(frozen=True, slots=True)
class DomainRow:
    name: str
    remove_url: str


@dataclass(frozen=True, slots=True)
class AdminCompanyPage:
    crumbs: tuple[Crumb, ...]
    heading: str
    url: str
    form: FormState
    sizes: tuple[Choice, ...]
    joining: tuple[Choice, ...]
    button: str
    is_new: bool
    domains: tuple[DomainRow, ...]
    domain_form: FormState
    invite_form: FormState
    attributes: tuple[AttributeField, ...]
    attribute_form: FormState


@dataclass(frozen=True, slots=True)
class AttributeField:
    """An attribute of the company in the form."""

    name: str
    label: str
    hint: str
    choices: tuple[Choice, ...]
    """Empty where it is typed."""


def size_names() -> dict[str, str]:
    """What the size classes of companies are called."""
    return {"": _("not known"), "small": _("small"), "medium": _("medium"), "large": _("large")}


def _url(company_id: int) -> str:
    return f"{URL}/{company_id}"


async def list_companies(request: Request) -> Response:
    query = request.query_params.get("q", "").strip()[:LONGEST_NAME]
    found = await queries.list_companies(query)
    last = max(1, -(-len(found) // PAGE_SIZE))
    typed = request.query_params.get("page", "")
    number = min(last, max(1, int(typed))) if typed.isascii() and typed.isdecimal() and len(typed) < 6 else 1
    page = CompaniesPage(
        crumbs=admin_crumbs(),
        query=query,
        companies=tuple(
            Link(name, _url(company_id))
            for company_id, name in found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
        ),
        pager=numbered_pager(number, last, base=f"{URL}?q={quote(query)}" if query else URL),
        new_url=f"{URL}/new",
    )
    return await show(request, "admin/companies.html", page, Head(section="admin"))


async def show_new_form(request: Request) -> Response:
    return await _show(request, None, form=FormState({"joining": str(JoiningBy.APPROVAL)}))


async def make_company(request: Request) -> Response:
    authorize(can_manage_companies(viewer_of(request)))
    fields = dict(await read_form(request))
    errors = _check(fields)
    if errors:
        return await _show(request, None, form=FormState(fields, tuple(errors)), status=422)
    company_id = await actions.make_company(_wish(fields), by=viewer_of(request))
    return redirect(_url(company_id), notice="saved")


async def show_company(request: Request) -> Response:
    return await _show(request, await _load(request))


async def change_company(request: Request) -> Response:
    company, fields = await _load(request), dict(await read_form(request))
    errors = _check(fields)
    if errors:
        return await _show(request, company, form=FormState(fields, tuple(errors)), status=422)
    await actions.change_company(company.id, _wish(fields), by=viewer_of(request))
    return redirect(_url(company.id), notice="saved")


async def add_domain(request: Request) -> Response:
    company, fields = await _load(request), dict(await read_form(request))
    typed = fields.get("domain", "")
    problem = problem_with_domain(typed)
    if problem is None:
        try:
            await actions.add_domain(company.id, typed, by=viewer_of(request))
            return redirect(_url(company.id), notice="saved")
        except RuleBroken as broken:
            problem = str(broken)
    form = FormState(fields, (FieldError("domain", problem),))
    return await _show(request, company, domain_form=form, status=422)


async def remove_domain(request: Request) -> Response:
    company = await _load(request)
    await actions.remove_domain(company.id, path_id(request, "domain_id"), by=viewer_of(request))
    return redirect(_url(company.id), notice="saved")


async def set_attributes(request: Request) -> Response:
    """What staff know of the company; an emptied field is forgotten."""
    company, fields = await _load(request), dict(await read_form(request))
    read: dict[str, Value | None] = {}
    errors = []
    for definition in await _definitions():
        typed = fields.get(f"attribute_{definition.key}", "").strip()
        try:
            read[definition.key] = read_value(definition, typed, decimal=decimal_sign()) if typed else None
        except NotAValue as problem:
            errors.append(FieldError(f"attribute_{definition.key}", str(problem)))
    if errors:
        form = FormState(fields, tuple(errors))
        return await _show(request, company, attribute_form=form, status=422)
    await attributes.enter_company_attributes(company.id, read, by=viewer_of(request))
    return redirect(_url(company.id), notice="saved")


async def _definitions() -> list[Definition]:
    """Those that are no part of the form above."""
    return [one for one in await list_definitions(Subject.COMPANY) if not one.is_built_in]


async def _attribute_fields() -> tuple[AttributeField, ...]:
    return tuple(
        AttributeField(
            name=f"attribute_{one.key}",
            label=one.label,
            hint=_("Several are separated by commas.") if one.kind == Kind.CHOICES else "",
            choices=_attribute_choices(one),
        )
        for one in await _definitions()
    )


def _attribute_choices(definition: Definition) -> tuple[Choice, ...]:
    unknown = Choice("", _("not known"))
    if definition.kind == Kind.YES_NO:
        return (unknown, Choice("yes", _("yes")), Choice("no", _("no")))
    if definition.kind == Kind.CHOICE:
        named = (Choice(value, definition.choice_label(value)) for value, *_names in definition.choices)
        return (unknown, *named)
    return ()


async def _attribute_values(company: CompanyDetails) -> FormState:
    kept, values = await attributes.get_company_values(company.id), {}
    for one in await _definitions():
        if one.key in kept:
            value = kept[one.key][0]
            is_chosen = one.kind == Kind.CHOICE
            values[f"attribute_{one.key}"] = (
                ("yes" if value else "no")
                if isinstance(value, bool)
                else str(value)
                if is_chosen
                else one.shown(value)
            )
    return FormState(values)


async def invite_administrator(request: Request) -> Response:
    """The same answer for every address."""
    company, fields = await _load(request), dict(await read_form(request))
    mail = fields.get("mail", "").strip()
    problem = problem_with_mail(mail)
    if problem:
        form = FormState(fields, (FieldError("mail", problem),))
        return await _show(request, company, invite_form=form, status=422)
    viewer = viewer_of(request)
    await tries.INVITATIONS.take(viewer.id)
    await invitations.invite_first_administrator(company.id, mail, by=viewer, language=i18n.language())
    return redirect(_url(company.id), notice="invited")


async def _load(request: Request) -> CompanyDetails:
    company = await queries.get_company(path_id(request, "company_id"))
    authorize(can_manage_companies(viewer_of(request)))
    return company


def _check(fields: Mapping[str, str]) -> list[FieldError]:
    errors = check_length("name", fields.get("name", ""), least=2, most=LONGEST_NAME)
    errors += check_length("contract_number", fields.get("contract_number", ""), least=0, most=LONGEST_NUMBER)
    for field, choices in (("size_class", set(SIZE_CLASSES)), ("joining", set(map(str, JoiningBy)))):
        if fields.get(field, "") not in choices:
            errors.append(FieldError(field, _("Please choose one of these.")))
    return errors


def _wish(fields: Mapping[str, str]) -> CompanyWish:
    return CompanyWish(
        name=fields["name"],
        contract_number=fields.get("contract_number", ""),
        size_class=fields.get("size_class", ""),
        joining=JoiningBy(fields["joining"]),
    )


def _values(company: CompanyDetails) -> FormState:
    return FormState(
        {
            "name": company.name,
            "contract_number": company.contract_number,
            "size_class": company.size_class,
            "joining": str(company.joining),
        }
    )


async def _show(
    request: Request,
    company: CompanyDetails | None,
    *,
    form: FormState | None = None,
    domain_form: FormState | None = None,
    invite_form: FormState | None = None,
    attribute_form: FormState | None = None,
    status: int = 200,
) -> Response:
    url = _url(company.id) if company else f"{URL}/new"
    page = AdminCompanyPage(
        crumbs=admin_crumbs(Crumb(_("Companies"), URL)),
        heading=company.name if company else _("New company"),
        url=url,
        form=form or (_values(company) if company else FormState()),
        sizes=tuple(Choice(value, label) for value, label in size_names().items()),
        joining=tuple(Choice(value, label, hint) for value, (label, hint) in joining_choices().items()),
        button=_("Save") if company else _("Add company"),
        is_new=company is None,
        domains=tuple(
            DomainRow(name, f"{url}/domains/{domain_id}/remove")
            for domain_id, name in (company.domains if company else ())
        ),
        domain_form=domain_form or FormState(),
        invite_form=invite_form or FormState(),
        attributes=await _attribute_fields() if company else (),
        attribute_form=attribute_form or (await _attribute_values(company) if company else FormState()),
    )
    return await show(request, "admin/company.html", page, Head(section="admin"), status=status)
