"""Writing the site's own texts: every save is kept as a version, and one of them is published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from community.core.clock import now
from community.core.db import execute, fetch_one, in_transaction, random_id
from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.site_texts import acceptance, rules
from community.site_texts.defaults import default_texts
from community.site_texts.models import SiteTextVersion


async def save_version(
    page: str,
    texts: Mapping[str, str],
    summaries: Mapping[str, str],
    *,
    seen: int,
    note: str,
    by: Viewer,
) -> int:
    """Keep a new version and answer its number; nobody but editors sees it until it is published.

    `seen` is the newest version when the form was shown: `Conflict` if another one has been saved since.
    """
    async with in_transaction():
        newest = await _lock(page)
        if newest != seen:
            raise Conflict(_("Somebody else has saved this page meanwhile."))
        if newest == 0:
            await _keep_default(page)
        await insert(
            SiteTextVersion,
            id=random_id(),
            page=page,
            version=newest + 1,
            texts=dict(texts),
            summaries=dict(summaries),
            note=note.strip()[: rules.LONGEST_NOTE],
            saved_by=by.id,
            saved_at=now(),
        )
    return newest + 1


async def publish_version(
    page: str, version: int, *, valid_from: datetime, by: Viewer, reason: str, needs_acceptance: bool = False
) -> None:
    """Let a version count from that moment on; one in the past means now. Only the newest can be published.

    With `needs_acceptance` members are asked to accept it before they write again.

    `Conflict` where somebody has saved another one meanwhile, RuleBroken where it is published already.
    """
    async with in_transaction():
        if await _lock(page) != version:
            raise Conflict(_("Somebody else has saved this page meanwhile."))
        moment = now()
        done = await execute(
            """UPDATE site_text_versions SET published_at = :now, published_by = :by, valid_from = :valid_from,
            needs_acceptance = :needs_acceptance
            WHERE page = :page AND version = :version AND published_at IS NULL""",
            {
                "now": moment,
                "by": by.id,
                "valid_from": max(valid_from, moment),
                "page": page,
                "version": version,
                "needs_acceptance": needs_acceptance,
            },
        )
        if not done:
            raise RuleBroken(_("This version is published already."))
        await log(
            "publish_page",
            rules.subject_of(page),
            by=by,
            reason=reason,
            page=page,
            version=version,
            needs_acceptance=needs_acceptance,
        )
    await acceptance.refresh()


async def _lock(page: str) -> int:
    """The newest version, while nobody else saves or publishes: the row of the site's stamp is the lock."""
    if page not in rules.PAGES:
        raise NotFound
    await raise_site_stamp()
    row = await fetch_one(
        "SELECT MAX(version) AS newest FROM site_text_versions WHERE page = :page", {"page": page}
    )
    return int(row["newest"] or 0) if row else 0


async def _keep_default(page: str) -> None:
    row = await fetch_one(
        "SELECT 1 AS found FROM site_text_versions WHERE page = :page AND version = 0", {"page": page}
    )
    if row is not None:
        return
    moment = now()
    await insert(
        SiteTextVersion,
        id=random_id(),
        page=page,
        version=0,
        texts=default_texts(page),
        summaries={},
        saved_at=moment,
        published_at=moment,
        valid_from=moment,
    )
