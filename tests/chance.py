"""Taking out of a text what is random in it, before a test looks for what must not be there.

Sealed values, keys of forms and tokens are random letters: a name of three or four letters stands in them by chance,
now and then, and a good build fails. So they are taken out in their exact form, and everything else is looked at.
"""

from __future__ import annotations

import re

_SEALED = re.compile(r"\bv1\.[0-9a-f]{8}\.[A-Za-z0-9_-]{80,}={0,2}(?![A-Za-z0-9_=.-])")
_KEY = re.compile(r'(\bname="(?:submission|key|token)" value=")[A-Za-z0-9_-]+(?=")')
_IN_ADDRESS = re.compile(r"([?&;]token=)[A-Za-z0-9_.-]+")
_TOKEN = re.compile(r"(?<![A-Za-z0-9_-])(?=[a-z0-9_-]*[A-Z])(?=[A-Z0-9_-]*[a-z])[A-Za-z0-9_-]{22,}")
"""Base64 of random bytes, wherever it stands. A slug has no capitals, and a name is shorter."""


def is_sealed(value: str) -> bool:
    """Whether this is one sealed value and nothing else."""
    return _SEALED.fullmatch(value) is not None


def is_sealed_in(text: str) -> bool:
    """Whether there is a sealed value in it."""
    return _SEALED.search(text) is not None


def without_sealed(text: str) -> str:
    """Everything but the sealed values."""
    return _SEALED.sub("(sealed)", text)


def without_random(text: str) -> str:
    """A page or a mail without sealed values, keys of forms and tokens."""
    text = _IN_ADDRESS.sub(r"\1(token)", _KEY.sub(r"\1(key)", without_sealed(text)))
    return _TOKEN.sub("(token)", text)
