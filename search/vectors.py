"""Vectors as they are kept: packed into bytes, and in one file of an index that all processes share.

A file has a head and records of one size. The one writer changes records in place; readers map the file into memory.
What a reader takes from it is only a proposal: the index decides whether a document exists and who may read it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from search.index import Document, Query

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

_HEAD_BYTES = 16
_MAGIC = b"vectors1"
_BLOCK = 512  # rows; what is worked on at once stays in the processor's cache
_STEPS = 127


def unit(values: Any) -> Vector:
    """Numbers as a vector of length one, or `ValueError`."""
    import numpy as np

    vector = np.asarray(values, dtype=np.float32)
    length = float(np.linalg.norm(vector)) if vector.ndim == 1 else 0.0
    if not length or not np.isfinite(length):
        raise ValueError("no vector")
    found: Vector = vector / length
    return found


def pack(vector: Vector) -> bytes:
    """Four bytes of scale and one for each dimension; similarities stay true to three digits."""
    import numpy as np

    scale = float(np.abs(vector).max()) / _STEPS
    steps = np.rint(vector / scale).astype(np.int8) if scale > 1e-20 else np.zeros(len(vector), np.int8)
    return np.float32(scale).tobytes() + steps.tobytes()


def unpack(packed: bytes) -> Vector:
    """The vector of `pack`."""
    import numpy as np

    scale = np.frombuffer(packed, np.float32, 1)[0]
    vector: Vector = np.frombuffer(packed, np.int8, offset=4).astype(np.float32) * scale
    return vector


def length_of(packed: bytes) -> int:
    """The number of dimensions of a packed vector."""
    return len(packed) - 4


def number_of(key: str) -> int:
    """A key as a number, for comparing many at once; two keys with one number are not to be expected."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "little")


def _record(dimensions: int) -> np.dtype[np.void]:
    import numpy as np

    return np.dtype(
        [
            ("number", np.uint64),
            ("kind", "S8"),
            ("audience", np.int64),
            ("space_id", np.int64),
            ("vector_scale", np.float32),
            ("vector", np.int8, (dimensions,)),
        ]
    )


class VectorWriter:
    """The one process that writes the index writes its vectors too."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[int, int] = {}
        self._free: list[int] = []
        self._dimensions = 0

    def write(self, documents: Iterable[Document], gone: Iterable[str]) -> None:
        """Keep the vectors of these documents; those without one and the keys that are `gone` lose theirs."""
        keeping = [one for one in documents if one.vector]
        if not self._dimensions and not self._begin(length_of(keeping[0].vector) if keeping else 0):
            return
        kept = {one.key for one in keeping}
        record = _record(self._dimensions)
        with self._path.open("r+b") as file:
            for key in gone:
                row = self._rows.pop(number_of(key), None) if key not in kept else None
                if row is not None:
                    _put(file, row, bytes(record.itemsize))
                    self._free.append(row)
            for document in keeping:
                # A server that answers with vectors of another length has another model now.
                if length_of(document.vector) == self._dimensions:
                    _put(file, self._row_of(number_of(document.key)), _bytes_of(document, record))
            file.flush()
            os.fsync(file.fileno())

    def _row_of(self, number: int) -> int:
        row = self._rows.get(number)
        if row is None:
            row = self._rows[number] = self._free.pop() if self._free else len(self._rows)
        return row

    def _begin(self, dimensions: int) -> bool:
        """Read what another writer has left, or begin a file for vectors of this length."""
        if self._path.exists():
            found = VectorFile(self._path)
            self._rows, self._free, self._dimensions = found.rows(), found.free_rows(), found.dimensions
        elif dimensions:
            begun = self._path.with_suffix(".new")
            begun.write_bytes(_MAGIC + dimensions.to_bytes(8, "little"))
            begun.replace(self._path)
            self._dimensions = dimensions
        return bool(self._dimensions)


def _put(file: IO[bytes], row: int, data: bytes) -> None:
    file.seek(_HEAD_BYTES + row * len(data))
    file.write(data)


def _bytes_of(document: Document, record: np.dtype[np.void]) -> bytes:
    import numpy as np

    row = np.zeros(1, record)
    row["number"], row["kind"] = number_of(document.key), document.kind
    row["audience"], row["space_id"] = document.audience, document.space_id
    row["vector_scale"] = np.frombuffer(document.vector, np.float32, 1)
    row["vector"] = np.frombuffer(document.vector, np.int8, offset=4)
    return row.tobytes()


class VectorFile:
    """The vectors of an index as one reader sees them. What the writer adds is seen after opening it again."""

    def __init__(self, path: Path) -> None:
        import numpy as np

        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
            if len(head) < _HEAD_BYTES or head[:8] != _MAGIC:
                raise ValueError("not a file of vectors")
            self.dimensions = int.from_bytes(head[8:], "little")
            record = _record(self.dimensions)
            self.size = os.fstat(file.fileno()).st_size
            count = (self.size - _HEAD_BYTES) // record.itemsize
            self._records: Any = (
                np.memmap(file, record, "r", _HEAD_BYTES, (count,)) if count else np.zeros(0, record)
            )

    def __len__(self) -> int:
        return len(self._records)

    def rows(self) -> dict[int, int]:
        """The row of each number."""
        return {number: row for row, number in enumerate(self._records["number"].tolist()) if number}

    def free_rows(self) -> list[int]:
        """Rows whose document is gone."""
        import numpy as np

        return [int(row) for row in np.flatnonzero(self._records["number"] == 0)]

    def vector_of(self, number: int) -> Vector | None:
        """The vector of one document."""
        import numpy as np

        found = np.flatnonzero(self._records["number"] == np.uint64(number))
        if not len(found):
            return None
        record = self._records[int(found[0])]
        vector: Vector = record["vector"].astype(np.float32) * record["vector_scale"]
        return vector

    def nearest(
        self, vector: Vector, query: Query, *, limit: int, also: Sequence[int] = (), exclude: int = 0
    ) -> dict[int, float]:
        """Similarities, by number, of the nearest documents of the query's audiences, kinds and space.

        And of those with the numbers `also`. What the reader may not read is left out before anything is ranked.
        """
        import numpy as np

        if len(vector) != self.dimensions or not len(self):
            return {}
        numbers = self._records["number"]
        allowed = np.isin(self._records["audience"], sorted(query.audiences))
        allowed &= numbers != 0
        if query.kinds:
            allowed &= np.isin(self._records["kind"], [kind.encode() for kind in query.kinds])
        if query.space_id is not None:
            allowed &= self._records["space_id"] == query.space_id
        if exclude:
            allowed &= numbers != np.uint64(exclude)
        rows = np.flatnonzero(allowed)
        similarities = self._similarities(vector, rows)
        taken = rows if len(rows) <= limit else rows[np.argpartition(similarities[rows], -limit)[-limit:]]
        wanted = np.isin(numbers, np.array(also, np.uint64)) & allowed
        found = np.union1d(taken, np.flatnonzero(wanted))
        return {int(numbers[row]): float(similarities[row]) for row in found}

    def _similarities(self, vector: Vector, rows: NDArray[np.intp]) -> Vector:
        """Of these rows; of most rows all are worked out, because picking them costs more."""
        import numpy as np

        similarities = np.full(len(self), -1.0, np.float32)
        all_rows = len(rows) * 2 > len(self)
        for start in range(0, len(self) if all_rows else len(rows), _BLOCK):
            block = slice(start, start + _BLOCK) if all_rows else rows[start : start + _BLOCK]
            part = self._records[block]
            similarities[block] = (part["vector"].astype(np.float32) @ vector) * part["vector_scale"]
        return similarities
