"""What RFC 4287 demands of an Atom feed, in our own words."""

from __future__ import annotations

import re
from collections import Counter

from lxml import etree, html

ATOM = "{http://www.w3.org/2005/Atom}"
ONCE_IN_FEED = ("id", "title", "updated")
ONCE_IN_ENTRY = ("id", "title", "updated")
MOST_ONCE = {
    "feed": ("generator", "icon", "logo", "rights", "subtitle"),
    "entry": ("content", "published", "rights", "source", "summary"),
}
KNOWN = frozenset(
    ATOM + name
    for name in (
        *(
            "feed",
            "entry",
            "id",
            "title",
            "updated",
            "published",
            "author",
            "contributor",
            "category",
            "link",
        ),
        *(
            "content",
            "summary",
            "rights",
            "name",
            "uri",
            "email",
            "generator",
            "icon",
            "logo",
            "subtitle",
            "source",
        ),
    )
)
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_IRI = re.compile(r"[a-z][a-z0-9+.-]*:\S+", re.IGNORECASE)


def findings(content: bytes, address: str) -> list[str]:
    """Everything that is wrong with the feed at this address."""
    try:
        feed = etree.fromstring(content, etree.XMLParser(resolve_entities=False))
    except etree.XMLSyntaxError as error:
        return [f"no XML: {error}"]
    found = [] if feed.tag == f"{ATOM}feed" else [f"the root is {feed.tag}"]
    found += [f"unknown element {node.tag}" for node in feed.iter("*") if node.tag not in KNOWN]
    found += _of_container(feed, "feed", ONCE_IN_FEED)
    selves = [link for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"]
    if [link.get("href") for link in selves] != [address]:
        found.append("its own address is not named, or another one is")
    entries = feed.findall(f"{ATOM}entry")
    for entry in entries:
        found += _of_container(entry, "entry", ONCE_IN_ENTRY)
        found += _of_entry(entry, has_author_above=feed.find(f"{ATOM}author") is not None)
    ids = Counter(entry.findtext(f"{ATOM}id") for entry in entries)
    found += [f"two entries are {name}" for name, count in ids.items() if count > 1]
    newest = max((entry.findtext(f"{ATOM}updated") or "" for entry in entries), default="")
    if newest > (feed.findtext(f"{ATOM}updated") or ""):
        found.append("an entry is newer than the feed")
    return found


def _of_container(node: etree._Element, kind: str, once: tuple[str, ...]) -> list[str]:
    found = [f"{kind} has not exactly one {name}" for name in once if len(node.findall(ATOM + name)) != 1]
    found += [
        f"{kind} has more than one {name}" for name in MOST_ONCE[kind] if len(node.findall(ATOM + name)) > 1
    ]
    for name in ("updated", "published"):
        found += [
            f"{name} is no moment: {each.text}"
            for each in node.findall(ATOM + name)
            if not _MOMENT.fullmatch(each.text or "")
        ]
    found += [
        f"id is no address: {each.text}"
        for each in node.findall(f"{ATOM}id")
        if not _IRI.fullmatch(each.text or "")
    ]
    alternates = Counter()
    for link in node.findall(f"{ATOM}link"):
        if not _IRI.fullmatch(link.get("href") or ""):
            found.append(f"link leads nowhere: {link.get('href')}")
        if link.get("rel", "alternate") == "alternate":
            alternates[link.get("type"), link.get("hreflang")] += 1
    found += [f"{kind} has two alternates of one type" for count in alternates.values() if count > 1]
    for author in node.findall(f"{ATOM}author"):
        if len(author.findall(f"{ATOM}name")) != 1 or not author.findtext(f"{ATOM}name"):
            found.append("an author has not exactly one name")
        found += [
            f"uri of an author: {each.text}"
            for each in author.findall(f"{ATOM}uri")
            if not _IRI.fullmatch(each.text or "")
        ]
        if author.find(f"{ATOM}email") is not None:
            found.append("the mail address of an author is told")
    found += ["a category has no term" for each in node.findall(f"{ATOM}category") if not each.get("term")]
    return found


def _of_entry(entry: etree._Element, *, has_author_above: bool) -> list[str]:
    found = []
    if entry.find(f"{ATOM}author") is None and not has_author_above:
        found.append("entry without author")
    content = entry.find(f"{ATOM}content")
    if content is None:
        found.append("entry without content")
    elif content.get("type") != "html" or len(content):
        found.append("content is not escaped HTML")
    elif content.text and html.fragment_fromstring(content.text, create_parent=True).xpath(
        "//script|//style|//*[@onclick]"
    ):
        found.append("content holds what runs")
    published, updated = entry.findtext(f"{ATOM}published"), entry.findtext(f"{ATOM}updated")
    if published and updated and updated < published:
        found.append("entry was changed before it was published")
    return found


def _not_like(wanted: re.Pattern[str], nodes: list[etree._Element], problem: str) -> list[str]:
    return [f"{problem}: {node.text}" for node in nodes if not wanted.fullmatch(node.text or "")]
