"""Asking again who somebody is, before what must not be done by whoever finds a browser open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request

from community.accounts import actions
from community.accounts.queries import has_password
from community.accounts.sign_ons import has_sign_on
from community.core.i18n import gettext as _
from community.http import oidc, sign_on_cookies, tries
from community.web.pages import viewer_of


@dataclass(frozen=True, slots=True)
class OwnProof:
    """How a form asks: for the password, or for a log-in at the provider, where there is no password."""

    is_given: bool
    """Within the last minutes; nothing needs to be asked."""
    by_password: bool
    provider: str
    """What the provider is called; empty where it leads to no proof."""
    provider_url: str
    """Leads there, and back to the form."""


async def own_proof(request: Request, back: str) -> OwnProof:
    """How the form at the path `back` asks its viewer."""
    viewer = viewer_of(request)
    by_password = await has_password(viewer.id)
    provider = oidc.provider()
    label = provider.choice.label if provider and not by_password and await has_sign_on(viewer.id) else ""
    return OwnProof(
        is_given=not by_password and sign_on_cookies.has_proof(request),
        by_password=by_password,
        provider=label,
        provider_url=f"/log-in/provider?for=prove&next={quote(back, safe='')}" if label else "",
    )


async def problem_with_proof(request: Request, fields: Mapping[str, str]) -> dict[str, str]:
    """Empty for whoever has proved who they are: by the password in `fields`, or at the log-in provider just now.

    Else the field and the sentence to show. Raises TooMany.
    """
    viewer = viewer_of(request)
    if not await has_password(viewer.id):
        if sign_on_cookies.has_proof(request):
            return {}
        return {"proof": _("Please confirm first that it is you.")}
    await tries.OWN_PASSWORD.take(viewer.id)
    if await actions.is_own_password(viewer.id, fields.get("password", "")):
        return {}
    return {"password": _("This is not your password.")}
