"""What both engines promise: what no text can do. Asserted by keys and by HTML, never by scores."""

from __future__ import annotations

import re

import pytest

from search.index import Document, Query, SearchEngine
from tests.search.documents import EVERYBODY, SECRET, fill, keys, thread

HOSTILE = [
    '"',
    '"rechnung',
    "(",
    ") AND (",
    "title:x",
    "audience:7 rechnung",
    "audience = 7 OR rechnung",
    "rechnung -kundenportal",
    "*",
    "a" * 10_000,
    "wort " * 2_000,
    "🙂",
    "Rechnung 🙂",
    "[a TO z]",
    "-",
    "rech\x00nung",
    "\x1b[31m\x07",
    "\ud800",
    "\ue000rechnung\ue001",
    "' OR 1=1 --",
    "\u202erechnung",
    " " * 50,
    "und der die",
    "the of and",
    "\\",
    "{{7*7}}",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_text_breaks_a_search_or_opens_a_space(engine: SearchEngine, text: str) -> None:
    await fill(engine)
    for typing in (False, True):
        found = await engine.search(Query(text, EVERYBODY, typing=typing))
        assert SECRET.key not in keys(found)
    assert SECRET.key not in keys(await engine.instant(text, EVERYBODY))
    assert SECRET.key not in [hit.key for hit in await engine.related(text, text, EVERYBODY)]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_no_text_breaks_a_document(engine: SearchEngine, text: str) -> None:
    odd = Document(
        key="thread-9",
        kind="thread",
        audience=0,
        lang="xx",
        title=f"{text} Ankerwort",
        question=text,
        solution=text,
        answers=text,
        tags=(text, "tag"),
        kudos=-3,
        created=-1,
        active=-1,
    )
    await fill(engine, [odd])
    shown = await engine.search(Query("", EVERYBODY, tags=("tag",)))
    assert keys(shown) == ["thread-9"]
    assert "<" not in re.sub(r"</?mark>", "", shown.hits[0].title_html + shown.hits[0].passage_html)


async def test_a_tag_with_odd_characters_can_be_filtered(engine: SearchEngine) -> None:
    tag = "a\"b' OR \\ (c)"
    await fill(engine, [thread(1, "Eins", tags=(tag,)), thread(2, "Zwei", tags=("anders",))])
    assert keys(await engine.search(Query("", EVERYBODY, tags=(tag,)))) == ["thread-1"]
