"""Fields of the embedded index and how a document fills them."""

from __future__ import annotations

import json
from typing import Any

import tantivy

from search.analysis import without_spelt_out_umlauts
from search.configuration import LANGUAGES
from search.configuration import quality_factor as quality
from search.german import all_roots
from search.index import Document, Passage
from search.vectors import number_of
from search.words import WORD

AREAS = ("title", "solution", "body")
ANALYSES = ("fold", *LANGUAGES)
ROOT = "root"
"""The analysis made here and not by the engine: roots of words, and of the parts of compounds."""
TEXTS: tuple[Passage, ...] = ("solution", "question", "answers")

# Ids are kept as text: sets of numbers cannot be deleted by term, and big ones lose digits in counts.
_EXACT_FIELDS = ("key", "kind", "space_id", "audience", "lang", "tags", "status", "staff_answered")
_STORED = ("key", "kind", "space_id")

# One number that sorts by kudos and then by last activity, which needs 34 bits until the year 2514.
_ACTIVITY_BITS = 34


def build_schema() -> tantivy.Schema:
    """The schema. A change here needs a new `search.configuration.FORMAT`."""
    builder = tantivy.SchemaBuilder()
    for name in _EXACT_FIELDS:
        builder.add_text_field(
            name, stored=name in _STORED, tokenizer_name="raw", fast=True, index_option="basic"
        )
    for name in ("number", "created", "active", "kudos_then_active"):
        builder.add_unsigned_field(name, indexed=True, fast=True)
    builder.add_float_field("quality", fast=True)
    builder.add_bytes_field("texts", stored=True)
    for area in AREAS:
        for analysis in ANALYSES:
            builder.add_text_field(f"{area}_{analysis}", tokenizer_name=analysis, index_option="freq")
        builder.add_text_field(f"{area}_{ROOT}", tokenizer_name="whitespace", index_option="freq")
    builder.add_text_field("title_gram", tokenizer_name="gram", index_option="freq")
    return builder.build()


def to_tantivy(document: Document) -> tantivy.Document:
    """One row of the index. The texts to show are stored together, apart from the indexed words."""
    row = tantivy.Document()
    row.add_text("key", document.key)
    row.add_unsigned("number", number_of(document.key))
    row.add_text("kind", document.kind)
    row.add_text("space_id", str(document.space_id))
    row.add_text("audience", str(document.audience))
    row.add_text("staff_answered", "true" if document.staff_answered else "false")
    row.add_text("lang", document.lang)
    if document.status:
        row.add_text("status", document.status)
    for tag in document.tags:
        row.add_text("tags", tag)
    active = max(0, document.active)
    row.add_unsigned("created", max(0, document.created))
    row.add_unsigned("active", active)
    row.add_unsigned("kudos_then_active", (max(0, document.kudos) << _ACTIVITY_BITS) | active)
    # The engine multiplies the score by log2(2 + value).
    row.add_float("quality", 2 ** quality(document) - 2)
    texts = {name: getattr(document, name) for name in ("title", *TEXTS)}
    row.add_bytes("texts", json.dumps(texts, ensure_ascii=False).encode())
    _add_words(row, document)
    return row


def _add_words(row: tantivy.Document, document: Document) -> None:
    body = "\n".join((document.question, document.solution, document.answers, " ".join(document.tags)))
    languages = (document.lang,) if document.lang in LANGUAGES else LANGUAGES
    for area, text in (("title", document.title), ("solution", document.solution), ("body", body)):
        row.add_text(f"{area}_fold", without_spelt_out_umlauts(text))
        row.add_text(
            f"{area}_{ROOT}", " ".join(root for word in WORD.findall(text) for root in all_roots(word))
        )
        for language in languages:
            row.add_text(f"{area}_{language}", text)
    row.add_text("title_gram", without_spelt_out_umlauts(document.title))


def stored_texts(row: tantivy.Document) -> dict[str, str]:
    """Title, solution, question and answers of a hit as they were given."""
    stored: Any = row.get_first("texts")
    texts: dict[str, str] = json.loads(bytes(stored))
    return texts
