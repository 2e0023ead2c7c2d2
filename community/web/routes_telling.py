"""The part of the URL map about being told: notifications, what is wanted of them, news on an open page, mails."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import following, live, mail_links, notification_settings, notifications

MEMBER, PUBLIC = Access.MEMBER, Access.PUBLIC
LINK = "opened by a link of a mail, whoever holds it"


def telling() -> list[BaseRoute]:
    """The bell and what lies behind it."""
    one, chosen = "/notifications/{notification_id:int}", "/settings/notifications"
    return [
        get("/live", live.stream_news, "live.stream", Access.SCOPED),
        get("/notifications", notifications.show_notifications, "notifications.list", MEMBER),
        post("/notifications/read", notifications.mark_all_read, "notifications.read_all", MEMBER),
        get(one, notifications.follow_notification, "notifications.follow", MEMBER),
        post(one, notifications.open_notification, "notifications.open", MEMBER),
        get(chosen, notification_settings.show_choices, "settings.notifications", MEMBER),
        post(chosen, notification_settings.choose, "settings.choose_notifications", MEMBER),
        post(
            "/settings/notifications/confirm-address",
            mail_links.ask_confirmation,
            "settings.ask_confirmation",
            MEMBER,
        ),
        get("/settings/following", following.show_following, "settings.following", MEMBER),
        post("/spaces/{slug}/wish", following.choose_for_space, "spaces.wish", MEMBER),
        post("/tags/{name}/wish", following.choose_for_tag, "tags.wish", MEMBER),
        get("/mails/stop", mail_links.show_stop_form, "mails.stop_form", PUBLIC, LINK),
        post("/mails/stop", mail_links.stop, "mails.stop", PUBLIC, LINK),
        get("/mails/confirm-address", mail_links.show_confirm_form, "mails.confirm_form", PUBLIC, LINK),
        post("/mails/confirm-address", mail_links.confirm_address, "mails.confirm_address", PUBLIC, LINK),
    ]
