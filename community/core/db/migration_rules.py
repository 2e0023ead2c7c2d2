"""Rules for migrations and models that a reader may forget; part of every check of the code."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from importlib.util import find_spec
from pathlib import Path

from community.core.db.configuration import MODEL_MODULES
from community.core.db.migrate import migrations_folder

REBUILDING = frozenset({"RemoveField", "AlterField", "AddConstraint", "RemoveConstraint", "RenameConstraint"})
"""Operations of Tortoise that rebuild a table on SQLite, or fail there."""


def unsafe_operations(folder: Path | None = None, models: Iterable[str] | None = None) -> list[str]:
    """One line, "file:line: what is wrong", for each operation or model that loses rows, indexes or checks.

    `folder` holds the migrations (default: `migrations/`), `models` are dotted names (default: all).
    """
    wrong: list[str] = []
    for file in sorted((folder or migrations_folder()).glob("[0-9]*.py")):
        wrong.extend(_wrong_in_migration(file))
    for module in MODEL_MODULES if models is None else models:
        spec = find_spec(module)
        if spec is not None and spec.origin is not None:
            wrong.extend(_wrong_in_models(Path(spec.origin)))
    return wrong


def _wrong_in_migration(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    real_names = {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tortoise.migrations")
        for alias in node.names
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            operation = node.func.attr
        elif isinstance(node.func, ast.Name):
            operation = real_names.get(node.func.id, "")
        else:
            continue
        if operation in REBUILDING:
            yield (
                f"{file.name}:{node.lineno}: {operation} rebuilds the table on SQLite; "
                "use what community.core.db.operations offers"
            )
        elif operation == "AddField" and not _fits_existing_rows(node):
            yield f"{file.name}:{node.lineno}: AddField needs null=True or db_default for the rows that exist"


def _fits_existing_rows(add_field: ast.Call) -> bool:
    field = next((keyword.value for keyword in add_field.keywords if keyword.arg == "field"), None)
    if field is None and len(add_field.args) == 3:
        field = add_field.args[2]
    if not isinstance(field, ast.Call):
        return False
    if isinstance(field.func, ast.Attribute) and field.func.attr == "ManyToManyField":
        return True
    given = {keyword.arg: keyword.value for keyword in field.keywords}
    null = given.get("null")
    return "db_default" in given or (isinstance(null, ast.Constant) and null.value is True)


def _wrong_in_models(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.ClassDef) and node.name == "Meta"):
            continue
        for statement in node.body:
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            if any(isinstance(target, ast.Name) and target.id == "constraints" for target in targets):
                yield (
                    f"{file.parent.name}/{file.name}:{statement.lineno}: Tortoise never creates "
                    "Meta.constraints of a new table; write them into a migration with RunSQL"
                )
