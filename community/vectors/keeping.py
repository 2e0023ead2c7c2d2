"""Vectors given to documents on their way to the index, kept when made, forgotten with their rows."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from community.core.clock import now
from community.core.db import as_time, execute, execute_many, fetch, random_id
from search.embedders import Embedder
from search.index import Document
from search.meaning import KINDS_WITH_MEANING, vector_text


@dataclass(frozen=True, slots=True)
class Owed:
    """A document whose vector is to be made."""

    kind: str
    row_id: int
    since: datetime


def hash_of(document: Document) -> str:
    """Changes with the text of which the vector is made."""
    return hashlib.sha256(vector_text(document).encode("utf-8", "replace")).hexdigest()[:32]


async def with_kept_vectors(
    embedder: Embedder | None, kind: str, documents: Sequence[Document]
) -> list[Document]:
    """The documents with the vectors that fit their texts. What has none yet is owed one and goes without."""
    meant = [document for document in documents if document.kind in KINDS_WITH_MEANING]
    if embedder is None or not meant:
        return list(documents)
    rows = await fetch(
        """SELECT row_id, text_hash, embedder, vector FROM document_vectors
        WHERE kind = :kind AND row_id IN (:ids)""",
        {"kind": kind, "ids": [_row_id(document) for document in meant]},
    )
    kept = {row["row_id"]: row for row in rows}
    vectors, missing = {}, []
    for document in meant:
        row = kept.get(_row_id(document))
        if row and row["text_hash"] == hash_of(document) and row["embedder"] == embedder.fingerprint:
            # A text that the embedder did not take has an empty vector, until it changes.
            vectors[document.key] = bytes(row["vector"] or b"")
        else:
            missing.append(_row_id(document))
    await owe(kind, missing)
    return [dataclasses.replace(one, vector=vectors.get(one.key, b"")) for one in documents]


def _row_id(document: Document) -> int:
    return int(document.key.rpartition("-")[2])


async def owe(kind: str, row_ids: Sequence[int]) -> None:
    """Note that vectors have to be made."""
    moment = now()
    await execute_many(
        """INSERT INTO document_vectors (id, kind, row_id, text_hash, embedder, owed_at)
        VALUES (:id, :kind, :row_id, '', '', :now)
        ON CONFLICT (kind, row_id) DO UPDATE SET owed_at = excluded.owed_at""",
        [{"id": random_id(), "kind": kind, "row_id": row_id, "now": moment} for row_id in row_ids],
    )


async def list_owed(limit: int) -> list[Owed]:
    """The vectors to be made next, the newest wishes first: a new thread does not wait for a new index."""
    rows = await fetch(
        """SELECT kind, row_id, owed_at FROM document_vectors WHERE owed_at IS NOT NULL
        ORDER BY owed_at DESC LIMIT :limit""",
        {"limit": limit},
    )
    found = []
    for row in rows:
        since = as_time(row["owed_at"])
        if since is not None:
            found.append(Owed(row["kind"], row["row_id"], since))
    return found


async def list_fitting(embedder: Embedder, kind: str, hashes: Mapping[int, str]) -> set[int]:
    """Those rows whose kept vector was made of the very text with this hash."""
    rows = await fetch(
        """SELECT row_id, text_hash FROM document_vectors
        WHERE kind = :kind AND row_id IN (:ids) AND embedder = :embedder""",
        {"kind": kind, "ids": list(hashes), "embedder": embedder.fingerprint},
    )
    return {row["row_id"] for row in rows if row["text_hash"] == hashes[row["row_id"]]}


async def keep(embedder: Embedder, kind: str, row_id: int, text_hash: str, vector: bytes) -> None:
    """Keep a vector that was made; it stays owed until the index has it."""
    await execute(
        """UPDATE document_vectors SET text_hash = :text_hash, embedder = :embedder, vector = :vector
        WHERE kind = :kind AND row_id = :row_id""",
        {
            "text_hash": text_hash,
            "embedder": embedder.fingerprint,
            "vector": vector,
            "kind": kind,
            "row_id": row_id,
        },
    )


async def settle(owed: Sequence[Owed]) -> None:
    """Note that nothing is owed any more, unless somebody has wished anew meanwhile."""
    await execute_many(
        """UPDATE document_vectors SET owed_at = NULL
        WHERE kind = :kind AND row_id = :row_id AND owed_at <= :since""",
        [{"kind": one.kind, "row_id": one.row_id, "since": one.since} for one in owed],
    )


async def forget_vectors(kind: str, row_ids: Sequence[int]) -> None:
    """Of documents that are not to be found any more nothing is kept."""
    if row_ids:
        await execute(
            "DELETE FROM document_vectors WHERE kind = :kind AND row_id IN (:ids)",
            {"kind": kind, "ids": list(row_ids)},
        )


async def count_owed() -> int:
    """Vectors that are still to be made."""
    rows = await fetch("SELECT COUNT(*) AS n FROM document_vectors WHERE owed_at IS NOT NULL")
    return int(rows[0]["n"])
