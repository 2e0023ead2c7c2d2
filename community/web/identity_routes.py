"""A part of the table of contents: the second half of a log-in, second factors, one's own company."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import company as own_company
from community.web import company_colleagues, log_in_code, passkeys
from community.web import second_factors as factors

PUBLIC, MEMBER = Access.PUBLIC, Access.MEMBER


def company(link: str) -> list[BaseRoute]:
    """One's own company, and what its administrators do for it."""
    own, colleagues = "/settings/company", "/settings/company/colleagues"
    return [
        get("/join", own_company.show_invitation, "company.invitation", PUBLIC, link),
        post("/join", own_company.accept_invitation, "company.accept", MEMBER),
        get(own, own_company.show_company, "settings.company", MEMBER),
        post(f"{own}/join", own_company.join_by_domain, "settings.join_company", MEMBER),
        post(f"{own}/code", own_company.use_code, "settings.company_code", MEMBER),
        post(f"{own}/take-back", own_company.take_request_back, "settings.take_company_request_back", MEMBER),
        post(f"{own}/leave", own_company.leave_company, "settings.leave_company", MEMBER),
        post(f"{own}/step-down", own_company.step_down, "settings.step_down", MEMBER),
        get(colleagues, company_colleagues.show_colleagues, "settings.colleagues", MEMBER),
        post(f"{colleagues}/invite", company_colleagues.invite, "settings.invite_colleague", MEMBER),
        post(f"{colleagues}/codes", company_colleagues.make_code, "settings.make_company_code", MEMBER),
        post(
            f"{colleagues}/invitations/{{invitation_id:int}}/end",
            company_colleagues.end_invitation,
            "settings.end_invitation",
            MEMBER,
        ),
        post(
            f"{colleagues}/waiting/{{joining_id:int}}/approve",
            company_colleagues.approve,
            "settings.approve_colleague",
            MEMBER,
        ),
        post(
            f"{colleagues}/waiting/{{joining_id:int}}/refuse",
            company_colleagues.refuse,
            "settings.refuse_colleague",
            MEMBER,
        ),
        post(f"{colleagues}/offboard", company_colleagues.offboard, "settings.offboard_colleague", MEMBER),
        post(f"{colleagues}/domains", company_colleagues.choose_joining, "settings.company_domains", MEMBER),
    ]


def second_step() -> list[BaseRoute]:
    """The second half of a log-in."""
    half = "shows what the half log-in of this browser opens"
    return [
        get("/log-in/code", log_in_code.show_code_form, "log_in.code_form", PUBLIC, half),
        post("/log-in/code", log_in_code.enter_code, "log_in.code", PUBLIC, half),
        get("/log-in/set-up", log_in_code.show_set_up, "log_in.set_up_form", PUBLIC, half),
        get("/log-in/code/passkey", passkeys.show_as_second, "log_in.second_passkey_form", PUBLIC, half),
        post("/log-in/code/passkey", passkeys.use_as_second, "log_in.second_passkey", PUBLIC, half),
        post("/log-in/passkey", passkeys.begin_log_in, "log_in.begin_passkey", PUBLIC, half),
        get("/log-in/passkey", passkeys.show_log_in, "log_in.passkey_form", PUBLIC, half),
        post("/log-in/passkey/answer", passkeys.log_in, "log_in.passkey", PUBLIC, half),
        post("/log-in/set-up", log_in_code.set_up, "log_in.set_up", PUBLIC, half),
    ]


def second_factors() -> list[BaseRoute]:
    """What members set for their log-in besides the password."""
    own, own_name = "/settings/second-factor", "settings.second_factor"
    one = f"{own}/passkeys/{{passkey_id:int}}/remove"
    return [
        get(own, factors.show_second_factors, own_name, MEMBER),
        get(f"{own}/app", factors.show_app_form, "settings.app_form", MEMBER),
        post(f"{own}/app", factors.begin_app, "settings.begin_app", MEMBER),
        get(f"{own}/app/scan", factors.show_scan, "settings.scan_app", MEMBER),
        post(f"{own}/app/scan", factors.confirm_app, "settings.confirm_app", MEMBER),
        get(f"{own}/app/remove", factors.show_remove_app_form, "settings.remove_app_form", MEMBER),
        post(f"{own}/app/remove", factors.remove_app, "settings.remove_app", MEMBER),
        get(f"{own}/passkeys/new", passkeys.show_new_form, "settings.new_passkey_form", MEMBER),
        post(f"{own}/passkeys/new", passkeys.begin_new, "settings.begin_passkey", MEMBER),
        get(f"{own}/passkeys/make", passkeys.show_make_form, "settings.make_passkey_form", MEMBER),
        post(f"{own}/passkeys/make", passkeys.make_passkey, "settings.make_passkey", MEMBER),
        get(one, passkeys.show_remove_form, "settings.remove_passkey_form", MEMBER),
        post(one, passkeys.remove_passkey, "settings.remove_passkey", MEMBER),
        get(f"{own}/codes", factors.show_renew_form, "settings.renew_codes_form", MEMBER),
        post(f"{own}/codes", factors.renew_codes, "settings.renew_codes", MEMBER),
        post(f"{own}/codes/file", factors.download_codes, "settings.download_codes", MEMBER),
    ]
