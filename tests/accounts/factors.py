"""Second factors for tests, set up as people do it, and codes as their phones would show them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from community.accounts import second_factors, totp
from community.accounts.models import Account
from community.core.clock import now
from community.settings import settings


async def set_up_app(account: Account) -> tuple[str, tuple[str, ...]]:
    """The secret of a confirmed app, and the recovery codes. The code of the step before was used for it."""
    await second_factors.offer_app(account.id)
    secret = await second_factors.find_offer(account.id)
    assert secret is not None
    codes = await second_factors.confirm_app(account.id, code(secret, -1), kept_session="")
    assert codes is not None
    return secret, codes


def code(secret: str, later: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    return totp.code_at(secret, totp.step_of(now()) + later)


def require_of_staff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_factors, "settings", replace(settings, staff_second_factor=True))
