"""What mails look like: the theme's letter, with its colours written out where mail programs want them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from community.accounts.letters import Letter, Look, imprint_url
from community.core import i18n
from community.settings import settings
from community.web.templating import build_environment
from community.web.theming import Theme

LETTER = "mails/letter.html"


@lru_cache
def configured_look() -> Look:
    """That of the configured theme, read once in a process."""
    return make_look(Theme.load(settings.theme, themes_path=settings.themes_path))


def make_look(theme: Theme) -> Look:
    """How letters are made into HTML with this theme."""
    environment = build_environment(theme)
    colour = _colours(theme)

    def look(letter: Letter) -> str:
        return environment.get_template(LETTER).render(
            letter=letter,
            language=i18n.language(),
            home=settings.base_url,
            imprint=imprint_url(),
            colour=colour,
        )

    return look


def _colours(theme: Theme) -> Callable[[str], str]:
    """``colour("brand")``: of the light mode, as mail programs that know a dark one make their own of it."""

    def colour(name: str) -> str:
        value = theme.tokens[name]
        return str(value["light"] if isinstance(value, Mapping) else value)

    return colour
