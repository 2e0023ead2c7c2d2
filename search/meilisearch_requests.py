"""What is sent to the search server and how its answers are read; nothing here talks to it."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from search.analysis import fold, stems
from search.configuration import (
    KIND_WEIGHTS,
    LANGUAGES,
    MAX_HITS,
    PASSAGE_WORDS,
    QUERY_CHARACTERS,
    QUERY_WORDS,
    STOP_WORDS,
    TEXT_LIMITS,
    format_fingerprint,
    quality_bucket,
)
from search.german import all_roots, leaves, root
from search.highlight import PASSAGE_ORDER, Marker, first_filled
from search.index import KINDS, Document, Found, Hit, Kind, Query
from search.synonyms import Term
from search.vectors import unit, unpack
from search.words import WORD, clean, query_words, telling_words

if TYPE_CHECKING:
    from search.vectors import Vector

# Put around marked words by the server; cleaned out of every document before it is sent.
MARK_START, MARK_END = "\ue000", "\ue001"

# The name under which the server keeps our vectors.
EMBEDDER = "own"

_SUFFIXES = (*(f"_{language}" for language in LANGUAGES), "")
_PASSAGE_ATTRIBUTES = [f"{name}{suffix}" for name in PASSAGE_ORDER for suffix in _SUFFIXES]
_TITLE_ATTRIBUTES = [f"title{suffix}" for suffix in _SUFFIXES]
_SHOWN = ["key", "kind", "space_id"]
_SORTS = {"newest": ["created:desc"], "kudos": ["kudos:desc", "active:desc"], "relevance": []}
_LOCALES = {"de": ["deu", "eng"], "en": ["eng", "deu"]}
_STEM_CHARACTERS = 100_000  # of the text whose stems are indexed
_RELATED_THRESHOLD = 0.3  # of the server's ranking score, 0 to 1
_FEW_TITLE_WORDS = 4
_MOST_REWORDINGS = 12
# The server reads a quoted phrase and a word after "-" as operators; the embedded engine does not.
_OPERATORS = re.compile(r'"|(?<!\S)-+')
_SPACE = re.compile(r"\s+")


def to_row(document: Document, embedder: str | None = None) -> dict[str, Any]:
    """One document for the server. Ids go as strings, because its numbers are floats.

    Texts carry the language in their name, so that each is split into words by its own rules. With the fingerprint of
    an embedder it carries its vector, or says that there is none, without which the server would refuse it.
    """
    suffix = f"_{document.lang}" if document.lang in LANGUAGES else ""
    row: dict[str, Any] = {f"{name}{suffix}": getattr(document, name) for name in TEXT_LIMITS}
    row.update(
        key=document.key,
        kind=document.kind,
        audience=str(document.audience),
        space_id=str(document.space_id),
        tags=list(document.tags),
        staff_answered=document.staff_answered,
        kudos=document.kudos,
        created=document.created,
        active=document.active,
        quality=quality_bucket(document),
        format=row_format(embedder),
        stems=" ".join(_all_stems(document)),
    )
    if document.status:
        row["status"] = document.status
    if embedder is not None:
        vector = [round(float(step), 6) for step in unpack(document.vector)] if document.vector else None
        row["_vectors"] = {EMBEDDER: vector}
    return row


def own_vector(row: Mapping[str, Any]) -> Vector | None:
    """The vector in a document that was asked for with its vectors."""
    kept = (row.get("_vectors") or {}).get(EMBEDDER) or {}
    vectors = kept.get("embeddings") if isinstance(kept, Mapping) else [kept]
    return unit(vectors[0]) if vectors and vectors[0] else None


def row_format(embedder: str | None) -> str:
    """The format of a row: documents of another one, or with vectors of another embedder, are written anew."""
    return f"{format_fingerprint()}-{embedder}" if embedder else format_fingerprint()


def _all_stems(document: Document) -> list[str]:
    """Distinct stems and roots of all words, folded: the server does not stem."""
    text = " ".join(getattr(document, name) for name in TEXT_LIMITS)[:_STEM_CHARACTERS]
    words = dict.fromkeys(WORD.findall(text))
    return list(dict.fromkeys(one for word in words for one in (*stems(word).values(), *all_roots(word))))


def quoted(value: object) -> str:
    """A value for a filter, whatever characters it has."""
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def one_of(attribute: str, values: Sequence[object]) -> str:
    """A filter: the attribute has one of the values."""
    return f"{attribute} IN [{', '.join(quoted(value) for value in values)}]"


def filters(query: Query) -> list[str]:
    """Filters that must all hold, access first."""
    found = [one_of("audience", sorted(query.audiences))]
    if query.without:
        found.append(f"NOT {one_of('key', query.without)}")
    if query.kinds:
        found.append(one_of("kind", query.kinds))
    if query.space_id is not None:
        found.append(f"space_id = {quoted(query.space_id)}")
    found += [f"tags = {quoted(tag)}" for tag in query.tags]
    if query.status:
        found.append(one_of("status", query.status))
    if query.staff_answered is not None:
        found.append(f"staff_answered = {'true' if query.staff_answered else 'false'}")
    if query.since is not None:
        found.append(f"active >= {int(query.since)}")
    return found


def plain_text(text: str) -> str:
    """The text of a query without what the server would read as operators."""
    return _SPACE.sub(" ", _OPERATORS.sub(" ", clean(text, QUERY_CHARACTERS))).strip()


def _asked_text(query: Query) -> str:
    """The text as it stands, or its telling words where it has more words than the server reads, or any that only say
    how it is asked: no document has those of a whole sentence."""
    words = query_words(query.text, (), typing=query.typing, limit=QUERY_CHARACTERS)
    if len(words) <= QUERY_WORDS and words == telling_words(query.text, (), typing=query.typing):
        return plain_text(query.text)
    return " ".join(telling_words(query.text, STOP_WORDS, typing=query.typing))


def search_request(query: Query, strategy: str) -> dict[str, Any]:
    """One search with every parameter; `strategy` says which words of the text a document may lack."""
    text = _asked_text(query)
    request = {
        "q": text,
        "filter": filters(query),
        "limit": min(max(query.limit, 0), MAX_HITS),
        "offset": max(query.offset, 0),
        "matchingStrategy": strategy,
        "locales": _LOCALES.get(query.language, _LOCALES["de"]),
        "showRankingScore": True,
        **marking(),
    }
    sort = _SORTS[query.sort] or ([] if text else ["active:desc"])
    if sort:
        request["sort"] = sort
    if query.facets:
        request["facets"] = list(query.facets)
    return request


def marking() -> dict[str, Any]:
    """Parameters for texts that the server marks and cuts."""
    return {
        "attributesToRetrieve": _SHOWN,
        "attributesToHighlight": _TITLE_ATTRIBUTES + _PASSAGE_ATTRIBUTES,
        "attributesToCrop": _PASSAGE_ATTRIBUTES,
        "cropLength": PASSAGE_WORDS,
        "highlightPreTag": MARK_START,
        "highlightPostTag": MARK_END,
    }


def whole_texts() -> dict[str, Any]:
    """Parameters for texts that we mark and cut ourselves."""
    return {"attributesToRetrieve": _SHOWN + _TITLE_ATTRIBUTES + _PASSAGE_ATTRIBUTES}


def generous_requests(query: Query, words: Sequence[str]) -> list[dict[str, Any]]:
    """What is asked when too little was found: other forms of the words in each language, then fewer words."""
    german = " ".join(form for word in words for form in (leaves(word) or (root(word),)))
    english = " ".join(stems(word).get("en") or fold(word) for word in words)
    in_order = (english, german) if query.language == "en" else (german, english)
    fewer = "last" if query.typing else "frequency"
    return [
        *(_by_stems(query, text, "all") for text in in_order),
        _by_stems(query, in_order[0], fewer),
        search_request(query, fewer),
    ]


def _by_stems(query: Query, text: str, strategy: str) -> dict[str, Any]:
    """A search among the stems. They are marked by us, so the whole texts come along."""
    request = search_request(query, strategy)
    for name in marking():
        del request[name]
    return request | {"q": text, "attributesToSearchOn": ["stems"], "locales": ["eng"], **whole_texts()}


def rewordings(terms: Sequence[Term]) -> list[str]:
    """The words of a query with one of its terms replaced by what may stand in its place, for each of them."""
    texts = []
    for place, term in enumerate(terms):
        for alternative in term.alternatives:
            replaced = [alternative if at == place else one.words for at, one in enumerate(terms)]
            texts.append(" ".join(word for words in replaced for word in words))
    return texts[:_MOST_REWORDINGS]


def instant_queries(query: Query, index: str) -> list[dict[str, Any]]:
    """One query for the content and one for each kind that counts less, to be merged by the server."""
    content = tuple(kind for kind in KINDS if kind not in KIND_WEIGHTS)
    groups: list[tuple[tuple[Kind, ...], float]] = [(content, 1.0)]
    groups += [((kind,), KIND_WEIGHTS[kind]) for kind in KINDS if kind in KIND_WEIGHTS]
    queries = []
    for kinds, weight in groups:
        request = search_request(query, "last")
        # Paging belongs to the merged answer; the server refuses it in a single query.
        del request["limit"], request["offset"]
        request["filter"] = [*request["filter"], one_of("kind", kinds)]
        queries.append({"indexUid": index, **request, "federationOptions": {"weight": weight}})
    return queries


def related_request(
    query: Query, title: str, body: str, exclude: str, stops: Sequence[str]
) -> dict[str, Any]:
    """The telling words of the title; of the body only where the title has hardly any."""
    words = telling_words(title, stops)
    if len(words) < _FEW_TITLE_WORDS:
        words = [*words, *telling_words(body, stops)]
    request = search_request(query, "frequency")
    request["q"] = " ".join(list(dict.fromkeys(words))[:QUERY_WORDS])
    request["rankingScoreThreshold"] = _RELATED_THRESHOLD
    request.pop("sort", None)
    if exclude:
        request["filter"] = [*request["filter"], f"key != {quoted(exclude)}"]
    return request


def to_found(answer: Mapping[str, Any], *, marker: Marker | None = None, relaxed: bool = False) -> Found:
    """An answer of the server; with a marker for hits that came with whole texts instead of marked ones."""
    hits = tuple(_own_hit(hit, marker) if marker else _marked_hit(hit) for hit in answer["hits"])
    total = answer.get("estimatedTotalHits", len(hits))
    return Found(hits, total, answer.get("facetDistribution") or {}, relaxed)


def _marked_hit(hit: Mapping[str, Any]) -> Hit:
    texts = _by_name(hit.get("_formatted") or hit)
    passage_from = next((name for name in PASSAGE_ORDER if MARK_START in texts[name]), None)
    passage_from = passage_from or first_filled(texts)
    return _hit(hit, _to_html(texts["title"]), _to_html(texts[passage_from]), passage_from)


def _own_hit(hit: Mapping[str, Any], marker: Marker) -> Hit:
    texts = _by_name(hit)
    passage_html, passage_from = marker.passage(texts)
    return _hit(hit, marker.title(texts["title"]), passage_html, passage_from)


def _hit(hit: Mapping[str, Any], title_html: str, passage_html: str, passage_from: Any) -> Hit:
    federated = hit.get("_federation") or {}
    return Hit(
        key=hit["key"],
        kind=hit["kind"],
        space_id=int(hit["space_id"]),
        score=float(federated.get("weightedRankingScore") or hit.get("_rankingScore") or 0),
        title_html=title_html,
        passage_html=passage_html,
        passage_from=passage_from,
    )


def _by_name(row: Mapping[str, Any]) -> dict[str, str]:
    """Texts by their name without the language."""
    return {
        name: next((row[name + suffix] for suffix in _SUFFIXES if row.get(name + suffix)), "")
        for name in TEXT_LIMITS
    }


def _to_html(text: str) -> str:
    escaped = html.escape(_SPACE.sub(" ", text))
    return escaped.replace(MARK_START, "<mark>").replace(MARK_END, "</mark>")


def differs(wanted: Mapping[str, Any], present: Mapping[str, Any]) -> bool:
    """Whether settings have to be sent; the server adds defaults of its own, which do not count."""
    return any(not _contains(present.get(name), value) for name, value in wanted.items())


def _contains(present: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(present, dict):
        if wanted.keys() != present.keys() and not wanted:
            return False
        return all(_contains(present.get(name), value) for name, value in wanted.items())
    return json.dumps(present, sort_keys=True) == json.dumps(wanted, sort_keys=True)
