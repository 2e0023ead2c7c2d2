"""A browser in two words, so that members recognise their sessions. Versions are left out on purpose."""

from __future__ import annotations

import re

_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux"),
)
LONGEST_READ = 500


def device_family(user_agent: str) -> str:
    """ "Firefox, Windows"; empty where neither is recognised."""
    read = user_agent[:LONGEST_READ]
    families = (
        next((name for name, sign in known if re.search(sign, read)), "") for known in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(family for family in families if family)
