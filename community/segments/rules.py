"""Rules over attributes: what they say, and whom they fit. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from community.segments.definitions import Value
from community.segments.models import Kind, Subject

MOST_CONDITIONS = 12


class Test(StrEnum):
    """What a condition asks of a value."""

    __test__ = False

    IS = "is"
    IS_NOT = "is_not"
    ONE_OF = "one_of"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    KNOWN = "known"


TESTS_OF: Mapping[str, tuple[Test, ...]] = {
    Kind.CHOICE: (Test.IS, Test.IS_NOT, Test.ONE_OF, Test.KNOWN),
    Kind.CHOICES: (Test.IS, Test.IS_NOT, Test.ONE_OF, Test.KNOWN),
    Kind.NUMBER: (Test.AT_LEAST, Test.AT_MOST, Test.IS, Test.IS_NOT, Test.KNOWN),
    Kind.YES_NO: (Test.IS, Test.KNOWN),
    Kind.TEXT: (Test.IS, Test.IS_NOT, Test.ONE_OF, Test.KNOWN),
}


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. A value that is not known meets none, "is not" included: a gap lets nobody in."""

    subject: str
    key: str
    test: str
    values: tuple[str, ...] = ()

    def fits(self, known: Mapping[str, Value]) -> bool:
        """Whether it holds for what is known of its subject."""
        value = known.get(self.key)
        if value is None:
            return False
        match self.test:
            case Test.KNOWN:
                return True
            case Test.IS | Test.ONE_OF:
                return self._is(value)
            case Test.IS_NOT:
                return not self._is(value)
            case Test.AT_LEAST:
                number = _number(value)
                return number is not None and number >= Decimal(self.values[0])
            case Test.AT_MOST:
                number = _number(value)
                return number is not None and number <= Decimal(self.values[0])
        return False

    def _is(self, value: Value) -> bool:
        if isinstance(value, bool):
            return ("yes" if value else "no") in self.values
        if isinstance(value, list):
            return not set(value).isdisjoint(self.values)
        return value.casefold() in {one.casefold() for one in self.values}


def _number(value: Value) -> Decimal | None:
    """None for what was kept by an attribute of the same key that was of another kind."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


@dataclass(frozen=True, slots=True)
class Rule:
    """Conditions of which all have to be met, or one."""

    conditions: tuple[Condition, ...] = ()
    any_is_enough: bool = False

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Rule:
        """From JSON as it is kept; nothing kept is a rule without conditions."""
        return cls(
            conditions=tuple(
                Condition(one["subject"], one["key"], one["test"], tuple(one["values"]))
                for one in kept.get("conditions", ())
            ),
            any_is_enough=bool(kept.get("any_is_enough", False)),
        )

    def kept(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "any_is_enough": self.any_is_enough,
            "conditions": [
                {"subject": one.subject, "key": one.key, "test": one.test, "values": list(one.values)}
                for one in self.conditions
            ],
        }

    @property
    def uses_accounts(self) -> bool:
        """Whether it asks for anything of the person, and not only of the company."""
        return any(one.subject == Subject.ACCOUNT for one in self.conditions)

    def keys(self, subject: str) -> frozenset[str]:
        return frozenset(one.key for one in self.conditions if one.subject == subject)

    def fits(self, of_company: Mapping[str, Value], of_account: Mapping[str, Value]) -> bool:
        """Whether it fits somebody of whom this is known. A rule without conditions fits nobody."""
        if not self.conditions:
            return False
        met = (
            one.fits(of_company if one.subject == Subject.COMPANY else of_account) for one in self.conditions
        )
        return any(met) if self.any_is_enough else all(met)
