"""Attributes out of a file: read without changing anything, shown, and carried out after a yes.

Between reading and the yes what would change lies sealed, a day at most; the file itself is kept nowhere. A report
about companies says which are known, as staff see that anyway. One about people says nothing that hangs on whether an
address has an account: not a word, not a figure.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from community.accounts import vault
from community.accounts.rules import problem_with_mail
from community.companies.models import AttributeImport
from community.companies.rules import domain_address
from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.vault_keys import normalised_address
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.segments.attributes import unsealed, write_values
from community.segments.definitions import (
    SIZE_CLASS,
    Definition,
    NotAValue,
    Value,
    definitions_by_key,
    read_value,
)
from community.segments.filling import note_change
from community.segments.models import Kind, Subject
from community.segments.tables import Line, Table, Unreadable, read_table

MOST_LINES = 200_000
MOST_SHOWN = 200
BATCH = 100
BATCHES_AT_ONCE = 20
ONE_BY_ONE = 20
"""Up to so many companies or people are looked at by themselves; after more of them everybody is."""
KEPT_FOR = timedelta(days=1)
FORGET = "-"
"""What stands in a cell whose value is to be forgotten; an empty one leaves it as it is."""

_NAMES = {
    "company_id": ("company_id", "company id", "firmen-id", "unternehmens-id"),
    "domain": ("domain", "mail domain", "mail-domain", "maildomain"),
    "contract_number": ("contract_number", "contract number", "vertragsnummer", "vertragsnr", "vertragsnr."),
    "company": ("company", "firma", "unternehmen", "firmenname"),
    "mail": ("mail", "e-mail", "email", "mail address", "mailadresse", "e-mail-adresse"),
}
"""How a file may name the columns that say who is meant."""


@dataclass(slots=True)
class Report:
    """What an administrator reads before saying yes."""

    subject: str
    encoding: str
    separator: str
    line_count: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Names of columns that mean nothing here."""
    changes: list[tuple[str, str, str, str]] = field(default_factory=list)
    """Company, attribute, value now, value then; the first of them."""
    company_count: int = 0
    """How many companies would change; for people it stays 0."""


Change = tuple[int | str, dict[str, Value | None]]
"""A company's id or a person's address, and what is to be known of it."""


async def read_file(content: bytes) -> tuple[Report, list[Change]]:
    """Read a file against what is known. Raises Unreadable."""
    table = read_table(content)
    if len(table.lines) > MOST_LINES:
        raise Unreadable(_("The file has more than %(most)d lines.") % {"most": MOST_LINES})
    columns = _columns_by_name(table)
    subject = _subject_of(columns)
    definitions, report = await definitions_by_key(subject), Report(subject, table.encoding, table.separator)
    report.line_count = len(table.lines) + len(table.refused)
    report.refused = list(table.refused)
    attributes = _attribute_columns(table, definitions, columns, report)
    if not attributes:
        raise Unreadable(_("The file names no attribute that is known. Add attributes first."))
    finder = await _Companies.load(columns) if subject is Subject.COMPANY else None
    changes, meant = [], dict[int | str, int]()
    for line in table.lines:
        try:
            owner = finder.find(line) if finder else _mail_of(line, columns["mail"])
            values = _values_of(line, attributes, table.decimal)
            if owner in meant:
                raise NotAValue(_("Line %(line)d is about the same already.") % {"line": meant[owner]})
            changes.append((owner, values))
            meant[owner] = line.number
        except NotAValue as problem:
            report.refused.append((line.number, str(problem)))
    report.refused.sort()
    if finder:
        changes = finder.only_changes(changes, definitions, report)
    return report, changes


def _columns_by_name(table: Table) -> dict[str, int]:
    found = {}
    for kind, names in _NAMES.items():
        for place, name in enumerate(table.head):
            if name.casefold() in names:
                found[kind] = place
    return found


def _subject_of(columns: Mapping[str, int]) -> Subject:
    if "mail" in columns and len(columns) > 1:
        raise Unreadable(_("A file is about companies or about people, and this one names both."))
    if not columns:
        raise Unreadable(
            _(
                "No column says who is meant: domain, contract_number, company or company_id for companies, "
                "mail for people."
            )
        )
    return Subject.ACCOUNT if "mail" in columns else Subject.COMPANY


def _attribute_columns(
    table: Table, definitions: Mapping[str, Definition], columns: Mapping[str, int], report: Report
) -> dict[int, Definition]:
    named = {
        name.casefold(): one
        for one in reversed(list(definitions.values()))
        for name in (one.label_de, one.label_en, one.key)
    }
    found: dict[int, Definition] = {}
    for place, name in enumerate(table.head):
        if place in columns.values() or not name:
            continue
        definition = named.get(name.casefold())
        if definition is None:
            report.left_out.append(name[:60])
        elif definition in found.values():
            raise Unreadable(_("Two columns are about the same attribute: %(name)s") % {"name": name[:60]})
        else:
            found[place] = definition
    return found


def _values_of(line: Line, attributes: Mapping[int, Definition], decimal: str) -> dict[str, Value | None]:
    read: dict[str, Value | None] = {}
    for place, definition in attributes.items():
        cell = line.cells[place]
        if not cell:
            continue
        try:
            if cell == FORGET:
                read[definition.key] = None
            else:
                _refuse_formula(cell, signs="=@" if definition.kind == Kind.NUMBER else "=@+-")
                read[definition.key] = read_value(definition, cell, decimal=decimal)
        except NotAValue as problem:
            raise NotAValue(f"{definition.label}: {problem}") from None
    return read


def _refuse_formula(cell: str, *, signs: str = "=@+-") -> None:
    if cell[0] in signs:
        raise NotAValue(_("The cell begins like a formula (%(sign)s).") % {"sign": cell[0]})


def _mail_of(line: Line, place: int) -> str:
    cell = line.cells[place]
    problem = problem_with_mail(cell)
    if problem:
        raise NotAValue(problem)
    return normalised_address(cell)


class _Companies:
    """All companies by what a file may call them by, with what is known of them now."""

    def __init__(self, columns: Mapping[str, int]) -> None:
        self.columns = columns
        self.names: dict[int, str] = {}
        self.kept: dict[int, dict[str, Any]] = {}
        self._by: dict[str, dict[str, set[int]]] = {kind: {} for kind in _NAMES}

    @classmethod
    async def load(cls, columns: Mapping[str, int]) -> _Companies:
        self, last = cls(columns), -1
        while rows := await fetch(
            """SELECT c.id, c.name_encrypted, c.contract_number_encrypted, c.size_class, x.id AS row_id,
            x.values_encrypted FROM vault_companies c LEFT JOIN vault_company_attributes x ON x.company_id = c.id
            WHERE c.id > :last ORDER BY c.id LIMIT 1000""",
            {"last": last},
        ):
            last = rows[-1]["id"]
            for row in rows:
                self._know(row)
        for row in await fetch("SELECT company_id, mail_hash FROM vault_company_domains"):
            self._by["domain"].setdefault(row["mail_hash"], set()).add(row["company_id"])
        return self

    def _know(self, row: Mapping[str, Any]) -> None:
        company_id: int = row["id"]
        self.names[company_id] = vault.unseal(row["name_encrypted"], vault.COMPANY_NAME, company_id)
        number = vault.unseal(row["contract_number_encrypted"], vault.COMPANY_CONTRACT_NUMBER, company_id)
        kept = unsealed(row["values_encrypted"], vault.COMPANY_ATTRIBUTES, row["row_id"])
        self.kept[company_id] = {key: value for key, (value, _source) in kept.items()}
        if row["size_class"]:
            self.kept[company_id][SIZE_CLASS] = row["size_class"]
        for kind, name in (
            ("company_id", str(company_id)),
            ("company", self.names[company_id]),
            ("contract_number", number),
        ):
            if name:
                self._by[kind].setdefault(_compared(name), set()).add(company_id)

    def find(self, line: Line) -> int:
        """The company that a line means. Raises NotAValue."""
        said = {kind: line.cells[place] for kind, place in self.columns.items() if line.cells[place]}
        if not said:
            raise NotAValue(_("The line does not say which company is meant."))
        for cell in said.values():
            _refuse_formula(cell)
        found = [self._named(kind, cell) for kind, cell in said.items()]
        meant = frozenset.intersection(*found)
        if not all(found):
            raise NotAValue(_("This company is not known."))
        if not meant:
            raise NotAValue(_("The line names different companies."))
        if len(meant) > 1:
            raise NotAValue(
                _("Several companies are called so. Name the contract number or the domain as well.")
            )
        return next(iter(meant))

    def _named(self, kind: str, cell: str) -> frozenset[int]:
        if kind == "domain":
            hashes = vault.mail_hashes(domain_address(cell), vault.COMPANY_DOMAIN)
            return frozenset(one for known in hashes for one in self._by["domain"].get(known, ()))
        return frozenset(self._by[kind].get(_compared(cell), ()))

    def only_changes(
        self, changes: Sequence[Change], definitions: Mapping[str, Definition], report: Report
    ) -> list[Change]:
        """What is other than it was, noted in the report."""
        wanted: list[Change] = []
        for owner, values in changes:
            known = self.kept[int(owner)]
            new = {key: value for key, value in values.items() if known.get(key) != value}
            if not new:
                continue
            wanted.append((owner, new))
            report.company_count += 1
            for key, value in new.items():
                if len(report.changes) < MOST_SHOWN:
                    before = definitions[key].shown(known[key]) if key in known else ""
                    after = "" if value is None else definitions[key].shown(value)
                    report.changes.append((self.names[int(owner)], definitions[key].label, before, after))
        return wanted


def _compared(name: str) -> str:
    return " ".join(name.split()).casefold()


# --- keeping what was read until the yes --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ImportView:
    """An import as whoever made it sees it."""

    id: int
    report: Report
    change_count: int
    place: int
    is_confirmed: bool
    is_done: bool


async def keep(report: Report, changes: Sequence[Change], *, made_by: int) -> int:
    """Keep what was read, sealed, until it is confirmed; its id."""
    import_id = random_id()
    await insert(
        AttributeImport,
        id=import_id,
        made_by=made_by,
        subject=report.subject,
        changes_encrypted=vault.seal(json.dumps(changes), vault.IMPORT_CHANGES, import_id),
        report_encrypted=vault.seal(json.dumps(asdict(report)), vault.IMPORT_REPORT, import_id),
        change_count=len(changes),
        created_at=now(),
    )
    return import_id


async def get_import(import_id: int, made_by: int) -> ImportView:
    """One's own import. Raises NotFound."""
    row = await fetch_one(
        "SELECT * FROM vault_attribute_imports WHERE id = :id AND made_by = :by",
        {"id": import_id, "by": made_by},
    )
    if row is None:
        raise NotFound
    kept = json.loads(vault.unseal(row["report_encrypted"], vault.IMPORT_REPORT, import_id))
    return ImportView(
        id=import_id,
        report=Report(**kept),
        change_count=row["change_count"],
        place=row["place"],
        is_confirmed=row["confirmed_at"] is not None,
        is_done=row["done_at"] is not None,
    )


async def confirm(import_id: int, *, by: Viewer) -> None:
    """Let the worker carry it out. Raises RuleBroken where that was said before."""
    async with in_transaction():
        changed = await execute(
            """UPDATE vault_attribute_imports SET confirmed_at = :now
            WHERE id = :id AND made_by = :by AND confirmed_at IS NULL""",
            {"id": import_id, "by": by.id, "now": now()},
        )
        if not changed:
            raise RuleBroken(_("This import is being carried out already."))
        await log("import_attributes", "attribute:0", by=by, reason="")


async def cancel(import_id: int, *, made_by: int) -> None:
    """Forget what was read."""
    await execute(
        "DELETE FROM vault_attribute_imports WHERE id = :id AND made_by = :by AND confirmed_at IS NULL",
        {"id": import_id, "by": made_by},
    )


async def forget_old_imports() -> None:
    """Reports are not kept longer than a day."""
    await execute(
        """DELETE FROM vault_attribute_imports
        WHERE created_at < :before AND (confirmed_at IS NULL OR done_at IS NOT NULL)""",
        {"before": now() - KEPT_FOR},
    )


# --- carrying it out ----------------------------------------------------------------------------------------


async def carry_on_imports() -> None:
    """What the worker does every few seconds: some batches of the oldest import that was confirmed."""
    row = await fetch_one(
        """SELECT id FROM vault_attribute_imports WHERE confirmed_at IS NOT NULL AND done_at IS NULL
        ORDER BY confirmed_at, id LIMIT 1"""
    )
    if row is not None:
        await carry_on(row["id"], batches=BATCHES_AT_ONCE)


async def carry_on(
    import_id: int, *, batches: int, progress: Callable[[int], object] = lambda count: None
) -> bool:
    """Carry out some more of an import; whether it is done. It goes on where a killed worker stopped."""
    row = await fetch_one("SELECT * FROM vault_attribute_imports WHERE id = :id", {"id": import_id})
    if row is None or row["done_at"] is not None:
        return True
    changes: list[Change] = json.loads(
        vault.unseal(row["changes_encrypted"], vault.IMPORT_CHANGES, import_id)
    )
    place, subject, is_small = row["place"], Subject(row["subject"]), len(changes) <= ONE_BY_ONE
    definitions = await definitions_by_key(subject)
    for _batch in range(batches):
        part = changes[place : place + BATCH]
        async with in_transaction():
            moved = await execute(
                """UPDATE vault_attribute_imports SET place = :next
                WHERE id = :id AND place = :place AND done_at IS NULL""",
                {"id": import_id, "place": place, "next": place + len(part)},
            )
            if not moved:
                return False  # Another worker is at it.
            for owner, values in part:
                await _carry_out(subject, owner, _still_possible(values, definitions), alone=is_small)
            place += len(part)
            if place >= len(changes):
                await _end(import_id, sweep_all=not is_small)
                progress(len(part))
                return True
        progress(len(part))
    return False


def _still_possible(
    values: Mapping[str, Value | None], definitions: Mapping[str, Definition]
) -> dict[str, Value | None]:
    """Without what somebody has removed, or made anew as something else, since the file was read."""
    return {
        key: value
        for key, value in values.items()
        if key in definitions and (value is None or definitions[key].holds(value))
    }


async def _carry_out(
    subject: Subject, owner: int | str, values: Mapping[str, Value | None], *, alone: bool
) -> None:
    owner_id = owner if isinstance(owner, int) else await _account_of(owner)
    if owner_id is not None and await write_values(subject, owner_id, values, "import") and alone:
        await outbox.record("attributes.changed", subject=str(subject), owner_id=owner_id)


async def _account_of(mail: str) -> int | None:
    row = await fetch_one(
        "SELECT id FROM vault_accounts WHERE mail_hash IN (:hashes)", {"hashes": vault.mail_hashes(mail)}
    )
    return int(row["id"]) if row else None


async def _end(import_id: int, *, sweep_all: bool) -> None:
    await execute(
        "UPDATE vault_attribute_imports SET done_at = :now, changes_encrypted = '' WHERE id = :id",
        {"now": now(), "id": import_id},
    )
    await note_change(sweep_all=sweep_all)
