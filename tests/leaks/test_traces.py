"""The leak test can fail: somebody is hidden in every way and in every place, and is found each time."""

from __future__ import annotations

import base64
import codecs
import gzip
import hashlib
import hmac
import html
import io
import json
import logging
import quopri
import shutil
import uuid
import zipfile
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pytest
from starlette.types import ASGIApp

from community.core import mail
from community.core.clock import now
from community.members.models import Member
from community.settings import settings
from community.threads.models import Draft
from search import open_engine
from search.index import Document
from tests.databases import Kind
from tests.factories import make_member
from tests.leaks import sweep
from tests.leaks.lives import Person, Town, town
from tests.leaks.sweep import Place, may_know
from tests.leaks.test_everywhere import found, log  # noqa: F401 - a fixture
from tests.leaks.traces import PHONE, Identity, Traces

ERIKA = Identity("e", PHONE)
MAIL = ERIKA.mail
KEY = b"a key of the site"
TRACES = Traces(
    {f"{name} of e": value for name, value in ERIKA.values.items()},
    keys=[KEY],
    salts=["4711"],
    numbers={904815162342123: "number of an account"},
)
PAGE = b'<!doctype html><title>Router</title><p class="x">Ask <a href="/members/Blauer-Otter">us</a> %b</p>'


def _digest(algorithm: str, text: str) -> bytes:
    return hashlib.new(algorithm, text.encode(), usedforsecurity=False).digest()


def _zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("faq/index.html", text)
    return file.getvalue()


HIDDEN: dict[str, Callable[[], str | bytes]] = {
    "as it is": lambda: MAIL,
    "in capitals": lambda: MAIL.upper(),
    "the part before the @": lambda: MAIL.partition("@")[0],
    "the domain": lambda: MAIL.partition("@")[2],
    "a last name": lambda: ERIKA.real_name.split()[1],
    "a company": lambda: ERIKA.stated_company.split()[0],
    "a phone number": lambda: "+49 30 " + PHONE[:4] + "/" + PHONE[4:],
    "an address of the net": lambda: ERIKA.place,
    "marked by the search": lambda: MAIL[:4] + "<mark>" + MAIL[4:] + "</mark>",
    "with soft hyphens": lambda: "\u00ad".join(MAIL),
    "percent-encoded": lambda: "".join(f"%{ord(letter):02x}" for letter in MAIL),
    "percent-encoded in part": lambda: quote(ERIKA.real_name),
    "entities": lambda: "".join(f"&#{ord(letter)};" for letter in MAIL),
    "entities in hexadecimal": lambda: "".join(f"&#x{ord(letter):x};" for letter in MAIL),
    "escaped for HTML": lambda: html.escape(f"<{MAIL}>"),
    "escapes of JSON": lambda: "".join(f"\\u{ord(letter):04x}" for letter in MAIL),
    "escapes of JavaScript": lambda: "".join(f"\\x{ord(letter):02x}" for letter in MAIL),
    "JSON": lambda: json.dumps({"name": ERIKA.real_name}),
    "quoted-printable": lambda: quopri.encodestring(ERIKA.real_name.encode()),
    "quoted-printable, every letter": lambda: "".join(f"={ord(letter):02X}" for letter in MAIL),
    "base64": lambda: base64.b64encode(MAIL.encode()),
    "base64, one letter behind": lambda: base64.b64encode(b"a" + MAIL.encode()),
    "base64, two letters behind": lambda: base64.b64encode(b"ab" + MAIL.encode()),
    "base64 of lower case": lambda: base64.b64encode(b"id=" + MAIL.lower().encode()),
    "base64 of a name": lambda: base64.urlsafe_b64encode(ERIKA.real_name.encode()),
    "base32": lambda: base64.b32encode(MAIL.encode()),
    "base32, behind others": lambda: base64.b32encode(b"abc" + MAIL.encode()).lower(),
    "hexadecimal": lambda: MAIL.encode().hex(),
    "numbers": lambda: str(list(MAIL.encode())),
    "reversed": lambda: MAIL[::-1],
    "rot13": lambda: codecs.encode(MAIL, "rot13"),
    "UTF-16": lambda: MAIL.encode("utf-16-le"),
    "punycode": lambda: "qxzjvkwpyfbühler.example".encode("idna"),
    "md5 as for Gravatar": lambda: _digest("md5", MAIL.lower()).hex(),
    "a cut hash": lambda: _digest("sha256", MAIL)[4:10].hex(),
    "the end of a hash": lambda: _digest("sha512", MAIL).hex()[-14:].upper(),
    **{
        f"{algorithm} of a name": lambda algorithm=algorithm: _digest(algorithm, ERIKA.real_name).hex()
        for algorithm in ("sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s")
    },
    "sha256 of a domain": lambda: _digest("sha256", MAIL.partition("@")[2].lower()).hex(),
    "sha256 in base64": lambda: base64.b64encode(_digest("sha256", MAIL)),
    "sha1 in URLs": lambda: base64.urlsafe_b64encode(_digest("sha1", MAIL)).rstrip(b"="),
    "sha256 with the number of the member": lambda: _digest("sha256", f"4711{MAIL.lower()}").hex(),
    "HMAC": lambda: hmac.digest(KEY, MAIL.lower().encode(), "sha256").hex(),
    "HMAC in base64": lambda: base64.b64encode(hmac.digest(KEY, MAIL.encode(), "sha1")),
    "a UUID": lambda: str(uuid.uuid5(uuid.NAMESPACE_URL, f"mailto:{MAIL.lower()}")),
    "an id made of a hash": lambda: str(int.from_bytes(_digest("sha256", MAIL)[:8], "big") >> 11),
    "a checksum": lambda: f"/avatars/{zlib.crc32(MAIL.encode()):08x}.svg",
    "the number of the account": lambda: 'data-account="904815162342123"',
}


@pytest.mark.parametrize("way", HIDDEN)
def test_whatever_is_hidden_in_a_page_is_found(way: str) -> None:
    hidden = HIDDEN[way]()
    page = PAGE % (hidden.encode() if isinstance(hidden, str) else hidden)
    assert found(TRACES, [Place(way, page)]), way


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, _zipped])
def test_what_is_packed_is_found(pack: Callable[..., bytes]) -> None:
    text = f"Written by {MAIL}"
    assert found(TRACES, [Place("packed", pack(text if pack is _zipped else text.encode()))])


def test_a_page_without_anybody_is_clean() -> None:
    noise = b"".join(
        hashlib.sha256(bytes([n, m])).hexdigest().encode() + b" " for n in range(99) for m in range(9)
    )
    noise += base64.b64encode(hashlib.shake_256(b"noise").digest(60_000))
    assert not found(TRACES, [Place("page", PAGE % noise)])


def test_a_piece_of_a_hash_within_others_is_believed_when_it_is_long() -> None:
    """Twelve characters of some hash stand in what is random once in ten thousand runs."""
    written, noise = _digest("sha256", MAIL).hex(), hashlib.shake_256(b"noise").hexdigest(8)
    assert found(TRACES, [Place("alone", f"id={written[:12]}".encode())])
    assert not found(TRACES, [Place("by chance", f"{noise}{written[3:16]}{noise}".encode())])
    assert found(TRACES, [Place("within others", f"{noise}{written[3:23]}{noise}".encode())])


# --- places -----------------------------------------------------------------------------------------------


@pytest.mark.each_database
@pytest.mark.parametrize("hidden", [MAIL, _digest("sha1", MAIL.lower()).hex()])
async def test_a_row_outside_the_vault_is_looked_at(db: Kind, hidden: str) -> None:
    member = await make_member()
    await Draft.create(member_id=member.id, place="ask", title=hidden, saved_at=now())
    assert [line.split(":")[0] for line in found(TRACES, await sweep.tables_outside(db))] == ["table drafts"]


async def test_a_document_of_the_index_is_looked_at() -> None:
    folder = settings.var_dir / "index-of-one"
    document = Document(
        key="thread-904815", kind="thread", audience=0, title="Router", answers=f"So says {MAIL}"
    )
    engine = open_engine("", "", folder)
    await engine.setup()
    try:
        await engine.upsert([document])
        assert any("index-of-one" in line for line in found(TRACES, sweep.files()))
    finally:
        await engine.close()
        shutil.rmtree(folder)


async def test_the_name_and_the_content_of_a_file_are_looked_at() -> None:
    path = settings.var_dir / "attachments" / f"{ERIKA.key} {MAIL}.png"
    path.parent.mkdir()
    try:
        path.write_bytes(b"\x89PNG")
        assert found(TRACES, sweep.files())
        path = path.rename(path.with_name("1.png"))
        path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\0tEXtAuthor\0" + MAIL.encode())
        assert found(TRACES, sweep.files())
    finally:
        path.unlink()
        path.parent.rmdir()


async def test_a_mail_to_somebody_else_is_looked_at(db: Kind, app: ASGIApp) -> None:
    async with town(app) as here:
        for to, wrong in (("somebody.else@post.example", 1), (here["erika"].identity.mail, 0)):  # type: ignore[union-attr]
            before = sweep.mail_files()
            await mail.send(
                mail.Message(id=f"leak-{wrong}", to=to, subject="Hello", text=f"From {ERIKA.real_name}"),
                mail_url="",
                var_dir=settings.var_dir,
                base_url=settings.base_url,
            )
            assert len(found(TRACES, sweep.mails(here, before))) == wrong


def test_what_is_logged_is_looked_at(log: io.StringIO) -> None:  # noqa: F811
    logging.getLogger("community.test").warning("harmless", extra={"route": ERIKA.real_name})
    assert found(TRACES, [Place("log", log.getvalue().encode())])


async def test_answers_are_looked_at_for_each_viewer_apart(db: Kind, app: ASGIApp) -> None:
    """Somebody's own page for somebody else is a leak; for themselves it is none."""
    async with town(app) as here:
        own = f"200\n\n<p>{MAIL}</p>".encode()
        for viewer, wrong in (("erika", 0), ("carla", 1), ("administrator", 1), ("guest", 1)):
            here.seen = [sweep.Seen(viewer, "GET", "/settings/mail", own)]
            assert len(found(TRACES, [*sweep.answers(here)])) == wrong, viewer
        for path in ("/members/Blauer-Otter", "/threads/1-router", "/moderation", "/admin/people"):
            here.seen = [sweep.Seen("erika", "GET", path, own)]
            assert found(TRACES, [*sweep.answers(here)]), path


async def test_headers_are_looked_at(db: Kind, app: ASGIApp) -> None:
    async with town(app) as here:
        await here["guest"].get("/spaces")
        head = here.seen[-1].content.partition(b"\n\n")[0]
        assert b"content-security-policy" in head and head.startswith(b"200")


async def test_every_route_can_be_asked_for(db: Kind) -> None:
    assert await sweep.addresses(db, writing=False)
    assert await sweep.addresses(db, writing=True)


async def test_a_route_without_values_for_its_path_is_noticed(db: Kind) -> None:
    with pytest.raises(AssertionError, match=r"say in tests/leaks/sweep\.py"):
        await sweep.values_of("gizmo_id", "/gizmos/{gizmo_id:int}", await sweep.names_of_tables(db))
    member: Member = await make_member("Blauer-Otter")
    assert member.nickname in await sweep.values_of("nickname", "/members/{nickname}", [])
    for name in ("badge", "passkey", "category"):
        assert (
            await sweep.values_of(f"{name}_id", f"/{name}/{{{name}_id:int}}", await sweep.names_of_tables(db))
            == []
        )


def test_every_written_exception_is_for_somebody() -> None:
    assert may_know.__doc__ and len(sweep.WRITTEN_EXCEPTIONS) == 8
    here = Town(cast=None)  # type: ignore[arg-type]
    here.people = {"outsider": Person("outsider", None)}  # type: ignore[arg-type]
    for path in ("/settings/company/colleagues", "/admin/companies/1", "/groups/x/manage", "/search?q=x"):
        assert may_know(sweep.Seen("outsider", "GET", path, b"200"), here) <= frozenset(), path
