"""What stands on the desk of those who write the FAQ, made from rows: the page object and what fills it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from markupsafe import Markup

from community.core import i18n
from community.core.differences import differences
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.faq import permissions
from community.faq.editorial import (
    EditorialCategory,
    EditorialEntry,
    EntryRevisionRow,
    FeedbackRow,
)
from community.faq.models import EntryState
from community.faq.queries import entry_url
from community.faq.rules import MEMBERS_AUDIENCE, PUBLIC_AUDIENCE, EntryText, digest_of, split_ids
from community.faq.schedules import Schedule
from community.faq.source_queries import EditorialSource, wants_clearance
from community.web.faq_check import CheckView, day_text
from community.web.faq_related import related_fields
from community.web.faq_sources import SourceView, source_view
from community.web.faq_views import (
    LanguagesView,
    ReadingView,
    RelatedPicker,
    ScheduleView,
    TextDifference,
    Together,
)
from community.web.parts import Choice, Crumb, FilterLink, FormState, Link, When

LIST_URL = "/moderation/faq"
PROPOSALS_URL = "/moderation/faq/proposals"


@dataclass(frozen=True, slots=True)
class ProposedText:
    """What a proposal that was merged into the entry would have said: a help for whoever edits it now."""

    short_answer: str
    steps: Markup
    language: str


@dataclass(frozen=True, slots=True)
class RevisionView:
    """A version in the history: the first one whole, each later one as what it changed."""

    version: int
    question: str
    editor: str
    when: When
    released_by: str
    changes: tuple[TextDifference, ...] = ()


@dataclass(frozen=True, slots=True)
class FeedbackView:
    reason: str
    helpful: bool
    when: When


@dataclass(frozen=True, slots=True)
class EntryDesk:
    """An entry in work. Empty addresses are steps that cannot be taken now, or not by this viewer."""

    heading: str
    crumbs: tuple[Crumb, ...]
    form: FormState
    save_url: str
    categories: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    audiences: tuple[Choice, ...]
    sources: tuple[SourceView, ...]
    asks_clearance: bool
    """Whether some readers may not read all sources, so that the form asks for a person's yes."""
    is_new: bool = False
    preview: Markup | None = None
    state: str = ""
    stage_text: str = ""
    editor: str = ""
    edited: When | None = None
    review_url: str = ""
    release_url: str = ""
    send_back_url: str = ""
    withdraw_url: str = ""
    restore_url: str = ""
    public_url: str = ""
    use_url: str = ""
    history_url: str = ""
    waits_for_others: bool = False
    """In review, but the viewer wrote in it and cannot release it."""
    schedule: ScheduleView | None = None
    """When the version in work is released by itself, or that this failed."""
    schedule_url: str = ""
    unschedule_url: str = ""
    time_zone: str = ""
    translations: LanguagesView = field(default_factory=LanguagesView)
    together: Together = field(default_factory=Together)
    related: RelatedPicker | None = None
    theme_preview_url: str = ""

    reading: ReadingView = field(default_factory=ReadingView)
    """How easily the text of the form is read, as it is on the page."""
    holder: str = ""
    """Who else is on its item of the queue."""
    conflict: tuple[TextDifference, ...] = ()
    """What somebody else has saved meanwhile against what was typed here."""
    proposed: ProposedText | None = None
    changes: tuple[TextDifference, ...] = ()
    """The released text against the one in work."""
    check: CheckView | None = None
    """Why the released text has to be checked; None if nothing is released."""
    feedback: tuple[FeedbackView, ...] = ()
    helpful_count: int = 0
    unhelpful_count: int = 0
    others: tuple[Link, ...] = field(default_factory=tuple)
    """Entries that were made from the same thread before."""


def stage_name(stage: str) -> str:
    """Where an entry stands, in the words of editors."""
    return {
        EntryState.DRAFT: _("Draft"),
        EntryState.IN_REVIEW: _("Waits for release"),
        EntryState.PUBLISHED: _("Published"),
        EntryState.CHECK: _("To be checked"),
        EntryState.WITHDRAWN: _("Withdrawn"),
    }[EntryState(stage)]


def stage_text(state: str, stage: str) -> str:
    """Where an entry stands, and where a newer version of it does."""
    if stage == state:
        return stage_name(state)
    return _("%(state)s; a newer version: %(stage)s") % {
        "state": stage_name(state),
        "stage": stage_name(stage),
    }


def desk_links(viewer: Viewer, current: str) -> tuple[FilterLink, ...]:
    """The pages of the desk of those who write the FAQ; `current` is the address of the one that is shown."""
    pages = [
        (_("Entries"), LIST_URL, True),
        (_("Proposals"), PROPOSALS_URL, True),
        (_("Freshness"), f"{LIST_URL}/freshness", True),
        (_("Use"), "/moderation/faq/use", True),
        (_("Categories"), "/admin/faq/categories", permissions.can_manage_categories(viewer)),
        (_("Export"), "/admin/faq/export", permissions.can_export_faq(viewer)),
        (_("On your website"), "/admin/faq/website", permissions.can_export_faq(viewer)),
    ]
    return tuple(FilterLink(label, url, current=url == current) for label, url, allowed in pages if allowed)


def desk_crumbs() -> tuple[Crumb, ...]:
    return Crumb(_("Moderation"), "/moderation"), Crumb(_("FAQ entries"), LIST_URL)


def form_values(text: EntryText, *, version: int = 0, seen: str = "") -> dict[str, str]:
    """The fields of the form on its first showing."""
    return {
        "question": text.question,
        "short_answer": text.short_answer,
        "steps": text.steps,
        "valid_for": text.valid_for,
        "valid_until": text.valid_until,
        "category": str(text.category_id or ""),
        "language": text.language,
        "audience": text.audience,
        **related_fields(text),
        "version": str(version),
        "digest": digest_of(text),
        "seen": seen,
    }


def category_choices(categories: Iterable[EditorialCategory]) -> tuple[Choice, ...]:
    return tuple(
        Choice(str(category.id), f"{category.name} ({category.language})") for category in categories
    )


def language_choices() -> tuple[Choice, ...]:
    return tuple(Choice(code, name) for code, name in i18n.language_names().items())


def audience_choices() -> tuple[Choice, ...]:
    return (
        Choice(PUBLIC_AUDIENCE, _("Everybody"), _("On this site, in search engines and in the export")),
        Choice(MEMBERS_AUDIENCE, _("Members"), _("Only on this site, only after a log-in")),
    )


def new_desk(
    save_url: str,
    form: FormState,
    categories: Iterable[EditorialCategory],
    sources: tuple[SourceView, ...],
    others: tuple[Link, ...],
    preview: Markup | None,
    *,
    reading: ReadingView,
    translations: LanguagesView | None = None,
) -> EntryDesk:
    """The desk before the first saving."""
    return EntryDesk(
        heading=_("New translation") if translations else _("New FAQ entry"),
        crumbs=desk_crumbs(),
        form=form,
        save_url=save_url,
        categories=category_choices(categories),
        languages=language_choices(),
        audiences=audience_choices(),
        sources=sources,
        asks_clearance=False,
        is_new=True,
        theme_preview_url=f"{LIST_URL}/preview",
        preview=preview,
        reading=reading,
        others=others,
        translations=translations or LanguagesView(),
    )


def desk_of(
    entry: EditorialEntry,
    viewer: Viewer,
    categories: Sequence[EditorialCategory],
    sources: tuple[EditorialSource, ...],
    feedback: Iterable[FeedbackRow],
    *,
    form: FormState,
    reading: ReadingView,
    preview: Markup | None = None,
    conflict: tuple[TextDifference, ...] = (),
    proposed: ProposedText | None = None,
    holder: str = "",
    check: CheckView | None = None,
    schedule: Schedule | None = None,
    translations: LanguagesView | None = None,
    together: Together | None = None,
    related: RelatedPicker | None = None,
) -> EntryDesk:
    """The desk of an entry as this viewer may work on it."""
    base = f"{LIST_URL}/{entry.id}"
    may_release = permissions.can_release_entry(viewer, entry)
    in_review, withdrawn = entry.stage == EntryState.IN_REVIEW, entry.state == EntryState.WITHDRAWN
    return EntryDesk(
        heading=entry.text.question,
        crumbs=desk_crumbs(),
        form=form,
        save_url="" if withdrawn else base,
        categories=category_choices(categories),
        languages=language_choices(),
        audiences=audience_choices(),
        sources=tuple(source_view(source.post, source) for source in sources),
        asks_clearance=wants_clearance(PUBLIC_AUDIENCE, sources),
        preview=preview,
        state=entry.state,
        reading=reading,
        stage_text=stage_text(entry.state, entry.stage),
        editor=entry.editor,
        edited=When.of(entry.edited_at),
        review_url="" if withdrawn else f"{base}/review",
        release_url=f"{base}/release" if may_release and not holder else "",
        schedule=_schedule_view(schedule),
        schedule_url=f"{base}/schedule" if may_release and not holder else "",
        unschedule_url=f"{base}/unschedule" if schedule and not schedule.has_failed and not holder else "",
        time_zone=i18n.time_zone(),
        together=together or Together(),
        related=related,
        theme_preview_url=f"{base}/preview",
        translations=translations or LanguagesView(),
        send_back_url=f"{base}/send-back" if in_review and not holder else "",
        withdraw_url="" if withdrawn or holder else f"{base}/withdraw",
        restore_url=f"{base}/restore" if withdrawn else "",
        public_url=entry_url(entry.id, entry.slug) if entry.is_public else "",
        use_url=f"{LIST_URL}/{entry.id}/use" if entry.is_public else "",
        waits_for_others=in_review and not may_release and (schedule is None or schedule.has_failed),
        holder=holder,
        conflict=conflict,
        proposed=proposed,
        check=check,
        history_url=f"{base}/history",
        changes=text_differences(entry.published, entry.text, categories, related.titles if related else {})
        if entry.published
        else (),
        feedback=tuple(FeedbackView(row.reason, row.helpful, When.of(row.created_at)) for row in feedback),
        helpful_count=entry.helpful_count,
        unhelpful_count=entry.unhelpful_count,
    )


def schedule_text(schedule: Schedule) -> str:
    """When it is released by itself; the reader's time zone is the site's."""
    moment = i18n.full_date(schedule.due_at)
    if schedule.has_failed:
        return _("Not released on %(date)s") % {"date": moment}
    return _("To be released on %(date)s") % {"date": moment}


def _schedule_view(schedule: Schedule | None) -> ScheduleView | None:
    if schedule is None:
        return None
    return ScheduleView(schedule_text(schedule), schedule.releaser, schedule.has_failed)


def text_differences(
    before: EntryText,
    after: EntryText,
    categories: Iterable[EditorialCategory] = (),
    titles: Mapping[int, str] = MappingProxyType({}),
) -> tuple[TextDifference, ...]:
    """The fields in which two texts differ; with `categories` also the category, by name."""
    names = {category.id: category.name for category in categories}
    readers = {choice.value: choice.label for choice in audience_choices()}

    languages = i18n.language_names()
    # Older versions were kept without language and category: those say nothing about what changed there.
    is_kept = bool(after.language) and (bool(before.language) or not before.question)

    def shown(text: EntryText) -> dict[str, str]:
        return {
            _("Question"): text.question,
            _("Short answer"): text.short_answer,
            _("Steps"): text.steps,
            _("Valid for"): text.valid_for,
            _("Valid until"): day_text(text.valid_until),
            _("Category"): names.get(text.category_id or 0, "") if is_kept else "",
            _("Language"): languages.get(text.language, text.language) if is_kept else "",
            _("Readers"): readers.get(text.audience, text.audience),
            _("Related entries"): "; ".join(titles.get(n, str(n)) for n in split_ids(text.related))
            if is_kept
            else "",
        }

    old, new = shown(before), shown(after)
    return tuple(
        TextDifference(label, differences(old[label], new[label]))
        for label in new
        if old[label] != new[label]
    )


@dataclass(frozen=True, slots=True)
class HistoryPage:
    heading: str
    crumbs: tuple[Crumb, ...]
    back_url: str
    versions: tuple[RevisionView, ...]


MOST_COMPARED = 20


def history_page(
    entry: EditorialEntry,
    rows: Sequence[EntryRevisionRow],
    categories: Sequence[EditorialCategory],
    titles: Mapping[int, str],
) -> HistoryPage:
    """The newest versions first; beyond the last twenty only who wrote them and when."""
    nothing = EntryText(question="", short_answer="", language="", audience="")
    earlier = [*(row.text for row in rows[1:]), nothing]
    return HistoryPage(
        heading=entry.text.question,
        crumbs=desk_crumbs(),
        back_url=f"{LIST_URL}/{entry.id}",
        versions=tuple(
            RevisionView(
                version=row.version,
                question=row.text.question,
                editor=row.editor,
                when=When.of(row.saved_at),
                released_by=row.released_by,
                changes=text_differences(before, row.text, categories, titles)
                if place < MOST_COMPARED
                else (),
            )
            for place, (row, before) in enumerate(zip(rows, earlier, strict=True))
        ),
    )


def shown_fields(fields: Mapping[str, str], entry: EditorialEntry, *, seen: str) -> dict[str, str]:
    """What was typed, ready to be sent again against what the entry says now."""
    return {**fields, "version": str(entry.version), "digest": digest_of(entry.text), "seen": seen}
