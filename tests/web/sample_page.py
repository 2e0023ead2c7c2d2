"""Sample objects for every macro: what tests of the look render."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from community.web.parts import (
    Author,
    Bar,
    Choice,
    CommentView,
    Crumb,
    FieldError,
    FilterLink,
    FormState,
    Frame,
    FrameViewer,
    LanguageLink,
    Link,
    Pager,
    PostView,
    SpaceTile,
    Text,
    ThreadRow,
    Tile,
    When,
    numbered_pager,
)

NOW = datetime(2026, 11, 22, 10, 42, tzinfo=UTC)

SANDRA = Author(
    "Sandra K.", "/members/sandra", "staff", photo="img/staff-1.svg", line="Business lines · Mo–Fr 8–18"
)
MARKUS = Author("Markus T.", "/members/markus", "staff", photo="img/staff-2.svg", line="Moderation")
AYLIN = Author("Aylin D.", "/members/aylin", "staff", photo="img/staff-3.svg", line="Contracts and invoices")
ASKER = Author(
    "it_leitung_nord",
    "/members/it_leitung_nord",
    seed=814_772,
    line="since 2021 · 14 solutions",
    rank="Active",
    asker=True,
)
FRIEDA = Author(
    "netzwerk_frieda",
    "/members/netzwerk_frieda",
    seed=29_311,
    line="since 2019 · 312 solutions",
    expert="Networks",
)
HUBER = Author("s_huber", "/members/s_huber", seed=5_000_201)
FORMER = Author("Former member", None, "former")

QUESTION = Markup(
    "<p>Good morning,</p><p>our office in Kiel moved from DSL to <strong>Fibre Business 500</strong> on Friday. "
    "Since then the firewall gets another IPv4 address with every dial-in.</p>"
    "<ol><li>Entered the credentials again</li><li>Restarted the modem</li></ol>"
    '<pre tabindex="0"><code>09:12:04  pppoe0  IPCP  local 100.72.18.203\n'
    "09:12:05  ipsec   no connection has been matched for 203.0.113.27</code></pre>"
    "<p>Does the fixed address come back by itself?</p>"
)
ANSWER = Markup(
    "<p>An address from <code>100.64.0.0/10</code> means that the line runs in the standard profile.</p>"
    "<p><strong>How to get it back:</strong></p><ol><li>Switch on “Fixed IPv4” in the customer centre.</li>"
    "<li>Wait for the confirmation.</li><li>Dial in again.</li></ol>"
)
SHORT = Markup("<p>It was exactly like that. The old address is back. Thanks to both of you!</p>")


def _when(**ago: int) -> When:
    return When.of(NOW - timedelta(**ago), NOW)


@dataclass(frozen=True, slots=True)
class ComponentsPage:
    """One of everything."""

    when: When
    authors: tuple[Author, ...]
    pictures: tuple[Author, ...]
    question: PostView
    solution: PostView
    answers: tuple[PostView, ...]
    rows: tuple[ThreadRow, ...]
    spaces: tuple[SpaceTile, ...]
    pager: Pager
    crumbs: tuple[Crumb, ...]
    orders: tuple[FilterLink, ...]
    facts: tuple[tuple[str, str], ...]
    staff: tuple[Author, ...]
    form: FormState
    choices: tuple[Choice, ...]
    preview: Text
    tiles: tuple[Tile, ...]
    bars: tuple[Bar, ...]


def components_page() -> ComponentsPage:
    """The page behind ``dev/components.html``."""
    comment = CommentView(
        id=51,
        author=ASKER,
        when=_when(hours=20),
        html=Markup("<p>Is it the <em>same</em> address again?</p>"),
        flag_url="/flag",
    )
    question = PostView(
        id=1,
        anchor="post-1",
        kind="question",
        author=ASKER,
        when=_when(days=5),
        html=QUESTION,
        label="Question by",
        permalink="/posts/1",
        kudos_count=9,
        kudos_url="/posts/1/kudos",
        quote_url="?quote=1",
        flag_url="/posts/1/flag",
        history_url="/posts/1/history",
        edited=_when(days=4),
        comments=(comment,),
        comment_url="/posts/1/comments",
    )
    solution = PostView(
        id=2,
        anchor="post-2",
        kind="answer",
        author=SANDRA,
        when=_when(days=4),
        html=ANSWER,
        label="Answer by",
        permalink="/posts/2",
        is_solution=True,
    )
    answers = (
        PostView(
            id=3,
            anchor="post-3",
            kind="answer",
            author=FRIEDA,
            when=_when(hours=9),
            html=SHORT,
            label="Answer by",
            permalink="/posts/3",
            kudos_count=11,
            kudos_given=True,
            kudos_url="/posts/3/kudos",
            quote_url="?quote=3",
            accept_url="/posts/3/accept",
            flag_url="/posts/3/flag",
            comment_url="/posts/3/comments",
        ),
        PostView(
            id=4,
            anchor="post-4",
            kind="answer",
            author=MARKUS,
            when=_when(hours=3),
            html=SHORT,
            label="Answer by",
            permalink="/posts/4",
            kudos_count=2,
            quote_url="?quote=4",
            edit_url="/posts/4/edit",
            moderation=(Link("Propose as FAQ entry", "/posts/4/faq"),),
            hide_url="/posts/4/hide",
        ),
        PostView(
            id=5,
            anchor="post-5",
            kind="answer",
            author=FORMER,
            when=_when(minutes=12),
            html=SHORT,
            label="Answer by",
            hidden=True,
            hide_url="/posts/5/restore",
        ),
    )
    return ComponentsPage(
        when=_when(days=3),
        authors=(SANDRA, FRIEDA, ASKER, HUBER, FORMER),
        pictures=tuple(Author(f"m{n}", None, seed=7_919 * n * n + 13 * n) for n in range(1, 25)),
        question=question,
        solution=solution,
        answers=answers,
        rows=sample_rows(),
        spaces=sample_spaces(),
        pager=numbered_pager(7, 614, base="/spaces/fibre"),
        crumbs=(Crumb("Home", "/"), Crumb("Internet & fibre", "/spaces/fibre")),
        orders=(
            FilterLink("Oldest", "?", True),
            FilterLink("Newest", "?order=newest"),
            FilterLink("Kudos", "?order=kudos", count=1284),
        ),
        facts=(("Status", "Solved"), ("First answer", "after 47 min"), ("Following", "23")),
        staff=(SANDRA, MARKUS, AYLIN),
        form=FormState(
            {"title": "IP gone", "body": "It happened on Friday.", "space": "", "follow": "1"},
            (
                FieldError("title", "Please write one sentence of at least 15 letters."),
                FieldError("space", "Please choose a space."),
            ),
        ),
        choices=(
            Choice("fibre", "Internet & fibre", "Lines, addresses, faults"),
            Choice("mobile", "Mobile", selected=True),
        ),
        preview=(SHORT,),
        tiles=(
            Tile("New questions", "1,204", "+ 6 %"),
            Tile("Solved within 14 days", "81 %", "+ 4 points", "better", "/admin"),
            Tile("Open without answer", "37", "+ 5", "worse"),
        ),
        bars=tuple(
            Bar(f"W {36 + n}", value, f"{value} min")
            for n, value in enumerate((88, 84, 79, 81, 74, 70, 66, 69, 61, 58, 55, 52))
        ),
    )


def sample_rows() -> tuple[ThreadRow, ...]:
    """Threads in every state."""
    return (
        ThreadRow(
            1,
            "/threads/1-a",
            "Fixed IPv4 address gone after the move to Fibre Business: how do we get it back?",
            "solved",
            ASKER,
            _when(minutes=6),
            5,
            24,
            pinned=True,
            space_name="Internet & fibre",
            space_url="/spaces/fibre",
            tags=(Link("ipv4", "/tags/ipv4"), Link("fibre", "/tags/fibre")),
        ),
        ThreadRow(
            2,
            "/threads/2-b",
            "Keeping our number: the old provider refuses because of a different owner",
            "open",
            HUBER,
            _when(minutes=9),
            3,
            0,
            staff_answered=True,
            space_name="Telephony",
            space_url="/spaces/telephony",
        ),
        ThreadRow(
            3,
            "/threads/3-c",
            "How fast does the router switch to 5G when the fibre fails?",
            "unanswered",
            FRIEDA,
            _when(days=40),
            locked=True,
            space_name="Networks",
            space_url="/spaces/networks",
            passage_html=Markup(
                "… the <mark>router</mark> switches within 30 seconds when the <mark>fibre</mark> is gone …"
            ),
        ),
    )


def sample_spaces() -> tuple[SpaceTile, ...]:
    """Spaces of every access."""
    return (
        SpaceTile(
            "Internet & fibre",
            "/spaces/fibre",
            "router",
            "Lines, moves, fixed addresses, faults",
            "open",
            False,
            4812,
            _when(minutes=6),
        ),
        SpaceTile(
            "Contracts and invoices",
            "/spaces/contracts",
            "receipt",
            "Customer centre, invoices, moving",
            "members",
            False,
            1,
            _when(hours=2),
        ),
        SpaceTile(
            "Large customers",
            "/spaces/large",
            "building-2",
            "For companies with a frame contract",
            "exclusive",
            True,
        ),
    )


def sample_frame(language: str = "en", mode: str = "", *, guest: bool = False) -> Frame:
    """The frame of a page as a member of the staff sees it, or a guest."""
    viewer = FrameViewer(
        "kanzlei_brandt",
        "/members/kanzlei_brandt",
        4711,
        is_staff=True,
        is_moderator=True,
        is_administrator=True,
        unread_count=3,
    )
    return Frame(
        language=language,
        viewer=None if guest else viewer,
        languages=(
            LanguageLink("de", "Deutsch", "/language/de"),
            LanguageLink("en", "English", "/language/en", True),
        ),
        section="spaces",
        path="/dev/components",
        mode=mode,  # type: ignore[arg-type]
        mode_url="/mode",
    )
