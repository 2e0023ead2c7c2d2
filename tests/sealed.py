"""Telling what the vault has sealed from what lies open.

A sealed value is base64 of random bytes: a few letters of a secret stand in it by chance, now and then. So a test
takes the sealed values out, whole and in their exact form, and looks for secrets in everything that is left.
"""

from __future__ import annotations

import re

_SEALED = re.compile(r"\bv1\.[0-9a-f]{8}\.[A-Za-z0-9_-]{80,}={0,2}(?![A-Za-z0-9_=.-])")


def is_sealed(value: str) -> bool:
    """Whether this is one sealed value and nothing else."""
    return _SEALED.fullmatch(value) is not None


def is_sealed_in(text: str) -> bool:
    """Whether there is a sealed value in it."""
    return _SEALED.search(text) is not None


def without_sealed(text: str) -> str:
    """Everything but the sealed values."""
    return _SEALED.sub("(sealed)", text)
