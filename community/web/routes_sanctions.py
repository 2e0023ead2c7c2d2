"""The part of the URL map about sanctions: for staff who keep order, and for the member concerned."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import moderation_members, own_sanctions

MODERATOR = Access.MODERATOR
PERSON, SANCTION = "/moderation/members/{nickname}", "/moderation/sanctions/{sanction_id:int}"


def sanctions() -> list[BaseRoute]:
    return [
        get("/moderation/sanctions", moderation_members.list_holding, "sanctions.list", MODERATOR),
        get(PERSON, moderation_members.show_member, "moderation.member", MODERATOR),
        get(f"{PERSON}/sanction", moderation_members.show_impose_form, "sanctions.form", MODERATOR),
        post(f"{PERSON}/sanction", moderation_members.impose, "sanctions.impose", MODERATOR),
        get(f"{SANCTION}/change", moderation_members.show_change_form, "sanctions.change_form", MODERATOR),
        post(f"{SANCTION}/change", moderation_members.change, "sanctions.change", MODERATOR),
        get(f"{SANCTION}/lift", moderation_members.show_lift_form, "sanctions.lift_form", MODERATOR),
        post(f"{SANCTION}/lift", moderation_members.lift, "sanctions.lift", MODERATOR),
        get("/settings/sanctions", own_sanctions.show_own_sanctions, "settings.sanctions", Access.MEMBER),
    ]
