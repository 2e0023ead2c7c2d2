"""The part of the URL map about reports of what is illegal, statements of reasons, objections, and their figures."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import (
    admin_transparency,
    appeals,
    decisions,
    moderation_notices,
    report_status,
    reporting,
)

NOTICE = "/moderation/notices/{notice_id:int}"
APPEAL = "/moderation/appeals/{appeal_id:int}"


def reporting_and_objecting() -> list[BaseRoute]:
    """Everything that the Digital Services Act asks for."""
    moderator, administrator = Access.MODERATOR, Access.ADMINISTRATOR
    return [
        get("/moderation/notices", moderation_notices.show_notices, "notices.list", moderator),
        get(NOTICE, moderation_notices.show_notice, "notices.show", moderator),
        post(NOTICE + "/decide", moderation_notices.decide_notice, "notices.decide", moderator),
        get("/moderation/appeals", appeals.show_appeals, "appeals.list", moderator),
        get(APPEAL, appeals.show_appeal, "appeals.show", moderator),
        post(APPEAL + "/decide", appeals.decide_appeal, "appeals.decide", moderator),
        post(
            "/decisions/{statement_id:int}/appeal",
            appeals.appeal_statement,
            "appeals.statement",
            Access.MEMBER,
        ),
        post(
            "/notices/{notice_id:int}/appeal", appeals.appeal_own_notice, "appeals.own_notice", Access.MEMBER
        ),
        post("/report/appeal", appeals.appeal_by_link, "appeals.by_link", Access.SCOPED),
        get("/admin/transparency", admin_transparency.show_transparency, "admin.transparency", administrator),
        get(
            "/admin/transparency/download",
            admin_transparency.download_transparency,
            "admin.download_transparency",
            administrator,
        ),
        get("/notices/{notice_id:int}", report_status.show_own, "reports.own", Access.MEMBER),
        get("/decisions/by-link", decisions.show_by_link, "decisions.by_link", Access.SCOPED),
        post(
            "/decisions/by-link/appeal",
            appeals.appeal_statement_by_link,
            "appeals.statement_by_link",
            Access.SCOPED,
        ),
        get("/report", reporting.show_report_form, "reports.form", Access.SCOPED),
        post("/report", reporting.send_report, "reports.send", Access.SCOPED),
        get("/report/status", report_status.show_status, "reports.status", Access.SCOPED),
        get("/decisions", decisions.list_decisions, "decisions.list", Access.MEMBER),
        get("/decisions/{statement_id:int}", decisions.show_decision, "decisions.show", Access.MEMBER),
    ]
