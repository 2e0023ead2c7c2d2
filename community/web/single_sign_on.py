"""Logging in at the log-in provider: the way there, the way back, a nickname for those who are new, and log-out."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from community.accounts import sign_ons, single_sign_on
from community.accounts.registration import NicknameTaken
from community.accounts.rules import problem_with_mail
from community.accounts.sign_ons import Arrival, Vouched
from community.companies.claims import follow_claim
from community.companies.membership import get_person
from community.core import i18n, nicknames
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.nickname_ideas import nickname_idea
from community.core.rate_limits import TooMany
from community.http import oidc, sign_on_cookies, tries
from community.http.oidc import Proof, Provider, ProviderDown, Refused, Trip
from community.segments.attributes import set_account_attributes, set_company_attributes
from community.web.finishing import finish_log_in
from community.web.forms import read_form
from community.web.pages import redirect, safe_next, show, viewer_of
from community.web.parts import FormState, Link
from community.web.registration import (
    browser_of,
    keep_browser,
    reserved_names,
    state_without_passwords,
    without_a_copy,
)

logger = logging.getLogger(__name__)

PURPOSES = ("log-in", "link", "prove")
IDEAS = 3


@dataclass(frozen=True, slots=True)
class NoLogInPage:
    """Why the way over the provider did not lead in, and the ways on."""

    title: str
    text: str
    ways: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class NewcomerPage:
    """Somebody whom the provider vouches for and who has no account here."""

    form: FormState
    provider: str
    mail: str
    """Their address, where the provider has verified it; else they are asked for one."""
    mail_taken: bool
    ideas: tuple[Link, ...]
    """Nicknames by chance; each link fills the form."""
    nickname: str
    next: str


def provider() -> Provider:
    """The configured one. Raises NotFound where people log in with passwords alone."""
    found = oidc.provider()
    if found is None:
        raise NotFound
    return found


# --- there ------------------------------------------------------------------------------------------------


async def start(request: Request) -> Response:
    """To the provider. It writes nothing here: what has to be remembered is sealed in a cookie."""
    asked, viewer = provider(), viewer_of(request)
    wanted, purpose = safe_next(request.query_params.get("next")), request.query_params.get("for", "log-in")
    if purpose not in PURPOSES or (viewer.is_guest and purpose != "log-in"):
        purpose = "log-in"
    if request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        # No other site sends people through a log-in that they have not asked for.
        return redirect(f"/log-in?next={quote(wanted, safe='/')}")
    if viewer.is_member and purpose == "log-in":
        return redirect(wanted)
    trip = Trip.begin(purpose, wanted)
    try:
        url = await asked.start_url(trip)
    except ProviderDown as down:
        return await _show_down(request, down, wanted)
    response = RedirectResponse(url, status_code=303)
    sign_on_cookies.keep_trip(response, trip)
    return response


# --- and back ---------------------------------------------------------------------------------------------


async def answer(request: Request) -> Response:
    """What the provider sends people back with. It comes by GET, as that is how OpenID Connect does it: what makes
    it good for one log-in of this browser alone is the trip that began here."""
    asked, trip = provider(), sign_on_cookies.find_trip(request)
    given = dict(request.query_params.multi_items())
    if trip is None or len(given) != len(request.query_params.multi_items()):
        return await _show_refusal(request, Refused("no_trip"), "/")
    if given.get("state") != trip.state:
        # Perhaps somebody else's doing; the trip that began here goes on.
        return await _show_refusal(request, Refused("state"), trip.next)
    try:
        async with tries.sign_on_try(request) as one_try:
            await _use_up(trip.state)
            proof = await asked.finish(trip, given)
            one_try.succeeded()
        response = await _arrived(request, asked, trip, proof)
    except Refused as refused:
        response = await _show_refusal(request, refused, trip.next)
    except ProviderDown as down:
        response = await _show_down(request, down, trip.next)
    sign_on_cookies.end_trip(response)
    return response


async def _use_up(number: str) -> None:
    """Let what has this number be good for once, in all processes together. Raises Refused."""
    try:
        await tries.SIGN_ON_ANSWERS.take(number)
    except TooMany:
        raise Refused("used") from None


async def _arrived(request: Request, asked: Provider, trip: Trip, proof: Proof) -> Response:
    """Somebody is back, and the provider vouches for them."""
    vouched = sign_ons.read_claims(proof.claims, asked.choice, id_token=proof.id_token)
    viewer = viewer_of(request)
    if trip.purpose == "prove":
        if viewer.is_guest or not await single_sign_on.is_own_sign_on(viewer.id, vouched):
            raise Refused("somebody_else")
        response = redirect(trip.next)
        sign_on_cookies.keep_proof(request, response)
        return response
    if trip.purpose == "link" and viewer.is_member:
        response = redirect("/settings/sign-on")
        _keep_arrival(response, await sign_ons.keep_arrival(vouched))
        return response
    proved = await single_sign_on.log_in_by(vouched)
    token = await sign_ons.keep_arrival(vouched)
    if proved is None:
        response = redirect(f"/log-in/new?next={quote(trip.next, safe='/')}")
    else:
        if not proved.is_staff:
            await _take_over(proved.account.id, proved.account.member_id, vouched)
        response = await finish_log_in(request, proved, trip.next, arrival=token)
    _keep_arrival(response, token)
    return response


async def _take_over(account_id: int, member_id: int, vouched: Vouched) -> None:
    """Company and attributes as the provider says them now; what it says nothing about stays."""
    is_of_company = await follow_claim(account_id)
    said = {
        key: (values[0] if len(values) == 1 else list(values)) if values else None
        for key, values in vouched.attributes.items()
    }
    if said:
        company_id = (await get_person(member_id)).company_id
        # Each leaves out what is no attribute of its own.
        await set_account_attributes(account_id, said, "sign_on")
        if company_id is not None and is_of_company:
            await set_company_attributes(company_id, said, "sign_on")


def _keep_arrival(response: Response, token: str) -> None:
    sign_on_cookies.keep_arrival(response, token, int(sign_ons.ARRIVAL_LASTS.total_seconds()))


async def _show_refusal(request: Request, refused: Refused, wanted: str) -> Response:
    """One page for everything that is not believed; the log alone says what it was."""
    logger.info("sign-on refused", extra={"code": refused.code})
    texts = {
        "denied": _("You have not agreed there, so nothing happened here."),
        "somebody_else": _("You have logged in there as somebody else."),
        "not_proved_anew": _(
            "You were not asked there for your password. Please choose a password here first."
        ),
    }
    text = texts.get(refused.code, _("The log-in took too long, or it was used already. Please begin again."))
    return await _show_no_log_in(request, _("This did not work"), text, wanted, status=400)


async def _show_down(request: Request, down: ProviderDown, wanted: str) -> Response:
    logger.warning("the log-in provider does not answer", exc_info=down)
    text = _("%(provider)s does not answer at the moment. Please try again in some minutes.")
    response = await _show_no_log_in(
        request,
        _("Logging in there is not possible now"),
        text % {"provider": provider().choice.label},
        wanted,
        status=503,
    )
    response.headers["Retry-After"] = "60"
    return response


async def _show_no_log_in(request: Request, title: str, text: str, wanted: str, *, status: int) -> Response:
    target = quote(wanted, safe="/")
    ways: tuple[Link, ...] = (
        Link(_("Try again"), f"/log-in/provider?next={target}"),
        Link(_("Log in with your password"), f"/log-in?next={target}"),
    )
    if viewer_of(request).is_member:
        ways = (Link(_("Back to your settings"), "/settings"),)
    page = NoLogInPage(title, text, ways)
    return without_a_copy(await show(request, "accounts/no_log_in.html", page, status=status))


# --- those who are new ------------------------------------------------------------------------------------


async def show_newcomer_form(request: Request) -> Response:
    """Choose a nickname: nothing that the provider said becomes one."""
    arrival = await sign_ons.find_arrival(sign_on_cookies.arrival_token(request))
    wanted = safe_next(request.query_params.get("next"))
    if arrival is None:
        return redirect(f"/log-in?next={quote(wanted, safe='/')}")
    return await _show_newcomer_form(request, arrival, FormState(), wanted, status=200)


async def join(request: Request) -> Response:
    """Make the account at once where the provider has verified the address, else when its owner has confirmed it."""
    fields = await read_form(request)
    wanted, token = safe_next(fields.get("next")), sign_on_cookies.arrival_token(request)
    arrival = await sign_ons.find_arrival(token)
    if arrival is None:
        return redirect(f"/log-in?next={quote(wanted, safe='/')}")
    nickname, vouched = fields.get("nickname", "").strip(), arrival.vouched
    mail = vouched.mail or fields.get("mail", "").strip()
    judged = {
        "nickname": nicknames.problem_with(
            nickname,
            own_words=(*vouched.own_words, *([mail] if mail else ())),
            reserved_names=await reserved_names(request),
        ),
        "mail": problem_with_mail(mail),
    }
    problems = {name: problem for name, problem in judged.items() if problem}
    if not problems:
        await tries.REGISTRATIONS.take(tries.place_of(request))
        try:
            if vouched.mail:
                return await _join_at_once(request, arrival, nickname, token, wanted)
            return await _join_by_mail(request, arrival, nickname, mail)
        except (NicknameTaken, RuleBroken) as problem:
            problems = {"nickname": str(problem)}
    form = state_without_passwords(fields, problems)
    return await _show_newcomer_form(request, arrival, form, wanted, status=422)


async def _join_at_once(
    request: Request, arrival: Arrival, nickname: str, token: str, wanted: str
) -> Response:
    proved = await single_sign_on.open_account_by(arrival, nickname, language=i18n.language())
    await _take_over(proved.account.id, proved.account.member_id, arrival.vouched)
    response = await finish_log_in(request, proved, wanted, arrival=token)
    sign_on_cookies.end_arrival(response)
    return response


async def _join_by_mail(request: Request, arrival: Arrival, nickname: str, mail: str) -> Response:
    browser = browser_of(request)
    await single_sign_on.register_by(arrival, nickname, mail, language=i18n.language(), browser=browser)
    response = redirect("/register/sent")
    keep_browser(response, browser)
    sign_on_cookies.end_arrival(response)
    return response


async def _show_newcomer_form(
    request: Request, arrival: Arrival, form: FormState, wanted: str, *, status: int
) -> Response:
    target = quote(wanted, safe="/")
    ideas = dict.fromkeys(nickname_idea() for _each in range(IDEAS))
    page = NewcomerPage(
        form=form,
        provider=provider().choice.label,
        mail=arrival.vouched.mail,
        mail_taken=await single_sign_on.has_account(arrival.vouched),
        ideas=tuple(Link(idea, f"/log-in/new?next={target}&nickname={quote(idea)}") for idea in ideas),
        nickname=request.query_params.get("nickname", "")[: nicknames.LONGEST],
        next=wanted,
    )
    return without_a_copy(await show(request, "accounts/newcomer.html", page, status=status))


# --- log-out ----------------------------------------------------------------------------------------------


async def log_out_by_provider(request: Request) -> Response:
    """The provider's server says that somebody has logged out there (Back-Channel Logout 1.0)."""
    asked = provider()
    token = (await read_form(request)).get("logout_token", "")
    try:
        async with tries.sign_on_try(request, "log-out") as one_try:
            order = await asked.read_log_out(token)
            await _use_up(order.number)
            one_try.succeeded()
    except Refused as refused:
        logger.info("log-out refused", extra={"code": refused.code})
        return Response(status_code=400, headers={"Cache-Control": "no-store"})
    except ProviderDown:
        return Response(status_code=503, headers={"Cache-Control": "no-store"})
    await single_sign_on.end_sessions_by(asked.choice.issuer, order.subject, order.session)
    return Response(status_code=200, headers={"Cache-Control": "no-store"})
