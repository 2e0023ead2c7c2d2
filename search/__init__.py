"""Search for documents: one interface, two engines, chosen by configuration alone.

This package knows documents and readers' audiences. It knows nothing of the community that writes
the documents and imports nothing of it.
"""

from pathlib import Path

from search.configuration import Configuration
from search.embedders import Embedder
from search.index import SearchEngine


def open_engine(
    url: str,
    key: str,
    root: Path,
    configuration: Configuration | None = None,
    embedder: Embedder | None = None,
) -> SearchEngine:
    """The engine at `url` (http or https: Meilisearch), or the embedded one under `root` when `url` is empty.

    `configuration` holds other synonyms than those of the file. With an embedder, meaning counts
    beside words. Nothing is opened or asked yet: call
    `setup()` first. The engines are imported only when chosen, so that an embedded installation does
    not pay for the HTTP client.
    """
    if url:
        from search.meilisearch import MeilisearchEngine

        return MeilisearchEngine(url, key, configuration=configuration, embedder=embedder)
    from search.embedded import EmbeddedEngine

    return EmbeddedEngine(root, configuration, embedder)
