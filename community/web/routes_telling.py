"""The part of the URL map about being told: notifications, what one wants to hear of, news on an open page."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import following, live, notification_settings, notifications

SCOPED, MEMBER = Access.SCOPED, Access.MEMBER


def telling() -> list[BaseRoute]:
    """The bell and what lies behind it."""
    return [
        get("/live", live.stream_news, "live.stream", SCOPED),
        get("/notifications", notifications.show_notifications, "notifications.list", MEMBER),
        post("/notifications/read", notifications.mark_all_read, "notifications.read_all", MEMBER),
        post(
            "/notifications/{notification_id:int}",
            notifications.open_notification,
            "notifications.open",
            MEMBER,
        ),
        get("/settings/notifications", notification_settings.show_choices, "settings.notifications", MEMBER),
        post(
            "/settings/notifications", notification_settings.choose, "settings.choose_notifications", MEMBER
        ),
        get("/settings/following", following.show_following, "settings.following", MEMBER),
        post("/spaces/{slug}/wish", following.choose_for_space, "spaces.wish", MEMBER),
        post("/tags/{name}/wish", following.choose_for_tag, "tags.wish", MEMBER),
    ]
