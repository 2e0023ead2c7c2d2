"""Reading what the embedded engine found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import tantivy
from tantivy import Query as Clause

from search.configuration import FACET_VALUES
from search.embedded_schema import stored_texts
from search.highlight import Marker, first_filled
from search.index import Hit, Query


def to_hit(
    searcher: tantivy.Searcher,
    score: float,
    address: tantivy.DocAddress,
    marker: Marker,
    *,
    title_only: bool = False,
) -> Hit:
    """A row of the index as it is shown. Looking through the texts for a passage costs more than finding them."""
    row: Any = searcher.doc(address)
    texts = stored_texts(row)
    passage_html, passage_from = ("", first_filled(texts)) if title_only else marker.passage(texts)
    return Hit(
        key=row.get_first("key"),
        kind=row.get_first("kind"),
        space_id=int(row.get_first("space_id")),
        score=float(score),
        title_html=marker.title(texts["title"]),
        passage_html=passage_html,
        passage_from=passage_from,
    )


def count_facets(searcher: tantivy.Searcher, clause: Clause, query: Query) -> Mapping[str, Mapping[str, int]]:
    """How many of the found documents have each value, for the facets asked for."""
    if not query.facets:
        return {}
    wanted = {name: {"terms": {"field": name, "size": FACET_VALUES}} for name in query.facets}
    counted = searcher.aggregate(clause, wanted)
    return {
        name: {bucket["key"]: bucket["doc_count"] for bucket in counted[name]["buckets"]}
        for name in query.facets
    }
