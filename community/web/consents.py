"""Consent to marketing: given in the settings, confirmed by mail, withdrawn there or by the link of any mail."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from community.accounts import consents
from community.accounts.consents import ConsentRecord, Purpose
from community.accounts.links import LinkEnded
from community.core import i18n
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.http import tries
from community.settings import settings
from community.web.forms import read_form
from community.web.pages import Head, redirect, show, templates_of, viewer_of
from community.web.parts import FilterLink
from community.web.registration import show_link_ended, without_a_copy
from community.web.settings import settings_tabs


@dataclass(frozen=True, slots=True)
class PurposeView:
    name: str
    title: str
    text: str
    state: str
    """ "none", "given", "unconfirmed" or "withdrawn"."""
    since: str
    give_url: str
    withdraw_url: str


@dataclass(frozen=True, slots=True)
class ConsentsPage:
    tabs: tuple[FilterLink, ...]
    purposes: tuple[PurposeView, ...]
    mail_box_url: str
    """Development only."""
    has_history: bool


@dataclass(frozen=True, slots=True)
class ConsentLinkPage:
    """A button, because programs that scan mails open every link."""

    title: str
    text: str
    token: str
    url: str
    button: str


@dataclass(frozen=True, slots=True)
class WithdrawnPage:
    title: str


def purposes(operator: str) -> dict[Purpose, tuple[str, str]]:
    """Each purpose with its title, and the words that one agrees to, in the reader's language."""
    company = {"company": operator}
    return {
        Purpose.NEWS: (
            _("News and offers by mail"),
            _(
                "I agree that %(company)s sends me news and offers about its products by mail, chosen by what the "
                "company I belong to uses. I can withdraw this at any time, by one click in every mail or in my "
                "settings."
            )
            % company,
        ),
        Purpose.MESSAGES: (
            _("Offers in the community"),
            _(
                "I agree that %(company)s shows me offers as notifications in the community, chosen by what the "
                "company I belong to uses. I can withdraw this at any time in my settings."
            )
            % company,
        ),
        Purpose.SURVEYS: (
            _("Surveys"),
            _(
                "I agree that %(company)s invites me by mail to surveys and interviews about its products. I can "
                "withdraw this at any time, by one click in every mail or in my settings."
            )
            % company,
        ),
    }


def _purposes_of(request: Request) -> dict[Purpose, tuple[str, str]]:
    return purposes(templates_of(request).theme.site.operator)


async def show_consents(request: Request) -> Response:
    records = await consents.list_own_consents(viewer_of(request).id)
    page = ConsentsPage(
        tabs=settings_tabs("consents"),
        purposes=tuple(
            _view(purpose, title, text, records) for purpose, (title, text) in _purposes_of(request).items()
        ),
        mail_box_url="/dev/mail" if settings.development else "",
        has_history=bool(records),
    )
    return await show(request, "settings/consents.html", page)


def _view(purpose: Purpose, title: str, text: str, records: list[ConsentRecord]) -> PurposeView:
    own = [record for record in records if record.purpose == purpose]
    # The one that stands says more than a newer one that waits.
    latest = next((record for record in own if record.state == "given"), own[0] if own else None)
    state = latest.state if latest else "none"
    dates = {"given": latest and latest.confirmed_at, "withdrawn": latest and latest.withdrawn_at}
    moment = dates.get(state)
    return PurposeView(
        name=purpose,
        title=title,
        # What was agreed to stays as it was said, even where the text has changed since.
        text=latest.text if latest and state == "given" else text,
        state=state,
        since=i18n.long_date(moment) if moment else "",
        give_url="" if state == "given" else f"/settings/consents/{purpose}/give",
        withdraw_url=f"/settings/consents/{purpose}/withdraw" if state in ("given", "unconfirmed") else "",
    )


def _purpose(request: Request) -> Purpose:
    name = request.path_params["purpose"]
    if name not in set(Purpose):
        raise NotFound
    return Purpose(name)


async def give_consent(request: Request) -> Response:
    """Only the ticked box says yes; the button alone does not."""
    purpose, viewer = _purpose(request), viewer_of(request)
    fields = await read_form(request)
    if not fields.get("agree"):
        return redirect("/settings/consents")
    await tries.CONSENTS.take(viewer.id)
    await consents.ask_consent(
        viewer.id,
        purpose,
        text=_purposes_of(request)[purpose][1],
        language=i18n.language(),
        source="/settings/consents",
        place=tries.place_of(request),
    )
    return redirect("/settings/consents", notice="consent-asked")


async def withdraw_consent(request: Request) -> Response:
    await consents.withdraw_consent(viewer_of(request).id, _purpose(request))
    return redirect("/settings/consents", notice="consent-withdrawn")


async def export_proof(request: Request) -> Response:
    """Everything that is recorded about one's own consents, as a file."""
    records = await consents.list_own_consents(viewer_of(request).id)
    rows = [
        {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in asdict(one).items()
        }
        for one in records
    ]
    headers = {"Content-Disposition": 'attachment; filename="consents.json"'}
    return without_a_copy(JSONResponse({"consents": rows}, headers=headers))


# --- links of mails ---------------------------------------------------------------------------------------


async def show_confirm_form(request: Request) -> Response:
    token = request.query_params.get("token", "")
    record = await consents.find_asked(token)
    if record is None:
        return await show_link_ended(request, LinkEnded())
    page = ConsentLinkPage(
        title=_("Confirm your consent"),
        text=record.text,
        token=token,
        url="/consents/confirm",
        button=_("I agree"),
    )
    return without_a_copy(await show(request, "accounts/consent.html", page, Head(robots="noindex")))


async def confirm_consent(request: Request) -> Response:
    token = (await read_form(request)).get("token", "")
    try:
        await consents.confirm_consent(token, place=tries.place_of(request))
    except LinkEnded as ended:
        return await show_link_ended(request, ended)
    return redirect("/settings/consents" if viewer_of(request).is_member else "/", notice="consent-given")


async def show_unsubscribe_form(request: Request) -> Response:
    token = request.query_params.get("token", "")
    record = await consents.find_unsubscribing(token)
    if record is None:
        return await show_link_ended(request, LinkEnded())
    page = ConsentLinkPage(
        title=_("No more of these mails"),
        text=_("One click, and your consent is withdrawn. You need not log in."),
        token=token,
        url="/unsubscribe",
        button=_("Withdraw consent"),
    )
    return without_a_copy(await show(request, "accounts/consent.html", page, Head(robots="noindex")))


async def unsubscribe(request: Request) -> Response:
    """From the page's form, or straight from a mail program (RFC 8058): then the token stands in the address."""
    fields = await read_form(request)
    token = fields.get("token") or request.query_params.get("token", "")
    try:
        await consents.withdraw_by_link(token)
    except LinkEnded as ended:
        return await show_link_ended(request, ended)
    page = WithdrawnPage(_("Your consent is withdrawn"))
    return without_a_copy(
        await show(request, "accounts/consent_withdrawn.html", page, Head(robots="noindex"))
    )
