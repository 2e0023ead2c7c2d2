"""HTML of posts from elsewhere to the Markdown that members of this site write.

Nothing that could be read may be lost, and nothing may be added: each result is rendered and compared with
what was there. Where the comparison fails, the text is written once more with every special character escaped
and without emphasis.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urljoin

from community.core.markdown import image_label, is_safe_link, plain_text, render
from community.core.markdown_limits import MAX_CELLS, MAX_COLUMNS
from community.importing.html_tree import BLOCKS, UNSEEN, Element, parse
from community.importing.markdown_inline import (
    Code,
    LineBreak,
    Mark,
    Piece,
    emphasised,
    escape,
    lines_of,
)

Node = Element | str

MOST_NESTING = 16
"""Levels of lists (two each) and quotations; what lies deeper is written on the deepest level."""

_SIGNS = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~", "strike": "~~"}
_CODE = frozenset({"code", "kbd", "samp", "tt"})
_BLANKS = re.compile(r"[ \t\n\f]+")
_RAISED = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
_LOWERED = dict(zip("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎", strict=True))


def html_to_markdown(html: str, *, base_url: str = "") -> str:
    """Markdown that shows what `html` shows.

    Links relative to `base_url` become whole; without it they become plain text, since here they would lead
    somewhere else. Raised and lowered figures become the characters for them, keys become code, pictures keep
    their description and address.
    """
    root = parse(html)
    wanted = _comparable("".join(_visible_text(root, base_url)))
    for is_plain in (False, True):
        text = "\n\n".join(_Writer(base_url, is_plain).blocks(root.children)) + "\n"
        if text == "\n":
            return ""
        if _comparable(plain_text(render(text))) == wanted:
            break
    return text


def visible_text(html: str, *, base_url: str = "") -> str:
    """What a reader of the original sees, in the terms of this site: pictures are their descriptions."""
    return "".join(_visible_text(parse(html), base_url))


def _comparable(text: str) -> str:
    """Without blanks, and with raised figures as figures."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).replace("−", "-")


def _visible_text(node: Node, base_url: str) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif node.tag == "img":
        yield _picture(node, base_url)[0]
    elif node.tag not in UNSEEN:
        for child in node.children:
            yield from _visible_text(child, base_url)
        if node.tag in BLOCKS or node.tag == "br":
            yield "\n"


def _whole_address(address: str, base_url: str) -> str:
    """The address to link to, or nothing where there is no safe one."""
    # Browsers ignore these characters inside an address.
    address = re.sub(r"[\x00-\x1f\x7f]", "", address).strip()
    if address.startswith("//"):
        address = "https:" + address
    elif not re.match(r"[A-Za-z][A-Za-z0-9+.\-]*:", address):
        try:
            address = urljoin(base_url, address) if base_url and address else ""
        except ValueError:
            return ""
    return address if address and is_safe_link(address) else ""


def _picture(element: Element, base_url: str) -> tuple[str, str]:
    """The words for a picture and its address, either of which may be empty."""
    address = _whole_address(element.attributes.get("src", ""), base_url)
    description = " ".join(element.attributes.get("alt", "").split())
    return (image_label(description, address) if address else description), address


def _destination(address: str) -> str:
    """An address as it stands between the parentheses of a link."""
    quoted = re.sub(
        r"[\s()<>\[\]\\`|]", lambda match: "".join(f"%{byte:02X}" for byte in match.group().encode()), address
    )
    return re.sub(r"&(?=#?\w+;)", r"\\&", quoted)


def _title(element: Element) -> str:
    title = " ".join(element.attributes.get("title", "").split())
    return f' "{escape(title, everything=True)}"' if title else ""


def _text(node: Node) -> str:
    """All text of an element, with the breaks in it; for code, where every blank counts."""
    if isinstance(node, str):
        return node
    if node.tag == "br":
        return "\n"
    if node.tag == "img":
        # Inside code there are no pictures, only words.
        return node.attributes.get("alt", "")
    return "" if node.tag in UNSEEN else "".join(_text(child) for child in node.children)


def _is_link(node: Node) -> bool:
    return isinstance(node, Element) and node.tag == "a"


def _with_figures(element: Element, figures: Mapping[str, str]) -> Element:
    """The same with raised or lowered figures for its text, which may hold links: footnotes are written so."""
    children: list[Node] = [
        _with_figures(child, figures)
        if isinstance(child, Element)
        else "".join(figures[character] for character in child.strip())
        for child in element.children
    ]
    return Element(element.tag, element.attributes, children)


def _is_block(node: Node) -> bool:
    return isinstance(node, Element) and (
        node.tag in BLOCKS or any(inner.tag in BLOCKS for inner in node.descendants())
    )


class _Writer:
    """Writes one post. `is_plain`: no emphasis, every special character escaped."""

    def __init__(self, base_url: str, is_plain: bool) -> None:
        self._base_url = base_url
        self._is_plain = is_plain

    # --- blocks ---

    def blocks(self, nodes: Iterable[Node], depth: int = 0) -> list[str]:
        """A piece of Markdown per block, to be joined by empty lines."""
        written: list[str] = []
        line: list[Node] = []
        for node in nodes:
            if not _is_block(node):
                line.append(node)
                continue
            written += lines_of(self._inline(line))
            line = []
            if isinstance(node, Element):
                written += self._block(node, depth, written[-1] if written else "")
        return written + lines_of(self._inline(line))

    def _block(self, element: Element, depth: int, before: str) -> list[str]:
        tag = element.tag
        if tag in ("ul", "ol") and depth + 2 <= MOST_NESTING:
            return self._list(element, depth, before)
        if tag == "blockquote" and depth + 1 <= MOST_NESTING:
            return self._quotation(element, depth)
        if tag == "pre":
            return _code_block(element)
        if tag == "table":
            return self._table(element, depth)
        if tag == "hr":
            return ["***"]
        if re.fullmatch(r"h[1-6]", tag) and not any(_is_block(child) for child in element.children):
            heads = lines_of(self._inline(element.children), on_one_line=True)
            return [f"{'#' * int(tag[1])} " + re.sub(r"(?<![\\#])(#+)$", r"\\\1", head) for head in heads]
        if tag == "dt" and not any(_is_block(child) for child in element.children):
            return lines_of(self._emphasised("**", element.children))
        return [] if tag in UNSEEN else self.blocks(element.children, depth)

    def _quotation(self, element: Element, depth: int) -> list[str]:
        inside = "\n\n".join(self.blocks(element.children, depth + 1))
        if not inside:
            return []
        # Two quotations in a row stay two, since an empty line stands between them.
        return [
            "\n".join(f"> {line}".rstrip(" ") if not line else f"> {line}" for line in inside.split("\n"))
        ]

    def _list(self, element: Element, depth: int, before: str) -> list[str]:
        items = [node for node in element.children if isinstance(node, Element) or node.strip()]
        contents = [
            self.blocks(
                node.children if isinstance(node, Element) and node.tag == "li" else [node], depth + 2
            )
            for node in items
        ]
        if not contents:
            return []
        start = element.attributes.get("start", "")
        number = int(start) if re.fullmatch(r"[0-9]{1,8}", start) else 1
        # Two lists in a row would become one, unless their signs differ.
        bullet = "+" if re.match(r"-( |$)", before) else "-"
        delimiter = ")" if re.match(r"\d+\.( |$)", before) else "."
        is_loose = any(not _is_tight(blocks) for blocks in contents)
        written = []
        for offset, blocks in enumerate(contents):
            sign = f"{number + offset}{delimiter} " if element.tag == "ol" else f"{bullet} "
            inside = ("\n\n" if is_loose else "\n").join(blocks)
            lines = inside.split("\n")
            indented = [lines[0], *(" " * len(sign) + line if line else "" for line in lines[1:])]
            written.append(
                (sign + "\n".join(indented)).rstrip(" ") if not inside else sign + "\n".join(indented)
            )
        return [("\n\n" if is_loose else "\n").join(written)]

    def _table(self, element: Element, depth: int) -> list[str]:
        rows, others = _rows_and_others(element)
        around = self.blocks(others, depth)
        columns = max((len(row) for row in rows), default=0)
        if not columns:
            return around
        is_plain_grid = not any(_is_structured(cell) for row in rows for cell in row)
        if columns > MAX_COLUMNS or columns * (len(rows) + 2) > MAX_CELLS or not is_plain_grid:
            # No loss is more than a grid: code and lists in cells cannot be written in one.
            return around + self.blocks((cell for row in rows for cell in row), depth)
        lines = [self._row(row, columns) for row in rows]
        lines.insert(1, "|" + " --- |" * columns)
        return [*around, "\n".join(lines)]

    def _row(self, row: list[Element], columns: int) -> str:
        cells = [" ".join(self._cell(cell)).replace("|", "\\|") for cell in row]
        return "| " + " | ".join(cells + [""] * (columns - len(cells))) + " |"

    def _cell(self, cell: Element) -> Iterator[str]:
        line: list[Node] = []
        for node in cell.children:
            if _is_block(node) and isinstance(node, Element):
                yield from lines_of(self._inline(line), on_one_line=True)
                yield from self._cell(node)
                line = []
            else:
                line.append(node)
        yield from lines_of(self._inline(line), on_one_line=True)

    # --- inside a line ---

    def _inline(self, nodes: Iterable[Node], in_link: bool = False) -> list[Piece]:
        pieces: list[Piece] = []
        for node in nodes:
            if isinstance(node, str):
                pieces.append(self._escaped(_BLANKS.sub(" ", node), in_link))
            else:
                pieces += self._inline_element(node, in_link)
        return pieces

    def _escaped(self, text: str, in_link: bool = False) -> str:
        escaped = escape(text, everything=self._is_plain)
        return escaped.replace("]", "\\]") if in_link and not self._is_plain else escaped

    def _inline_element(self, element: Element, in_link: bool) -> list[Piece]:
        tag = element.tag
        if tag == "br":
            return [LineBreak()]
        if tag == "img":
            return [self._image(element)]
        if tag == "a" and not in_link:
            return self._link(element)
        if tag in _CODE:
            return self._code(element, in_link)
        if tag in _SIGNS:
            return self._emphasised(_SIGNS[tag], element.children, in_link)
        if tag in ("sup", "sub"):
            figures = _RAISED if tag == "sup" else _LOWERED
            text = _text(element).strip()
            if text and all(character in figures for character in text):
                element = _with_figures(element, figures)
        return [] if tag in UNSEEN else self._inline(element.children, in_link)

    def _code(self, element: Element, in_link: bool) -> list[Piece]:
        """Code, with the links in it around what they link."""
        if in_link or not any(_is_link(child) for child in element.children):
            text = _text(element)
            return [Code(text) if text.strip() else " " * bool(text)]
        pieces: list[Piece] = []
        for child in element.children:
            if isinstance(child, Element) and _is_link(child):
                pieces += self._link(Element("a", child.attributes, [Element("code", {}, child.children)]))
            else:
                text = _text(child)
                code: list[Piece] = [Code(text.strip())] if text.strip() else []
                pieces += [" " * text[:1].isspace(), *code, " " * (bool(code) and text[-1].isspace())]
        return pieces

    def _emphasised(self, sign: str, nodes: Iterable[Node], in_link: bool = False) -> list[Piece]:
        inner = self._inline(nodes, in_link)
        # The same emphasis twice is the same emphasis.
        inner = [piece for piece in inner if not (isinstance(piece, Mark) and piece.sign == sign)]
        return inner if self._is_plain else emphasised(sign, inner)

    def _link(self, element: Element) -> list[Piece]:
        address = _whole_address(element.attributes.get("href", ""), self._base_url)
        words = _text(element)
        if address and words == address and re.fullmatch(r"https?://[^\s<>]+", words):
            return [f"<{address}>"]
        inner = self._inline(element.children, in_link=bool(address))
        if not address:
            return inner
        label = " ".join(lines_of(inner, on_one_line=True))
        if not label:
            return inner
        before = " " if isinstance(inner[0], str) and inner[0].startswith(" ") else ""
        after = " " if isinstance(inner[-1], str) and inner[-1].endswith(" ") else ""
        return [before, f"[{label}]({_destination(address)}{_title(element)})", after]

    def _image(self, element: Element) -> str:
        label, address = _picture(element, self._base_url)
        description = escape(" ".join(element.attributes.get("alt", "").split()), everything=True)
        if not address:
            return escape(label, everything=True)
        return f"![{description}]({_destination(address)}{_title(element)})"


def _code_block(element: Element) -> list[str]:
    code = _text(element)
    if element.children and isinstance(element.children[0], str):
        # The line end right after <pre> does not belong to the code.
        code = code.removeprefix("\n")
    code = code.removesuffix("\n")
    if not code.strip():
        return []
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}{_language(element)}\n{code}\n{fence}"]


def _language(element: Element) -> str:
    for candidate in (element, *element.descendants()):
        language = "lang-" + candidate.attributes.get("lang", "")
        for name in [language, *candidate.attributes.get("class", "").split()]:
            if match := re.fullmatch(r"(?:lang|language)-([A-Za-z0-9+#.\-]{1,30})", name):
                return match.group(1).lower()
    return ""


def _is_tight(blocks: list[str]) -> bool:
    """Whether an item needs no empty lines: a paragraph, then at most lists that may follow one directly."""
    return all(re.match(r"[-+] |1[.)] ", block) and "\n\n" not in block for block in blocks[1:])


def _rows_and_others(table: Element) -> tuple[list[list[Element]], list[Node]]:
    """The cells by rows, and whatever else stands in a table: its caption, and text that belongs nowhere."""
    rows: list[list[Element]] = []
    others: list[Node] = []
    for child in table.children:
        if isinstance(child, str):
            others += [child] if child.strip() else []
        elif child.tag in ("thead", "tbody", "tfoot"):
            inner_rows, inner_others = _rows_and_others(child)
            rows += inner_rows
            others += inner_others
        elif child.tag == "tr":
            cells = [
                node for node in child.children if isinstance(node, Element) and node.tag in ("td", "th")
            ]
            rows += [cells] if cells else []
            others += [
                node
                for node in child.children
                if (isinstance(node, str) and node.strip())
                or (isinstance(node, Element) and node not in cells)
            ]
        elif child.tag in ("td", "th"):
            rows.append([child])
        else:
            others.append(child)
    return rows, others


def _is_structured(cell: Element) -> bool:
    return any(inner.tag in ("pre", "ul", "ol", "table", "blockquote", "dl") for inner in cell.descendants())
