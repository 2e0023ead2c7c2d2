"""Contrast of the design tokens after WCAG 2.2: which texts and controls stand on which ground."""

from collections.abc import Mapping
from dataclasses import dataclass

from community.web.theming import Token

TEXT_RATIO = 4.5
"""Success criterion 1.4.3."""
CONTROL_RATIO = 3.0
"""Success criterion 1.4.11: borders of controls, focus rings, meaningful graphics."""

_GROUNDS = ("canvas", "surface", "sunken", "raised")

TEXT_PAIRS: tuple[tuple[str, str], ...] = (
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3", "brand", "brand-strong") for ground in _GROUNDS),
    ("on-brand", "brand"),
    ("on-brand", "brand-strong"),
    ("on-brand-soft", "brand-soft"),
    ("ink", "brand-soft"),
    ("ok", "ok-soft"),
    ("ok", "surface"),
    ("ok", "raised"),
    ("expert", "expert-soft"),
    ("warn", "warn-soft"),
    ("warn", "surface"),
    ("danger", "danger-soft"),
    ("danger", "surface"),
    ("on-danger", "danger"),
    ("ink", "mark"),
    ("ink-2", "mark"),
    ("on-hero", "hero"),
    ("on-hero", "hero-2"),
    ("on-hero-2", "hero"),
    ("on-hero-2", "hero-2"),
    # The selected page of a pager is the text colour turned round.
    ("canvas", "ink"),
)

CONTROL_PAIRS: tuple[tuple[str, str], ...] = (
    ("line-strong", "surface"),
    ("line-strong", "canvas"),
    ("line-strong", "sunken"),
    ("focus", "surface"),
    ("focus", "canvas"),
    ("focus", "sunken"),
    ("brand", "surface"),
)


@dataclass(frozen=True, slots=True)
class Contrast:
    """How one token stands out from another in one mode."""

    foreground: str
    background: str
    mode: str
    ratio: float
    needed: float

    @property
    def is_enough(self) -> bool:
        """Whether the criterion is met."""
        return self.ratio >= self.needed

    def __str__(self) -> str:
        return (
            f"{self.foreground} on {self.background}, {self.mode}: {self.ratio:.2f}, needed {self.needed:.1f}"
        )


def luminance(colour: str) -> float:
    """Relative luminance of ``#rrggbb`` (or ``#rgb``), 0 for black to 1 for white, as WCAG 2.2 defines it."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    channels = [int(digits[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast_ratio(one: str, other: str) -> float:
    """Between 1 (the same) and 21 (black on white)."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def contrasts(tokens: Mapping[str, Token]) -> list[Contrast]:
    """Every pair that pages use, in both modes."""
    found = []
    for needed, pairs in ((TEXT_RATIO, TEXT_PAIRS), (CONTROL_RATIO, CONTROL_PAIRS)):
        for foreground, background in pairs:
            for mode in ("light", "dark"):
                ratio = contrast_ratio(_colour(tokens, foreground, mode), _colour(tokens, background, mode))
                found.append(Contrast(foreground, background, mode, ratio, needed))
    return found


def _colour(tokens: Mapping[str, Token], name: str, mode: str) -> str:
    value = tokens[name]
    return value if isinstance(value, str) else value[mode]
