"""Sets of questions in one JSON file: `docs` to be found, and `queries` of which each asks for one of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from community.indexing import thread_key
from community.relevance.collections import Collection, CollectionUnreadable, Edited, Question
from search.index import Document
from search.words import guess_language

LARGEST_FILE = 200_000_000  # bytes


def read_question_set(path: Path) -> Collection:
    """The set as solved threads: the question is the title, the answer the solution.

    Whatever else stands in the file is ignored. A doc or query that cannot be used is left out and counted.
    """
    content = _content(path)
    left_out: Counter[str] = Counter()
    documents, keys = _documents(content["docs"], left_out)
    if not documents:
        raise CollectionUnreadable(f"{path}: none of the docs has an id and a question or an answer.")
    questions = tuple(_questions(content["queries"], keys, left_out))
    if not questions:
        raise CollectionUnreadable(f"{path}: no query has a text and the id of a doc.")
    languages = Counter(document.lang for document in documents if document.lang)
    language = languages.most_common(1)[0][0] if languages else ""
    edited = tuple(_edited(content["queries"], content["docs"]))
    return Collection(path.name, "questions", language, tuple(documents), questions, dict(left_out), edited)


def _content(path: Path) -> dict[str, list[Any]]:
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise CollectionUnreadable(f"{path} is larger than any set of questions.")
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as problem:
        raise CollectionUnreadable(f"{path} cannot be read: {problem.strerror or problem}.") from problem
    except UnicodeDecodeError as problem:
        raise CollectionUnreadable(f"{path} is not UTF-8 (byte {problem.start}).") from problem
    except (ValueError, RecursionError) as problem:
        raise CollectionUnreadable(f"{path} is not JSON: {problem}.") from problem
    if not isinstance(content, dict):
        raise CollectionUnreadable(f"{path}: the file must hold one object with `docs` and `queries`.")
    for name in ("docs", "queries"):
        if not isinstance(content.get(name), list):
            raise CollectionUnreadable(f"{path}: `{name}` must be a list.")
    return content


def _documents(rows: list[Any], left_out: Counter[str]) -> tuple[list[Document], dict[str, set[str]]]:
    """The documents, and their keys by the id in the file; two docs may share an id, then either is right."""
    documents: list[Document] = []
    keys: dict[str, set[str]] = {}
    for row in rows:
        wanted = _id(row)
        title, answer = (_text(row.get(name)) if wanted else "" for name in ("question", "answer"))
        if not wanted or not (title or answer):
            left_out["doc without an id or without text"] += 1
            continue
        key = thread_key(len(documents) + 1)
        documents.append(
            Document(
                key=key,
                kind="thread",
                audience=0,
                space_id=1,
                lang=guess_language(f"{title} {answer}"),
                title=title,
                solution=answer,
                status="solved",
            )
        )
        keys.setdefault(wanted, set()).add(key)
    return documents, keys


def _questions(rows: list[Any], keys: dict[str, set[str]], left_out: Counter[str]) -> Iterator[Question]:
    for row in rows:
        wanted = _id(row)
        if wanted not in keys:
            left_out["query without the id of a doc"] += 1
            continue
        texts = [("raw", text) for text in _texts(row.get("raw"))]
        texts += [("paraphrases", text) for text in _texts(row.get("paraphrases"))]
        if not texts:
            left_out["query without text"] += 1
        for group, text in texts:
            yield Question(text, frozenset(keys[wanted]), (group, "all"), wanted)


def _edited(rows: list[Any], docs: list[Any]) -> Iterator[Edited]:
    """Queries that say what their doc's answer was made from."""
    answers = {_id(doc): _text(doc.get("answer")) for doc in docs if _id(doc)}
    for row in rows:
        raw_answer = _text(row.get("raw_answer")) if _id(row) else ""
        question = next(_texts(row.get("raw")), "") if raw_answer else ""
        if question and answers.get(_id(row)):
            yield Edited(question, raw_answer, answers[_id(row)])


def _id(row: Any) -> str:
    """Ids may be text or numbers; empty where there is none."""
    given = row.get("id") if isinstance(row, dict) else None
    return str(given).strip() if isinstance(given, str | int) and not isinstance(given, bool) else ""


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value: one alone, a list, or lists by name (of who wrote them, for instance)."""
    if isinstance(value, str):
        if value.strip():
            yield value.strip()
    elif isinstance(value, list | dict):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
