"""Where a found weakness is reported."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from community.core.clock import now
from community.settings import settings
from tests.fixtures import Visit


async def test_a_site_that_names_a_contact_says_it_to_everybody(
    db: str, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = replace(settings, security_contact="mailto:security@operator.example")
    monkeypatch.setattr("community.web.health.settings", chosen)
    answer = await (await visit()).get("/.well-known/security.txt")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    fields = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert fields["Contact"] == "mailto:security@operator.example"
    assert fields["Canonical"] == f"{settings.base_url}/.well-known/security.txt"
    ends = datetime.strptime(fields["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert now() < ends < now() + timedelta(days=366), "RFC 9116: less than a year ahead"


async def test_a_site_that_names_none_has_no_such_file(db: str, visit: Visit) -> None:
    assert (await (await visit()).get("/.well-known/security.txt")).status_code == 404
