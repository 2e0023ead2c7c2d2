"""Entries that an older release kept as they were typed say after `community recount` what they would say now."""

from __future__ import annotations

import pytest

from community.core.db import fetch, fetch_one
from community.core.models import SiteStamp
from community.faq.models import Entry, EntryRevision
from community.faq.renewing import renew_entries
from community.faq.rules import TYPED
from tests.cast import Cast
from tests.faq.entries import make_published
from tests.fixtures import Visit


@pytest.mark.each_database
async def test_entries_of_older_releases_tell_no_questions_any_more(cast: Cast, visit: Visit) -> None:
    told = "/faq/7-what-does-the-quagga-cost"
    entry_id, other = await make_published(cast), await make_published(cast)
    before = await fetch_one("SELECT * FROM faq_entries WHERE id = :id", {"id": other})
    typed = {prefix + name: f"See {told}" for name in TYPED for prefix in ("", "published_")}
    await Entry.filter(id=entry_id).update(
        **typed, published_html=f'<p><a href="{told}">{told}</a></p>', slug="quagga"
    )
    await EntryRevision.filter(entry_id=entry_id).update(steps=told)
    stamp = (await SiteStamp.get(id=1)).value
    assert await renew_entries() == 1
    assert (await SiteStamp.get(id=1)).value > stamp
    for table in ("faq_entries", "faq_revisions"):
        assert "quagga" not in repr([dict(row) for row in await fetch(f"SELECT * FROM {table}")])
    assert await fetch_one("SELECT * FROM faq_entries WHERE id = :id", {"id": other}) == before
    assert (await (await visit()).get(f"/faq/{entry_id}-see-faq-7")).status_code == 200
    assert await fetch("SELECT payload FROM outbox_facts WHERE name = 'faq.scrubbed'") != []
    assert await renew_entries() == 0
