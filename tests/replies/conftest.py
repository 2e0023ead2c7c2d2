"""A site that takes answers by mail."""

from __future__ import annotations

from dataclasses import replace

import pytest

from community.core import reply_addresses
from community.settings import settings

OWN = "community@reply.example"


@pytest.fixture(autouse=True)
def answers_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply_addresses, "settings", replace(settings, mail_reply_address=OWN))
