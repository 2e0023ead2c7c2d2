"""A small community to search in: space 3 is for everybody, space 7 for its readers only."""

from __future__ import annotations

from typing import Any

from search.index import Document, Found, SearchEngine

EVERYBODY = frozenset({0})
MEMBERS_OF_7 = frozenset({0, 7})


def thread(number: int, title: str, question: str = "", **fields: Any) -> Document:
    values: dict[str, Any] = {"audience": 0, "space_id": 3, "lang": "de", "status": "open"} | fields
    return Document(key=f"thread-{number}", kind="thread", title=title, question=question, **values)


PORTING = thread(
    1,
    "Rufnummernmitnahme zum neuen Vertrag",
    "Wie lange dauert die Portierung?",
    tags=("portierung",),
    status="solved",
    solution="Die Mitnahme dauert höchstens einen Werktag, der Antrag liegt im Geschäftskundenportal.",
    answers="Bei uns hat die Portierung zwei Tage gedauert.",
    kudos=5,
    created=10,
    active=50,
)
INVOICE = thread(
    2,
    "Rechnung herunterladen",
    "Die Rechnung als PDF im Kundenportal. Straße und Größe stimmen nicht.",
    tags=("rechnung",),
    status="unanswered",
    created=20,
    active=20,
)
ENGLISH = thread(
    3,
    "Download invoices via API",
    "How can I download all invoices of a month? The installation guide is silent.",
    lang="en",
    tags=("rechnung", "api"),
    created=30,
    active=30,
    kudos=2,
    staff_answered=True,
)
SECRET = thread(
    4,
    "Geheimes Projekt Zugvogel zur Rechnung",
    "Die Rechnung von Zugvogel geht an den Vorstand.",
    audience=7,
    space_id=7,
    tags=("zugvogel",),
    created=40,
    active=40,
)
ROUTER = thread(
    5,
    "Router startet <b>neu</b> & verliert SIP",
    "<script>alert(1)</script> Der Router startet jede Nacht neu, sagt Frau Müller.",
    created=50,
    active=10,
)
CHECKED = thread(
    6, "Rechnung prüfen", "Die Rechnung ist falsch.", status="solved", kudos=30, created=5, active=5
)
FAQ = Document(
    key="faq-1",
    kind="faq",
    audience=0,
    lang="de",
    title="Wie ändere ich die Bankverbindung?",
    question="Im Kundenportal unter Vertrag.",
    solution="Im Kundenportal unter Vertrag, Zahlungsart.",
    created=1,
    active=1,
)
PERSON = Document(key="person-1", kind="person", audience=0, title="NetzLotse", created=2, active=2)
GROUP = Document(
    key="group-1",
    kind="group",
    audience=9,
    title="Netzplaner Vorab",
    question="Wer neue Netze vor allen anderen kennt.",
    created=3,
    active=3,
)
BLOG = Document(
    key="blog-1",
    kind="blog",
    audience=0,
    lang="de",
    space_id=4,
    title="Neues vom Netz",
    question="Das Glasfasernetz wächst.",
    created=4,
    active=4,
)

THREADS = [PORTING, INVOICE, ENGLISH, SECRET, ROUTER, CHECKED]
ALL = [*THREADS, FAQ, PERSON, GROUP, BLOG]


async def fill(engine: SearchEngine, documents: list[Document] = ALL) -> None:
    await engine.upsert(documents)
    await engine.flush()


def keys(found: Found) -> list[str]:
    return [hit.key for hit in found.hits]
