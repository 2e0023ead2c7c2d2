"""The part of a form that asks on what a restricting act rests, and the words for it."""

from __future__ import annotations

from collections.abc import Mapping

from community.core.i18n import gettext as _
from community.decisions.grounds import LONGEST_NAME, NAMED, Ground, GroundKind
from community.web.forms import check_length
from community.web.parts import Choice, FieldError

SHORTEST_NAME = 3


def ground_names() -> dict[GroundKind, str]:
    """The grounds in the order in which they are offered, in the reader's language."""
    return {
        GroundKind.RESPECT: _("Netiquette: no insults, no hate, no campaigns against individuals"),
        GroundKind.ADVERTISING: _("Netiquette: no promotion of one’s own, no poaching of customers"),
        GroundKind.PRIVACY: _("Netiquette: what tells who somebody is, and secrets, stay out"),
        GroundKind.PLACE: _("Netiquette: on the matter, and in the right place"),
        GroundKind.NETIQUETTE: _("Netiquette: another rule"),
        GroundKind.LAW: _("The law"),
    }


def ground_choices() -> tuple[Choice, ...]:
    hint = _("Please name it below")
    return tuple(
        Choice(str(kind), name, hint if kind in NAMED else "") for kind, name in ground_names().items()
    )


def ground_text(kind: str, name: str) -> str:
    """A ground in words: the rule or law, and which one."""
    names = {str(each): text for each, text in ground_names().items()}
    if kind == GroundKind.NETIQUETTE and not name:
        return _("The netiquette of this community")
    return f"{names.get(kind, kind)}: {name}" if name else names.get(kind, kind)


def read_ground(fields: Mapping[str, str]) -> tuple[Ground | None, list[FieldError]]:
    """The ground that a form names, or what is wrong with it."""
    chosen, name = fields.get("ground", ""), " ".join(fields.get("ground_name", "").split())
    if chosen not in set(GroundKind):
        return None, [FieldError("ground", _("Please choose on what the decision rests."))]
    kind = GroundKind(chosen)
    least = SHORTEST_NAME if kind in NAMED else 0
    errors = check_length("ground_name", name, least=least, most=LONGEST_NAME)
    return (None, errors) if errors else (Ground(kind, name if kind in NAMED else ""), [])
