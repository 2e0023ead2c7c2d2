"""Fixtures for all tests. A test that needs a database asks for one of these:

- `db`: an open database with all tables; what the test writes is rolled back afterwards. The quick one.
- `fresh_database`: an open database of the test's own, where commits are real. For workers, several
  processes, locks. Its value is the URL.
- `make_database`: makes databases without opening them: `url = await make_database("postgresql")`.

They are on SQLite. `@pytest.mark.each_database` runs the test on SQLite and on PostgreSQL; which one it is
says the fixture `database_kind`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import hypothesis
import pytest

# The environment comes first: whoever imports the settings below reads it once and for all.
# A search server given for the tests serves the contract of the engines (tests/search) and nothing else: the
# application of all other tests runs on the embedded engine.
for _name in ("SEARCH_URL", "SEARCH_KEY"):
    if os.environ.get(_name):
        os.environ[f"TEST_{_name}"] = os.environ[_name]
_VAR_DIR = Path(tempfile.mkdtemp(prefix="kundenkreis-tests-"))
for _name in (
    "DATABASE_URL",
    "SEARCH_URL",
    "SEARCH_KEY",
    "MAIL_URL",
    "THEME",
    "THEMES_PATH",
    "VAULT_KEY_FILE",
):
    os.environ.pop(_name, None)
for _name in [_name for _name in os.environ if _name.startswith("OIDC_")]:
    del os.environ[_name]
os.environ["DEVELOPMENT"] = "1"
os.environ["VAR_DIR"] = str(_VAR_DIR)
os.environ["SECRET_KEY"] = "a secret that only tests know, long enough to be one"
# Tests do in a second what people do in a week; those about limits set it back.
os.environ["LIMIT_FACTOR"] = "1000"
os.environ["BASE_URL"] = "http://127.0.0.1:8000"
if "XDG_RUNTIME_DIR" not in os.environ:
    (_VAR_DIR / "runtime").mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(_VAR_DIR / "runtime")

from community.core.db import in_transaction  # noqa: E402
from tests.databases import KINDS, Databases, Kind  # noqa: E402
from tests.fixtures import app, cast, search_engine, visit  # noqa: E402, F401 - fixtures for all tests
from tests.mail_server import start_server  # noqa: E402, F401

MakeDatabase = Callable[..., Awaitable[str]]
_LAST_SECONDS = 20


# How long an example takes says something about the machine's other work; where time matters, a test measures it.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "each_database: run the test on SQLite and on PostgreSQL")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if metafunc.definition.get_closest_marker("each_database"):
        # The scope makes pytest run all tests of one kind together, so that databases change seldom.
        metafunc.parametrize("database_kind", KINDS, indirect=True, scope="session")


def pytest_runtest_setup() -> None:
    """No test begins in the last seconds of a day: what it counts by days would fall on two of them."""
    for zone in (UTC, ZoneInfo("Europe/Berlin")):
        moment = datetime.now(zone)
        left = 86_400 - (moment.hour * 3600 + moment.minute * 60 + moment.second)
        if left <= _LAST_SECONDS:
            time.sleep(left)


@pytest.fixture(scope="session")
def database_kind(request: pytest.FixtureRequest) -> Kind:
    """ "sqlite" or "postgresql"."""
    return getattr(request, "param", "sqlite")


@pytest.fixture(scope="session")
def var_dir() -> Iterator[Path]:
    """The VAR_DIR of this test process."""
    yield _VAR_DIR


def pytest_unconfigure() -> None:
    shutil.rmtree(_VAR_DIR, ignore_errors=True)


@pytest.fixture(scope="session")
async def databases(var_dir: Path) -> AsyncIterator[Databases]:
    folder = var_dir / "databases"
    folder.mkdir()
    made = Databases(folder)
    try:
        yield made
    finally:
        await made.end()


@pytest.fixture
async def db(databases: Databases, database_kind: Kind) -> AsyncIterator[Kind]:
    """An open database with all tables; what the test writes is rolled back."""
    await databases.open_shared(database_kind)
    block = in_transaction("default")
    transaction = await block.__aenter__()
    try:
        yield database_kind
    finally:
        await transaction.rollback()
        await block.__aexit__(None, None, None)


@pytest.fixture
async def fresh_database(databases: Databases, database_kind: Kind) -> AsyncIterator[str]:
    """URL of an open database of the test's own; commits are real and other processes see them."""
    url = await databases.make(database_kind)
    await databases.open(url)
    try:
        yield url
    finally:
        await databases.close()
        await databases.remove(url)


@pytest.fixture
async def make_database(databases: Databases) -> AsyncIterator[MakeDatabase]:
    """`await make_database(kind, migrated=True)`: URL of a new database that nobody has opened."""
    made: list[str] = []
    await databases.close()

    async def make(kind: Kind, *, migrated: bool = True) -> str:
        made.append(await databases.make(kind, migrated=migrated))
        return made[-1]

    yield make
    for url in made:
        await databases.remove(url)
