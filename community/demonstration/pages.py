"""Imprint, privacy and terms of the demo company, filled in; of the terms a second version is announced."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from community.core import i18n
from community.core.clock import now
from community.core.viewer import Role, Viewer
from community.demonstration import shapes
from community.site_texts.actions import publish_version, save_version

FOLDER = Path(__file__).parent / "content" / "pages"
ANNOUNCED = timedelta(days=28)
NEW_TERMS = {
    "de": (
        "Wir kündigen ein Konto jetzt mit einer Frist von acht statt vier Wochen.",
        ("mit einer Frist von vier Wochen kündigen", "mit einer Frist von acht Wochen kündigen"),
    ),
    "en": (
        "We now end an account with eight weeks' notice instead of four.",
        ("with four weeks' notice", "with eight weeks' notice"),
    ),
}


async def fill_pages(content: shapes.DemoContent, members: Mapping[str, int]) -> None:
    author = next(member for member in content.members if member.role == Role.ADMINISTRATOR)
    by = Viewer(
        id=members[author.nickname],
        nickname=author.staff_name or author.nickname,
        handle=author.nickname,
        role=Role.ADMINISTRATOR,
    )
    for page in ("imprint", "privacy", "terms"):
        version = await save_version(page, _texts(page), {}, seen=0, note="Eigene Angaben eingetragen", by=by)
        await publish_version(page, version, valid_from=now(), by=by, reason="Zum Start der Community")
    texts = {code: text.replace(*NEW_TERMS[code][1]) for code, text in _texts("terms").items()}
    version = await save_version(
        "terms",
        texts,
        {code: said for code, (said, _change) in NEW_TERMS.items()},
        seen=version,
        note="Wunsch aus dem Beirat",
        by=by,
    )
    await publish_version(
        "terms", version, valid_from=now() + ANNOUNCED, by=by, reason="Längere Frist für unsere Mitglieder"
    )


def _texts(page: str) -> dict[str, str]:
    """In all languages in which the demo company has written it."""
    found = ((code, FOLDER / f"{page}.{code}.md") for code in i18n.languages())
    return {code: path.read_text(encoding="utf-8") for code, path in found if path.is_file()}
