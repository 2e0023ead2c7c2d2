"""The base world, built once for each kind of database, with a log-in for everybody of the cast."""

from __future__ import annotations

import pickle
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx2
import pytest

from community.core.clock import now
from community.core.db import in_transaction
from search import configuration
from tests.access.worlds import START, VIEWERS, World, build_base
from tests.cast import make_cast
from tests.clients import log_in
from tests.databases import Databases, Kind


@dataclass
class Base:
    url: str
    kind: Kind
    pickled: bytes
    cookies: dict[str, dict[str, str]]
    """The session cookie of each of the cast; none for the guest."""
    moment: datetime
    """When it was whole."""

    def world(self) -> World:
        """A copy of what is known about the base world, to which a secret may add its addresses."""
        world: World = pickle.loads(self.pickled)
        return world


AGE = 530_227_000
"""How old the oldest text is, in seconds, as ranks count it. Here no score lies at the edge of a step."""


@pytest.fixture(scope="package", autouse=True)
def texts_of_one_age() -> Iterator[None]:
    """The texts of these worlds are as old on every day on which somebody tests: their age is part of their rank."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(configuration, "EPOCH_OF_FRESHNESS", int(START.timestamp()) - AGE)
        yield


@pytest.fixture(scope="session")
async def base(databases: Databases, database_kind: Kind) -> AsyncIterator[Base]:
    url = await databases.make(database_kind)
    await databases.open(url)
    async with in_transaction():
        cast = await make_cast()
    world = await build_base(cast)
    cookies: dict[str, dict[str, str]] = {"guest": {}}
    for name in VIEWERS[1:]:
        async with httpx2.AsyncClient() as client:
            await log_in(client, getattr(cast, name))
            cookies[name] = dict(client.cookies)
    await databases.close()
    yield Base(url, database_kind, pickle.dumps(world), cookies, now())
    await databases.close()
    await databases.remove(url)


@pytest.fixture
def index_folder(tmp_path: Path) -> Path:
    return tmp_path
