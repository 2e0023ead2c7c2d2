"""The texts that the software brings, for as long as nobody has published others: files of the theme."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from community.core import i18n

BUILT_IN = Path(__file__).parent.parent.parent / "themes" / "default" / "pages"

_folders: list[Path] = [BUILT_IN]


def use_folders(folders: Iterable[Path]) -> None:
    """Where the texts lie, the nearest folder first: `pages` of the theme and its parents."""
    _folders[:] = [*folders, BUILT_IN]


def default_texts(page: str) -> dict[str, str]:
    """The Markdown of a page, by code of language."""
    found = {}
    for language in i18n.languages():
        for folder in _folders:
            path = folder / f"{page}.{language}.md"
            if path.is_file():
                found[language] = path.read_text(encoding="utf-8")
                break
    return found
