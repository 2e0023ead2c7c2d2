"""Making attributes, and changing what they are called."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from community.core import outbox
from community.core.clock import now
from community.core.db import as_json, execute, fetch, in_transaction, is_unique_violation, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.segments.definitions import SIZE_CLASS, Definition
from community.segments.models import Attribute, Kind, Subject
from community.segments.rules import Rule

NOT_AS_KEY = frozenset(
    {"new", "import", SIZE_CLASS, "id", "company", "company_id", "domain", "mail", "contract_number"}
)
"""Words that mean something else, in addresses or at the head of a file."""


@dataclass(frozen=True, slots=True)
class AttributeWish:
    """An attribute as the form says it; lengths and choices were checked."""

    label_de: str
    label_en: str
    choices: Sequence[tuple[str, str, str]] = ()


async def make_attribute(key: str, wish: AttributeWish, *, subject: Subject, kind: Kind, by: Viewer) -> None:
    """A new attribute. Raises RuleBroken where one of the same key exists."""
    attribute_id = random_id()
    if key in NOT_AS_KEY:
        raise RuleBroken(_("This key means something else. Please choose another one."))
    try:
        async with in_transaction():
            await insert(
                Attribute,
                id=attribute_id,
                key=key,
                subject=str(subject),
                kind=str(kind),
                label_de=wish.label_de.strip(),
                label_en=wish.label_en.strip(),
                choices=[list(choice) for choice in wish.choices],
                created_at=now(),
            )
            await log("make_attribute", f"attribute:{attribute_id}", by=by, reason=wish.label_en)
    except Exception as error:
        if is_unique_violation(error):
            raise RuleBroken(_("There is an attribute with this key already.")) from error
        raise


async def change_attribute(definition: Definition, wish: AttributeWish, *, by: Viewer) -> None:
    """Other names and values. Raises RuleBroken where a rule needs a value that would go."""
    gone = {value for value, *_names in definition.choices} - {value for value, *_names in wish.choices}
    async with in_transaction():
        used = await _used_values(definition.key)
        if gone & used:
            raise RuleBroken(
                _("A rule needs this value: %(value)s") % {"value": ", ".join(sorted(gone & used))}
            )
        changed = await execute(
            """UPDATE attributes SET label_de = :label_de, label_en = :label_en, choices = :choices
            WHERE id = :id""",
            {
                "id": definition.id,
                "label_de": wish.label_de.strip(),
                "label_en": wish.label_en.strip(),
                "choices": json.dumps([list(choice) for choice in wish.choices]),
            },
        )
        if not changed:
            raise NotFound
        await log("change_attribute", f"attribute:{definition.id}", by=by, reason=wish.label_en)


async def remove_attribute(definition: Definition, *, by: Viewer) -> None:
    """Remove an attribute with all its values. Raises RuleBroken while a rule needs it."""
    async with in_transaction():
        if await _is_used(definition.key):
            raise RuleBroken(_("A rule needs this attribute. Take it out of the rule first."))
        if not await execute("DELETE FROM attributes WHERE id = :id", {"id": definition.id}):
            raise NotFound
        await log("remove_attribute", f"attribute:{definition.id}", by=by, reason=definition.label_en)
        await outbox.record("attribute.removed", subject=definition.subject)


async def _rules() -> list[Rule]:
    rows = await fetch("SELECT draft, rule FROM segments")
    return [Rule.of(as_json(row[name])) for row in rows for name in ("draft", "rule")]


async def _is_used(key: str) -> bool:
    return any(condition.key == key for rule in await _rules() for condition in rule.conditions)


async def _used_values(key: str) -> set[str]:
    return {
        value
        for rule in await _rules()
        for condition in rule.conditions
        if condition.key == key
        for value in condition.values
    }
