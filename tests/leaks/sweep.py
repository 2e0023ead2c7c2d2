"""Every page for everybody, and everything that the site leaves behind: files, mails, logs, tables."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from community.core.db import fetch
from community.http.route import Access
from community.settings import settings
from tests.access.forms import table
from tests.databases import Kind
from tests.leaks.lives import COMPANY, Person, Seen, Town

MOST_OF_EACH = 3
"""Rows that a parameter of a path is filled with: the newest ones, which are those of the people here."""
COMPANY_NUMBER = "number of a company"


@dataclass(frozen=True)
class Place:
    """Somewhere that a trace could be, and which words are no trace there."""

    name: str
    content: bytes
    allowed: frozenset[str] = frozenset()


# --- who may read what ----------------------------------------------------------------------------------------

WRITTEN_EXCEPTIONS = (
    "People see what the vault holds about themselves on their own settings, in their download, and in forms that "
    "come back with what they have typed.",
    "Whoever belongs to a company, or is invited by it, sees its name, and what segments go by.",
    "Those who look after a company see its domains, the addresses that they have typed themselves, and address and "
    "name of whoever asks to be let in.",
    "Those who look after a group see the addresses that they have typed themselves.",
    "Administrators see names, domains and contract numbers of customers, on the pages of companies alone.",
    "The answer to an approved reveal shows the identity once, to whoever asked for it.",
    "A mail holds the address that it goes to, and may name the company of whoever it goes to.",
    "The moderation log names a company by its number, which leads administrators to its page; the outbox names "
    "accounts by theirs. Whose they are stands in the vault alone.",
)
"""Each is a decision of the product, and a branch of `may_know`; nothing else is let through."""

_REVEALED = re.compile(r"/moderation/reveals/\d+/show")


def may_know(seen: Seen, here: Town) -> frozenset[str]:
    """Which words the viewer of an answer may find in it."""
    person, path = here[seen.viewer], seen.path.partition("?")[0]
    own = person.identity.words if person.identity else frozenset()
    new_address = frozenset({"qxzjvkwpyfneue"}) if seen.viewer == "erika" else frozenset()
    if path.startswith("/settings/company/colleagues") and seen.viewer == "boss":
        return own | COMPANY.words | _of(here, "erika", "carla")
    if path.startswith(("/settings", "/join")) or (path == "/ask/preview"):
        return own | new_address | (COMPANY.words if own else frozenset())
    if seen.method == "POST" and (path in _KEEP_WHAT_WAS_TYPED or path.endswith("/answers")):
        return own
    if path.startswith("/admin/companies") and seen.viewer in ADMINISTRATORS:
        return COMPANY.words | {"qxzjvkwpyfhoste", "qxzjvkwpyfnot", COMPANY_NUMBER}
    if path == "/log-out" and seen.viewer == "dora":
        # The way to the provider's log-out holds the token in which the provider said who she is.
        return own | COMPANY.words | {"base64"}
    if path == "/moderation/log":
        return frozenset({COMPANY_NUMBER})
    if path.startswith("/groups/") and "/manage" in path and seen.viewer == "helper":
        return _of(here, "carla")
    if _REVEALED.fullmatch(path) and seen.viewer == "moderator" and seen.content.startswith(b"200"):
        return _of(here, "erika") | COMPANY.words
    if path.startswith("/search"):
        return own if "q=" in seen.path else frozenset()
    return frozenset()


STAFF = ("moderator", "administrator")
_ENDING = ("/log-out", "/erase", "/leave", "/step-down", "/end-others", "/end")
"""Forms that come last, because their sender is somebody else afterwards."""
ADMINISTRATORS = ("administrator", "second administrator")
_KEEP_WHAT_WAS_TYPED = ("/register", "/log-in", "/forgotten-password")


def _of(here: Town, *names: str) -> frozenset[str]:
    identities = [here[name].identity for name in names]
    return frozenset(word for one in identities if one for word in one.words)


# --- asking for everything ------------------------------------------------------------------------------------

# Where the values of a path's parameters come from. A parameter that is not here is looked for among the tables:
# {passkey_id:int} are the ids of a table whose name ends with "passkeys".
_COLUMNS = {
    "post_id": "SELECT id FROM posts ORDER BY created_at DESC",
    "entry_id": "SELECT id FROM faq_entries",
    "nickname": "SELECT nickname FROM members ORDER BY CASE WHEN nickname LIKE '%-%' THEN 0 ELSE 1 END, nickname",
    "category": "SELECT slug FROM faq_categories",
    "space_id": "SELECT id FROM spaces",
    "flag_id": "SELECT id FROM flags",
    "text_id": "SELECT id FROM waiting_texts",
    "rule_id": "SELECT id FROM holding_rules",
    "canned_id": "SELECT id FROM canned_answers",
    "item_id": "SELECT id FROM work_items",
    "batch_id": "SELECT id FROM decision_batches",
    "fact_id": "SELECT id FROM outbox_facts ORDER BY created_at DESC",
    "request_id": "SELECT id FROM join_requests",
    "vocabulary_id": "SELECT id FROM vocabulary_entries",
    "domain_id": "SELECT id FROM vault_company_domains",
    "purpose": "SELECT purpose FROM vault_consents",
    "key": "SELECT key FROM attributes",
    "segment_slug": 'SELECT g.slug FROM "groups" g JOIN segments s ON s.group_id = g.id',
    "group_slug": 'SELECT slug FROM "groups"',
    "space_slug": "SELECT slug FROM spaces",
}
_FIXED = {
    "name": ["privacy", "imprint", "nothing"],
    "code": ["de", "en"],
    "place": ["ask"],
    "number": ["1"],
    "version": ["1"],
    "kind": ["words", "links"],
    "edition": ["1", "2026-01-01"],
    "format": ["csv"],
    "month": ["2026-01"],
    "part": ["small"],
    "file": ["nothing"],
}
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


async def values_of(name: str, path: str, tables: list[str]) -> list[str]:
    """What a parameter of this path can be."""
    if name in _FIXED:
        return _FIXED[name]
    if name == "slug":
        name = next((f"{noun}_slug" for noun in ("group", "segment") if f"/{noun}s/" in path), "space_slug")
    statement = _COLUMNS.get(name)
    if statement is None:
        ending = re.sub(r"(?<=[^aeiou])y$", "ie", name.removesuffix("_id").removesuffix("_slug")) + "s"
        found = [one for one in tables if one == ending or one.endswith(f"_{ending}")]
        assert found, f"{path}: say in tests/leaks/sweep.py what {{{name}}} can be"
        column = "slug" if name.endswith("_slug") else "id"
        statement = f'SELECT "{column}" FROM "{found[0]}"'
    rows = await fetch(f"{statement} LIMIT {MOST_OF_EACH}")
    return [str(next(iter(dict(row).values()))) for row in rows]


STAFF_ONLY = frozenset({Access.MODERATOR, Access.STAFF, Access.ADMINISTRATOR})


async def addresses(kind: Kind, *, writing: bool) -> dict[str, bool]:
    """Every route of the site with everything that is there, and whether it is for staff alone.

    Static files and what exists in development only are left out.
    """
    tables, found = await names_of_tables(kind), {}
    for path, route in table():
        if route.policy.access is Access.DEVELOPMENT or path.startswith("/static/"):
            continue
        if route.policy.writes == writing:
            for one in await _filled(path, tables):
                found[one] = route.policy.access in STAFF_ONLY
    return found


async def _filled(path: str, tables: list[str]) -> list[str]:
    if path == "/threads/{thread_id:int}-{slug}":
        rows = await fetch("SELECT id, slug FROM threads ORDER BY created_at DESC LIMIT 12")
        return [f"/threads/{row['id']}-{row['slug']}" for row in rows]
    if path == "/faq/{entry_id:int}-{slug}":
        return [f"/faq/{row['id']}-{row['slug']}" for row in await fetch("SELECT id, slug FROM faq_entries")]
    paths = [path]
    for name in _PARAMETER.findall(path):
        values = await values_of(name, path, tables)
        pattern = re.compile(rf"\{{{name}(?::\w+)?\}}")
        paths = [pattern.sub(value, one) for one in paths for value in values]
    return paths


async def look_at_everything(here: Town, viewers: Iterable[str], kind: Kind) -> int:
    """Ask for every page as everybody, and send every form empty as some; what came is in `here.seen`."""
    pages, forms = await addresses(kind, writing=False), await addresses(kind, writing=True)
    pages |= {f"/search?q={word}": False for word in ("router", "Roter", "Blauer-Otter")}
    pages |= {
        "/search/suggestions?q=Ro": False,
        "/members/suggestions?q=Ge": False,
        "/admin/people?q=Linde": True,
    }
    for viewer in viewers:
        for page, for_staff in pages.items():
            # That others get the same "not found" for each of them is tested in tests/access.
            if not for_staff or viewer in STAFF or viewer == "outsider":
                await here[viewer].get(page)
    for viewer in ("administrator", "outsider"):
        for form in sorted(forms, key=lambda form: form.endswith(_ENDING)):
            await here[viewer].client.post(form, data={"reason": "A reason of twenty letters."})
    return len(here.seen)


def answers(here: Town) -> Iterator[Place]:
    """Every answer that anybody got, equal ones once."""
    known: set[tuple[frozenset[str], bytes]] = set()
    for seen in here.seen:
        allowed = may_know(seen, here)
        # The number of a request is random.
        content = re.sub(rb"x-request-id: .*", b"", seen.content, count=1)
        # Forms of every page say where one stands, in the words of whoever asked.
        for said in {seen.path, quote(seen.path), quote(seen.path, safe="")}:
            content = content.replace(said.encode(), b"/")
        if (allowed, content) not in known:
            known.add((allowed, content))
            yield Place(f"{seen.viewer}: {seen.method} {seen.path}", content, allowed)


# --- what is left behind --------------------------------------------------------------------------------------


async def names_of_tables(kind: Kind) -> list[str]:
    """Every table that the database itself knows."""
    statement = (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        if kind == "sqlite"
        else "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    )
    return sorted(row["name"] for row in await fetch(statement))


async def tables_outside(kind: Kind) -> list[Place]:
    return [await table_place(name) for name in await names_of_tables(kind) if not is_vault(name)]


NUMBERS_IN = {
    "outbox_facts": frozenset({"number of an account", COMPANY_NUMBER}),
    "moderation_log": frozenset({COMPANY_NUMBER}),
}
"""Tables outside the vault that hold numbers of it."""


async def tables_of_the_vault(kind: Kind) -> list[Place]:
    return [await table_place(name) for name in await names_of_tables(kind) if is_vault(name)]


def is_vault(name: str) -> bool:
    return name.startswith("vault_")


async def table_place(name: str) -> Place:
    rows = await fetch(f'SELECT * FROM "{name}"')
    lines = ["\t".join(f"{column}={value!s}" for column, value in dict(row).items()) for row in rows]
    return Place(f"table {name}", "\n".join(lines).encode(), NUMBERS_IN.get(name, frozenset()))


def mail_files() -> set[Path]:
    return set((settings.var_dir / "mail").glob("*.eml"))


def mails(here: Town, before: set[Path]) -> list[Place]:
    """The mails written since; each may know whom it goes to."""
    places = []
    for path in sorted(mail_files() - before):
        content = path.read_bytes()
        to = str(email.message_from_bytes(content, policy=email.policy.default)["To"])
        receiver = _receiver(here, to)
        allowed = (receiver.identity.words | COMPANY.words) if receiver and receiver.identity else frozenset()
        if receiver and receiver.name == "erika":
            allowed |= {"qxzjvkwpyfneue"}
        # Whoever reads mail for an address without an account knows the address.
        places.append(Place(f"mail to {to}", content + path.name.encode(), allowed | _words_of_address(to)))
    return places


def _receiver(here: Town, address: str) -> Person | None:
    own = {one.identity.mail: one for one in here.people.values() if one.identity}
    return own.get(address) or (here["erika"] if address.startswith("Qxzjvkwpyfneu") else None)


def _words_of_address(address: str) -> frozenset[str]:
    return frozenset(re.findall(r"qxzjvkwpyf[a-z]*", address.lower()))


def files() -> list[Place]:
    """Every file below VAR_DIR, its name included; mails and databases are looked at elsewhere."""
    left_out = [settings.var_dir / name for name in ("mail", "databases", "runtime")]
    left_out.append(settings.vault_key_file)
    places = []
    for path in sorted(settings.var_dir.rglob("*")):
        if path.is_file() and not any(path.is_relative_to(one) for one in left_out):
            places.append(
                Place(f"file {path.relative_to(settings.var_dir)}", path.read_bytes() + str(path).encode())
            )
    return places
