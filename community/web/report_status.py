"""How a report stands: for whoever holds the link of a guest's report, and for the member who has made one."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.i18n import full_date
from community.core.i18n import gettext as _
from community.moderation.appeal_queries import find_appeal_of_notice
from community.moderation.appeals import can_still_appeal
from community.moderation.models import FlagState
from community.moderation.notice_queries import NoticeRow, get_notice_by_token, get_own_notice
from community.web.objections import Objection, objection
from community.web.pages import Head, path_id, show, viewer_of
from community.web.parts import FormState
from community.web.registration import without_a_copy
from community.web.reporting import kind_name


@dataclass(frozen=True, slots=True)
class ReportStatusPage:
    reference: str
    facts: tuple[tuple[str, str], ...]
    state: str
    is_open: bool
    reason: str
    objection: Objection
    link: str
    """The secret address of this page, for guests to keep."""


async def show_status(request: Request) -> Response:
    """Opens with the secret of the link alone. Whoever holds it may be anybody, so nothing typed is shown."""
    token = request.query_params.get("token", "")
    return await show_status_of(request, await get_notice_by_token(token), token=token)


async def show_own(request: Request) -> Response:
    notice = await get_own_notice(path_id(request, "notice_id"), viewer_of(request))
    return await show_status_of(request, notice)


async def show_status_of(
    request: Request,
    notice: NoticeRow,
    *,
    token: str = "",
    form: FormState | None = None,
    status: int = 200,
) -> Response:
    """The page of a report that its caller has found for its reader."""
    page = ReportStatusPage(
        reference=notice.reference,
        facts=(
            (_("Reference"), notice.reference),
            (_("What was reported"), notice.url),
            (_("What is wrong with it"), kind_name(notice.kind)),
            (_("Received"), full_date(notice.knew_at)),
            *(((_("Decided"), full_date(notice.dealt_at)),) if notice.dealt_at else ()),
        ),
        state=_state(notice),
        is_open=notice.state == FlagState.OPEN,
        reason=notice.reason,
        objection=objection(
            await find_appeal_of_notice(notice.id),
            url="/report/appeal" if token else f"/notices/{notice.id}/appeal",
            is_possible=can_still_appeal(notice.dealt_at),
            form=form or FormState(),
            token=token,
        ),
        link=f"/report/status?token={token}" if token else "",
    )
    head = Head(robots="noindex, nofollow")
    return without_a_copy(await show(request, "reports/status.html", page, head, status=status))


def _state(notice: NoticeRow) -> str:
    if notice.state == FlagState.OPEN:
        return _("Your report has arrived. A person looks at it, as soon as possible.")
    if notice.state == FlagState.DISMISSED:
        return _("We have looked at it and do not agree. It stays as it is.")
    return outcomes().get(notice.measure, _("We agree with your report."))


def outcomes() -> dict[str, str]:
    """What followed from a report, in words for whoever has made it."""
    return {
        "hide": _("We agree with your report. Nobody but the moderators can read it any more."),
        "lock": _("We agree with your report. Nobody can go on writing there."),
        "note": _("We agree with your report. Whoever wrote it has been told."),
        "withdraw": _("We agree with your report. The entry is withdrawn."),
    }
