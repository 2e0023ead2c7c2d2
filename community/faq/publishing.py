"""Keeping a folder or a bucket as the public FAQ is, file by file.

Whoever reads there meanwhile finds no link that leads nowhere: entries are written before what lists them, and what
was withdrawn goes after that. The manifest comes last; until then a list of what this run writes lies beside it, so
that a run that breaks off leaves no file behind that nobody knows as ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from anyio.to_thread import run_sync

from community.core.clock import now
from community.core.db import as_time, execute, fetch_one
from community.faq.bundle import FORMAT, MANIFEST, SIGNATURE
from community.faq.changes import current_cursor
from community.faq.export import build_files, fingerprint_of_form
from community.faq.targets import CannotPublish, Target, open_target
from community.settings import settings

UNDER_WAY = "publishing.json"
LEASE = timedelta(minutes=15)
_FILES_PER_LEASE = 20
"""After so many files the lease is renewed: even a store that takes half a minute for each does not outlast it."""
_LONGEST_PROBLEM = 200


class PlaceTaken(CannotPublish):
    """Another run is writing there."""


@dataclass(frozen=True, slots=True)
class Published:
    """What a run did, or would do."""

    entries: int
    written: tuple[str, ...]
    removed: tuple[str, ...]


async def publish(
    target: Target, *, language: str = "", category: str = "", is_rehearsal: bool = False
) -> Published:
    """Bring the place up to date. Raises `CannotPublish`, and `NotFound` for an unknown category."""
    if is_rehearsal:
        return await _plan(target, await build_files(language=language, category=category))
    async with _alone(target.label) as renew:
        cursor = await current_cursor()
        files = await build_files(language=language, category=category)
        plan = await _plan(target, files)
        await _carry_out(target, files, plan, renew)
        await execute(
            """UPDATE faq_publications SET fingerprint = :print, published_at = :at, entry_count = :count,
            problem = '' WHERE target = :target""",
            {
                "print": await _fingerprint(target, cursor, language, category),
                "at": now(),
                "count": plan.entries,
                "target": target.label,
            },
        )
    return plan


async def _plan(target: Target, files: Mapping[str, bytes]) -> Published:
    known = await _known(target)
    written = []
    for name in _in_order(files):
        content = files[name]
        is_there = known.get(name) == hashlib.sha256(content).hexdigest() and await target.has(
            name, len(content)
        )
        if not is_there:
            written.append(name)
    own_manifest = await target.read(MANIFEST)
    if own_manifest != files[MANIFEST] or await target.read(SIGNATURE) != files[SIGNATURE] or written:
        written += [SIGNATURE, MANIFEST]
    await _demand_free(target, [name for name in written if name not in known and name != MANIFEST], known)
    entries = json.loads(files[MANIFEST])["counts"]["entries"]
    return Published(entries, tuple(written), tuple(sorted(name for name in known if name not in files)))


async def _demand_free(target: Target, names: list[str], known: Mapping[str, str]) -> None:
    """Nothing is written over that others may have put there: once written, it would count as ours and go one day."""
    for name in names:
        if not (name == SIGNATURE and known) and await target.exists(name):
            raise CannotPublish(f"{target.label} has a {name} that is not ours. Choose an empty place.")


def _in_order(files: Mapping[str, bytes]) -> list[str]:
    """Entries, then what lists them; without the manifest."""
    names = [name for name in files if name not in (MANIFEST, SIGNATURE)]
    return sorted(names, key=lambda name: ("/" not in name or name.endswith("/index.html"), name))


async def _carry_out(
    target: Target, files: Mapping[str, bytes], plan: Published, renew: Callable[[], Awaitable[None]]
) -> None:
    if not plan.written and not plan.removed:
        await target.remove([UNDER_WAY])
        return
    known = sorted({*await _known(target), *plan.written})
    under_way = {"format": FORMAT, "made_from": _made_from(), "paths": known}
    await target.write(UNDER_WAY, (json.dumps(under_way) + "\n").encode())
    last = (SIGNATURE, MANIFEST)
    for number, name in enumerate(name for name in plan.written if name not in last):
        if number % _FILES_PER_LEASE == 0:
            await renew()
        await target.write(name, files[name])
    for start in range(0, len(plan.removed), _FILES_PER_LEASE):
        await renew()
        await target.remove(plan.removed[start : start + _FILES_PER_LEASE])
    await renew()
    for name in last:
        await target.write(name, files[name])
    await target.remove([UNDER_WAY])


async def _known(target: Target) -> dict[str, str]:
    """The files there that are ours, with their checksums; those of a run that broke off have none."""
    manifest, under_way = await _read(target, MANIFEST), await _read(target, UNDER_WAY)
    known = {each["path"]: each["sha256"] for each in manifest.get("files", ())}
    # What a broken run was to write may be there or not, and so may be what the manifest says of it.
    known |= dict.fromkeys(under_way.get("paths", ()), "")
    return {name: digest for name, digest in known.items() if name not in (MANIFEST, SIGNATURE)}


async def _read(target: Target, name: str) -> dict:
    content = await target.read(name)
    if content is None:
        return {}
    try:
        found = json.loads(content)
        if found["format"] != FORMAT:
            raise ValueError
    except (ValueError, KeyError, TypeError):
        raise CannotPublish(f"{target.label} has a {name} that is not ours. Choose an empty place.") from None
    # A copy of this installation, as for trying things out, must not take away what the real one has published.
    if found.get("made_from") != _made_from():
        raise CannotPublish(
            f"{target.label} is kept by another community, {found.get('made_from')}. Choose an empty place."
        )
    return dict(found)


def _made_from() -> str:
    return f"{settings.base_url}/faq"


# --- one at a time --------------------------------------------------------------------------------------


@asynccontextmanager
async def _alone(label: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Two runs at once would mix their files. Gives what renews the lease, which ends by itself if a run dies."""
    await execute(
        "INSERT INTO faq_publications (target) VALUES (:target) ON CONFLICT (target) DO NOTHING",
        {"target": label},
    )
    moment = now()
    mine = moment + LEASE
    if not await execute(
        """UPDATE faq_publications SET leased_until = :until
        WHERE target = :target AND (leased_until IS NULL OR leased_until < :now)""",
        {"target": label, "until": mine, "now": moment},
    ):
        raise PlaceTaken(f"Somebody is publishing to {label} just now.")

    async def renew() -> None:
        nonlocal mine
        until = now() + LEASE
        if not await execute(
            "UPDATE faq_publications SET leased_until = :until WHERE target = :target AND leased_until = :mine",
            {"target": label, "until": until, "mine": mine},
        ):
            raise PlaceTaken(f"Somebody else has begun to publish to {label}.")
        mine = until

    try:
        yield renew
    finally:
        await execute(
            "UPDATE faq_publications SET leased_until = NULL WHERE target = :target AND leased_until = :mine",
            {"target": label, "mine": mine},
        )


@dataclass(frozen=True, slots=True)
class PlaceState:
    """How the place of the configuration is doing."""

    entry_count: int
    published_at: datetime | None
    problem: str


async def find_state(given: str) -> PlaceState | None:
    """What is known of a place; None if nothing was ever published there."""
    try:
        label = open_target(given).label
    except CannotPublish as problem:
        return PlaceState(0, None, str(problem))
    row = await fetch_one(
        "SELECT entry_count, published_at, problem FROM faq_publications WHERE target = :target",
        {"target": label},
    )
    return PlaceState(row["entry_count"], as_time(row["published_at"]), row["problem"]) if row else None


class PublicationTending:
    """Keeps the place of the configuration as the FAQ is."""

    def __init__(self) -> None:
        self._has_published = False

    async def look(self) -> None:
        """Publish, if anything that decides what the files say is not as it was, or the manifest there is another
        than was left. The first look always does, and finds every file that is missing."""
        if not settings.faq.publish_to:
            return
        target = open_target(settings.faq.publish_to)
        try:
            if self._has_published and await _is_as_left(target):
                return
            await publish(target)
            self._has_published = True
        except PlaceTaken:
            raise
        except CannotPublish as problem:
            self._has_published = False
            await execute(
                "UPDATE faq_publications SET problem = :problem WHERE target = :target",
                {"problem": str(problem)[:_LONGEST_PROBLEM], "target": target.label},
            )
            raise


async def _is_as_left(target: Target) -> bool:
    row = await fetch_one(
        "SELECT fingerprint FROM faq_publications WHERE target = :target", {"target": target.label}
    )
    return row is not None and row["fingerprint"] == await _fingerprint(target, await current_cursor())


async def _fingerprint(target: Target, cursor: str, language: str = "", category: str = "") -> str:
    manifest = hashlib.sha256(await target.read(MANIFEST) or b"").hexdigest()
    decisive = (cursor, language, category, await run_sync(fingerprint_of_form), manifest)
    return hashlib.blake2b("\n".join(decisive).encode(), digest_size=16).hexdigest()
