"""Search as data: limits, weights, stop words, synonyms, the settings of the search server."""

from __future__ import annotations

import functools
import hashlib
import json
import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from search.index import Document
from search.names import solid, with_spellings, words_of

SYNONYMS_FILE = Path(__file__).with_name("synonyms.toml")
GERMAN_PARTS_FILE = Path(__file__).with_name("german_parts.txt")

# Change when documents are made, stored or analysed differently: every index is then rebuilt.
FORMAT = 4

LANGUAGES = ("de", "en")

# Characters. The search server reads 65,535 words of one attribute at most; people read far less.
TEXT_LIMITS = {"title": 500, "question": 20_000, "solution": 20_000, "answers": 40_000}
MAX_TAGS = 50
QUERY_CHARACTERS = 500
QUERY_WORDS = 10  # the search server reads no more
RELATED_WORDS = 25  # measured: 25 telling words find better than 10 and as well as 40
PASSAGE_CHARACTERS = 220
PASSAGE_WORDS = 30
PASSAGE_SEARCHED = 8_000  # characters of one text in which a passage is looked for
MAX_HITS = 100  # of one answer
MAX_PAGED = 500  # hits that can be reached by paging
FACET_VALUES = 50
ENOUGH_HITS = 3  # fewer than these, and the words are read more generously

# Meaning (`search.meaning`): characters of a document and of a query that are turned into vectors, and how long a
# request waits for the vector of its query before it goes on without.
VECTOR_TEXT_CHARACTERS = 600
VECTOR_PART_CHARACTERS = 300
QUERY_VECTOR_CHARACTERS = 240
QUERY_VECTOR_SECONDS = 0.25
REMOTE_QUERY_VECTOR_SECONDS = 0.5

# How much a person or a group counts beside content when all kinds are searched at once.
KIND_WEIGHTS = {"person": 0.7, "group": 0.8}

# Weights of the three areas of a document in which a word may stand. Higher ones for the title are
# harmful: the length norm of BM25 already favours short texts.
AREA_WEIGHTS = {"title": 2.0, "solution": 1.3, "body": 1.0}

# Short, because the search server drops these words from every text: no word that carries a meaning
# ("nicht", "ohne", "not").
_GERMAN_STOP_WORDS = (
    "der die das den dem des und oder ein eine einer eines einem einen ist sind war wird werden als in "
    "im an am zu zum zur mit auf für fuer von vom bei es ich wir sie man mein meine meinen unser unsere "
    "wie was wo wann kann können "
)
_ENGLISH_STOP_WORDS = (
    "the a of to is are be it i we you my our and or for on with how what do does can at by this that "
)
STOP_WORDS_BY_LANGUAGE = {
    "de": frozenset(_GERMAN_STOP_WORDS.split()),
    "en": frozenset(_ENGLISH_STOP_WORDS.split()),
}
STOP_WORDS = (*_GERMAN_STOP_WORDS.split(), *_ENGLISH_STOP_WORDS.split())

# Words of any question: they say how it is asked, not what about. They are left out of a query that has others.
_GERMAN_LIGHT_WORDS = (
    "gibt es hat habe haben hätte bekomme bekommen bekommt erhalte erhalten erhält möglich möglichkeit möglichkeiten "
    "muss müssen soll sollte tun machen macht passiert geschieht warum wieso weshalb welche welcher welches welchen "
    "wer wen wem viel viele wohin woher dazu auch noch nur mehr dabei dafür davon daran bitte hilfe hallo frage "
    "fragen sie ihr ihre ihren euch dass ob wenn falls aber nicht kein keine keinen nach vor über unter bis um so "
    "dann da hier dort jetzt schon sich mich mir uns einfach leider immer ja nein gehen geht funktioniert brauche "
    "benötige braucht beim "
)
_ENGLISH_LIGHT_WORDS = (
    "get getting have has had there any if which who why where when would could should will does did much many more "
    "also so then than as but about from into out up please help need want just make makes possible"
)
LIGHT_WORDS = frozenset((_GERMAN_LIGHT_WORDS + _ENGLISH_LIGHT_WORDS).split())

_SHORTEST_IN_DICTIONARY = 4

SECONDS_PER_YEAR = 31_557_600
EPOCH_OF_FRESHNESS = 1_262_304_000  # 2010-01-01, unix seconds


@dataclass(frozen=True, slots=True)
class Configuration:
    """What staff may change. An entry is a word, or several that stand together."""

    synonyms: tuple[tuple[str, ...], ...] = ()
    """Groups of entries that mean the same: each finds all the others. In lower case."""
    stop_words: tuple[str, ...] = STOP_WORDS
    one_way: tuple[tuple[str, ...], ...] = ()
    """Groups of which the first entry finds the others, but none of them finds it. In lower case."""
    names: tuple[str, ...] = ()
    """Names of products and abbreviations as they are written: never taken for a typing mistake of another word, and
    found in every spelling (`search.names`)."""

    @property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The synonyms with every spelling of every name."""
        return with_spellings(self.synonyms, self.names)

    @property
    def one_way_groups(self) -> tuple[tuple[str, ...], ...]:
        """The groups of one direction with every spelling of every name in them."""
        count = len(self.one_way)
        firsts = with_spellings([group[:1] for group in self.one_way], self.names)[:count]
        others = with_spellings([group[1:] for group in self.one_way], self.names)[:count]
        return tuple((way, *found) for ways, found in zip(firsts, others, strict=True) for way in ways)


def load_configuration(synonyms_file: Path = SYNONYMS_FILE) -> Configuration:
    """The configuration with the synonyms of a TOML file (`groups`, a list of lists of strings)."""
    groups = tomllib.loads(synonyms_file.read_text("utf-8"))["groups"]
    return Configuration(tuple(tuple(word.lower() for word in group) for group in groups))


@functools.cache
def format_fingerprint() -> str:
    """Changes with everything that makes an existing index unfit: eight hexadecimal digits."""
    german = hashlib.sha256(GERMAN_PARTS_FILE.read_bytes()).hexdigest()
    parts = [FORMAT, TEXT_LIMITS, LANGUAGES, sorted(Document.__dataclass_fields__), KIND_WEIGHTS, german]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:8]


def quality_factor(document: Document) -> float:
    """Factor on the relevance of a document, near 1: solved, thanked-for, fresh content first among equals.

    Solved weighs as much as kudos from about 27 people; a year of age weighs one hundredth.
    """
    years = max(0, document.active - EPOCH_OF_FRESHNESS) / SECONDS_PER_YEAR
    factor = (
        1 + 0.2 * (document.status == "solved") + 0.06 * math.log1p(max(0, document.kudos)) + 0.01 * years
    )
    return factor * KIND_WEIGHTS.get(document.kind, 1.0)


def quality_bucket(document: Document) -> int:
    """The same in steps of 0 to 3 for the search server, whose rules end at the first continuous value."""
    thanked = document.kudos >= 10
    if document.status == "solved":
        return 3 if thanked else 2
    return 1 if thanked or document.staff_answered else 0


def server_settings(configuration: Configuration) -> dict[str, Any]:
    """Settings of the Meilisearch index.

    `sort` stands first among the rules: it does nothing without a sort parameter and makes one exact.
    """
    return {
        "searchableAttributes": [
            "title_de",
            "title_en",
            "title",
            "tags",
            "solution_de",
            "solution_en",
            "solution",
            "question_de",
            "question_en",
            "question",
            "answers_de",
            "answers_en",
            "answers",
            "stems",
        ],
        "displayedAttributes": ["*"],
        "filterableAttributes": [
            _filterable(
                ["key", "kind", "audience", "space_id", "status", "staff_answered", "format"], equality=True
            ),
            _filterable(["tags"], equality=True),
            _filterable(["active"], equality=False),
        ],
        "sortableAttributes": ["active", "created", "kudos"],
        "rankingRules": [
            "sort",
            "words",
            "typo",
            "proximity",
            "attributeRank",
            "quality:desc",
            "wordPosition",
            "exactness",
            "active:desc",
        ],
        "typoTolerance": {
            "minWordSizeForTypos": {"oneTypo": 5, "twoTypos": 9},
            "disableOnNumbers": True,
            "disableOnAttributes": ["stems", "tags"],
            "disableOnWords": words_of(configuration.names),
        },
        "dictionary": server_dictionary(configuration),
        "stopWords": sorted(configuration.stop_words),
        "synonyms": server_synonyms(configuration),
        "prefixSearch": "indexingTime",
        "proximityPrecision": "byWord",
        "localizedAttributes": [
            {"attributePatterns": ["*_de"], "locales": ["deu"]},
            # Stems are no German words, so they must not be split as German compounds are.
            {"attributePatterns": ["*_en", "stems"], "locales": ["eng"]},
        ],
        "pagination": {"maxTotalHits": MAX_PAGED},
        "faceting": {"maxValuesPerFacet": FACET_VALUES, "sortFacetValuesBy": {"*": "count"}},
        "searchCutoffMs": 400,
    }


def server_synonyms(configuration: Configuration) -> dict[str, list[str]]:
    """Each word with all the others of its groups, the one-way form that the search server wants."""
    others: dict[str, list[str]] = {}
    for group in configuration.groups:
        for word in group:
            others.setdefault(word, []).extend(other for other in group if other != word)
    for first, *found in configuration.one_way_groups:
        others.setdefault(first, []).extend(found)
    return {word: sorted(set(words)) for word, words in sorted(others.items()) if words}


def server_dictionary(configuration: Configuration) -> list[str]:
    """Names written as one word, which the server would cut as German compounds.

    Names of several words are not in it: who looks for "trunk" finds "SIP-Trunk" too. Neither are short ones, which
    could stand within other words.
    """
    whole = {solid(name) for name in configuration.names}
    written = {name for name in configuration.names if name.lower() == solid(name)}
    return sorted(name for name in whole | written if len(name) >= _SHORTEST_IN_DICTIONARY)


def _filterable(attributes: list[str], *, equality: bool) -> dict[str, Any]:
    features = {"facetSearch": False, "filter": {"equality": equality, "comparison": not equality}}
    return {"attributePatterns": attributes, "features": features}
