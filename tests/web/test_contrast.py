"""Texts and controls can be read in every theme that ships, in both modes."""

import pytest

from community.web.contrast import contrast_ratio, contrasts
from community.web.theming import BUILT_IN_THEMES, Theme

THEMES = sorted(path.parent.name for path in BUILT_IN_THEMES.glob("*/theme.toml"))


def test_the_ratio_is_that_of_wcag() -> None:
    assert contrast_ratio("#000000", "#ffffff") == pytest.approx(21)
    assert contrast_ratio("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert contrast_ratio("#fff", "#ffffff") == pytest.approx(1)


def test_two_themes_ship() -> None:
    assert THEMES == ["default", "rubin"]


@pytest.mark.parametrize("name", THEMES)
def test_every_pair_of_tokens_has_enough_contrast(name: str) -> None:
    failing = [str(contrast) for contrast in contrasts(Theme.load(name).tokens) if not contrast.is_enough]
    assert failing == []


def test_a_pair_that_cannot_be_read_is_found() -> None:
    tokens = Theme.load(settings={"brand": {"light": "#9adbe8", "dark": "#6cc5d8"}}).tokens
    failing = [contrast for contrast in contrasts(tokens) if not contrast.is_enough]
    assert {contrast.mode for contrast in failing} == {"light"}
    assert any(contrast.foreground == "brand" for contrast in failing)
