"""The addresses under which a secret could shine through: one entry for each route that shows anything.

A route that is in the application's table and not in here fails a test, so nobody adds a page without thinking of
who may see it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from community.core.pagination import Cursor
from tests.access.worlds import MARKER, World

Probe = Callable[[World], list[str]]
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def _searches(world: World) -> list[str]:
    words = ("router", MARKER, "restarted router", "Closed circle")
    filters = ("", "&status=solved", "&sort=newest", "&tag=routers", "&kind=people")
    return [f"/search?q={word}{extra}" for word in words for extra in filters] + [
        "/search",
        "/search?tag=routers",
    ]


def _threads(world: World) -> list[str]:
    known = [f"/threads/{thread.thread_id}" for thread in world.threads.values()]
    return [*known, *world.urls]


def _open_threads(world: World) -> list[str]:
    titles = {
        "open": "thread-about-routers-in-open",
        "talk": "thread-about-routers-in-talk",
        "blog": "news-about-routers",
    }
    pages = [f"/threads/{world.threads[name].thread_id}-{slug}" for name, slug in titles.items()]
    return [f"{page}{extra}" for page in pages for extra in ("", "?order=newest", "?order=kudos", "?page=2")]


def _posts(ending: str = "") -> Probe:
    return lambda world: [
        f"/posts/{post}{ending}"
        for post in [*world.posts, *(thread.opening_id for thread in world.threads.values())]
    ]


def _spaces(world: World) -> list[str]:
    slugs = [space.slug for space in world.cast.spaces]
    filters = (
        "",
        "?filter=solved",
        "?filter=unanswered",
        "?filter=open",
        "?tag=routers",
        f"?tag={MARKER.lower()}",
    )
    return [f"/spaces/{slug}{extra}" for slug in slugs for extra in filters]


def _members(world: World) -> list[str]:
    return [
        f"/members/{name}"
        for name in ("Asker", "Helper", "Colleague", "Outsider", "jana", "tom", "mia", "Nobody")
    ]


PROBES: dict[str, Probe] = {
    "home": lambda world: ["/", "/?filter=unanswered", "/?filter=solved", "/?filter=following"],
    "spaces.list": lambda world: ["/spaces"],
    "spaces.show": _spaces,
    "experts.choose": lambda world: [
        f"/threads/{thread}/experts"
        for thread in [*world.thread_ids, *(known.thread_id for known in world.threads.values())]
    ],
    "experts.list": lambda world: [f"/spaces/{space.slug}/experts" for space in world.cast.spaces],
    "threads.show": _open_threads,
    "threads.short": _threads,
    "posts.show": _posts(),
    "posts.history": _posts("/history"),
    "posts.edit_form": _posts("/edit"),
    "attachments.show": lambda world: [f"/attachments/{each}/plan.png" for each in world.attachments],
    "attachments.small": lambda world: [f"/attachments/{each}/small/plan.png" for each in world.attachments],
    "search.show": _searches,
    "search.suggestions": lambda world: [
        f"/search/suggestions?q={w}" for w in ("rou", MARKER[:6], "modem", "Hel", "Closed")
    ],
    "ask.form": lambda world: [
        "/ask",
        "/ask?title=router",
        "/ask?title=router+restart",
        f"/ask?title={MARKER}+router",
    ],
    "ask.solved": lambda world: (
        [
            f"/ask/solved?by=thread-{number}"
            for number in [*world.thread_ids, *(thread.thread_id for thread in world.threads.values())]
        ]
        + [f"/ask/solved?by=faq-{entry}" for entry in [*world.entries.values(), *world.entry_ids]]
    ),
    "blog.show": lambda world: ["/blog"],
    "ideas.done": lambda world: [
        "/ideas/done",
        "/ideas/done?space=wishes",
        "/spaces/wishes",
        "/spaces/wishes?status=done&order=newest",
    ],
    "ideas.answer_form": lambda world: [
        f"/threads/{thread}/idea"
        for thread in [*world.thread_ids, *(known.thread_id for known in world.threads.values())]
    ],
    "ranking.show": lambda world: [
        "/ranking",
        "/ranking?period=90",
        "/ranking?period=365",
        "/ranking?period=all",
    ],
    "members.show": _members,
    "members.suggest": lambda world: ["/members/suggestions?q=He", "/members/suggestions?q=Zw"],
    "groups.list": lambda world: ["/groups"],
    "groups.show": lambda world: ["/groups/closed-circle", "/groups/pilot-users"],
    "groups.manage": lambda world: ["/groups/closed-circle/manage", "/groups/pilot-users/manage"],
    "groups.invitation": lambda world: ["/groups/closed-circle/invitation", "/groups/pilot-users/invitation"],
    "asker.reminder": lambda world: ["/reminder", "/reminder?token=nothing"],
    "asker.satisfaction": lambda world: ["/satisfaction", "/satisfaction?token=nothing"],
    "groups.link": lambda world: ["/group-invitation", "/group-invitation?token=nothing"],
    "posts.givers": _posts("/kudos"),
    "flags.form": _posts("/flag"),
    "faq.list": lambda world: ["/faq", "/faq?q=router"],
    "faq.category": lambda world: ["/faq/routers", "/faq/nothing"],
    "faq.show": lambda world: [
        f"/faq/{entry}-how-do-i-restart-the-router" for entry in world.entries.values()
    ],
    "faq.stuck": lambda world: [
        f"/faq/{entry}/stuck?to={to}" for entry in world.entries.values() for to in ("search", "ask")
    ],
    "faq.short": lambda world: [f"/faq/{entry}" for entry in [*world.entries.values(), *world.entry_ids]],
    # Feeds and sitemaps are the guest's view for everybody, which makes them public; a secret could still reach them.
    "feeds.latest": lambda world: ["/feeds/latest.atom"],
    "feeds.ideas": lambda world: ["/feeds/ideas.atom"],
    "feeds.blog": lambda world: ["/feeds/blog.atom"],
    "feeds.space": lambda world: [f"/feeds/spaces/{space.slug}.atom" for space in world.cast.spaces],
    "feeds.thread": lambda world: [
        f"/feeds/threads/{thread.thread_id}.atom" for thread in world.threads.values()
    ],
    "faq.feed": lambda world: [
        "/feeds/faq.json",
        "/feeds/faq.json?since=0&size=1",
        "/feeds/faq.json?language=en&category=modems",
    ],
    "faq.embed": lambda world: [
        "/embed/faq",
        "/embed/faq?category=modems",
        "/embed/faq?subject=routers&language=en",
        "/embed/faq?q=router",
    ],
    "sitemaps.index": lambda world: ["/sitemap.xml"],
    "live.stream": lambda world: (
        ["/live", f"/live?last={Cursor(LONG_AGO, 0)}"]
        + [
            f"/live?thread={number}&after={Cursor(LONG_AGO, 0)}"
            for number in [*world.thread_ids, *(thread.thread_id for thread in world.threads.values())]
        ]
    ),
    "reports.form": lambda world: ["/report", *(f"/report?url=/posts/{post}" for post in world.posts)],
    "reports.status": lambda world: ["/report/status", "/report/status?token=nothing"],
    "decisions.by_link": lambda world: ["/decisions/by-link", "/decisions/by-link?token=1.nothing"],
    "decisions.show": lambda world: ["/decisions/1"],
    "notifications.list": lambda world: ["/notifications"],
    "notifications.follow": lambda world: ["/notifications/1"],
    "waiting.show": lambda world: [f"/waiting/{text}" for text in [*world.text_ids, 4711]],
    "mails.stop_form": lambda world: ["/mails/stop", "/mails/stop?token=nothing&about=all"],
    "mails.confirm_form": lambda world: ["/mails/confirm-address?token=nothing"],
}

# Pages on which members see their own things only; nobody else's can be asked for, whatever stands in the address.
OWN_THINGS: dict[str, str] = {
    "reports.own": "one's own report",
    "decisions.list": "what was decided about oneself",
    "settings": "leads on",
    "settings.profile": "one's own nickname",
    "waiting.list": "one's own texts",
    "settings.privacy": "one's own choices",
    "settings.notifications": "one's own choices",
    "settings.following": "what one follows, as far as one may read it",
    "settings.password": "a form",
    "settings.second_factor": "one's own factors",
    "settings.app_form": "a form",
    "settings.scan_app": "one's own secret, after the password",
    "settings.remove_app_form": "a form",
    "settings.renew_codes_form": "a form",
    "settings.new_passkey_form": "a form",
    "settings.make_passkey_form": "what one's own passkey will sign",
    "settings.remove_passkey_form": "a form",
    "settings.mail": "one's own address",
    "settings.sign_on": "one's own link with the log-in provider",
    "settings.company": "one's own company",
    "settings.colleagues": "those who act for a company, about it alone",
    "settings.attributes": "what is known of oneself and one's company",
    "settings.consents": "one's own consents",
    "settings.consents_proof": "one's own consents",
    "settings.sessions": "one's own sessions",
    "acceptance.question": "what the site asks everybody to accept",
    "settings.sanctions": "what was decided about oneself",
    "settings.language": "one's own choice",
    "settings.data": "a form",
    "settings.erase_form": "a form",
}
