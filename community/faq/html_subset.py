"""The HTML that leaves the site: which elements it may have, and whether it is written out in full.

Other websites put it into their pages as it is, so that an element left open would swallow what follows.
"""

from __future__ import annotations

from html.parser import HTMLParser

_OF_FRAGMENTS = """
a abbr article b blockquote br code del dd div dl dt em h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark nav ol p pre s
section small span strong sub sup table tbody td tfoot th thead time tr ul
"""
_OF_PAGES = "html head meta title link body main"
ELEMENTS = frozenset(_OF_FRAGMENTS.split())
OF_PAGES = frozenset(_OF_PAGES.split())
"""What a whole page has around that."""
_EMPTY = frozenset({"br", "hr", "img", "meta", "link"})
_ADDRESSES = ("http://", "https://", "mailto:", "tel:")


class _Reader(HTMLParser):
    def __init__(self, allowed: frozenset[str], *, has_ways_within: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.allowed, self.has_ways_within = allowed, has_ways_within
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.allowed:
            self.problems.append(f"<{tag}> is no element that leaves the site")
        for name, value in attrs:
            self._look_at(tag, name, value or "")
        if len({name for name, _value in attrs}) < len(attrs):
            self.problems.append(f"<{tag}> names an attribute twice")
        if tag not in _EMPTY:
            self.open.append(tag)

    def _look_at(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name == "style":
            self.problems.append(f"<{tag}> has {name}")
        elif (tag, name) == ("meta", "http-equiv") or (
            tag == "link" and name == "rel" and value != "canonical"
        ):
            self.problems.append(f"<{tag}> has {name} {value[:80]!r}")
        elif name in ("href", "src") and not value.lower().startswith(_ADDRESSES):
            if not self.has_ways_within or ":" in value.partition("/")[0]:
                self.problems.append(f"<{tag}> leads to {value[:80]!r}, which is no whole address")
        elif name == "id":
            if value in self.ids:
                self.problems.append(f"the id {value!r} stands there twice")
            self.ids.add(value)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> closes nothing")
            return
        self.open.pop()

    def handle_comment(self, data: str) -> None:
        self.problems.append("it holds a comment")


def problems_of(html: str, *, is_page: bool = False, has_ways_within: bool = False) -> list[str]:
    """What is wrong with a fragment or a page; `has_ways_within`: links may lead to other files beside it."""
    reader = _Reader(ELEMENTS | OF_PAGES if is_page else ELEMENTS, has_ways_within=has_ways_within)
    reader.feed(html)
    reader.close()
    return reader.problems + [f"<{tag}> is never closed" for tag in reader.open]
