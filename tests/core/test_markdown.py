import re
from html.parser import HTMLParser

import lxml.html
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from community.core import markdown
from community.core.code_highlighting import CODE_BACKGROUNDS, LANGUAGES, PALETTE, stylesheet
from community.core.markdown import (
    CLEANER,
    LONGEST_RENDERED,
    MAX_LENGTH,
    excerpt,
    mentioned,
    plain_text,
    quote,
    render,
)
from community.core.markdown_limits import MAX_COLUMNS
from tests.core.stopwatch import at_most

# --- what Markdown becomes ----------------------------------------------------------------------------


def test_emphasis_lists_and_quotations_are_rendered() -> None:
    html = render("**bold** *it* ~~old~~\n\n- a\n  1. b\n\n> said\n\n---\n")
    for tag in ("strong", "em", "s", "ul", "ol", "li", "blockquote", "hr"):
        assert f"<{tag}>" in html


def test_a_line_break_in_the_text_is_one_in_the_page() -> None:
    assert render("one\ntwo") == "<p>one<br>\ntwo</p>\n"


def test_code_keeps_every_character() -> None:
    code = "\tif a < b && c:\n\n        print('`*_@Otter')  # \\n &amp;\n"
    for fence in ("```", "```python", "```nonsense", "~~~ js"):
        html = render(f"{fence}\n{code}{fence[:3]}\n", mentions={"Otter": "/members/Otter"})
        assert lxml.html.fromstring(html).text_content().strip("\n") == code.strip("\n")


def test_code_can_be_scrolled_by_keyboard_and_has_a_name() -> None:
    assert '<pre tabindex="0" role="group" aria-label="Code"><code>x' in render("```\nx\n```")
    assert 'aria-label="Code: python"><code class="language-python">' in render("```py\nx = 1\n```")
    assert '<pre tabindex="0"' in render("    indented\n")


def test_tables_can_be_scrolled_by_keyboard_and_are_named_by_their_heads() -> None:
    html = render("| Tarif | **Preis** |\n|---|--:|\n| S | 9 |\n")
    assert '<div class="scroll-x" tabindex="0" role="group" aria-label="Tarif, Preis"><table>' in html
    assert '<th class="align-end" scope="col"><strong>Preis</strong></th>' in html
    assert "style" not in html


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("# a\n## b\n### c\n# d", "h3 h4 h5 h3"),
        ("#### deep first\n###### deeper\n## up", "h3 h4 h3"),
        ("Title\n=====\n\nSub\n---\n", "h3 h4"),
        ("# a\n## b\n### c\n#### d\n##### e\n###### f", "h3 h4 h5 h6 h6 h6"),
    ],
)
def test_headings_begin_below_those_of_the_page_and_skip_no_level(text: str, tags: str) -> None:
    assert re.findall(r"<(h\d)>", render(text)) == tags.split()


def test_links_give_no_weight_and_no_origin() -> None:
    assert (
        render("[x](https://example.org/a_b)")
        == '<p><a href="https://example.org/a_b" rel="nofollow ugc noreferrer">x</a></p>\n'
    )


def test_whole_addresses_become_links_and_bare_words_do_not() -> None:
    assert render("see https://example.org/a_b?c=d.").count("<a ") == 1
    assert "<a " not in render("readme.md node.js example.com a@example.com //example.com ftp://example.com")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "file:///etc/passwd",
     "JaVaScRiPt:x", "java&#x73;cript:x", "x.html", "tel:110", "irc://x", "&#1;javascript:x", "\\//evil.example"],
)  # fmt: skip
def test_no_link_leads_to_a_dangerous_place(address: str) -> None:
    for text in (f"[x]({address})", f"![x]({address})", f"<{address}>", f"[x]\n\n[x]: {address}"):
        assert "href" not in render(text)
        assert "src=" not in render(text)


def test_pictures_of_others_become_links() -> None:
    html = render("![A plan](https://tracker.example/p.png)")
    assert "<img" not in html
    assert ">A plan</a>" in html
    assert ">p.png</a>" in render("![](https://tracker.example/dir/p.png)")


def test_a_picture_inside_a_link_becomes_its_words() -> None:
    html = render("[![A plan](https://tracker.example/p.png)](https://example.org)")
    assert html.count("<a ") == 1
    assert ">A plan</a>" in html


def test_own_pictures_are_shown() -> None:
    assert '<img src="/attachments/7/plan.png" alt="A plan" loading="lazy">' in render(
        "![A plan](/attachments/7/plan.png)"
    )
    for outside in ("/attachments/../admin", "/attachments/%2e%2e/admin", "/static/x.png"):
        assert "<img" not in render(f"![x]({outside})")


def test_html_is_shown_as_it_was_typed() -> None:
    assert render("<b>x</b> <script>alert(1)</script>").count("&lt;") == 4


def test_very_long_text_is_shown_as_it_was_typed() -> None:
    html = render("**a** <b>\n\n" + "x" * LONGEST_RENDERED)
    assert html.startswith("<p>**a** &lt;b&gt;</p>")


# --- mentions, quotations, plain text -----------------------------------------------------------------


def test_a_mention_links_to_the_profile_of_those_who_exist() -> None:
    html = render("Thanks @blauer-otter, @nobody!", mentions={"Blauer-Otter": "/members/Blauer-Otter"})
    assert (
        '<a href="/members/Blauer-Otter" class="mention" rel="nofollow ugc noreferrer">@blauer-otter</a>,'
        in html
    )
    assert "@nobody!" in html


@pytest.mark.parametrize(
    ("text", "nicknames"),
    [
        ("@Anna, @j.r. and @Otter_7!", ("Anna", "j.r", "Otter_7")),
        ("@Anna @anna", ("Anna",)),
        ("(@Müller)", ("Müller",)),
        ("a@example.com, `@code`, [@link](https://e.org), \\@Anna", ("Anna",)),
        ("```\n@code\n```", ()),
        ("> @Quoted:\n>\n> @Told said\n>\n> > @Deep:\n\n@New", ("Quoted", "New")),
        ("@ab @@x", ()),
        ("https://example.org/@name", ()),
    ],
)
def test_mentions_are_found_outside_code_links_and_quoted_text(text: str, nicknames: tuple[str, ...]) -> None:
    assert mentioned(text) == nicknames


def test_a_quotation_names_its_author_and_quotes_everything() -> None:
    text = "One\n\n```\ncode\n```\nend"
    html = render(quote(text, "Blauer-Otter") + "My answer", mentions={"Blauer-Otter": "/members/x"})
    tree = lxml.html.fromstring(f"<div>{html}</div>")
    assert [child.tag for child in tree] == ["blockquote", "p"]
    assert tree.text_content().split() == ["@Blauer-Otter:", "One", "code", "end", "My", "answer"]


def test_plain_text_reads_like_the_page() -> None:
    html = render("# Head\none *two*\n\n- a & b\n- c\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n```\nif a<b:\n```")
    assert plain_text(html).split("\n") == [
        "Head",
        "one two",
        "a & b",
        "c",
        "x",
        "y",
        "1",
        "2",
        "if a<b:",
    ] or plain_text(html).split("\n") == ["Head", "one two", "a & b", "c", "x y", "1 2", "if a<b:"]


def test_an_excerpt_ends_between_words_and_is_never_longer_than_asked() -> None:
    assert excerpt("one two\nthree", 50) == "one two three"
    assert excerpt("one two three", 9) == "one two…"
    assert excerpt("abcdefghij", 5) == "abcd…"
    assert excerpt("<b> & co", 50) == "<b> & co"


@given(st.text(), st.integers(2, 60))
def test_every_excerpt_fits(text: str, width: int) -> None:
    assert len(excerpt(text, width)) <= width
    assert "\n" not in excerpt(text, width)


# --- nothing else gets through ------------------------------------------------------------------------

_PIECES = st.sampled_from(
    [
        "<",
        ">",
        '"',
        "'",
        "`",
        "```",
        "*",
        "_",
        "~~",
        "[",
        "]",
        "(",
        ")",
        "!",
        "![",
        "](",
        "#",
        "-",
        "+",
        "1.",
        "|",
        "|-|",
        ":",
        "\\",
        "&",
        "&lt;",
        "&#x3c;",
        "&quot;",
        "@",
        "@otter",
        "javascript:",
        "data:\n",
        "",
        "",
        "",
        "<script>",
        "</script>",
        "<svg/onload=alert(1)>",
        "<img",
        "src=x",
        "onerror=y>",
        "<a",
        'href="',
        "http://x",
        "https://e.org/",
        "mailto:a@b\n",
        "",
        "",
        "",
        "/attachments/",
        "/attachments/x.png",
        "```py",
        "```html",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<style>",
        "style=",
        "class=",
        "id=",
        "x",
        "y",
        "ä",
        "\u202e",
    ]
)
_BLANKS = st.sampled_from(["\n", "\n\n", "    ", " ", "\t", "\0", "> ", "\n- ", "\n|a|b|\n|-|-|\n|"])
_texts = st.lists(_PIECES | _BLANKS, max_size=40).map("".join)

_ALLOWED = {
    "a": {"href", "title", "rel", "class"},
    "img": {"src", "alt", "title", "loading"},
    "ol": {"start"},
    "pre": {"tabindex", "role", "aria-label"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "code": {"class"},
    "span": {"class"},
    "th": {"class", "scope"},
    "td": {"class"},
} | dict.fromkeys(
    "blockquote br del em h3 h4 h5 h6 hr li p s strong table tbody thead tr ul".split(), frozenset[str]()  # noqa: SIM905
)  # fmt: skip
_CLASSES = (
    {"mention", "scroll-x", "align-end", "align-center"}
    | set(PALETTE)
    | {f"language-{name}" for name in LANGUAGES}
)


class _Inspector(HTMLParser):
    """A parser that is not the cleaner's."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _ALLOWED
        for name, value in attrs:
            assert name in _ALLOWED[tag]
            if name == "class":
                assert set((value or "").split()) <= _CLASSES
            elif name == "href":
                assert re.match(r"(?i)https?:|mailto:|/(?![/\\])|#", value or "")
            elif name == "src":
                assert (value or "").startswith("/attachments/")
        if tag == "a":
            assert dict(attrs)["rel"] == "nofollow ugc noreferrer"

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError("a declaration")


@given(_texts)
@example("<script>alert(1)</script>")
@example('[x](https://e.org "onmouseover=alert(1)")')
@example('![" onerror="alert(1)](/attachments/x)')
@example('```html" onload="x\n<b>\n```')
def test_nothing_outside_the_list_gets_through(text: str) -> None:
    html = render(text, mentions={"otter": "/members/otter"})
    inspector = _Inspector(convert_charrefs=True)
    inspector.feed(html)
    inspector.close()
    for element in lxml.html.fromstring(f"<main>{html}</main>").iterdescendants():
        assert element.tag in _ALLOWED
        assert set(element.attrib) <= _ALLOWED[element.tag]


@given(_texts)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    html = render(text)
    assert CLEANER.clean(html) == html


@given(st.text())
def test_any_text_can_be_rendered(text: str) -> None:
    assert isinstance(render(text), str)
    assert isinstance(mentioned(text), tuple)
    assert isinstance(plain_text(render(quote(text, "Otter"))), str)


@given(st.text())
def test_the_cleaner_alone_is_safe_too(html: str) -> None:
    inspector = _Inspector(convert_charrefs=True)
    inspector.feed(CLEANER.clean(html))


# --- time ---------------------------------------------------------------------------------------------

HOSTILE = {
    "brackets": "[" * MAX_LENGTH,
    "pictures": "![" * (MAX_LENGTH // 2),
    "nested brackets": "[" * 10_000 + "]" * 10_000,
    "nested links": "[" * 6_000 + "](a)" * 3_500,
    "unfinished links": "[a](" * 5_000,
    "unfinished titles": '[a](b "' * 2_800,
    "unfinished pictures": "![a](b" * 3_300,
    "references": "[a]: b\n\n" + "[a]" * 6_600,
    "brackets by line": "[\n" * 10_000,
    "brackets in addresses": "[<ht:a]>" * 2_500,
    "deep quotations": ">" * MAX_LENGTH,
    "spaced quotations": "> " * 10_000,
    "deep lists": "- " * 10_000,
    "stairs": "".join(" " * depth + "- a\n" for depth in range(195)),
    "wide table": "|a" * 60 + "|\n" + "|-" * 60 + "|\n" + "|\n" * 9_800,
    "wider table": "|a" * 5_000 + "|\n" + "|-" * 5_000,
    "long table": "|a|b\n|-|-\n" + "|1\n" * 6_600,
    "tables": "|a|\n|-|\n\n" * 2_200,
    "table heads": "|a|\n" + "|-|\n" * 4_900,
    "stars": "*" * MAX_LENGTH,
    "open stars": "**a *a " * 2_800,
    "underscores": "_a__" * 5_000,
    "tildes": "~~a" * 6_666,
    "backticks": "".join("`" * length + "a" for length in range(190)),
    "angles": "<" * MAX_LENGTH,
    "addresses": "http://" * 2_857,
    "open addresses": "https://a.de/" + "(" * 19_000,
    "broken addresses": "http://!" * 2_500,
    "colons": "@ab:" * 5_000,
    "angles and addresses": "<" * 10_000 + "<@abhttp://" * 900,
    "hyphens": "https://" + "a-" * 9_000,
    "domains": "https://" + "a." * 9_900,
    "entities": "&" * MAX_LENGTH,
    "mentions": "@abc " * 4_000,
    "long mention": "@" + "a-" * 9_990,
    "lines": "a\n" * 10_000,
    "headings": "# a\n" * 5_000,
    "setext": "a\n=\n" * 5_000,
    "escapes": "\\" * MAX_LENGTH,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_rendered_in_half_a_second(name: str) -> None:
    text = HOSTILE[name][:MAX_LENGTH]
    with at_most(0.5):
        html = render(text, mentions={"abc": "/members/abc"})
    with at_most(0.5):
        plain_text(html)
        mentioned(text)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("pattern", ["(", "${`", "a" * 50 + "!"])
def test_hostile_code_is_coloured_in_half_a_second(language: str, pattern: str) -> None:
    code = (pattern * 12_000)[:11_990]
    with at_most(0.5):
        html = render(f"~~~~~~~~~~{language}\n{code}\n~~~~~~~~~~")
    assert f"language-{language}" in html


def test_a_paragraph_full_of_addresses_stays_readable_text() -> None:
    assert render("https://example.org/ " * 150).count("<a ") == 150
    assert "<a " not in render("https://example.org/ " * 500)


def test_a_table_that_is_too_wide_stays_text() -> None:
    columns = MAX_COLUMNS + 1
    assert "<table" not in render("|a" * columns + "|\n" + "|-" * columns + "|\n")
    assert "<table" in render("|a" * MAX_COLUMNS + "|\n" + "|-" * MAX_COLUMNS + "|\n")


# --- colours ------------------------------------------------------------------------------------------


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("css_class", PALETTE)
@pytest.mark.parametrize("mode", [0, 1])
def test_every_colour_of_code_can_be_read(css_class: str, mode: int) -> None:
    lighter, darker = sorted(
        (_luminance(PALETTE[css_class][mode]), _luminance(CODE_BACKGROUNDS[mode])), reverse=True
    )
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_every_class_of_code_has_its_rule() -> None:
    assert all(f".prose code .{css_class} " in stylesheet() for css_class in PALETTE)


def test_the_version_says_when_stored_html_is_old() -> None:
    assert isinstance(markdown.RENDER_VERSION, int)


class ThoroughReader(HTMLParser):
    """Reads HTML with a real parser."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "img":
            self.pieces.append(dict(attrs).get("alt") or "")
        self._separate(tag)

    def handle_endtag(self, tag: str) -> None:
        self._separate(tag)

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)

    def _separate(self, tag: str) -> None:
        if tag in "blockquote br div h2 h3 h4 h5 h6 hr li ol p pre table tr ul".split():  # noqa: SIM905
            self.pieces.append("\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")


@pytest.mark.parametrize(
    "text",
    [
        "Plain & simple, 3 < 4 > 2",
        "# Heading\n\nA *word* and `code <b>`.\n\n- one\n- two\n\n1. first\n2. second",
        "| a | b |\n|---|---|\n| 1 & 2 | <3 |",
        "```python\nif a < b:\n    print('x > y')\n```",
        '> quoted\n> lines\n\n---\n\n[a link](https://example.org/?a=1&b=2 "a > title") <https://example.org>',
        '![a picture](/attachments/1/a.png "t") ![other](https://example.org/p.png)',
        "Line one  \nline two &amp; &#60; &nbsp; end @Helper ~~gone~~",
        "<script>alert(1)</script> <b>not bold</b>",
        "",
    ],
)
def test_the_quick_reading_of_a_post_says_the_same_as_the_thorough_one(text: str) -> None:
    html = render(text, mentions={"Helper": "/members/Helper"})
    reader = ThoroughReader()
    reader.feed(html)
    reader.close()
    lines = (
        " ".join(line.replace("\xa0", " ").split(" ")).strip() for line in "".join(reader.pieces).split("\n")
    )
    assert plain_text(html) == "\n".join(re.sub("[ \t]+", " ", line) for line in lines if line)
