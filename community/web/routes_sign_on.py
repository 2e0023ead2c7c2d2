"""The part of the URL map that is there for the log-in provider."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http import oidc
from community.http.route import Access, get, post
from community.web import settings_sign_on, single_sign_on


def sign_on_routes() -> list[BaseRoute]:
    """Logging in at the log-in provider of the configuration; not found where there is none."""
    own, back = "/settings/sign-on", "what the browser's own cookies open"
    log_out = "the provider's server, which proves itself by its signature"
    return [
        get(
            "/log-in/provider",
            single_sign_on.start,
            "sign_on.start",
            Access.PUBLIC,
            "leads to the log-in provider",
        ),
        get(oidc.ANSWER_PATH, single_sign_on.answer, "sign_on.answer", Access.PUBLIC, back),
        post(
            "/log-in/provider/log-out",
            single_sign_on.log_out_by_provider,
            "sign_on.log_out",
            Access.PUBLIC,
            log_out,
        ),
        get("/log-in/new", single_sign_on.show_newcomer_form, "sign_on.newcomer_form", Access.PUBLIC, back),
        post("/log-in/new", single_sign_on.join, "sign_on.join", Access.PUBLIC, back),
        get(own, settings_sign_on.show_sign_on, "settings.sign_on", Access.MEMBER),
        post(f"{own}/link", settings_sign_on.link, "settings.link_sign_on", Access.MEMBER),
        post(f"{own}/unlink", settings_sign_on.unlink, "settings.unlink_sign_on", Access.MEMBER),
    ]
