"""Meaning on the search server: its nearest documents beside those of the words, in one order made here.

The server can mix both by itself, but then every document counts as found, and totals and counts say nothing.
`ask` puts several requests to the server at once and answers their results; nothing here talks to it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from search.highlight import Marker
from search.index import Found, Hit, Query
from search.meaning import CANDIDATES, MOST_ADDED, NEAR, QueryMeaning, fused, words_weight
from search.meilisearch_requests import EMBEDDER, filters, marking, one_of, to_found, whole_texts

Request = dict[str, Any]
Ask = Callable[[list[Request]], list[Mapping[str, Any]]]


def nearest_request(query: Query, asked: QueryMeaning, limit: int, exclude: str = "") -> Request:
    """The documents nearest to a vector among those that the query's filters let through."""
    found = filters(query)
    if exclude:
        found.append(f"NOT {one_of('key', [exclude])}")
    return {
        "q": "",
        "vector": [round(float(step), 6) for step in asked.vector],
        "hybrid": {"embedder": EMBEDDER, "semanticRatio": 1.0},
        "filter": found,
        "limit": limit,
        "attributesToRetrieve": ["key"],
        "showRankingScore": True,
    }


def related_hits(
    ask: Ask, by_words: Request, query: Query, asked: QueryMeaning, marker: Marker, exclude: str
) -> tuple[Hit, ...]:
    """Documents about the same thing, by words and by meaning."""
    words_answer, near_answer = ask(
        [_keys_only(by_words, CANDIDATES), nearest_request(query, asked, CANDIDATES, exclude)]
    )
    words, similarities = _scores(words_answer), _similarities(near_answer)
    near = _near(similarities, asked, NEAR, CANDIDATES)
    order = _in_order(words, near, similarities, asked, query)[: query.limit]
    return _hits(ask, by_words, order, words, marker)


def search(
    ask: Ask,
    by_words: Request,
    found: Found,
    query: Query,
    asked: QueryMeaning,
    marker: Marker,
    enough: float,
) -> Found:
    """What the words found, which is `found`, together with what is nearer than `enough` without them.

    What is near is decided without the filters, so that a filter leaves out and never adds.
    """
    words_answer, near_answer = ask(
        [_keys_only(by_words, CANDIDATES), nearest_request(query.unfiltered(), asked, CANDIDATES)]
    )
    words, similarities = _scores(words_answer), _similarities(near_answer)
    near = _near(similarities, asked, enough, MOST_ADDED)
    rows: list[Mapping[str, Any]] = []
    with_words = dict(words)
    if near:
        passing, also = ask([_rows(query, near), _only(_keys_only(by_words, len(near)), near)])
        rows = list(passing["hits"])
        with_words |= _scores(also)
    near = [row["key"] for row in rows]
    added = [row for row in rows if row["key"] not in with_words]
    order = _in_order(words, near, similarities, asked, query)
    page = order[query.offset : query.offset + query.limit]
    hits = _hits(ask, by_words, page, with_words, marker)
    if len(page) < query.limit and found.total > len(order) - len(added):
        rest = dict(by_words, limit=query.limit - len(page), offset=max(0, query.offset - len(order)))
        rest["filter"] = [*by_words["filter"], f"NOT {one_of('key', [key for key, _ in order])}"]
        hits += to_found(ask([rest])[0], marker=marker if _is_unmarked(rest) else None).hits
    return Found(hits, found.total + len(added), _with_counts(found, added), found.relaxed)


def _keys_only(request: Request, limit: int) -> Request:
    kept = {name: value for name, value in request.items() if name not in (*marking(), "facets")}
    return {**kept, "limit": limit, "offset": 0, "attributesToRetrieve": ["key"]}


def _only(request: Request, keys: Sequence[str]) -> Request:
    return {**request, "filter": [*request["filter"], one_of("key", keys)]}


def _rows(query: Query, keys: Sequence[str]) -> Request:
    """Those of the keys that pass the filters, with what is counted."""
    wanted = {
        "q": "",
        "filter": filters(query),
        "limit": len(keys),
        "attributesToRetrieve": ["key", *query.facets],
    }
    return _only(wanted, keys)


def _scores(answer: Mapping[str, Any]) -> dict[str, float]:
    return {hit["key"]: float(hit.get("_rankingScore") or 0.0) for hit in answer["hits"]}


def _similarities(answer: Mapping[str, Any]) -> dict[str, float]:
    """The server's score runs from 0 to 1, where the similarity runs from -1 to 1."""
    return {key: 2 * score - 1 for key, score in _scores(answer).items()}


def _near(similarities: Mapping[str, float], asked: QueryMeaning, enough: float, most: int) -> list[str]:
    near = [key for key, similarity in similarities.items() if asked.scale.of(similarity) >= enough]
    return sorted(near, key=lambda key: -similarities[key])[:most]


def _in_order(
    words: Mapping[str, float],
    near: Iterable[str],
    similarities: Mapping[str, float],
    asked: QueryMeaning,
    query: Query,
) -> list[tuple[str, float]]:
    # The server tells the similarity of its nearest documents alone: all others are less near than the last of them.
    least = min(similarities.values(), default=0.0)
    known = {key: similarities.get(key, least) for key in (*words, *near)}
    return fused(words, known, asked, words_weight(query.text))


def _hits(
    ask: Ask,
    by_words: Request,
    order: Sequence[tuple[str, float]],
    words: Mapping[str, float],
    marker: Marker,
) -> tuple[Hit, ...]:
    """The documents with their marked texts: by the server where it found the words, else by us."""
    if not order:
        return ()
    keys = [key for key, _ in order]
    first = _only({**by_words, "limit": len(keys), "offset": 0}, keys)
    first.pop("facets", None)
    first.pop("rankingScoreThreshold", None)
    second = _only({"q": "", "filter": by_words["filter"], "limit": len(keys), **whole_texts()}, keys)
    marked, whole = ask([first, second])
    found = {hit.key: hit for hit in to_found(whole, marker=marker).hits}
    if not _is_unmarked(by_words):
        found |= {hit.key: hit for hit in to_found(marked).hits if hit.key in words}
    return tuple(replace(found[key], score=words.get(key, 0.0)) for key, _ in order if key in found)


def _is_unmarked(request: Request) -> bool:
    """Whether it brings whole texts for us to mark."""
    return "attributesToHighlight" not in request


def _with_counts(found: Found, added: Sequence[Mapping[str, Any]]) -> Mapping[str, Mapping[str, int]]:
    counts = {facet: Counter(values) for facet, values in found.facets.items()}
    for row in added:
        for facet, counted in counts.items():
            value = row.get(facet)
            values = value if isinstance(value, list) else [] if value in (None, "") else [value]
            counted.update(str(one).lower() if isinstance(one, bool) else str(one) for one in values)
    return {facet: dict(counted) for facet, counted in counts.items()}
