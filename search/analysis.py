"""How words are compared: folded, stemmed, cut into grams. The index, queries and marks all use these."""

from __future__ import annotations

import re
from functools import lru_cache

from tantivy import Filter, TextAnalyzer, TextAnalyzerBuilder, Tokenizer

from search.configuration import LANGUAGES

_LONGEST_WORD = 64
_SPELT_OUT_UMLAUT = re.compile("([aou])e", re.IGNORECASE)
_STEMMERS = {"de": "german", "en": "english"}


def _analyzer(tokenizer: Tokenizer, *filters: Filter) -> TextAnalyzer:
    builder = TextAnalyzerBuilder(tokenizer)
    for one in filters:
        builder = builder.filter(one)
    return builder.build()


def analyzers() -> dict[str, TextAnalyzer]:
    """Analyzers by the name that the schema gives them; the index on disk holds only the names.

    The order matters: a stemmer needs lower case and real umlauts, folding comes last.
    """
    found = {
        "fold": _analyzer(
            Tokenizer.simple(), Filter.remove_long(_LONGEST_WORD), Filter.lowercase(), Filter.ascii_fold()
        ),
        "gram": _analyzer(Tokenizer.ngram(4, 4), Filter.lowercase(), Filter.ascii_fold()),
    }
    for language in LANGUAGES:
        found[language] = _analyzer(
            Tokenizer.simple(),
            Filter.remove_long(_LONGEST_WORD),
            Filter.lowercase(),
            Filter.stemmer(_STEMMERS[language]),
            Filter.ascii_fold(),
        )
    return found


_ANALYZERS = analyzers()


def without_spelt_out_umlauts(text: str) -> str:
    """ "Mueller" becomes "Muller", as folding makes of "Müller". Give this to the analyzers fold and gram.

    "neue" becomes "neu" as well; that happens on both sides and harms nothing that was measured.
    """
    return _SPELT_OUT_UMLAUT.sub(r"\1", text)


@lru_cache(20_000)
def fold(word: str) -> str:
    """One word without case, umlauts, accents and sharp s; empty where nothing is left of it."""
    return "".join(_ANALYZERS["fold"].analyze(without_spelt_out_umlauts(word)))


@lru_cache(20_000)
def spellings(word: str) -> frozenset[str]:
    """The folded word with and without spelt-out umlauts undone: a mistyped "rotuer" has no umlaut."""
    return frozenset({fold(word), "".join(_ANALYZERS["fold"].analyze(word))}) - {""}


@lru_cache(20_000)
def stems(word: str) -> dict[str, str]:
    """The stem of one word in each language that makes one."""
    found = {language: "".join(_ANALYZERS[language].analyze(word)) for language in LANGUAGES}
    return {language: stem for language, stem in found.items() if stem}


@lru_cache(20_000)
def forms(word: str) -> tuple[str, frozenset[str]]:
    """The folded word and all its stems at once, for comparing many words."""
    return fold(word), frozenset(stems(word).values())


def grams(word: str) -> list[str]:
    """The distinct pieces of four characters of one word, in order."""
    return list(dict.fromkeys(_ANALYZERS["gram"].analyze(without_spelt_out_umlauts(word))))
