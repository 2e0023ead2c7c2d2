"""Rules in words, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping

from community.core.i18n import gettext as _
from community.segments.definitions import Definition
from community.segments.models import Kind
from community.segments.rules import Condition, Rule, Test


def test_names() -> dict[str, str]:
    """What a condition may ask, as a form offers it."""
    return {
        Test.IS: _("is"),
        Test.IS_NOT: _("is not"),
        Test.ONE_OF: _("is one of"),
        Test.AT_LEAST: _("is at least"),
        Test.AT_MOST: _("is at most"),
        Test.KNOWN: _("is known"),
    }


def _several_names() -> dict[str, str]:
    """The same for attributes of which somebody has several."""
    return {
        Test.IS: _("include"),
        Test.IS_NOT: _("do not include"),
        Test.ONE_OF: _("include one of"),
        Test.KNOWN: _("are known"),
    }


def names_of_tests(kind: str) -> dict[str, str]:
    """The words for one kind of attribute."""
    return {**test_names(), **_several_names()} if kind == Kind.CHOICES else test_names()


def condition_in_words(condition: Condition, definitions: Mapping[str, Definition]) -> str:
    """ "Industry is “Health care”"."""
    definition = definitions.get(condition.key)
    if definition is None:
        return _("%(name)s (not known any more)") % {"name": condition.key}
    test = names_of_tests(definition.kind)[condition.test]
    if condition.test == Test.KNOWN:
        return f"{definition.label} {test}"
    shown = [_value_in_words(definition, value) for value in condition.values]
    return f"{definition.label} {test} {_joined(shown)}"


def _value_in_words(definition: Definition, value: str) -> str:
    if definition.kind == Kind.YES_NO:
        return _("yes") if value == "yes" else _("no")
    shown = definition.shown(value)
    return shown if definition.kind == Kind.NUMBER else _("“%(value)s”") % {"value": shown}


def _joined(shown: list[str]) -> str:
    if len(shown) < 2:
        return "".join(shown)
    return _("%(some)s or %(last)s") % {"some": ", ".join(shown[:-1]), "last": shown[-1]}


def rule_in_words(rule: Rule, definitions: Mapping[str, Definition]) -> str:
    """The whole rule as one sentence; empty for a rule without conditions."""
    parts = [condition_in_words(one, definitions) for one in rule.conditions]
    if not parts:
        return ""
    word = _("or") if rule.any_is_enough else _("and")
    glue = f" {word} "
    return glue.join(parts) + "."
