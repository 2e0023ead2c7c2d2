"""The text of a mail that came as HTML alone: paragraphs, lists, links, and quotations as mails mark them."""

from __future__ import annotations

from html.parser import HTMLParser

import nh3

_BLOCKS = frozenset("div p li ul ol tr table pre h1 h2 h3 h4 h5 h6 blockquote".split())  # noqa: SIM905
_PARAGRAPHS = frozenset("p ul ol table pre h1 h2 h3 h4 h5 h6 blockquote".split())  # noqa: SIM905
_KEPT = _BLOCKS | {"br", "hr", "a"}
_MOST_TAGS = 10_000
"""What was written stands at the top, and tens of thousands of elements in each other take seconds."""
_REMOVED = {"script", "style", "title"}


def text_of_html(html: str) -> str:
    """What a reader sees, a line per block; quotations begin with >, as in plain mails."""
    # Cleaned first, by a parser that takes no longer for hostile input than for other.
    clean = nh3.clean(
        "<".join(html.split("<", _MOST_TAGS)[:_MOST_TAGS]),
        tags=set(_KEPT),
        clean_content_tags=set(_REMOVED),
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel=None,
    )
    reader = _Reader()
    reader.feed(clean)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line: list[str] = []
        self._quotes = self._pres = 0
        self._link = ""
        self._linked: list[str] = []

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._end_line(blank=tag in _PARAGRAPHS)
        if tag == "br":
            self._end_line(always=True)
        elif tag == "hr":
            self._end_line()
            self._line.append("_" * 30)
            self._end_line()
        elif tag == "li":
            self._line.append("- ")
        elif tag == "a":
            self._link, self._linked = dict(attrs).get("href") or "", []
        elif tag == "blockquote":
            self._quotes += 1
        elif tag == "pre":
            self._pres += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link:
            if self._link not in "".join(self._linked):
                self._line.append(f" ({self._link})")
            self._link = ""
        if tag in _BLOCKS:
            self._end_line(blank=tag in _PARAGRAPHS)
        if tag == "blockquote":
            self._quotes -= 1
        elif tag == "pre":
            self._pres -= 1

    def handle_data(self, data: str) -> None:
        if self._pres > 0:
            first, *others = data.split("\n")
            self._line.append(first)
            for other in others:
                self._end_line(always=True)
                self._line.append(other)
            return
        text = " ".join(data.split())
        if not text:
            text = " " if data and self._line else ""
        elif self._line or data[0] not in " \t\r\n":
            text = f"{' ' if data[0].isspace() else ''}{text}{' ' if data[-1].isspace() else ''}"
        elif data[-1].isspace():
            text += " "
        self._line.append(text)
        if self._link:
            self._linked.append(text)

    def _end_line(self, *, blank: bool = False, always: bool = False) -> None:
        line = "".join(self._line).rstrip()
        if not self._pres:
            line = " ".join(line.split(" ")).strip()
        self._line = []
        if line or always:
            self._lines.append(f"> {line}".rstrip() if self._quotes > 0 else line)
        if blank and self._lines and self._lines[-1]:
            self._lines.append("")
