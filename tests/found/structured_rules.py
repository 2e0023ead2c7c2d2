"""What search engines demand of structured data, in our own words: each finding names the place and what is wrong.

Facts from schema.org and from Google's pages on QAPage, DiscussionForumPosting, Article, FAQPage and BreadcrumbList
(https://developers.google.com/search/docs/appearance/structured-data). FAQPage has been shown as a rich result for
few sites only since 2023; it is valid, and read, all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

Data = Mapping[str, Any]

REQUIRED: dict[str, tuple[str, ...]] = {
    "QAPage": ("mainEntity",),
    "Question": ("name",),
    "Answer": ("text",),
    "DiscussionForumPosting": ("author", "datePublished", "text", "url", "headline"),
    "BlogPosting": ("headline", "author", "datePublished", "articleBody"),
    "Comment": ("author", "datePublished", "text"),
    "Person": ("name",),
    "Organization": ("name",),
    "WebSite": ("name", "url"),
    "BreadcrumbList": ("itemListElement",),
    "ListItem": ("position", "name"),
    "FAQPage": ("mainEntity",),
    "InteractionCounter": ("interactionType", "userInteractionCount"),
}
OF_A_FORUM = ("author", "datePublished", "url", "upvoteCount")
"""Recommended for questions and answers of members; we always say them."""
COUNTS = ("answerCount", "upvoteCount", "commentCount", "userInteractionCount", "position")
DATES = ("datePublished", "dateModified")
ADDRESSES = ("url", "item", "@id", "mainEntityOfPage")
HTML_OF_ANSWERS = frozenset("h1 h2 h3 h4 h5 h6 br ol ul li a p div b strong i em".split())  # noqa: SIM905
"""Elements that an answer of a FAQPage may hold; others are dropped by the reader."""


def findings(part: Data, base: str) -> list[str]:
    """Everything that is wrong with one part of a page's structured data."""
    found = [] if part.get("@context") == "https://schema.org" else ["no @context"]
    for place, node in _nodes(part, str(part.get("@type", "?"))):
        found += [f"{place}: {problem}" for problem in _of_node(node, base)]
    kind = part.get("@type")
    if kind == "QAPage":
        found += _of_question(part["mainEntity"])
    if kind == "FAQPage":
        found += _of_faq(part["mainEntity"])
    if kind == "BreadcrumbList":
        steps = part["itemListElement"]
        if [step["position"] for step in steps] != list(range(1, len(steps) + 1)) or len(steps) < 2:
            found.append("BreadcrumbList: steps are not counted from 1, or fewer than two")
        found += [
            f"BreadcrumbList: step {step['name']} leads nowhere"
            for step in steps[:-1]
            if not step.get("item")
        ]
    return found


def _nodes(value: Any, place: str) -> Iterator[tuple[str, Data]]:
    if isinstance(value, Mapping):
        yield place, value
        for name, inner in value.items():
            yield from _nodes(inner, f"{place}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _nodes(inner, f"{place}[{number}]")


def _of_node(node: Data, base: str) -> Iterator[str]:
    kind = node.get("@type")
    if kind not in REQUIRED:
        yield f"unknown type {kind}"
        return
    for name in REQUIRED[kind]:
        if node.get(name) in (None, "", [], {}):
            yield f"{kind} without {name}"
    for name, value in node.items():
        if value is None or value == "":
            yield f"{name} is empty"
        if name in DATES and not _is_moment(value):
            yield f"{name} is no moment with a zone: {value}"
        if name in COUNTS and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            yield f"{name} is no count: {value!r}"
        if name in ADDRESSES and not (isinstance(value, str) and _is_address(value, base)):
            yield f"{name} is no whole address of ours: {value!r}"
    if "dateModified" in node and "datePublished" in node and node["dateModified"] < node["datePublished"]:
        yield "changed before it was published"
    author = node.get("author")
    if author is not None and (
        not isinstance(author, Mapping) or author.get("@type") not in ("Person", "Organization")
    ):
        yield "author is neither person nor organisation"


def _is_moment(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


def _is_address(value: str, base: str) -> bool:
    return value.startswith(f"{base}/") and not re.search(r"\s", value)


def _of_question(question: Data) -> Iterator[str]:
    if not isinstance(question, Mapping) or question.get("@type") != "Question":
        yield "QAPage: exactly one Question is its main entity"
        return
    if not isinstance(question.get("answerCount"), int):
        yield "Question without answerCount"
    accepted, suggested = question.get("acceptedAnswer"), question.get("suggestedAnswer", [])
    answers = [*([accepted] if accepted else []), *suggested]
    if isinstance(accepted, list):
        yield "more than one accepted answer"
    if question.get("answerCount", 0) > 0 and not answers:
        yield "answers are counted and none is told"
    if len(answers) > question.get("answerCount", 0):
        yield "more answers than are counted"
    if len({answer["url"] for answer in answers}) != len(answers):
        yield "an answer is told twice"
    for post in (question, *answers):
        for name in OF_A_FORUM:
            if name not in post:
                yield f"{post['@type']} without {name}"
        if len(post.get("comment", [])) > post.get("commentCount", 0):
            yield f"{post['@type']}: more comments than are counted"


def _of_faq(questions: object) -> Iterator[str]:
    if not isinstance(questions, list) or not questions:
        yield "FAQPage: a list of questions"
        return
    for question in questions:
        answer = question.get("acceptedAnswer") or {}
        if question.get("@type") != "Question" or not answer.get("text"):
            yield f"FAQPage: no answer to {question.get('name')}"
        elements = set(re.findall(r"<([a-z0-9]+)", answer.get("text", "")))
        if elements - HTML_OF_ANSWERS:
            yield f"FAQPage: elements that readers drop: {sorted(elements - HTML_OF_ANSWERS)}"
        if question.get("suggestedAnswer"):
            yield "FAQPage: one answer to a question"
