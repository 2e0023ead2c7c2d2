"""A Stack Exchange dump as a set: questions that its members closed as duplicates should find the originals."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from community.importing.html_tree import UNSEEN, Element, parse
from community.importing.stackexchange_dump import Dump, DumpUnreadable
from community.importing.stackexchange_rows import Answer, PostLink
from community.importing.stackexchange_rows import Question as Post
from community.indexing import thread_key
from community.relevance.collections import Collection, CollectionUnreadable, Question
from search.index import Document
from search.words import guess_language

_TO_A_QUESTION = re.compile(r"/(?:questions|q|a)/\d")
_POINTS_AWAY = re.compile(r"^\s*possible duplicate", re.IGNORECASE)
_BLOCKS = frozenset({"p", "li", "blockquote", "div", "br", "tr", "h1", "h2", "h3", "ul", "ol"})


def read_duplicate_links(folder: Path) -> Collection:
    """Every question of the dump as a document; those with an older duplicate or linked question are asked.

    Duplicates of one another are one group. The texts of links to other questions are their titles, so they are
    left out everywhere: nobody who asks knows them.
    """
    try:
        dump = Dump(folder)
    except DumpUnreadable as problem:
        raise CollectionUnreadable(str(problem)) from problem
    posts: dict[int, Post] = {}
    answers: defaultdict[int, list[Answer]] = defaultdict(list)
    for post in dump.posts():
        if isinstance(post, Post):
            posts[post.id] = post
        else:
            answers[post.question_id].append(post)
    bodies = {post.id: without_pointers(post.body_html) for post in posts.values()}
    documents = tuple(_document(post, bodies[post.id], answers[post.id]) for post in posts.values())
    links = [link for link in dump.post_links() if link.post_id in posts and link.related_post_id in posts]
    questions = tuple(_questions(posts, bodies, links))
    if not questions:
        raise CollectionUnreadable(f"{folder}: no question of this dump is a duplicate of an older one.")
    languages = Counter(document.lang for document in documents if document.lang)
    language = languages.most_common(1)[0][0] if languages else ""
    return Collection(folder.name or str(folder), "duplicates", language, documents, questions)


def _document(post: Post, body: str, answers: list[Answer]) -> Document:
    in_order = sorted(answers, key=lambda answer: -answer.score)
    solution = next((answer for answer in answers if answer.id == post.accepted_answer_id), None)
    others = [without_pointers(answer.body_html) for answer in in_order if answer is not solution]
    return Document(
        key=thread_key(post.id),
        kind="thread",
        audience=0,
        space_id=1,
        lang=guess_language(f"{post.title} {body}"),
        title=post.title,
        question=body,
        solution=without_pointers(solution.body_html) if solution else "",
        answers="\n".join(others),
        tags=post.tags,
        status="solved" if solution else "open" if answers else "unanswered",
        kudos=max(0, post.score),
        created=int(post.created_at.timestamp()),
        active=int(post.last_activity_at.timestamp()),
    )


def _questions(posts: dict[int, Post], bodies: dict[int, str], links: list[PostLink]) -> Iterator[Question]:
    duplicates = _groups((link.post_id, link.related_post_id) for link in links if link.is_duplicate)
    linked: dict[int, set[int]] = {}
    for link in links:
        if not link.is_duplicate:
            linked.setdefault(link.post_id, set()).add(link.related_post_id)
            linked.setdefault(link.related_post_id, set()).add(link.post_id)
    for name, others_of in (("duplicates", duplicates), ("linked", linked)):
        for post_id, others in sorted(others_of.items()):
            post = posts[post_id]
            older = [other for other in others if posts[other].created_at < post.created_at]
            answered_by = frozenset(thread_key(other) for other in older if other != post_id)
            if not answered_by:
                continue
            for form, body in (("title", ""), ("title and text", bodies[post_id])):
                yield Question(
                    text=post.title,
                    body=body,
                    answered_by=answered_by,
                    groups=(f"{name}, {form}",),
                    subject=str(post_id),
                    asked_by=thread_key(post_id),
                    asked_at=int(post.created_at.timestamp()),
                )


def _groups(pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """Each number with all numbers that chains of pairs lead to."""
    groups: dict[int, set[int]] = {}
    for first, second in pairs:
        together = groups.get(first, {first}) | groups.get(second, {second})
        groups.update(dict.fromkeys(together, together))
    return groups


def without_pointers(html: str) -> str:
    """The text without code blocks, "Possible Duplicate" quotations and the words of links to other questions."""
    return " ".join("".join(_texts(parse(html))).split())


def _texts(element: Element) -> Iterator[str]:
    for child in element.children:
        if isinstance(child, str):
            yield child
        elif not _is_left_out(child):
            yield from _texts(child)
            if child.tag in _BLOCKS:
                yield "\n"


def _is_left_out(element: Element) -> bool:
    if element.tag == "pre" or element.tag in UNSEEN:
        return True
    if element.tag == "a":
        return bool(_TO_A_QUESTION.search(element.attributes.get("href", "")))
    return element.tag == "blockquote" and bool(_POINTS_AWAY.match("".join(_texts(element))))
