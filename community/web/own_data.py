"""What members do with all of their data: take it with them, and have it erased."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import IO

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from community.attachments.storage import CHUNK
from community.core import i18n
from community.core.clock import now
from community.core.i18n import gettext as _
from community.http import sessions, tries
from community.personal_data.download import write_archive
from community.personal_data.erasure import erase_member
from community.settings import settings
from community.web.forms import read_form
from community.web.pages import redirect, show, templates_of, viewer_of
from community.web.parts import Choice, FilterLink, FormState
from community.web.proofs import OwnProof, own_proof, problem_with_proof
from community.web.registration import state_without_passwords, without_a_copy
from community.web.settings import settings_tabs


@dataclass(frozen=True, slots=True)
class OwnDataPage:
    tabs: tuple[FilterLink, ...]
    form: FormState
    proof: OwnProof


async def show_own_data(request: Request) -> Response:
    return await _show_own_data(request, FormState(), status=200)


async def download(request: Request) -> Response:
    """The file at once, after the password: whoever finds a browser open gets nothing."""
    viewer, fields = viewer_of(request), await read_form(request)
    problems = await problem_with_proof(request, fields)
    if problems:
        return await _show_own_data(request, state_without_passwords(fields, problems), status=422)
    await tries.DOWNLOADS.take(viewer.id)
    # On the disk, because it holds the member's files, and gone with the last piece that was sent.
    archive = await run_sync(tempfile.TemporaryFile)
    try:
        await write_archive(viewer, templates_of(request).theme.site.name, archive)
        size = archive.tell()
        archive.seek(0)
    except BaseException:
        archive.close()
        raise
    headers = {
        "Content-Disposition": f'attachment; filename="data-{now():%Y-%m-%d}.zip"',
        "Content-Length": str(size),
    }
    return without_a_copy(StreamingResponse(_pieces(archive), media_type="application/zip", headers=headers))


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while piece := await run_sync(file.read, CHUNK):
            yield piece


async def _show_own_data(request: Request, form: FormState, *, status: int) -> Response:
    page = OwnDataPage(settings_tabs("data"), form, await own_proof(request, "/settings/data"))
    return await show(request, "settings/data.html", page, status=status)


# --- erasing ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ErasePage:
    tabs: tuple[FilterLink, ...]
    form: FormState
    choices: tuple[Choice, ...]
    """What becomes of one's posts."""
    proof: OwnProof


async def show_erase_form(request: Request) -> Response:
    return await _show_erase_form(request, FormState(), status=200)


async def erase(request: Request) -> Response:
    """The end of the account, after the password and a box that was ticked by hand."""
    viewer, fields = viewer_of(request), await read_form(request)
    problems = {}
    if not fields.get("confirmed"):
        problems["confirmed"] = _("Please confirm that nothing can be brought back.")
    problems |= await problem_with_proof(request, fields)
    if problems:
        return await _show_erase_form(request, state_without_passwords(fields, problems), status=422)
    await erase_member(viewer, with_texts=fields.get("texts") == "erase", language=i18n.language())
    response = redirect("/", notice="erased")
    for name, path in ((sessions.cookie_name(), "/"), (tries.KNOWN_BROWSER, "/log-in")):
        response.delete_cookie(name, path=path, secure=settings.is_https, httponly=True, samesite="lax")
    return response


async def _show_erase_form(request: Request, form: FormState, *, status: int) -> Response:
    choices = (
        Choice(
            "keep",
            _("My posts stay, under “former member”"),
            _("Others go on finding the answers. Nobody can tell any more which posts belong together."),
            selected=True,
        ),
        Choice(
            "erase",
            _("The texts of my posts are erased too"),
            _("A short note stands in their place. Answers of others stay, also where they quote you."),
        ),
    )
    proof = await own_proof(request, "/settings/data/erase")
    page = ErasePage(settings_tabs("data"), form, choices, proof)
    return await show(request, "settings/erase.html", page, status=status)
