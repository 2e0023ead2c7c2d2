"""A forgiving reader of HTML fragments: whatever comes, a tree comes out that holds every character of text.

Written on the tokenizer of the standard library, because the import must be able to say exactly which text was
in a post; parsers that repair like browsers move and drop things on the way.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

DEEPEST = 60
"""Elements inside elements; deeper ones are read as if they were not there, their text is kept."""

VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)

BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "caption",
        "center",
        "dd",
        "details",
        "dialog",
        "div",
        "dl",
    }
    | {
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
    }
    | {
        "html",
        "legend",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
    }
    | {"th", "thead", "tr", "ul"}
)

UNSEEN = frozenset({"script", "style", "template", "head", "title"})

# What ends where something begins: <li> ends an open <li>, but not one outside the list it stands in.
_ENDED_BY: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset({"li"}), frozenset({"ul", "ol"})),
    "dt": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "dd": (frozenset({"dt", "dd"}), frozenset({"dl"})),
    "td": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "th": (frozenset({"td", "th"}), frozenset({"tr", "table"})),
    "tr": (frozenset({"tr"}), frozenset({"table"})),
    "tbody": (frozenset({"thead", "tbody", "tfoot"}), frozenset({"table"})),
    "thead": (frozenset({"thead", "tbody", "tfoot"}), frozenset({"table"})),
    "tfoot": (frozenset({"thead", "tbody", "tfoot"}), frozenset({"table"})),
}
_CELLS = frozenset({"td", "th", "table", "caption"})


@dataclass(slots=True)
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: "list[Element | str]" = field(default_factory=list)

    def descendants(self) -> "Iterator[Element]":
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.descendants()


def parse(html: str) -> Element:
    """The root holds the fragment; line ends are ``\\n`` alone, and characters that mean nothing are gone."""
    builder = _Builder()
    cleaned = html.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    builder.feed(cleaned)
    builder.close()
    return builder.root


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("fragment")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCKS:
            self._end({"p"}, _CELLS)
        if tag in _ENDED_BY:
            self._end(*_ENDED_BY[tag])
        element = Element(tag, {name: value or "" for name, value in attrs})
        if len(self._open) > DEEPEST and tag not in VOID:
            return
        self._open[-1].children.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # "<p/>" opens a paragraph in HTML; an empty element is what is meant here.
        self.handle_starttag(tag, attrs)
        if tag not in VOID and self._open[-1].tag == tag:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag == "br":
            self._open[-1].children.append(Element("br"))
        elif tag in BLOCKS:
            self._end({tag}, frozenset() if tag in _ENDED_BY or tag == "table" else _CELLS)
        else:
            self._end({tag}, BLOCKS)

    def handle_data(self, data: str) -> None:
        if data:
            self._open[-1].children.append(data)

    def unknown_decl(self, data: str) -> None:
        # <![CDATA[…]]> holds text.
        if data.startswith("CDATA["):
            self.handle_data(data.removeprefix("CDATA["))

    def _end(self, tags: set[str] | frozenset[str], barriers: frozenset[str]) -> None:
        """Close the innermost open element of `tags` and all inside it, unless one of `barriers` is between."""
        for depth in range(len(self._open) - 1, 0, -1):
            tag = self._open[depth].tag
            if tag in tags:
                del self._open[depth:]
                return
            if tag in barriers:
                return
