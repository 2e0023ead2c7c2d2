"""The FAQ as readers see it: all categories, one category, one entry, and whether it helped."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from community.core import i18n
from community.core.addresses import with_query
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.markdown import excerpt
from community.core.rate_limits import TooMany
from community.core.viewer import Role
from community.faq import permissions, queries
from community.faq.languages import TranslationLine, list_translations
from community.faq.queries import CategoryCard, CategoryLine, EntryLine, EntryView, SourceLine
from community.faq.rules import PUBLIC_AUDIENCE
from community.faq.structured import faq_page, question
from community.insights.entry_uses import Use
from community.insights.searches import term_of
from community.settings import settings
from community.web.faq_check import day_text
from community.web.faq_feedback import (
    FeedbackView,
    answer_feedback,
    feedback_view,
    is_counted,
    note_use,
    take_feedback,
)
from community.web.limiting import count_words_of_entry
from community.web.lists import thread_url
from community.web.pages import Head, choose_language, page_number, path_id, show, viewer_of
from community.web.parts import Author, Crumb, Link, Pager, When, numbered_pager
from community.web.people import author

DESCRIPTION = 155


@dataclass(frozen=True, slots=True)
class FaqPage:
    """All categories with their first entries."""

    cards: tuple[CategoryCard, ...]
    description: str
    crumbs: tuple[Crumb, ...]
    editorial_url: str
    """Staff: the list of entries in work."""


@dataclass(frozen=True, slots=True)
class CategoryPage:
    category: CategoryLine
    crumbs: tuple[Crumb, ...]
    entries: tuple[EntryLine, ...]
    pager: Pager


@dataclass(frozen=True, slots=True)
class TranslationLink:
    """The same in another language, by the name of that language in the reader's."""

    language: str
    label: str
    question: str
    url: str


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One entry in its released wording. Empty addresses are controls that are not shown."""

    id: int
    question: str
    language: str
    short_answer: str
    steps: Markup
    valid_for: str
    valid_until: str
    """As a date in words; empty if the answer has no end."""
    members_only: bool
    description: str
    crumbs: tuple[Crumb, ...]
    checked: When
    checked_text: str
    """When and in which role somebody last found the text right."""
    credits: tuple[Author, ...]
    """Helpers whose answers the viewer may read."""
    sources: tuple[Link, ...]
    """Threads that the entry was made from and that the viewer may read."""
    related: tuple[EntryLine, ...]
    translations: tuple[TranslationLink, ...]
    feedback: FeedbackView | None
    """None in a preview."""
    ask_url: str
    edit_url: str
    preview_of: str = ""
    """Which version this is a preview of, in words; empty on the real page."""


async def show_faq(request: Request) -> Response:
    viewer = viewer_of(request)
    cards = await queries.list_category_cards(viewer)
    language = i18n.language()
    # Categories in the reader's language first; sorting keeps the order of administrators otherwise.
    ordered = tuple(sorted(cards, key=lambda card: card.category.language != language))
    page = FaqPage(
        cards=ordered,
        description=_("Short answers to what business customers ask most, each checked by two people."),
        crumbs=(Crumb(_("Home"), "/"),),
        editorial_url="/moderation/faq" if permissions.can_edit_faq(viewer) else "",
    )
    head = Head(
        section="faq",
        canonical="/faq",
        title=_("Frequently asked questions"),
        description=page.description,
    )
    return await show(request, "faq/list.html", page, head)


async def show_category(request: Request) -> Response:
    viewer = viewer_of(request)
    category = await queries.get_category(viewer, request.path_params["category"])
    choose_language(request, category.language)
    number = page_number(request)
    last = max(1, -(-category.entry_count // queries.ENTRIES_PER_PAGE))
    if number > last:
        raise NotFound
    base = f"/faq/{category.slug}"
    page = CategoryPage(
        category=category,
        crumbs=_crumbs(),
        entries=await queries.list_entries(viewer, category.id, page=number),
        pager=numbered_pager(number, last, base=base),
    )
    head = Head(
        section="faq",
        canonical=base if number == 1 else "",
        title=category.name,
    )
    return await show(request, "faq/category.html", page, head)


async def show_entry(request: Request) -> Response:
    """The entry; an address with another slug, or none, leads to the present one for good."""
    entry = await queries.get_entry(viewer_of(request), path_id(request, "entry_id"))
    if request.path_params.get("slug") != entry.slug:
        return RedirectResponse(entry.url, status_code=301)
    await _note_view(request, entry.id)
    return await _show_entry(request, entry)


async def _note_view(request: Request, entry_id: int) -> None:
    """Words are counted once a day of each reader. Over several days one reader may count as often."""
    note_use(request, entry_id, Use.VIEWED)
    words = term_of(_words_of_search(request))
    if words and is_counted(request):
        try:
            await count_words_of_entry(request, entry_id, words)
        except TooMany:
            words = ""
        note_use(request, entry_id, Use.FOUND, words=words)


def _words_of_search(request: Request) -> str:
    """What was searched for where somebody comes from the results: their browser says so, to this site alone."""
    come_from = urlsplit(request.headers.get("referer", ""))
    if f"{come_from.scheme}://{come_from.netloc}" != settings.base_url or come_from.path != "/search":
        return ""
    return dict(parse_qsl(come_from.query)).get("q", "")


async def give_feedback(request: Request) -> Response:
    entry, feedback, status = await take_feedback(request)
    choose_language(request, entry.language)
    if status != 200 or (feedback.answer and request.headers.get("hx-request") != "true"):
        # A guest's sign stands in this page alone, in no address.
        return await _show_entry(request, entry, feedback, status=status)
    return await answer_feedback(request, entry, feedback)


async def _show_entry(
    request: Request, entry: EntryView, feedback: FeedbackView | None = None, *, status: int = 200
) -> Response:
    viewer = viewer_of(request)
    choose_language(request, entry.language)
    sources = await queries.list_sources(viewer, [entry.id])
    is_public = entry.audience == PUBLIC_AUDIENCE
    translations = (await list_translations(viewer, [entry.id])).get(entry.id, ())
    page = EntryPage(
        id=entry.id,
        question=entry.question,
        language=entry.language,
        short_answer=entry.short_answer,
        steps=Markup(entry.html),  # noqa: S704 - cleaned when it was released
        valid_for=entry.valid_for,
        valid_until=day_text(entry.valid_until),
        members_only=not is_public,
        description=excerpt(entry.short_answer, DESCRIPTION),
        crumbs=(*_crumbs(), Crumb(entry.category_name, f"/faq/{entry.category_slug}")),
        checked=When.of(entry.checked_at),
        checked_text=checked_text(entry.checked_role, i18n.long_date(entry.checked_at)),
        credits=tuple(author(row) for row in queries.credited(sources)),
        sources=source_links(sources),
        related=await queries.list_related(viewer, entry),
        translations=tuple(translation_link(line) for line in translations),
        feedback=feedback or await feedback_view(request, entry),
        ask_url=f"/faq/{entry.id}/stuck?to=ask",
        edit_url=f"/moderation/faq/{entry.id}" if permissions.can_edit_faq(viewer) else "",
    )
    head = Head(
        section="faq",
        canonical=entry.url if is_public else "",
        alternates=_alternates(entry, translations),
        title=entry.question,
        description=page.description,
        kind="article",
        structured_data=(_page_of(entry),) if is_public else (),
        ask_url=with_query("/ask", {"title": entry.question}),
    )
    return await show(request, "faq/show.html", page, head, status=status)


def translation_link(line: TranslationLine) -> TranslationLink:
    name = i18n.language_names().get(line.language, line.language)
    return TranslationLink(line.language, name, line.question, line.url)


def _alternates(entry: EntryView, translations: Iterable[TranslationLine]) -> tuple[tuple[str, str], ...]:
    """For search engines, which want the page itself among them; guests are told of none that they may not read."""
    others = [(line.language, line.url) for line in translations]
    return tuple(sorted([(entry.language, entry.url), *others])) if others else ()


def checked_text(role: str, date: str) -> str:
    """Who last found an entry right, by role: no name stands on a page that other websites copy."""
    if role == Role.ADMINISTRATOR:
        return _("Checked by an administrator on %(date)s") % {"date": date}
    return _("Checked by a moderator on %(date)s") % {"date": date}


def _crumbs() -> tuple[Crumb, ...]:
    return Crumb(_("Home"), "/"), Crumb(_("FAQ"), "/faq")


def source_links(sources: Iterable[SourceLine]) -> tuple[Link, ...]:
    """Each thread once."""
    links = {
        source.thread_id: Link(source.thread_title, thread_url(source.thread_id, source.thread_slug))
        for source in sources
    }
    return tuple(links.values())


def _page_of(entry: EntryView) -> dict[str, Any]:
    """What search engines are told. Here alone and on no list: they ask to mark a question once per site."""
    address = settings.base_url + entry.url
    return faq_page(
        [question(entry.question, entry.short_answer, entry.html, address, entry.language, entry.changed_at)]
    )
