"""Nicknames made by chance, for people who have none in mind: they say nothing about anybody."""

from __future__ import annotations

import secrets

from community.core import i18n

_PLACES = {
    "de": (
        "Wald Berg See Nacht Morgen Sommer Winter Nebel Stern Fluss Wiesen Moos Kiesel Wolken Sturm Insel Heide "
        "Ufer Mond Herbst"
    ),
    "en": (
        "Forest Hill Lake Night Morning Summer Winter Fog Star River Meadow Moss Pebble Cloud Storm Island Heath "
        "Shore Moon Autumn"
    ),
}
_ANIMALS = {
    "de": (
        "otter dachs falke luchs igel reiher fuchs biber kauz specht hirsch marder eule amsel lerche meise robbe "
        "schwan storch kranich"
    ),
    "en": (
        "otter badger falcon lynx hedgehog heron fox beaver owl swift stag marten finch robin lark seal swan stork "
        "crane wren"
    ),
}


def nickname_idea() -> str:
    """One of some forty thousand, in the reader's language."""
    language = i18n.language() if i18n.language() in _PLACES else "en"
    place, animal = secrets.choice(_PLACES[language].split()), secrets.choice(_ANIMALS[language].split())
    return f"{place}{animal}-{secrets.randbelow(90) + 10}"
