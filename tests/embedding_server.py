"""A server on loopback that makes vectors and speaks the three protocols, with a small idea of what words mean.

Words of one line of CONCEPTS mean the same to it, all other words are nearly meaningless.
"""

from __future__ import annotations

import json
import re
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from search.embedders import Embedder, EmbedderChoice, build_embedder

CONCEPTS = (
    "rufnummer telefonnummer portierung durchwahl",
    "rechnung abrechnung beleg",
    "drucker drucken",
    "colleague user",
    "parts replacement",
    "bier beer pils",
)
_CONCEPT_OF = {word: number for number, line in enumerate(CONCEPTS) for word in line.split()}
_OTHERS = 10
DIMENSIONS = len(CONCEPTS) + _OTHERS


def meaning_of(text: str) -> list[float]:
    """A vector as the server makes it."""
    vector = [0.0] * DIMENSIONS
    for word in re.findall(r"\w+", text.lower()):
        concept = _CONCEPT_OF.get(word)
        if concept is None:
            vector[len(CONCEPTS) + zlib.crc32(word.encode()) % _OTHERS] += 0.05
        else:
            vector[concept] += 1.0
    return vector if any(vector) else [0.01] * DIMENSIONS


@dataclass
class EmbeddingServer:
    """What it was asked, and how it is to behave."""

    url: str = ""
    requests: list[tuple[str, dict[str, Any], dict[str, str]]] = field(default_factory=list)
    status: int = 200
    seconds: float = 0.0
    """It takes that long to answer."""
    refused: str = ""
    """Texts with this word are answered with status 400."""

    @property
    def texts(self) -> list[str]:
        return [text for _, body, _ in self.requests for text in body["input"]]

    def embedder(self, name: str = "openai", model: str = "small") -> Embedder:
        url = f"{self.url}/v1" if name == "openai" else self.url
        embedder = build_embedder(EmbedderChoice(name, url, "a-secret-key", model))
        assert embedder is not None
        # The tests of the time limit set their own; on a busy machine all others wait.
        embedder.query_seconds = 20.0
        return embedder

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        time.sleep(self.seconds)
        if self.refused and any(self.refused in text for text in body["input"]):
            return 400, {"error": "too long"}
        if self.status != 200:
            return self.status, {"error": "out of order"}
        vectors = [meaning_of(text) for text in body["input"]]
        if path == "/v1/embeddings":
            found = [{"index": number, "embedding": vector} for number, vector in enumerate(vectors)]
            return 200, {"data": list(reversed(found)), "model": body["model"]}
        return 200, {"embeddings": vectors}


@pytest.fixture
def embedding_server() -> Iterator[EmbeddingServer]:
    """A fresh one for each test."""
    server = EmbeddingServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            server.requests.append((self.path, body, dict(self.headers)))
            status, answer = server.answer(self.path, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        server.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, args=(0.02,))
        thread.start()
        yield server
        http.shutdown()
        thread.join()
