"""Meaning in the embedded engine: the file of vectors in a generation's folder, and one order with the words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy
from tantivy import Occur
from tantivy import Query as Clause

from search.configuration import MAX_HITS, MAX_PAGED
from search.embedded_query import ClauseBuilder
from search.index import Document, Query
from search.meaning import CANDIDATES, MOST_ADDED, NEAR, VERY_NEAR, QueryMeaning, fused, words_weight
from search.vectors import VectorFile, VectorWriter, number_of

FILE_NAME = "vectors"

AddressedHit = tuple[float, tantivy.DocAddress]


class FolderVectors:
    """The vectors in the folder of a generation: written by one process, read by all."""

    def __init__(self) -> None:
        self._writer: VectorWriter | None = None
        self._written = Path()
        self._read: VectorFile | None = None
        self._read_path = Path()

    def write(self, folder: Path, documents: Sequence[Document], gone: Iterable[str]) -> None:
        """Bring the vectors of these documents in line."""
        if self._writer is None or folder != self._written:
            self._writer, self._written = VectorWriter(folder / FILE_NAME), folder
        self._writer.write(documents, gone)

    def close_writer(self) -> None:
        """Another process may write from now on."""
        self._writer = None

    def refresh(self, folder: Path) -> None:
        """Look at the file anew if it has grown or is another one. Missing or damaged, it counts as empty."""
        path = folder / FILE_NAME
        with contextlib.suppress(OSError):
            if self._read is not None and path == self._read_path and path.stat().st_size == self._read.size:
                return
        self._read, self._read_path = None, path
        with contextlib.suppress(OSError, ValueError):
            self._read = VectorFile(path)

    @property
    def file(self) -> VectorFile | None:
        return self._read if self._read is not None and len(self._read) else None


@dataclass(frozen=True, slots=True)
class Meant:
    """One question with its meaning, put to one state of the index and of its vectors.

    The vectors propose only: what the index does not hold, or not for this reader, is no hit.
    """

    searcher: tantivy.Searcher
    builder: ClauseBuilder
    vectors: VectorFile
    asked: QueryMeaning

    def related(self, by_words: Clause, query: Query, exclude: str) -> list[AddressedHit]:
        """Documents about the same thing, by words and by meaning."""
        answer: Any = self.searcher.search(by_words, CANDIDATES, count=False)
        words = dict(zip(self._numbers(answer.hits), answer.hits, strict=True))
        similarities = self.vectors.nearest(
            self.asked.vector,
            query,
            limit=CANDIDATES,
            also=list(words),
            exclude=number_of(exclude) if exclude else 0,
        )
        near = self._confirmed(similarities, NEAR, self.builder.filtered(Clause.all_query()))
        return [hit for _, hit in self._in_order(words, near, similarities, query)[: query.limit]]

    def search(
        self,
        by_words: Clause,
        query: Query,
        filters: Sequence[Clause],
        order: dict[str, Any],
        *,
        relaxed: bool,
    ) -> tuple[Clause, int, list[AddressedHit]]:
        """What finds the words and also what is very near without them, its number, and the hits asked for.

        What is near is decided without the filters, so that a filter leaves out and never adds. The best hits of
        both are one list, the same on every page; the other hits of the words follow.
        """
        best: Any = self.searcher.search(by_words, CANDIDATES, count=False, weight_by_field="quality")
        words = dict(zip(self._numbers(best.hits), best.hits, strict=True))
        similarities = self.vectors.nearest(
            self.asked.vector, query.unfiltered(), limit=MOST_ADDED, also=list(words)
        )
        passing = Clause.boolean_query([(Occur.Must, one) for one in filters])
        near = self._confirmed(similarities, NEAR if relaxed else VERY_NEAR, passing)
        everything = by_words
        if near:
            also = Clause.boolean_query(
                [(Occur.Must, self.builder.numbered(list(near))), (Occur.Must, passing)]
            )
            everything = Clause.boolean_query([(Occur.Should, by_words), (Occur.Should, also)])
        limit, offset = min(max(query.limit, 1), MAX_HITS), min(max(query.offset, 0), MAX_PAGED)
        answer: Any = self.searcher.search(everything, limit, count=True, offset=offset, **order)
        if query.sort != "relevance":
            return everything, answer.count, answer.hits
        head = self._in_order(words, near, similarities, query)
        hits = [hit for _, hit in head[offset : offset + limit]]
        if len(hits) < limit and answer.count > len(head):
            rest: Any = self.searcher.search(
                self.builder.without(by_words, [number for number, _ in head]),
                limit - len(hits),
                count=False,
                offset=max(0, offset - len(head)),
                weight_by_field="quality",
            )
            hits += rest.hits
        return everything, answer.count, hits

    def _confirmed(
        self, similarities: Mapping[int, float], enough: float, allowed: Clause
    ) -> dict[int, AddressedHit]:
        """The documents that are near enough, as far as the index allows them."""
        near = [
            number for number, similarity in similarities.items() if self.asked.scale.of(similarity) >= enough
        ]
        if not near:
            return {}
        clause = Clause.boolean_query([(Occur.Must, allowed), (Occur.Must, self.builder.numbered(near))])
        answer: Any = self.searcher.search(clause, len(near), count=False)
        return dict(zip(self._numbers(answer.hits), answer.hits, strict=True))

    def _in_order(
        self,
        words: Mapping[int, AddressedHit],
        near: Mapping[int, AddressedHit],
        similarities: Mapping[int, float],
        query: Query,
    ) -> list[tuple[int, AddressedHit]]:
        """What the words found and what is near, with numbers, the best first."""
        addresses = {number: address for number, (_, address) in (*near.items(), *words.items())}
        scores = {number: score for number, (score, _) in words.items()}
        order = fused(
            scores,
            {number: similarities[number] for number in addresses if number in similarities},
            self.asked,
            words_weight(query.text),
        )
        return [(number, (scores.get(number, 0.0), addresses[number])) for number, _ in order]

    def _numbers(self, hits: Sequence[AddressedHit]) -> list[int]:
        """The numbers of the documents of these hits, without reading the documents."""
        addresses = [address for _, address in hits]
        found: list[Any] = list(self.searcher.fast_field_values("number", addresses)) if hits else []
        return [int(number) for number in found]
