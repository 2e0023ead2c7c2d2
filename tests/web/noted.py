"""What the application of a test has counted and not written yet."""

from __future__ import annotations

from starlette.types import ASGIApp

from community.insights.entry_uses import NotedUses


def noted_uses(app: ASGIApp) -> NotedUses:
    inner = app
    while not hasattr(inner, "state"):
        inner = inner.app  # type: ignore[attr-defined]
    kept: NotedUses = inner.state.noted_uses
    kept._counts.clear()
    kept._words.clear()
    return kept
