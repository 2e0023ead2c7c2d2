"""What the search server takes, as facts: routes with the right that each needs, parameters with their types.

From the documentation and the OpenAPI description of Meilisearch 1.53. Only what this project uses or could mix up is
listed; everything else counts as unknown, because the server refuses unknown parameters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

MOST_QUERY_WORDS = 10
MOST_POSITIONS = 65_535
"""Of one attribute."""
LONGEST_KEY = 511
"""Bytes."""
LONGEST_FILTERED_VALUE = 468
"""Bytes; longer values are not indexed for filters."""

RIGHTS = {
    ("GET", r"/health"): "",
    ("GET", r"/version"): "version",
    ("GET", r"/indexes"): "indexes.get",
    ("POST", r"/indexes"): "indexes.create",
    ("GET", r"/indexes/\w+"): "indexes.get",
    ("DELETE", r"/indexes/\w+"): "indexes.delete",
    ("POST", r"/indexes/\w+/documents"): "documents.add",
    ("PUT", r"/indexes/\w+/documents"): "documents.add",
    ("POST", r"/indexes/\w+/documents/delete"): "documents.delete",
    ("POST", r"/indexes/\w+/documents/fetch"): "documents.get",
    ("POST", r"/indexes/\w+/search"): "search",
    ("POST", r"/multi-search"): "search",
    ("GET", r"/indexes/\w+/settings"): "settings.get",
    ("PATCH", r"/indexes/\w+/settings"): "settings.update",
    ("GET", r"/indexes/\w+/stats"): "stats.get",
    ("POST", r"/swap-indexes"): "indexes.swap",
    ("GET", r"/tasks/\d+"): "tasks.get",
    ("GET", r"/tasks"): "tasks.get",
}


def right_for(method: str, path: str) -> str:
    """The right that a key needs for a request; KeyError if there is no such route."""
    for (known, pattern), right in RIGHTS.items():
        if known == method and re.fullmatch(pattern, path.partition("?")[0]):
            return right
    raise KeyError(f"{method} {path}")


Check = Callable[[Any], bool]


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _share(value: Any) -> bool:
    return _number(value) and 0 <= value <= 1


def _list_of(check: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(check, value))


def _one_of(*values: str) -> Check:
    return lambda value: value in values


def _object(fields: Mapping[str, Check], required: tuple[str, ...] = ()) -> Check:
    return lambda value: isinstance(value, dict) and not problems(value, fields, required)


def _filter(value: Any) -> bool:
    return _text(value) or _list_of(lambda part: _text(part) or _list_of(_text)(part))(value)


_LOCALE = _one_of("deu", "eng", "de", "en")
_WORDS = _list_of(_text)

SEARCH: dict[str, Check] = {
    "q": _text,
    "offset": _count,
    "limit": _count,
    "page": _count,
    "hitsPerPage": _count,
    "attributesToRetrieve": _WORDS,
    "attributesToCrop": _WORDS,
    "cropLength": _count,
    "cropMarker": _text,
    "attributesToHighlight": _WORDS,
    "highlightPreTag": _text,
    "highlightPostTag": _text,
    "showMatchesPosition": _truth,
    "filter": _filter,
    "sort": _list_of(lambda value: bool(re.fullmatch(r"\w+:(asc|desc)", value))),
    "distinct": _text,
    "facets": _WORDS,
    "matchingStrategy": _one_of("last", "all", "frequency"),
    "attributesToSearchOn": _WORDS,
    "rankingScoreThreshold": _share,
    "locales": _list_of(_LOCALE),
    "hybrid": _object({"semanticRatio": _share, "embedder": _text}, ("embedder",)),
    "vector": _list_of(_number),
    "retrieveVectors": _truth,
    "showRankingScore": _truth,
    "showRankingScoreDetails": _truth,
}
SEARCH_OF_MANY = {
    **SEARCH,
    "indexUid": _text,
    "federationOptions": _object({"weight": _number, "queryPosition": _count}),
}
NOT_IN_FEDERATED_QUERIES = {"offset", "limit", "page", "hitsPerPage", "facets"}
FEDERATION: dict[str, Check] = {
    "offset": _count,
    "limit": _count,
    "page": _count,
    "hitsPerPage": _count,
    "facetsByIndex": _object({}),
    "mergeFacets": _object({"maxValuesPerFacet": _count}),
    "distinct": _text,
}

_FILTERABLE = _object(
    {
        "attributePatterns": _WORDS,
        "features": _object(
            {"facetSearch": _truth, "filter": _object({"equality": _truth, "comparison": _truth})}
        ),
    },
    ("attributePatterns",),
)
_RANKING_RULES = "words typo proximity attribute attributeRank wordPosition sort exactness".split()  # noqa: SIM905


def _ranking_rule(value: Any) -> bool:
    return value in _RANKING_RULES or bool(re.fullmatch(r"\w+:(asc|desc)", value))


SETTINGS: dict[str, Check] = {
    "displayedAttributes": _WORDS,
    "searchableAttributes": _WORDS,
    "filterableAttributes": _list_of(lambda value: _text(value) or _FILTERABLE(value)),
    "sortableAttributes": _WORDS,
    "rankingRules": _list_of(_ranking_rule),
    "stopWords": _WORDS,
    "nonSeparatorTokens": _WORDS,
    "separatorTokens": _WORDS,
    "dictionary": _WORDS,
    "synonyms": lambda value: isinstance(value, dict) and all(_WORDS(others) for others in value.values()),
    "distinctAttribute": _text,
    "proximityPrecision": _one_of("byWord", "byAttribute"),
    "typoTolerance": _object(
        {
            "enabled": _truth,
            "minWordSizeForTypos": _object({"oneTypo": _count, "twoTypos": _count}),
            "disableOnWords": _WORDS,
            "disableOnAttributes": _WORDS,
            "disableOnNumbers": _truth,
        }
    ),
    "faceting": lambda value: (
        not problems(
            value, {"maxValuesPerFacet": _count, "sortFacetValuesBy": lambda by: isinstance(by, dict)}
        )
        and all(order in ("alpha", "count") for order in value.get("sortFacetValuesBy", {}).values())
    ),
    "pagination": _object({"maxTotalHits": _count}),
    "embedders": lambda value: isinstance(value, dict),
    "searchCutoffMs": _count,
    "localizedAttributes": _list_of(
        _object({"attributePatterns": _WORDS, "locales": _list_of(_LOCALE)}, ("attributePatterns", "locales"))
    ),
    "facetSearch": _truth,
    "prefixSearch": _one_of("indexingTime", "disabled"),
}


def problems(
    given: Mapping[str, Any], known: Mapping[str, Check], required: tuple[str, ...] = ()
) -> list[str]:
    """What the server would refuse in an object; empty if nothing."""
    found = [f"{name} is missing" for name in required if name not in given]
    for name, value in given.items():
        if name not in known:
            found.append(f"{name} is unknown")
        elif not known[name](value):
            found.append(f"{name} cannot be {value!r}")
    return found
