"""The database: SQLite and PostgreSQL behind one face.

`connect` and `disconnect` open and close it for the process, `in_transaction` and `savepoint` group
writes, `compiled`, `fetch` and `execute` run statements that must be fast or portable. Models are
Tortoise's own. Importing the package applies the repairs that Tortoise needs.
"""

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from community.core.db import repairs
from community.core.db.compiled import compiled, integer, many, moment, text
from community.core.db.configuration import APP, MODEL_MODULES, configure
from community.core.db.connection import (
    connect,
    dialect,
    disconnect,
    is_unique_violation,
    now,
    random_id,
    savepoint,
)
from community.core.db.last_works import before_commit
from community.core.db.statements import (
    Row,
    as_json,
    as_known_time,
    as_time,
    execute,
    execute_many,
    execute_returning,
    fetch,
    fetch_one,
)

repairs.apply()

__all__ = [
    "APP",
    "MODEL_MODULES",
    "IntegrityError",
    "Row",
    "as_json",
    "as_known_time",
    "as_time",
    "before_commit",
    "compiled",
    "configure",
    "connect",
    "dialect",
    "disconnect",
    "execute",
    "execute_many",
    "execute_returning",
    "fetch",
    "fetch_one",
    "in_transaction",
    "integer",
    "is_unique_violation",
    "many",
    "moment",
    "now",
    "random_id",
    "savepoint",
    "text",
]
