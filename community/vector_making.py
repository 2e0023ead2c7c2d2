"""The worker's part in search by meaning: vectors are made beside everything else, never in a request.

A document is found by its words as soon as it is indexed; its vector follows. What was made is kept before it goes to
the index, and a wish is forgotten after that: killed at any moment, nothing is lost and little is made twice.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby

from community.indexing import MAKERS, bring_in_line
from community.relating import relate_entry, relate_thread
from community.vectors.keeping import Owed, hash_of, keep, list_fitting, list_owed, settle
from search import SearchEngine
from search.embedders import Embedder, TextRefused
from search.index import Document
from search.meaning import vector_text
from search.threads import run
from search.vectors import pack

BATCH = 16
"""Documents that go to the index together."""
_RELATING = {"thread": relate_thread, "faq": relate_entry}
"""What looks again for its neighbours once its meaning is known."""
_KINDER = 10
"""How much the making thread gives way to those that answer people."""


class VectorMaker:
    """Makes what is owed, a batch at a time, in a thread of its own."""

    def __init__(self, engine: SearchEngine) -> None:
        self._engine = engine
        self._thread = ThreadPoolExecutor(1, "vectors", _give_way)

    async def make_all(self) -> None:
        """Make vectors until none is owed. Without an embedder there is nothing to do."""
        if self._engine.embedder is not None:
            while await self.make_batch(self._engine.embedder):
                pass

    async def make_batch(self, embedder: Embedder) -> int:
        """Make some of the owed vectors, hand them to the index, and answer how many were settled."""
        owed = sorted(await list_owed(BATCH), key=lambda one: one.kind)
        for kind, of_kind in groupby(owed, key=lambda one: one.kind):
            await self._make(embedder, kind, list(of_kind))
        return len(owed)

    async def _make(self, embedder: Embedder, kind: str, owed: Sequence[Owed]) -> None:
        ids = [one.row_id for one in owed]
        documents = {int(one.key.rpartition("-")[2]): one for one in await MAKERS[kind][1](ids)}
        hashes = {row_id: hash_of(document) for row_id, document in documents.items()}
        fitting = await list_fitting(embedder, kind, hashes)
        for row_id, document in documents.items():
            if row_id not in fitting:
                vector = await run(self._thread, _vector_of, embedder, document)
                await keep(embedder, kind, row_id, hashes[row_id], vector)
        await bring_in_line(self._engine, kind, ids)
        if kind in _RELATING:
            for row_id in documents:
                await _RELATING[kind](self._engine, row_id)
        await settle(owed)


def _vector_of(embedder: Embedder, document: Document) -> bytes:
    """Packed; empty if the embedder does not take the text."""
    try:
        return pack(embedder.embed_documents([vector_text(document)])[0])
    except TextRefused:
        return b""


def _give_way() -> None:
    """Linux keeps a priority for each thread."""
    with contextlib.suppress(OSError, AttributeError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _KINDER)
