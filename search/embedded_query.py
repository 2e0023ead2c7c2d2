"""Queries of the embedded engine, built from words; user text is never parsed as query syntax."""

from __future__ import annotations

import functools
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import tantivy
from tantivy import FieldType, Occur
from tantivy import Query as Clause

from search.analysis import fold, grams, spellings, stems
from search.configuration import AREA_WEIGHTS, RELATED_WORDS
from search.embedded_schema import AREAS, ROOT
from search.german import leaves, root
from search.highlight import typos_allowed
from search.index import KINDS, Query
from search.synonyms import Term, Words
from search.words import WORD, one_mistake_away

_STEM_WEIGHT = 0.8  # of a word in another form, beside the very word
_ROOT_WEIGHT = 0.6  # of a word of the same root, or a compound with it
_PARTS_WEIGHT = 0.5  # of the parts of a compound, where they stand apart
_LEAF_WEIGHT = 0.4  # of one part of a compound in a sentence
_PARTS_SHARE = 0.6  # of them that must be there
_SYNONYM_WEIGHT = 0.6
_PREFIX_WEIGHTS = {"title": 1.2, "solution": 0.5, "body": 0.3}
_ANY_PREFIX_WEIGHT = 0.05
_TYPO_WEIGHTS = {"title": 0.8, "solution": 0.5, "body": 0.3}
_CORRECTED_WEIGHT = 0.7
_MOST_CORRECTIONS = 8
_SHORTEST_JOINED = 5
_GRAM_WEIGHT = 0.3
_GRAM_SHARE = 0.6  # of the pieces of a word that must be in the title
_LANGUAGE_BONUS = 0.05  # smaller than any difference in relevance that a reader would notice
_TIE_BREAKER = 0.1
_PREFIX_TERMS = 40
_RELATED_BODY_WORDS = 400
_BODY_WEIGHT = 0.3  # of a word of the text, beside one of the title of a question
_COUNTED_WORDS = 50  # of a text, twice as many as are looked for
_FEW_DOCUMENTS = 200  # a word in as many is no burden, however small the index
SENTENCE = 4  # terms from which on a query is read as a sentence
_PART_OF_SENTENCE = 3  # one in so many terms is needed


class ClauseBuilder:
    """Builds clauses against one searcher, so that all of them see one state of the index.

    Decisions (is this word known? which words begin so?) and the weights of words look only at documents that the
    reader may read: what else there is must not change which results they get, nor their order.
    """

    def __init__(
        self,
        schema: tantivy.Schema,
        searcher: tantivy.Searcher,
        filters: Sequence[Clause],
        audiences: Iterable[int],
    ) -> None:
        self._schema = schema
        self._searcher = searcher
        self._filters = filters
        self._audience = Clause.boolean_query(
            [
                (Occur.Should, Clause.term_query(schema, "audience", str(each), index_option="basic"))
                for each in audiences
            ]
        )
        self._frequencies: dict[str, int] = {}
        # Both with what was deleted lately, as the engine counts; every document has one kind and one audience.
        self._documents = sum(searcher.doc_freq("kind", kind) for kind in KINDS)
        self._readable = sum(searcher.doc_freq("audience", str(each)) for each in audiences)

    def filtered(self, clause: Clause, *, without_key: str = "", language: str = "") -> Clause:
        """The clause among the documents that pass all filters."""
        parts = [(Occur.Must, clause), *((Occur.Must, one) for one in self._filters)]
        if without_key:
            parts.append((Occur.MustNot, Clause.term_query(self._schema, "key", without_key)))
        if language:
            own = Clause.term_query(self._schema, "lang", language)
            parts.append((Occur.Should, Clause.const_score_query(own, _LANGUAGE_BONUS)))
        return Clause.boolean_query(parts)

    def numbered(self, numbers: Sequence[int]) -> Clause:
        """The documents with these numbers, without any score."""
        return Clause.const_score_query(Clause.term_set_query(self._schema, "number", list(numbers)), 0.0)

    def without(self, clause: Clause, numbers: Sequence[int]) -> Clause:
        """What the clause finds, but for the documents with these numbers."""
        return Clause.boolean_query([(Occur.Must, clause), (Occur.MustNot, self.numbered(numbers))])

    def is_known(self, word: str) -> bool:
        """Whether the word or one of its stems stands in any document that the reader may read."""
        return self._frequency(word) > 0

    def _frequency(self, word: str) -> int:
        """In how many documents that the reader may read the word stands, in any form."""
        known = self._frequencies.get(word)
        if known is None:
            known = self._frequencies[word] = self._count(self._forms(word))
        return known

    def _count(self, forms: Sequence[Clause]) -> int:
        any_form = Clause.boolean_query([(Occur.Should, one) for one in forms])
        readable = Clause.boolean_query([(Occur.Must, any_form), (Occur.Must, self._audience)])
        answer: Any = self._searcher.search(Clause.const_score_query(readable, 0.0), 1, count=True)
        return int(answer.count)

    def term(self, term: Term, *, generous: bool = False, in_sentence: bool = False) -> Clause:
        """The words of a term or one of its synonyms; `generous` adds typing mistakes and compounds, not of names."""
        generous = generous and not term.is_name
        last = len(term.words) - 1
        own = [
            self._word(
                word, growing=term.growing and position == last, generous=generous, in_sentence=in_sentence
            )
            for position, word in enumerate(term.words)
        ]
        others = [Clause.boost_query(self._all_words(words), _SYNONYM_WEIGHT) for words in term.alternatives]
        return any_of([all_of(own), *others])

    def _all_words(self, words: Words) -> Clause:
        return all_of([any_of(self._exact(word)) for word in words])

    def _word(self, word: str, *, growing: bool, generous: bool, in_sentence: bool = False) -> Clause:
        forms = self._telling(word) if in_sentence else self._exact(word)
        clauses = [*forms, *self._parts(word)]
        if growing:
            clauses += self._beginning(fold(word))
        if generous:
            if not self.is_known(word):
                if not (growing or in_sentence):
                    clauses += self._beginning(fold(word))
                if not growing:
                    clauses += self._corrected(word)
                for spelling in sorted(spellings(word)):
                    clauses += self._mistyped(spelling, growing=growing)
            if not (in_sentence and self.is_known(word)):
                clauses += self._part_of_compound(word)
        return any_of(clauses)

    def _exact(self, word: str) -> list[Clause]:
        clauses = []
        folded, frequency = fold(word), self._frequency(word)
        for area in AREAS:
            weight = AREA_WEIGHTS[area]
            if folded:
                clauses.append(self._weighted(f"{area}_fold", folded, weight, frequency))
            clauses += [
                self._weighted(f"{area}_{language}", stem, weight * _STEM_WEIGHT, frequency)
                for language, stem in stems(word).items()
            ]
            clauses.append(self._weighted(f"{area}_{ROOT}", root(word), weight * _ROOT_WEIGHT, frequency))
        return clauses

    def _telling(self, word: str) -> list[Clause]:
        """The forms of a word that find most at the least cost, for queries of many words."""
        forms = [("fold", fold(word), 1.0), (ROOT, root(word), _ROOT_WEIGHT)]
        forms.append(("en", stems(word).get("en", ""), _STEM_WEIGHT))
        frequency = self._frequency(word)
        return [
            self._weighted(f"{area}_{analysis}", form, AREA_WEIGHTS[area] * share, frequency)
            for area in ("title", "body")
            for analysis, form, share in forms
            if form
        ]

    def _parts(self, word: str) -> list[Clause]:
        """Most parts of a compound, wherever they stand."""
        found = self._leaf_clauses(word)
        if not found:
            return []
        needed = math.ceil(len(found) * _PARTS_SHARE)
        together = Clause.boolean_query(
            [(Occur.Should, leaf) for leaf in found], minimum_number_should_match=needed
        )
        return [Clause.boost_query(together, _PARTS_WEIGHT)]

    def _leaf_clauses(self, word: str) -> list[Clause]:
        found = []
        for leaf in leaves(word):
            frequency = self._frequency_of_leaf(leaf)
            in_areas = [
                self._weighted(f"{area}_{ROOT}", leaf, AREA_WEIGHTS[area], frequency) for area in AREAS
            ]
            found.append(any_of(in_areas))
        return found

    def _frequency_of_leaf(self, leaf: str) -> int:
        key = f"{leaf} as part"  # no word holds a space
        if key not in self._frequencies:
            forms = [Clause.term_query(self._schema, f"{area}_{ROOT}", leaf) for area in AREAS]
            self._frequencies[key] = self._count(forms)
        return self._frequencies[key]

    def _pieces(self, term: Term) -> list[Clause]:
        """The parts of each word of a term, and each of its words where it has several."""
        found = [leaf for word in term.words for leaf in self._leaf_clauses(word)]
        if len(term.words) > 1:
            found += [any_of(self._exact(word)) for word in term.words]
        return found

    def joined(self, terms: Sequence[Term]) -> list[Term]:
        """The terms, with two neighbours made one where readable texts write them as one word: "glas faser"."""
        found: list[Term] = []
        for term in terms:
            last = found[-1] if found else None
            if last and len(last.words) == len(term.words) == 1 and not (last.is_name or term.is_name):
                whole = last.words[0] + term.words[0]
                if (
                    len(whole) >= _SHORTEST_JOINED
                    and self._stands_anywhere(fold(whole))
                    and self.is_known(whole)
                ):
                    others = ((whole,), *self._apart(last, term))
                    found[-1] = Term((*last.words, *term.words), others, term.growing)
                    continue
            found.append(term)
        return found

    def _apart(self, first: Term, second: Term) -> list[Words]:
        """What may stand in the place of two neighbours when one of them is replaced."""
        replaced = [(*other, *second.words) for other in first.alternatives]
        return replaced + [(*first.words, *other) for other in second.alternatives]

    def sentence(self, terms: Sequence[Term], needed: int) -> Clause:
        """`needed` of the terms, the more and the rarer the better, as one looks for the answer to a sentence."""
        clauses = [self.term(term, generous=True, in_sentence=len(terms) > 1) for term in terms]
        if len(terms) > 1:
            # A part of the only word would find what has little to do with it.
            clauses += [
                Clause.boost_query(part, _LEAF_WEIGHT) for term in terms for part in self._pieces(term)
            ]
        return Clause.boolean_query(
            [(Occur.Should, clause) for clause in clauses], minimum_number_should_match=needed
        )

    def _beginning(self, folded: str) -> list[Clause]:
        """The most frequent visible words that begin so by relevance, all others with a small fixed score."""
        if not folded:
            return []
        visible = Clause.boolean_query([(Occur.Must, one) for one in self._filters])
        clauses = []
        for area in AREAS:
            field = f"{area}_fold"
            begins = Clause.fuzzy_term_query(self._schema, field, folded, distance=0, prefix=True)
            clauses.append(Clause.boost_query(begins, _ANY_PREFIX_WEIGHT))
            # Two letters begin thousands of words of the bodies; counting those takes too long.
            if area == "title" or len(folded) >= 4:
                found = self._searcher.terms_with_prefix(field, folded, visible, _PREFIX_TERMS)
                clauses += [
                    self._weighted(field, word, _PREFIX_WEIGHTS[area], frequency) for word, frequency in found
                ]
        return clauses

    def _corrected(self, word: str) -> list[Clause]:
        """The words of the index that are one typing mistake away, as relevant as if they had been typed."""
        clauses: list[Clause] = []
        for other in self._near(fold(word)):
            clauses += [
                Clause.boost_query(clause, _CORRECTED_WEIGHT)
                for clause in (*self._exact(other), *self._parts(other))
            ]
        return clauses

    def _near(self, folded: str) -> list[str]:
        """Readable words that differ in one letter, or in the order of two; by the alphabet, because their frequency
        would say something about what is hidden."""
        if not typos_allowed(folded) or not self._count(self._one_mistake(folded)):
            return []
        present = (other for other in one_mistake_away(folded) if self._stands_anywhere(other))
        return list(itertools.islice((other for other in present if self.is_known(other)), _MOST_CORRECTIONS))

    def _one_mistake(self, folded: str) -> list[Clause]:
        """What says quickly whether there is anything to look for."""
        return [
            Clause.fuzzy_term_query(self._schema, f"{area}_fold", folded, distance=1)
            for area in ("title", "body")
        ]

    def _stands_anywhere(self, folded: str) -> bool:
        return any(self._searcher.doc_freq(f"{area}_fold", folded) for area in ("title", "body"))

    def _mistyped(self, folded: str, *, growing: bool) -> list[Clause]:
        distance = typos_allowed(folded)
        if not distance:
            return []
        return [
            Clause.boost_query(
                Clause.fuzzy_term_query(
                    self._schema, f"{area}_fold", folded, distance=distance, prefix=growing
                ),
                weight,
            )
            for area, weight in _TYPO_WEIGHTS.items()
        ]

    def _part_of_compound(self, word: str) -> list[Clause]:
        pieces = grams(word)
        if len(word) < 5 or len(pieces) < 2:
            return []
        needed = max(2, int(len(pieces) * _GRAM_SHARE))
        clause = Clause.boolean_query(
            [
                (
                    Occur.Should,
                    Clause.const_score_query(Clause.term_query(self._schema, "title_gram", piece), 1),
                )
                for piece in pieces
            ],
            minimum_number_should_match=needed,
        )
        return [Clause.boost_query(clause, _GRAM_WEIGHT)]

    def _weighted(self, field: str, form: str, weight: float, frequency: int) -> Clause:
        """A form of a word, as rare as the word is among what the reader may read.

        The engine weighs a form by how rare it is in the whole index, and so its order of results would say which
        words stand often or at all in what is hidden. That weight is divided out again.
        """
        clause = Clause.term_query(self._schema, field, form)
        everywhere = self._searcher.doc_freq(field, form)
        if not everywhere:
            return clause
        rarity = _rarity(frequency, self._readable) / _rarity(everywhere, self._documents)
        return Clause.boost_query(clause, weight * rarity)

    def related(self, terms: Sequence[Term], body_words: Sequence[str], *, needed: int) -> Clause:
        """Documents that answer a question of this title, with these words in its text: the title counts more."""
        title = self.sentence(terms, needed) if terms else None
        body = [Clause.boost_query(any_of(self._exact(word)), _BODY_WEIGHT) for word in body_words]
        return Clause.boolean_query([(Occur.Should, clause) for clause in ([title] if title else []) + body])

    def _forms(self, word: str) -> list[Clause]:
        """The word, its stems and its root, wherever they stand."""
        forms = [("fold", fold(word)), *stems(word).items(), (ROOT, root(word))]
        return [
            Clause.term_query(self._schema, f"{area}_{analysis}", form)
            for area in AREAS
            for analysis, form in forms
            if form
        ]

    def telling_words(self, weights: Mapping[str, int]) -> list[str]:
        """The words that say most about a text: frequent in it, rare elsewhere, and somewhere else at all.

        BM25's inverse document frequency among what the reader may read, and the dampened frequency in the text
        itself. Of a long text, the words that are rarest in the whole index are looked at: counting takes time.
        """
        everywhere = {word: self._document_frequency(word) for word in weights}
        rarest = sorted((word for word in weights if everywhere[word]), key=lambda word: everywhere[word])
        most = max(_FEW_DOCUMENTS, self._readable * 0.3)
        rated = []
        for word in rarest[:_COUNTED_WORDS]:
            frequency = self._frequency(word)
            if 0 < frequency < most:
                rarity = math.log(1 + self._readable / frequency)
                rated.append((min(weights[word], 3) ** 0.5 * rarity, word))
        rated.sort(reverse=True)
        return [word for _, word in rated[:RELATED_WORDS]]

    def _document_frequency(self, word: str) -> int:
        fields = [("fold", fold(word)), *stems(word).items()]
        return max(
            self._searcher.doc_freq(f"{area}_{analysis}", form)
            for area in ("title", "body")
            for analysis, form in fields
        )


def _rarity(found: int, documents: int) -> float:
    """BM25's inverse document frequency, as the engine works it out."""
    return math.log1p(max(0.0, documents - found + 0.5) / (found + 0.5))


def word_weights(title: str, body: str, stop_words: Iterable[str]) -> dict[str, int]:
    """The distinct words of three letters or more and how often they stand there; a title counts double."""
    weights: Counter[str] = Counter()
    spelling: dict[str, str] = {}
    for text, weight in ((title, 2), (body, 1)):
        for word in WORD.findall(text)[:_RELATED_BODY_WORDS]:
            weights[fold(word)] += weight
            spelling.setdefault(fold(word), word)
    stops = {fold(stop) for stop in stop_words}
    return {
        spelling[word]: weight for word, weight in weights.items() if len(word) >= 3 and word not in stops
    }


def filter_clauses(schema: tantivy.Schema, query: Query) -> list[Clause]:
    """The filters of a query, access first; none of them changes a score."""

    def one_of(field: str, values: Sequence[object]) -> Clause:
        return Clause.term_set_query(schema, field, [str(value) for value in values])

    clauses = [one_of("audience", sorted(query.audiences))]
    if query.without:
        others = [(Occur.Must, Clause.all_query()), (Occur.MustNot, one_of("key", query.without))]
        clauses.append(Clause.boolean_query(others))
    if query.kinds:
        clauses.append(one_of("kind", query.kinds))
    if query.space_id is not None:
        clauses.append(one_of("space_id", [query.space_id]))
    clauses += [one_of("tags", [tag]) for tag in query.tags]
    if query.status:
        clauses.append(one_of("status", query.status))
    if query.staff_answered is not None:
        clauses.append(one_of("staff_answered", ["true" if query.staff_answered else "false"]))
    if query.since is not None:
        clauses.append(Clause.range_query(schema, "active", FieldType.Unsigned, max(0, query.since), None))
    return [Clause.const_score_query(clause, 0.0) for clause in clauses]


def any_of(clauses: Sequence[Clause]) -> Clause:
    """One of the clauses; the best one counts, the others a little."""
    return Clause.disjunction_max_query(list(clauses), _TIE_BREAKER) if clauses else Clause.empty_query()


def all_of(clauses: Sequence[Clause]) -> Clause:
    """Every clause; their scores are added."""
    if len(clauses) == 1:
        return clauses[0]
    return Clause.boolean_query([(Occur.Must, clause) for clause in clauses])


class Stage(NamedTuple):
    """One reading of the words of a query, and whether it is a generous one."""

    build: Callable[[], Clause]
    relaxed: bool


def stages_of(builder: ClauseBuilder, terms: Sequence[Term]) -> list[Stage]:
    """Readings of the words from strict to generous, each built only when it is needed."""
    terms = builder.joined(terms)

    @functools.cache
    def generous() -> list[Clause]:
        return [builder.term(term, generous=True) for term in terms]

    if len(terms) >= SENTENCE:
        # Nobody writes what answers a sentence with all of its words: many and rare ones count from the beginning.
        needed = max(1, len(terms) // _PART_OF_SENTENCE)
        return [
            Stage(lambda: builder.sentence(terms, needed), True),
            Stage(lambda: builder.sentence(terms, 1), True),
        ]
    return [
        Stage(lambda: all_of([builder.term(term) for term in terms]), False),
        Stage(lambda: all_of(generous()), True),
        Stage(lambda: builder.sentence(terms, 1), True),
    ]
