"""What members do with all of their data: take it with them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.accounts import actions
from community.core.clock import now
from community.core.i18n import gettext as _
from community.http import tries
from community.personal_data.download import make_archive
from community.web.forms import read_form
from community.web.pages import show, templates_of, viewer_of
from community.web.parts import FilterLink, FormState
from community.web.registration import state_without_passwords, without_a_copy
from community.web.settings import settings_tabs


@dataclass(frozen=True, slots=True)
class OwnDataPage:
    tabs: tuple[FilterLink, ...]
    form: FormState


async def show_own_data(request: Request) -> Response:
    return await _show_own_data(request, FormState(), status=200)


async def download(request: Request) -> Response:
    """The file at once, after the password: whoever finds a browser open gets nothing."""
    viewer, fields = viewer_of(request), await read_form(request)
    await tries.OWN_PASSWORD.take(viewer.id)
    if not await actions.is_own_password(viewer.id, fields.get("password", "")):
        form = state_without_passwords(fields, {"password": _("This is not your password.")})
        return await _show_own_data(request, form, status=422)
    await tries.DOWNLOADS.take(viewer.id)
    archive = await make_archive(viewer, templates_of(request).theme.site.name)
    headers = {"Content-Disposition": f'attachment; filename="data-{now():%Y-%m-%d}.zip"'}
    return without_a_copy(Response(archive, media_type="application/zip", headers=headers))


async def _show_own_data(request: Request, form: FormState, *, status: int) -> Response:
    return await show(request, "settings/data.html", OwnDataPage(settings_tabs("data"), form), status=status)
