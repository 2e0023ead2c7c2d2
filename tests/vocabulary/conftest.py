"""The engine is shared by all tests of a process: whoever taught it words lets it forget them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from search import SearchEngine
from search.configuration import load_configuration


@pytest.fixture(autouse=True)
def _unlearned(search_engine: SearchEngine) -> Iterator[None]:
    yield
    search_engine.configure(load_configuration())
