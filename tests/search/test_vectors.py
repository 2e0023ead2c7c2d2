"""The file of vectors: one writer, readers who map it, no vector of what is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from search.index import Document, Query
from search.vectors import VectorFile, VectorWriter, number_of, pack, unpack
from tests.search.documents import thread

ALL = Query("", frozenset({0, 7}))


def vector(*values: float) -> np.ndarray:
    found = np.array([*values, *([0.0] * (8 - len(values)))], np.float32)
    return found / np.linalg.norm(found)


def document(number: int, *values: float, **fields: object) -> Document:
    return replace(thread(number, "A title", **fields), vector=pack(vector(*values)))


@given(arrays(np.float32, 16, elements=st.floats(-1, 1, width=32)))
def test_packing_keeps_similarities(values: np.ndarray) -> None:
    packed = pack(values)
    assert len(packed) == 4 + 16
    assert float(np.abs(unpack(packed) - values).max()) <= float(np.abs(values).max()) / 250 + 1e-6


def test_the_nearest_come_with_their_similarities(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    VectorWriter(path).write([document(1, 1), document(2, 1, 1), document(3, 0, 1)], [])
    near = VectorFile(path).nearest(vector(1), ALL, limit=2)
    assert near == {
        number_of("thread-1"): pytest.approx(1, abs=0.01),
        number_of("thread-2"): pytest.approx(0.707, abs=0.01),
    }


def test_who_may_not_read_a_document_gets_nothing_of_it(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    VectorWriter(path).write([document(1, 1, audience=7, space_id=7), document(2, 0, 1)], [])
    guest = Query("", frozenset({0}))
    asked = [number_of("thread-1")]
    assert list(VectorFile(path).nearest(vector(1), guest, limit=1, also=asked)) == [number_of("thread-2")]
    assert VectorFile(path).nearest(vector(1), replace(ALL, space_id=3), limit=9).keys() == {
        number_of("thread-2")
    }
    assert VectorFile(path).nearest(vector(1), replace(ALL, kinds=("faq",)), limit=9) == {}
    without = VectorFile(path).nearest(vector(1), ALL, limit=9, exclude=number_of("thread-1"))
    assert list(without) == [number_of("thread-2")]


def test_of_a_document_that_is_gone_not_a_byte_stays(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    writer = VectorWriter(path)
    secret = document(1, 0.3, 0.7, 0.2)
    writer.write([secret, document(2, 1)], [])
    assert secret.vector[4:] in path.read_bytes()
    writer.write([], ["thread-1"])
    assert secret.vector[4:] not in path.read_bytes()
    assert list(VectorFile(path).nearest(vector(1), ALL, limit=9)) == [number_of("thread-2")]
    # Its place is used again, by this writer and by the next one.
    size = path.stat().st_size
    VectorWriter(path).write([document(3, 1)], [])
    assert path.stat().st_size == size


def test_a_document_that_has_no_vector_any_more_loses_its_old_one(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    writer = VectorWriter(path)
    writer.write([document(1, 1), document(2, 1)], [])
    writer.write([thread(1, "Another title")], ["thread-1"])
    assert list(VectorFile(path).nearest(vector(1), ALL, limit=9)) == [number_of("thread-2")]


def test_a_writer_that_was_killed_while_writing_leaves_a_readable_file(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    VectorWriter(path).write([document(1, 1), document(2, 0, 1)], [])
    path.write_bytes(path.read_bytes()[:-5])
    assert list(VectorFile(path).nearest(vector(1), ALL, limit=9)) == [number_of("thread-1")]
    VectorWriter(path).write([document(2, 0, 1), document(3, 1, 1)], ["thread-2"])
    assert len(VectorFile(path).nearest(vector(1), ALL, limit=9)) == 3


def test_vectors_of_another_length_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    VectorWriter(path).write([document(1, 1)], [])
    longer = replace(thread(2, "A title"), vector=pack(np.ones(9, np.float32)))
    VectorWriter(path).write([longer], ["thread-2"])
    assert VectorFile(path).nearest(np.ones(9, np.float32), ALL, limit=9) == {}
    assert list(VectorFile(path).nearest(vector(1), ALL, limit=9)) == [number_of("thread-1")]


def test_many_documents_and_few_that_one_may_read(tmp_path: Path) -> None:
    path = tmp_path / "vectors"
    chance = np.random.default_rng(3)
    documents = [
        replace(
            thread(n, "A title", audience=n % 5), vector=pack(chance.standard_normal(8).astype(np.float32))
        )
        for n in range(2_000)
    ]
    VectorWriter(path).write(documents, [])
    for audiences in (frozenset({3}), frozenset({0, 1, 2, 3})):
        expected = sorted(
            (float(unpack(one.vector) @ vector(1)), one.key) for one in documents if one.audience in audiences
        )[-10:]
        near = VectorFile(path).nearest(vector(1), Query("", audiences), limit=10)
        assert near == {number_of(key): pytest.approx(similarity, abs=1e-4) for similarity, key in expected}
