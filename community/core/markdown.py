"""Markdown to safe HTML, and the small operations on members' texts that go with it.

Three layers keep a text harmless: the parser knows no raw HTML, the rules below emit only what `CLEANER`
lists, and the cleaner then removes everything else, should a layer before it be wrong. Rendering takes time
linear in the length of the text; the rules in `markdown_limits` see to that.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape, unescape
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote, urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from community.core.code_highlighting import LANGUAGES, PALETTE, highlight, language_of
from community.core.i18n import gettext as _
from community.core.markdown_entries import (
    CARD_CLASS,
    link_entries,
    set_entries_apart,
    take_words_off,
    without_words,
)
from community.core.markdown_limits import limit_work

RENDER_VERSION = 3
"""Raised whenever `render` gives other HTML for the same text, so that stored HTML can be made anew."""

OUTERMOST_HEADING = 3
"""The page around a post has h1 and h2 of its own."""

MAX_LENGTH = 20_000
"""Characters that a member may post; forms refuse more."""

LONGEST_RENDERED = 65_000
"""Imported texts may be longer than `MAX_LENGTH`; beyond this a text is shown as it was typed."""

OWN_IMAGES = "/attachments/"
"""Pictures appear in the page only from here. Others would tell their owner who reads what and when."""

LINK_SCHEMES = frozenset({"http", "https", "mailto"})
LINK_RELATION = "nofollow ugc noreferrer"

MENTION = re.compile(r"(?<![^\W_])(?<![@./_\-])@([^\W_](?:[^\W_]|[._-](?=[^\W_])){2,23})(?![^\W_]|@)")
"""``@nickname``: letters and digits with single separators between, as nicknames are spelled."""

_SCHEME = re.compile(r"[a-z][a-z0-9+.\-]*:", re.IGNORECASE)


def render(
    text: str, *, mentions: Mapping[str, str] = MappingProxyType({}), outermost: int = OUTERMOST_HEADING
) -> str:
    """Safe HTML of a member's text.

    `mentions` gives the address of the profile for each nickname that ``@nickname`` may link to (case does
    not matter; `mentioned` says which nicknames to look up). Others stay text. Headings begin at the level
    `outermost`.
    """
    if len(text) > LONGEST_RENDERED:
        return _as_typed(text)
    addresses = {nickname.casefold(): address for nickname, address in mentions.items()}
    return CLEANER.clean(_PARSER.render(text, {"mentions": addresses, "outermost": outermost}))


def mentioned(text: str) -> tuple[str, ...]:
    """The nicknames that `text` addresses, as typed, each once, in order.

    Nothing inside code and links counts, and of a quotation only the line that says who is quoted: whoever
    was addressed in the quoted post has been told already.
    """
    if "@" not in text:
        return ()
    found: dict[str, str] = {}
    depth = 0
    for token in _PARSER.parse(text[:LONGEST_RENDERED], {"mentions": {}}):
        depth += token.nesting if token.type.startswith("blockquote") else 0
        if token.type != "inline" or depth > 1:
            continue
        is_attribution = bool(re.fullmatch(r"@\S+:", token.content))
        if depth == 1 and not is_attribution:
            continue
        for child, in_link in _with_link_state(token.children or []):
            if child.type == "text" and not in_link:
                for nickname in MENTION.findall(child.content):
                    found.setdefault(nickname.casefold(), nickname)
    return tuple(found.values())


def quote(text: str, nickname: str) -> str:
    """`text` as a Markdown quotation that names its author, ready to be written under."""
    lines = [f"@{nickname}:", "", *text.strip().replace("\r\n", "\n").split("\n")]
    return "\n".join(f"> {line}".rstrip() for line in lines) + "\n\n"


def plain_text(html: str) -> str:
    """What a reader sees of rendered HTML, a line per block; for the search index, mails, excerpts, structured data.

    Twenty times as fast as a parser, because it relies on what `render` writes: every < that is no tag is &lt;.
    """
    text = unescape(_TAG.sub(_instead_of_tag, html))
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


_TAG = re.compile(r'<(/?)([a-z0-9]+)((?:[^">]|"[^"]*")*)>')
_ALTERNATIVE = re.compile(r'\salt="([^"]*)"')
_BLOCKS = frozenset("blockquote br div h2 h3 h4 h5 h6 hr li ol p pre table tr ul".split())  # noqa: SIM905


def _instead_of_tag(match: re.Match[str]) -> str:
    closing, name, attributes = match.groups()
    if name in _BLOCKS:
        return "\n"
    if name in ("td", "th"):
        return " "
    if name == "img" and not closing:
        alternative = _ALTERNATIVE.search(attributes)
        return alternative[1] if alternative else ""
    return ""


def excerpt(text: str, width: int) -> str:
    """The beginning of a plain text on one line, at most `width` characters, cut between words."""
    line = " ".join(text.split())
    if len(line) <= width:
        return line
    cut = line[: width - 1]
    head, _space, _tail = cut.rpartition(" ")
    # A single word longer than the line is cut in the middle: better than nothing at all.
    if line[width - 1] != " " and len(head) > width // 2:
        cut = head
    return cut.rstrip(" ,;:.-–") + "…"


def is_safe_link(address: str) -> bool:
    """Whether a text may link there: the web, a mail address, or a path of this site."""
    if scheme := _SCHEME.match(address):
        return scheme.group()[:-1].lower() in LINK_SCHEMES
    if address.startswith("/"):
        return not address.startswith(("//", "/\\"))
    return address.startswith("#")


def image_label(description: str, address: str) -> str:
    """The words for a picture that is not shown: its description, else its file name, else its host."""
    if description.strip():
        return description
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    return unquote(parts.path.rstrip("/").rpartition("/")[2]) or parts.netloc or address


def _as_typed(text: str) -> str:
    paragraphs = re.split(r"\n\s*\n", without_words(text).replace("\r\n", "\n").strip())
    return CLEANER.clean(
        "\n".join("<p>" + escape(part).replace("\n", "<br>") + "</p>" for part in paragraphs)
    )


# --- rules that run over the parsed tokens ------------------------------------------------------------


def _adapt(state: StateCore) -> None:
    """The site's own rules, run after everything of Markdown is parsed."""
    headings: list[int] = []
    for position, token in enumerate(state.tokens):
        if token.type == "heading_open":
            _demote_heading(
                token, state.tokens[position + 2], headings, state.env.get("outermost", OUTERMOST_HEADING)
            )
        elif token.type == "table_open":
            token.meta["label"] = _table_label(state.tokens, position)
        elif token.type in ("th_open", "td_open"):
            _adapt_cell(token)
        elif token.type in ("fence", "code_block"):
            take_words_off([token])
        elif token.type == "inline" and token.children:
            children = list(_pictures_as_links(link_entries(token.children)))
            token.children = list(_link_mentions(children, state.env.get("mentions") or {}))
    state.tokens = list(set_entries_apart(state.tokens))


def _demote_heading(opening: Token, closing: Token, outer: list[int], outermost: int) -> None:
    """The page has headings of its own above these, and a level must not be skipped, whatever the writer did."""
    level = int(opening.tag[1])
    while outer and outer[-1] >= level:
        outer.pop()
    outer.append(level)
    opening.tag = closing.tag = f"h{min(outermost - 1 + len(outer), 6)}"


def _adapt_cell(token: Token) -> None:
    style = str(token.attrs.pop("style", ""))
    if style.endswith("right"):
        token.attrs["class"] = "align-end"
    elif style.endswith("center"):
        token.attrs["class"] = "align-center"
    if token.type == "th_open":
        token.attrs["scope"] = "col"


def _table_label(tokens: list[Token], start: int) -> str:
    """The column heads name a table: that is right in the language it was written in."""
    heads = []
    for token in tokens[start:]:
        if token.type == "thead_close":
            break
        if token.type == "inline":
            text = "".join(
                child.content for child in token.children or [] if child.type in ("text", "code_inline")
            )
            heads.append(text.strip())
    return excerpt(without_words(", ".join(head for head in heads if head)), 100) or _("Table")


def _with_link_state(tokens: Iterable[Token]) -> Iterator[tuple[Token, bool]]:
    depth = 0
    for token in tokens:
        if token.type == "link_close":
            depth -= 1
        yield token, depth > 0
        if token.type == "link_open":
            depth += 1


def _pictures_as_links(tokens: Iterable[Token]) -> Iterator[Token]:
    for token, in_link in _with_link_state(tokens):
        if token.type != "image":
            yield token
            continue
        address = str(token.attrs.get("src", ""))
        if is_own_image(address):
            token.attrs["loading"] = "lazy"
            yield token
            continue
        description = "".join(child.content for child in token.children or [])
        label = _text_token(image_label(description, address))
        if in_link:
            yield label
        else:
            yield from _link(address, label)


def is_own_image(address: str) -> bool:
    """Whether a picture lies among the site's own uploads; no step up the path leads out of them."""
    return address.startswith(OWN_IMAGES) and ".." not in unquote(address) and "\\" not in unquote(address)


def _link_mentions(tokens: Iterable[Token], addresses: Mapping[str, str]) -> Iterator[Token]:
    for token, in_link in _with_link_state(tokens):
        if token.type != "text" or in_link or not addresses or "@" not in token.content:
            yield token
            continue
        end = 0
        for match in MENTION.finditer(token.content):
            address = addresses.get(match.group(1).casefold())
            if address is None:
                continue
            yield _text_token(token.content[end : match.start()])
            yield from _link(address, _text_token(match.group()), css_class="mention")
            end = match.end()
        yield _text_token(token.content[end:])


def _text_token(text: str) -> Token:
    return Token("text", "", 0, content=text)


def _link(address: str, label: Token, css_class: str = "") -> Iterator[Token]:
    attributes: dict[str, Any] = {"href": address}
    if css_class:
        attributes["class"] = css_class
    yield Token("link_open", "a", 1, attrs=attributes)
    yield label
    yield Token("link_close", "a", -1)


# --- rendering ----------------------------------------------------------------------------------------


class _Renderer(RendererHTML):
    """Blocks that may be wider than the page get a keyboard stop and a name."""

    def fence(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        words = tokens[index].info.split()
        return _code_block(tokens[index].content, language_of(words[0]) if words else None)

    def code_block(self, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
        return _code_block(tokens[index].content, None)

    def table_open(self, tokens: list[Token], index: int, options: Any, env: Any) -> str:
        label = escape(tokens[index].meta["label"])
        return f'<div class="scroll-x" tabindex="0" role="group" aria-label="{label}"><table>\n'

    def table_close(self, tokens: list[Token], index: int, options: Any, env: Any) -> str:
        return "</table></div>\n"


def _code_block(code: str, language: str | None) -> str:
    if language is None:
        opening, inside = "<code>", escape(code, quote=False)
    else:
        opening, inside = f'<code class="language-{language}">', highlight(code, language)
    name = f"Code: {language}" if language else "Code"
    return f'<pre tabindex="0" role="group" aria-label="{name}">{opening}{inside}</code></pre>\n'


def _make_parser() -> MarkdownIt:
    parser = MarkdownIt(
        "commonmark",
        {"html": False, "linkify": True, "breaks": True, "maxNesting": 24},
        renderer_cls=_Renderer,
    )
    parser.enable(["table", "strikethrough", "linkify"])
    if parser.linkify is None:
        raise RuntimeError("linkify-it-py is not installed.")
    # Only complete addresses become links: "readme.md" and "node.js" are names of files and things.
    parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})
    parser.linkify.add("ftp:", None).add("//", None)
    parser.validateLink = is_safe_link  # type: ignore[method-assign, assignment]
    # The default would decode punycode and percent signs: an address must read as it was written.
    parser.normalizeLinkText = str  # type: ignore[method-assign, assignment]
    limit_work(parser)
    parser.core.ruler.push("adapt", _adapt)
    return parser


def _allowed_attribute(tag: str, attribute: str, value: str) -> str | None:
    if (tag, attribute) == ("img", "src"):
        return value if is_own_image(value) else None
    if (tag, attribute) == ("a", "href"):
        return value if is_safe_link(value) else None
    if (tag, attribute) == ("ol", "start"):
        return value if value.isascii() and value.isdigit() else None
    return value


_TAGS = frozenset(
    """a blockquote br code del div em h2 h3 h4 h5 h6 hr img li ol p pre s span strong table tbody td th thead tr
    ul""".split()  # noqa: SIM905 - a list of words reads best as words
)
_SCROLLED = {"tabindex": {"0"}, "role": {"group"}}

CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags={"script", "style"},
    attributes={
        "a": {"href", "title"},
        "img": {"src", "alt", "title"},
        "ol": {"start"},
        "pre": {"aria-label"},
        "div": {"aria-label"},
    },
    tag_attribute_values={
        "pre": _SCROLLED,
        "div": _SCROLLED,
        "th": {"scope": {"col"}},
        "img": {"loading": {"lazy"}},
    },
    allowed_classes={
        "a": {"mention"},
        "code": {f"language-{language}" for language in LANGUAGES},
        "div": {"scroll-x"},
        "span": set(PALETTE),
        "p": {CARD_CLASS},
        "td": {"align-center", "align-end"},
        "th": {"align-center", "align-end"},
    },
    attribute_filter=_allowed_attribute,
    link_rel=LINK_RELATION,
    url_schemes=set(LINK_SCHEMES),
)
"""Everything that rendered texts may hold. Reusable and safe to share between threads."""

_PARSER = _make_parser()
