"""One address of every page type there is, with who looks at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from zoneinfo import ZoneInfo

from tests.browser.demo_site import DemoSite
from tests.browser.preparations import LONG_THREAD, flagged_posts

ARTICLE = "von-der-idee-zur-sms-wie-aus-15-stimmen-eine-stoerungsmeldung-wurde"
IDEA = "bei-einer-stoerung-am-standort-eine-sms-an-die-ansprechpartner-schicken"
SOLVED = "feste-ipv4-adresse-nach-der-umstellung-auf-glasfaser-business-verschwunden"


@dataclass(frozen=True, slots=True)
class PageType:
    name: str
    path: str
    part: str = ""
    """Who looks: a part of the demo log-ins, or nobody in particular."""
    status: int = 200
    press: str = ""
    """A button that is pressed first, so that the form comes back with its errors."""


def page_types(site: DemoSite) -> list[PageType]:
    """Every page type, in the order in which people meet them."""
    return [*_for_guests(site), *_for_members(site), *_for_staff(site)]


def _thread(site: DemoSite, slug: str) -> str:
    return f"/threads/{site.value('SELECT id FROM threads WHERE slug = ?', slug)}-{slug}"


def _notes(site: DemoSite) -> str:
    noted = site.value("SELECT thread_id FROM staff_notes WHERE thread_id IS NOT NULL LIMIT 1")
    return f"/moderation/threads/{noted}/notes"


def _post_notes(site: DemoSite) -> str:
    noted = site.value("SELECT post_id FROM staff_notes WHERE post_id IS NOT NULL LIMIT 1")
    return f"/moderation/posts/{noted}/notes"


def _announced(site: DemoSite) -> str:
    """The version of the terms that the demo company announces; its address ends with its number."""
    day = site.value(
        "SELECT valid_from FROM site_text_versions WHERE page = 'terms' ORDER BY version DESC LIMIT 1"
    )
    moment = datetime.fromisoformat(str(day)).astimezone(ZoneInfo("Europe/Berlin"))
    return f"/pages/terms/{moment.date().isoformat()}-2"


def _proposal(site: DemoSite) -> str:
    """The open proposal with the largest effect."""
    return str(site.value("SELECT id FROM faq_proposals WHERE state = 'open' ORDER BY effect DESC LIMIT 1"))


def _entry(site: DemoSite, state: str) -> tuple[int, str]:
    """Id and slug of the first FAQ entry in this state."""
    found = site.rows(
        "SELECT id, slug FROM faq_entries WHERE state = ? ORDER BY created_at, id LIMIT 1", state
    )[0]
    return int(found[0]), str(found[1])


def _released(site: DemoSite, language: str = "%") -> tuple[int, str]:
    """Id and slug of the first FAQ entry that readers see and that is no translation. Rather one in which nothing has
    to be checked; where texts were changed behind the back of the worker, it soon finds none of these."""
    found = site.rows(
        "SELECT id, slug FROM faq_entries WHERE state IN ('published', 'check') AND language LIKE ? "
        "AND original_id IS NULL ORDER BY state DESC, created_at, id LIMIT 1",
        language,
    )[0]
    return int(found[0]), str(found[1])


def _waiting(site: DemoSite, kind: str) -> str:
    """The first text of this kind that waits for release."""
    return str(site.value("SELECT id FROM waiting_texts WHERE kind = ? ORDER BY submitted_at LIMIT 1", kind))


def _sanction(site: DemoSite) -> str:
    """The writing ban of the demo community."""
    return str(site.value("SELECT id FROM sanctions WHERE kind = 'mute'"))


def _open_notice(site: DemoSite) -> str:
    """One about a nickname, an item of the queue for itself."""
    return str(site.value("SELECT id FROM notices WHERE state = 'open' AND flag_id IS NULL"))


def _canned(site: DemoSite) -> str:
    return str(site.value("SELECT id FROM canned_answers LIMIT 1"))


def _rule(site: DemoSite) -> str:
    return str(site.value("SELECT id FROM holding_rules WHERE kind = 'words' LIMIT 1"))


def _for_guests(site: DemoSite) -> list[PageType]:
    entry_id, entry_slug = _released(site)
    article = site.value(
        "SELECT threads.slug FROM threads JOIN spaces ON spaces.id = threads.space_id "
        "WHERE spaces.kind = 'blog' ORDER BY threads.created_at LIMIT 1"
    )
    category = site.value("SELECT slug FROM faq_categories WHERE language = 'de' ORDER BY position LIMIT 1")
    expert, staff = site.people()["expert"]["nickname"], site.people()["moderator"]["nickname"]
    return [
        PageType("home", "/"),
        PageType("spaces", "/spaces"),
        PageType("space", "/spaces/internet-glasfaser"),
        PageType("space-experts", "/spaces/internet-glasfaser/experts"),
        PageType("locked-space", "/spaces/grosskundenforum"),
        PageType("ideas", "/spaces/ideen"),
        PageType("ideas-done", "/ideas/done"),
        PageType("idea", _thread(site, IDEA)),
        PageType("thread", _thread(site, SOLVED)),
        PageType("thread-long", _thread(site, LONG_THREAD)),
        PageType("search-hits", f"/search?q={quote('feste ip')}"),
        PageType("search-none", "/search?q=quittenmarmelade"),
        PageType("search-empty", "/search"),
        PageType("faq", "/faq"),
        PageType("faq-category", f"/faq/{category}"),
        PageType("faq-embedded", "/embed/faq?theme=light"),
        PageType("faq-entry", f"/faq/{entry_id}-{entry_slug}"),
        PageType("faq-not-helped", f"/faq/{entry_id}-{entry_slug}?answered=no"),
        PageType("profile", f"/members/{expert}"),
        PageType("profile-staff", f"/members/{staff}"),
        PageType("ranking", "/ranking"),
        PageType("groups", "/groups"),
        PageType("group", "/groups/praxisnetz"),
        PageType("blog", "/blog"),
        PageType("blog-article", _thread(site, article)),
        PageType("log-in", "/log-in"),
        PageType("log-in-errors", "/log-in", press="form.form button[type=submit]"),
        PageType("register", "/register"),
        PageType("register-errors", "/register", press="form.form button[type=submit]"),
        PageType("register-sent", "/register/sent"),
        PageType("forgotten-password", "/forgotten-password"),
        PageType("link-ended", "/confirm?token=gone", status=410),
        PageType("company-link-ended", "/join?token=gone", status=410),
        PageType("consent-link-ended", "/consents/confirm?token=gone", status=410),
        PageType("unsubscribe-ended", "/unsubscribe?token=gone", status=410),
        PageType("group-link-guest", "/group-invitation?token=gone"),
        PageType("report", "/report?url=/posts/1"),
        PageType("report-errors", "/report", press="form.form button[type=submit]"),
        PageType("legal", "/pages/privacy"),
        PageType("imprint", "/pages/imprint"),
        PageType("terms", "/pages/terms"),
        PageType("terms-announced", _announced(site)),
        PageType("not-found", "/threads/1-gone", status=404),
        PageType("mail-box", "/dev/mail"),
    ]


def _for_members(site: DemoSite) -> list[PageType]:
    own = site.value(
        "SELECT posts.id FROM posts JOIN revisions ON revisions.post_id = posts.id "
        "JOIN members ON members.id = posts.author_id WHERE members.nickname = ? "
        "ORDER BY posts.created_at DESC LIMIT 1",
        site.people()["small"]["nickname"],
    )
    flagged = flagged_posts(site)[1]
    question = quote("Warum ist die feste IP-Adresse nach der Umstellung weg?")
    personal = site.people()["small"]["nickname"]
    solved = site.value("SELECT id FROM threads WHERE slug = ?", SOLVED)
    waiting = site.value(
        "SELECT threads.id FROM threads JOIN members ON members.id = threads.author_id "
        "JOIN experts ON experts.space_id = threads.space_id "
        "WHERE members.nickname = ? AND threads.status <> 'solved' ORDER BY threads.id LIMIT 1",
        personal,
    )
    return [
        PageType("home-member", "/", "small"),
        PageType("home-followed", "/?filter=following", "small"),
        PageType("thread-member", _thread(site, SOLVED), "small"),
        PageType("thread-long-member", _thread(site, LONG_THREAD) + "?page=2", "small"),
        PageType("thread-satisfaction", _thread(site, SOLVED), "large"),
        PageType("discussion", _thread(site, _discussion(site)), "large"),
        PageType("exclusive-space", "/spaces/grosskundenforum", "large"),
        PageType("ask", "/ask", "small"),
        PageType("ask-errors", "/ask?next=1&title=Hm", "small", status=422),
        PageType("ask-text", f"/ask?next=1&space=internet-glasfaser&title={question}", "small"),
        PageType("ask-none-helped", f"/ask?next=1&none=1&space=internet-glasfaser&title={question}", "small"),
        PageType("ask-solved", f"/ask/solved?by=thread-{solved}&title={question}", "small"),
        PageType("ask-solved-entry", f"/ask/solved?by=faq-{_released(site)[0]}", "small"),
        PageType("edit", f"/posts/{own}/edit", "small"),
        PageType("edit-conflict", f"/posts/{own}/edit", "small", press=".form__end button[value=publish]"),
        PageType("history", f"/posts/{own}/history", "small"),
        PageType("history-compared", f"/posts/{own}/history?older=1&newer=2", "small"),
        PageType("kudos-givers", f"/posts/{own}/kudos", "small"),
        PageType("flag", f"/posts/{flagged}/flag", "small"),
        PageType("ask-expert", f"/threads/{waiting}/experts", "small"),
        PageType("own-profile", f"/members/{personal}", "small"),
        PageType("notifications", "/notifications", "small"),
        PageType("groups-member", "/groups", "large"),
        PageType("group-member", "/groups/rahmenvertragskunden", "large"),
        PageType("group-to-ask", "/groups/rahmenvertragskunden", "small"),
        PageType("group-of-an-open-kind", "/groups/praxisnetz", "large"),
        PageType("group-manage", "/groups/rahmenvertragskunden/manage", "large"),
        PageType("group-invitation", "/groups/pilotkreis-5g/invitation", "small"),
        PageType("group-link-ended", "/group-invitation?token=gone", "small", status=410),
        PageType("decisions", "/decisions", "small"),
        PageType("settings", "/settings", "small"),
        PageType("settings-profile", "/settings/profile", "small"),
        PageType("settings-privacy", "/settings/privacy", "small"),
        PageType("settings-notifications", "/settings/notifications", "small"),
        PageType("settings-following", "/settings/following", "small"),
        PageType("space-tag", "/spaces/internet-glasfaser?tag=glasfaser", "small"),
        PageType("settings-password", "/settings/password", "small"),
        PageType(
            "settings-password-errors", "/settings/password", "small", press="main form button.btn--primary"
        ),
        PageType("settings-second-factor", "/settings/second-factor", "small"),
        PageType("settings-second-factor-app", "/settings/second-factor/app", "small"),
        PageType(
            "settings-second-factor-errors",
            "/settings/second-factor/app",
            "small",
            press="main form button.btn--primary",
        ),
        PageType("settings-second-factor-scan", "/settings/second-factor/app/scan", "large"),
        PageType("settings-mail", "/settings/mail", "small"),
        PageType("settings-company", "/settings/company", "small"),
        PageType("settings-company-administrator", "/settings/company", "large"),
        PageType("settings-colleagues", "/settings/company/colleagues", "large"),
        PageType("settings-consents", "/settings/consents", "small"),
        PageType("settings-sessions", "/settings/sessions", "small"),
        PageType("settings-sanctions", "/settings/sanctions", "small"),
        PageType("settings-language", "/settings/language", "small"),
        PageType("settings-data", "/settings/data", "small"),
        PageType("settings-erase", "/settings/data/erase", "small"),
        PageType(
            "settings-erase-errors", "/settings/data/erase", "small", press="main form button.btn--danger"
        ),
        PageType("forbidden", "/admin", "small", status=404),
    ]


def _discussion(site: DemoSite) -> str:
    return str(
        site.value(
            "SELECT threads.slug FROM threads JOIN spaces ON spaces.id = threads.space_id "
            "WHERE spaces.kind = 'discussions' AND spaces.access = 'members' "
            "ORDER BY threads.answer_count DESC, threads.id LIMIT 1"
        )
    )


def _for_staff(site: DemoSite) -> list[PageType]:
    flagged = flagged_posts(site)
    thread_id = site.value("SELECT id FROM threads WHERE slug = ?", SOLVED)
    review, draft = _entry(site, "in_review")[0], _entry(site, "draft")[0]
    person = site.people()["expert"]["nickname"]
    company = site.value("SELECT id FROM vault_companies ORDER BY id LIMIT 1")
    notice = site.value("SELECT id FROM notices WHERE state <> 'open' ORDER BY id LIMIT 1")
    appeal = site.value("SELECT id FROM appeals ORDER BY id LIMIT 1")
    return [
        PageType("thread-moderator", _thread(site, SOLVED), "moderator"),
        PageType("queue", "/moderation", "moderator"),
        PageType("queue-item", f"/moderation/posts/{flagged[0]}", "moderator"),
        PageType("queue-item-taken", f"/moderation/posts/{flagged[1]}", "administrator"),
        PageType("hide", f"/moderation/posts/{flagged[0]}/hide", "moderator"),
        PageType("restore", f"/moderation/posts/{flagged[2]}/restore", "moderator"),
        PageType("lock", f"/moderation/threads/{thread_id}/lock", "moderator"),
        PageType("move", f"/moderation/threads/{thread_id}/move", "moderator"),
        PageType("waiting", "/moderation?kind=text", "moderator"),
        PageType("waiting-change", f"/moderation/waiting/{_waiting(site, 'edit')}", "administrator"),
        PageType("waiting-mend", f"/moderation/waiting/{_waiting(site, 'thread')}/edit", "moderator"),
        PageType("rules", "/moderation/rules", "moderator"),
        PageType("rule-words", f"/moderation/rules/{_rule(site)}", "moderator"),
        PageType(
            "rule-errors", "/moderation/rules/new/burst", "moderator", press="form.form button[value=test]"
        ),
        PageType("handbook", "/moderation/handbook", "moderator"),
        PageType("admin-page-handbook", "/admin/pages/handbook", "administrator"),
        PageType("canned-answers", "/moderation/canned-answers", "moderator"),
        PageType("canned-answer", f"/moderation/canned-answers/{_canned(site)}", "moderator"),
        PageType(
            "canned-answer-errors", "/moderation/canned-answers/new", "moderator", press="form.form button"
        ),
        PageType("waiting-own-list", "/waiting", "marketing"),
        PageType("waiting-own", f"/waiting/{_waiting(site, 'thread')}", "marketing"),
        PageType("log", "/moderation/log", "moderator"),
        PageType("log-narrowed", "/moderation/log?act=hide_post&first=2026-13-01", "administrator"),
        PageType(
            "log-entry", f"/moderation/log/{site.value('SELECT MAX(id) FROM moderation_log')}", "moderator"
        ),
        PageType("decision", f"/decisions/{site.value('SELECT id FROM statements LIMIT 1')}", "moderator"),
        PageType("notices", "/moderation/notices", "moderator"),
        PageType("notice", f"/moderation/notices/{notice}", "moderator"),
        PageType("notice-open", f"/moderation/notices/{_open_notice(site)}", "administrator"),
        PageType("objections", "/moderation/appeals", "moderator"),
        PageType("objection", f"/moderation/appeals/{appeal}", "administrator"),
        PageType("transparency", "/admin/transparency", "administrator"),
        PageType("warnings", "/moderation/warnings", "moderator"),
        PageType("blog-picture", f"{_thread(site, ARTICLE).partition('-')[0]}/picture", "moderator"),
        PageType(
            "idea-answer",
            f"{_thread(site, IDEA).partition('-')[0]}/idea",
            "moderator",
        ),
        PageType("faq-desk", "/moderation/faq", "moderator"),
        PageType("faq-desk-narrowed", "/moderation/faq?whose=waiting&language=de&words=x", "moderator"),
        PageType("faq-preview", f"/moderation/faq/{draft}/preview", "moderator"),
        PageType(
            "faq-translate", f"/moderation/faq/{_released(site, 'de')[0]}/translate?language=en", "moderator"
        ),
        PageType("faq-proposals", "/moderation/faq/proposals", "moderator"),
        PageType("faq-proposals-dismissed", "/moderation/faq/proposals?state=dismissed", "moderator"),
        PageType("faq-proposal", f"/moderation/faq/proposals/{_proposal(site)}", "moderator"),
        PageType("faq-uses", "/moderation/faq/use?days=90", "moderator"),
        PageType("faq-use", f"/moderation/faq/{_released(site)[0]}/use?days=90", "moderator"),
        PageType("faq-new", f"/moderation/faq/new?thread={thread_id}", "moderator"),
        PageType("faq-draft", f"/moderation/faq/{draft}", "moderator"),
        PageType("faq-review", f"/moderation/faq/{review}", "administrator"),
        PageType("faq-check", f"/moderation/faq/{_entry(site, 'check')[0]}", "moderator"),
        PageType("faq-freshness", "/moderation/faq/freshness", "moderator"),
        PageType("faq-published", f"/moderation/faq/{_released(site)[0]}", "administrator"),
        PageType("admin", "/admin", "administrator"),
        PageType("admin-experts", "/admin/experts", "administrator"),
        PageType(
            "admin-expert-rule",
            "/admin/experts/internet-glasfaser",
            "administrator",
            press="button[value=preview]",
        ),
        PageType("admin-badges", "/admin/badges", "administrator"),
        PageType("admin-badge-errors", "/admin/badges/new", "administrator", press="button[value=preview]"),
        PageType("admin-badges-of-member", f"/admin/people/{person}/badges", "administrator"),
        PageType("admin-spaces", "/admin/spaces", "administrator"),
        PageType("admin-space-new", "/admin/spaces/new", "administrator"),
        PageType("admin-space", "/admin/spaces/grosskundenforum", "administrator"),
        PageType("admin-groups", "/admin/groups", "administrator"),
        PageType("admin-companies", "/admin/companies", "administrator"),
        PageType("admin-company-new", "/admin/companies/new", "administrator"),
        PageType("admin-company", f"/admin/companies/{company}", "administrator"),
        PageType("admin-group", "/admin/groups/rahmenvertragskunden", "administrator"),
        PageType("admin-group-new", "/admin/groups/new", "administrator"),
        PageType("admin-index", "/admin/index", "administrator"),
        PageType("sanctions", "/moderation/sanctions", "moderator"),
        PageType("member-conduct", "/moderation/members/pixelschubser", "moderator"),
        PageType("sanction", "/moderation/members/pixelschubser/sanction", "moderator"),
        PageType(
            "sanction-errors",
            "/moderation/members/pixelschubser/sanction",
            "moderator",
            press="main form button.btn--danger",
        ),
        PageType("sanction-lift", f"/moderation/sanctions/{_sanction(site)}/lift", "moderator"),
        PageType("sanction-change", f"/moderation/sanctions/{_sanction(site)}/change", "moderator"),
        PageType("reveals", "/moderation/reveals", "moderator"),
        PageType("reveal-ask", f"/moderation/reveals/new?member={person}", "moderator"),
        PageType("admin-attributes", "/admin/attributes", "administrator"),
        PageType("admin-attribute", "/admin/attributes/industry", "administrator"),
        PageType("admin-attribute-new", "/admin/attributes/new", "administrator"),
        PageType("admin-attribute-upload", "/admin/attributes/import", "administrator"),
        PageType("admin-segments", "/admin/segments", "administrator"),
        PageType("admin-segment-new", "/admin/segments/new", "administrator"),
        PageType("admin-segment", "/admin/segments/gesundheit-und-soziales", "administrator"),
        PageType(
            "admin-segment-condition",
            "/admin/segments/gesundheit-und-soziales?attribute=industry",
            "administrator",
        ),
        PageType("group-of-a-segment", "/groups/gesundheit-und-soziales", "small"),
        PageType("settings-attributes", "/settings/attributes", "small"),
        PageType("admin-people", "/admin/people?q=netz", "administrator"),
        PageType("admin-person", f"/admin/people/{person}", "administrator"),
        PageType("admin-ranks", "/admin/ranks", "administrator"),
        PageType("admin-ranks-preview", "/admin/ranks", "administrator", press="button[value=preview]"),
        PageType("admin-figures", "/admin/figures", "administrator"),
        PageType("admin-figures-year", "/admin/figures?days=365", "administrator"),
        PageType("admin-pages", "/admin/pages", "administrator"),
        PageType("post-notes", _post_notes(site), "moderator"),
        PageType("thread-notes", _notes(site), "moderator"),
        PageType(
            "member-notes-errors",
            f"/moderation/members/{person}/notes",
            "moderator",
            press="main form button",
        ),
        PageType("admin-page", "/admin/pages/netiquette", "administrator"),
        PageType(
            "admin-page-preview",
            "/admin/pages/imprint",
            "administrator",
            press="main form button[value=preview]",
        ),
        PageType("admin-page-version", "/admin/pages/terms/versions/2", "administrator"),
        PageType("admin-messages", "/admin/messages", "administrator"),
        PageType("faq-export", "/admin/faq/export", "administrator"),
        PageType("faq-website", "/admin/faq/website?language=de", "administrator"),
        PageType("faq-categories", "/admin/faq/categories", "administrator"),
        PageType("searches", "/admin/search?show=all", "moderator"),
        PageType("words", "/admin/vocabulary", "moderator"),
        PageType("words-new", "/admin/vocabulary/new?word=vvl", "administrator"),
        PageType(
            "words-preview",
            "/admin/vocabulary/new?word=IPv4,Glasfaseranschluss",
            "moderator",
            press="#words-form button[value=preview]",
        ),
        PageType(
            "words-errors",
            "/admin/vocabulary/new?word=vvl",
            "moderator",
            press="#words-form button[value=save]",
        ),
    ]
