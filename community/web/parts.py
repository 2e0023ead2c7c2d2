"""What the macros of a theme show: small frozen objects, filled by the pages.

Nothing here decides or loads anything. Handlers and page builders know who may see and do what, and say it
with texts, addresses and booleans; an address that is None or empty means that the control is not shown.
Functions in this module only format.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

from markupsafe import Markup

from community.core import i18n
from community.core.memory import remembered

# --- people -------------------------------------------------------------------------------------------

PICTURE_COLOURS = 12

# Eight ways to fill a quarter of the picture: quarter discs and triangles, one for each corner. The quarter
# goes from {x} {y} to {x2} {y2}; filling closes the path, so none needs a "z".
_TILES = (
    "M{x} {y}h1a1 1 0 01-1 1",
    "M{x2} {y}v1a1 1 0 01-1-1",
    "M{x2} {y2}H{x}a1 1 0 011-1",
    "M{x} {y2}V{y}a1 1 0 011 1",
    "M{x} {y}h1v1",
    "M{x2} {y}v1h-1",
    "M{x2} {y2}h-1v-1",
    "M{x} {y2}v-1h1",
)


@lru_cache(maxsize=16_384)
def picture(seed: int) -> Markup:
    """The generated picture of a member: four geometric tiles in one of twelve colour pairs.

    Made from nothing but `seed`, a random number kept with the member: it says nothing about who they are. At
    most 160 bytes of inline SVG; the colours are CSS classes, so that they follow light and dark mode.
    """
    colour, rest = seed % PICTURE_COLOURS, seed // PICTURE_COLOURS
    paths = ["", ""]
    for index in range(4):
        x, y = index % 2, index // 2
        rest, tile = divmod(rest, len(_TILES))
        # Diagonal neighbours share a tone.
        paths[(x + y) % 2] += _TILES[tile].format(x=x, y=y, x2=x + 1, y2=y + 1)
    return Markup(  # noqa: S704 - numbers of our own
        f'<svg class="g{colour:x}" viewBox="0 0 2 2" aria-hidden="true">'
        f'<path d="{paths[0]}"/><path d="{paths[1]}"/></svg>'
    )


@dataclass(frozen=True, slots=True)
class Author:
    """All that anybody ever sees of a member beside a text."""

    name: str
    """Nickname; for staff the short real name; for an erased account "Former member"."""
    url: str | None
    """The profile, or None for a former member."""
    kind: Literal["customer", "staff", "former"] = "customer"
    seed: int = 0
    """Random number behind the generated picture."""
    photo: str = ""
    """Staff only: a static file of the theme (``img/staff-1.svg``) or an address beginning with a slash."""
    line: str = ""
    """The second line: field of a staff member, or "since 2021 · 14 solutions"."""
    rank: str = ""
    """Empty where there is none or the member hides it."""
    expert: str = ""
    """The subject the member is an expert for; empty where there is none or the member hides it."""
    asker: bool = False
    """Whether this member asked the question of the thread at hand."""


@dataclass(frozen=True, slots=True)
class When:
    """A moment, three times: for machines, to read, and in full as a tooltip."""

    iso: str
    text: str
    full: str

    @classmethod
    def of(cls, moment: datetime, now: datetime | None = None) -> "When":
        """From an aware datetime, in the language and time zone in use."""
        now = now or datetime.now(UTC)
        if now - moment < i18n.IN_WORDS:
            return cls(_iso(moment), i18n.time_ago(moment, now), i18n.full_date(moment))
        return _dated(moment, i18n.local_time(now).year, i18n.language(), i18n.time_zone())


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@remembered(8192)
def _dated(moment: datetime, this_year: int, _language: str, _time_zone: str) -> When:
    """A moment that is written as a date, which stays the same until the year changes."""
    in_this_year = datetime(this_year, 7, 1, tzinfo=UTC)
    return When(_iso(moment), i18n.short_date(moment, in_this_year), i18n.full_date(moment))


# --- links and lists ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Link:
    """A text with an address."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the way from the home page to here; the page itself is not part of it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class FilterLink:
    """One choice of a filter or an order: a link, so that it works without scripts."""

    label: str
    url: str
    current: bool = False
    count: int | None = None
    is_least: bool = False
    """There are at least so many; who counted has stopped there."""


@dataclass(frozen=True, slots=True)
class PageLink:
    """One number in a pager; without an address it stands for a gap ("…")."""

    number: int
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Pager:
    """The way to the other pages of a list."""

    pages: tuple[PageLink, ...]
    previous_url: str = ""
    next_url: str = ""


def numbered_pager(
    current: int, last: int, url_of_page: "dict[int, str] | None" = None, base: str = ""
) -> Pager:
    """A pager with the first, the last and the pages around `current`.

    `base` is the address without the page parameter ("/spaces/mobile" or "/search?q=sim"); page 1 has no
    parameter. `url_of_page` overrides single addresses.
    """

    def address(number: int) -> str:
        if url_of_page and number in url_of_page:
            return url_of_page[number]
        return base if number == 1 else f"{base}{'&' if '?' in base else '?'}page={number}"

    wanted = sorted({1, last, *range(max(1, current - 1), min(last, current + 1) + 1)})
    pages: list[PageLink] = []
    for number in wanted:
        if pages and number - pages[-1].number == 2:
            pages.append(PageLink(number - 1, address(number - 1)))
        elif pages and number - pages[-1].number > 2:
            pages.append(PageLink(number - 1, ""))
        pages.append(PageLink(number, address(number), current=number == current))
    return Pager(
        pages=tuple(pages) if last > 1 else (),
        previous_url=address(current - 1) if current > 1 else "",
        next_url=address(current + 1) if current < last else "",
    )


# --- threads ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FaqCard:
    """An FAQ entry that stands in a text, as it is released now."""

    url: str
    question: str
    short_answer: str
    language: str
    note: str
    """When and in which role somebody last found it right."""
    members_only: bool = False


Text = tuple[Markup | FaqCard, ...]
"""What somebody has written, in pieces: FAQ entries stand in between. Empty for a text that says nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class CommentView:
    """A short remark under a post."""

    id: int
    author: Author
    when: When
    html: Markup
    parts: Text = ()
    edited: bool = False
    edit_url: str = ""
    flag_url: str = ""
    hidden: bool = False
    hide_url: str = ""
    """Where staff hide the comment, or restore it when it is hidden."""
    notes_url: str = ""
    """Where the team says something about it to each other."""


@dataclass(frozen=True, slots=True)
class PersonalHint:
    """Something in a text that could tell who wrote it: "Phone number", "+49 228 …"."""

    label: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class CommentForm:
    """A comment form that stands open: asked for by address, or back with what is wrong with it."""

    text: str = ""
    error: str = ""
    hints: tuple[PersonalHint, ...] = ()
    """What the writer has to confirm before it is published."""


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """A file of a post or of a form."""

    id: int
    url: str
    name: str
    about: str
    """What it is and how large: "PDF, 1.2 MB"."""
    alt: str = ""
    """Of a picture: what is to be seen on it; empty where nobody has said."""
    small_url: str = ""
    """Of a picture: its smaller copy, with the measures in which it stands in a page."""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class InternalComment:
    """What one of the team says to the others about a post, or about a comment under it."""

    text: str
    author: str
    when: When
    url: str
    """Where all that is said about the same post stands, and more can be said."""
    about: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class PostView:
    """An opening post or an answer as the viewer at hand sees it. Empty addresses are controls not shown.

    Each equals only itself: whoever makes them makes one for all that see the same, and what is rendered of it is
    remembered by it.
    """

    id: int
    anchor: str
    """The id of the element, and the fragment of the permalink: "post-123"."""
    kind: Literal["question", "answer"]
    author: Author
    when: When
    html: Markup
    """The rendered text, cleaned when it was written."""
    parts: Text = ()
    """The same in pieces, where FAQ entries stand in it."""
    label: str = ""
    """What stands before the name for screen readers and as heading: "Answer by", "Question by"."""
    permalink: str = ""
    edited: When | None = None
    history_url: str = ""
    kudos_count: int = 0
    kudos_given: bool = False
    """Whether the viewer has thanked for it."""
    kudos_url: str = ""
    """Where the kudos form posts (a second post takes them back); empty: the count is shown as text."""
    givers_url: str = ""
    """Where one reads who thanked for it; for members, once somebody has."""
    comments: tuple[CommentView, ...] = ()
    comment_url: str = ""
    """Where the comment form posts."""
    comment_form: CommentForm | None = None
    """The form as it stands open; None: closed and empty."""
    quote_url: str = ""
    edit_url: str = ""
    flag_url: str = ""
    is_solution: bool = False
    is_pointer: bool = False
    """The full text stands above as the solution; in its place is only a line that points there."""
    accept_url: str = ""
    accepts_for_asker: bool = False
    """Whether it is staff who would accept, on the asker's behalf."""
    withdraw_url: str = ""
    hidden: bool = False
    """Hidden by staff: shown marked to those who may still see it."""
    origin: Link | None = None
    """Where it was written, if staff have brought it here from another thread."""
    hide_url: str = ""
    """Staff: hide, or restore when hidden."""
    moderation: tuple[Link, ...] = ()
    """Further pages for staff: split, propose as FAQ entry and so on."""
    pictures: tuple[AttachmentView, ...] = ()
    files: tuple[AttachmentView, ...] = ()
    """What is attached and no picture."""
    notes: tuple[InternalComment, ...] = ()
    """For the team alone."""


@dataclass(frozen=True, slots=True, eq=False)
class ThreadRow:
    """A thread in a list. Each equals only itself, as with `PostView`."""

    id: int
    url: str
    title: str
    status: Literal["unanswered", "open", "solved", "discussion", "new", "planned", "done", "declined"]
    author: Author
    when: When
    """The last activity."""
    answer_count: int = 0
    kudos_count: int = 0
    staff_answered: bool = False
    pinned: bool = False
    locked: bool = False
    hidden: bool = False
    space_name: str = ""
    """Empty inside the space itself."""
    space_url: str = ""
    tags: tuple[Link, ...] = ()
    title_html: Markup | None = None
    """The title with the found words marked, in search results."""
    passage_html: Markup | None = None
    """The matching passage with the found words marked, in search results."""


@dataclass(frozen=True, slots=True)
class SpaceTile:
    """A space on the home page."""

    name: str
    url: str
    icon: str
    """A name from the sprite, such as "router"."""
    purpose: str
    access: Literal["open", "members", "exclusive"] = "open"
    locked: bool = False
    """Shown to somebody who may not read it: purpose and way in only."""
    question_count: int | None = None
    last_activity: When | None = None


# --- forms --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; `field` is the name of the input, its id is ``f-<name>``."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class FormState:
    """What a form shows again: the values as they came and what is wrong with them."""

    values: dict[str, str] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()

    def value(self, name: str, default: str = "") -> str:
        """The value as it came in, or `default` on the first showing."""
        return self.values.get(name, default)

    def error(self, name: str) -> str:
        """The message for one field, or nothing."""
        return next((error.message for error in self.errors if error.field == name), "")


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a select or a group of radio buttons."""

    value: str
    label: str
    hint: str = ""
    selected: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure on a dashboard, compared in words and not by colour alone."""

    label: str
    value: str
    change: str = ""
    """Against the period before: "+ 4 points"."""
    trend: Literal["better", "worse", ""] = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One value of a bar chart."""

    label: str
    value: float
    text: str = ""
    """The value as it is written; the plain number where empty."""


# --- the frame around every page ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Notice:
    """A message about what has just happened, shown once above the page."""

    text: str
    kind: Literal["ok", "info", "warning"] = "ok"
    undo_url: str = ""
    """Where what was done is undone; empty where that is not offered."""
    undo_reason: str = ""
    """With which reason one press undoes it; without one the address leads to the form that asks for it."""


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """A language of the interface and the address a form posts `next` to in order to switch to it."""

    code: str
    name: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class WishForm:
    """The buttons "Follow" and "Mute" of a space or a tag; `wish` is which of them is pressed."""

    url: str
    wish: str
    back: str
    """Where the form leads to afterwards."""
    name: str = ""
    """What it is about, read out where several such forms stand on a page."""


@dataclass(frozen=True, slots=True)
class FrameViewer:
    """The signed-in member in the header."""

    nickname: str
    url: str
    seed: int = 0
    photo: str = ""
    is_staff: bool = False
    is_moderator: bool = False
    is_administrator: bool = False
    unread_count: int = 0


@dataclass(frozen=True, slots=True)
class LinkPreview:
    """What other sites show of a page that somebody links to (Open Graph)."""

    title: str
    description: str
    kind: Literal["website", "article"]
    locale: str
    """Language and country of title and description: "de_DE"."""
    image: str = ""
    """The address of a picture that everybody may see."""
    image_alt: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything base.html needs besides the page itself."""

    language: str
    viewer: FrameViewer | None = None
    languages: tuple[LanguageLink, ...] = ()
    section: str = ""
    """Which entry of the navigation is current: home, spaces, faq, blog, groups or ranking."""
    path: str = "/"
    """Path and query of the page; forms come back here."""
    canonical: str = ""
    """The absolute address of the page, or nothing for pages that are not indexed."""
    alternates: tuple[tuple[str, str], ...] = ()
    """Language and absolute address of the page in each language it is there in."""
    robots: str = ""
    """For example "noindex"; empty means: as search engines like."""
    feeds: tuple[Link, ...] = ()
    """Atom feeds of the page."""
    preview: LinkPreview | None = None
    """None on pages that are not for everybody."""
    structured_data: Markup = field(default_factory=Markup)
    """JSON-LD for search engines; empty on pages that are not for everybody."""
    mode: Literal["", "light", "dark"] = ""
    """The colour mode the viewer chose; empty follows the system."""
    mode_url: str = ""
    """Where the colour-mode form posts `mode` and `next`; empty: no such control."""
    notice: Notice | None = None
    accept_url: str = ""
    """Where a new version of the terms or the like waits to be accepted by this member."""
    legal: tuple[Link, ...] = ()
    """Imprint, privacy, terms, netiquette; the default links where empty."""
    spaces: tuple[Link, ...] = ()
    """Spaces the viewer may read, for the menu."""
    query: str = ""
    """The words in the search field of the header."""
    ask_url: str = "/ask"
    """Where the Ask button leads; inside a space with that space chosen."""
    development: bool = False
