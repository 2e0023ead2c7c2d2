"""What both engines promise: documents about the same thing. Asserted by keys and by HTML, never by scores."""

from __future__ import annotations

from search.index import SearchEngine
from tests.search.documents import CHECKED, EVERYBODY, INVOICE, fill


async def test_related_documents_are_about_the_same(engine: SearchEngine) -> None:
    await fill(engine)
    hits = await engine.related(
        "Wo finde ich meine Rechnung als PDF?", "Ich suche im Kundenportal", EVERYBODY
    )
    assert hits[0].key in {"thread-2", "thread-6"}
    assert {hit.kind for hit in hits} <= {"thread", "faq"}


async def test_a_document_is_not_related_to_itself(engine: SearchEngine) -> None:
    await fill(engine)
    hits = await engine.related(INVOICE.title, INVOICE.question, EVERYBODY, exclude=INVOICE.key)
    assert INVOICE.key not in [hit.key for hit in hits]
    assert CHECKED.key in [hit.key for hit in hits]


async def test_related_documents_are_limited_in_number_and_kind(engine: SearchEngine) -> None:
    await fill(engine)
    assert len(await engine.related("Rechnung", "", EVERYBODY, limit=1)) == 1
    assert await engine.related("Rechnung", "", EVERYBODY, kinds=("blog",)) == ()
    assert await engine.related("", "", EVERYBODY) == ()
