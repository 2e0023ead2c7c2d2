"""Mails against a real SMTP server on loopback: what arrives, what is refused, what cannot be slipped in."""

import asyncio
import ssl
import stat
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import example, given
from hypothesis import strategies as st

from community.core import mail
from community.core.mail import Message, PermanentMailError, TemporaryMailError, build, send, stored_mails
from tests.mail_server import StartServer, free_port, read_back

BASE_URL = "https://community.example"
RECEIVER = "erika@acme.example"


def message(**changes: Any) -> Message:
    given: dict[str, Any] = {
        "id": "outbox-17",
        "to": RECEIVER,
        "subject": "Neue Antwort auf deine Frage",
        "text": "Guten Tag,\n\nes gibt eine Antwort.\n.\nBis bald",
    }
    return Message(**{**given, **changes})


def built(**changes: Any) -> EmailMessage:
    return build(message(**changes), base_url=BASE_URL)


async def deliver(mail_url: str, tmp_path: Path, **changes: Any) -> None:
    await send(message(**changes), mail_url=mail_url, var_dir=tmp_path, base_url=BASE_URL)


# --- delivery -----------------------------------------------------------------------------------------


async def test_a_mail_arrives_whole_and_with_its_one_receiver(
    start_server: StartServer, tmp_path: Path
) -> None:
    inbox, port = start_server()
    await deliver(f"smtp://127.0.0.1:{port}", tmp_path, html="<p>Es gibt eine Antwort.</p>")
    (envelope,), (arrived,) = inbox.envelopes, inbox.mails
    assert envelope.rcpt_tos == [RECEIVER]
    assert envelope.mail_from == "community@community.example"
    assert arrived["To"] == RECEIVER
    assert arrived["From"] == "Kundenkreis <community@community.example>"
    assert arrived["Subject"] == "Neue Antwort auf deine Frage"
    assert arrived["Message-ID"] == "<outbox-17@community.example>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    plain, html = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert plain is not None and html is not None
    assert plain.get_content().splitlines() == message().text.splitlines()
    assert html.get_content().strip() == "<p>Es gibt eine Antwort.</p>"
    assert not (tmp_path / "mail").exists()


async def test_a_mail_sent_twice_is_recognisable_as_one(start_server: StartServer, tmp_path: Path) -> None:
    inbox, port = start_server()
    for _ in range(2):
        await deliver(f"smtp://127.0.0.1:{port}", tmp_path)
    assert len({arrived["Message-ID"] for arrived in inbox.mails}) == 1
    assert len(inbox.mails) == 2


async def test_nothing_tells_which_machine_sent_it(start_server: StartServer, tmp_path: Path) -> None:
    import socket

    inbox, port = start_server()
    await deliver(f"smtp://127.0.0.1:{port}", tmp_path)
    assert socket.gethostname().encode() not in inbox.envelopes[0].content  # type: ignore[operator]


@pytest.mark.parametrize(
    ("stage", "answer", "kind"),
    [
        ("to_receiver", "550 5.1.1 no such person erika@acme.example", PermanentMailError),
        ("to_receiver", "553 not here", PermanentMailError),
        ("to_receiver", "450 4.2.0 greylisted erika@acme.example", TemporaryMailError),
        ("to_receiver", "452 mailbox full", TemporaryMailError),
        ("to_receiver", "530 log in first", TemporaryMailError),
        ("to_text", "554 5.7.1 looks like spam", PermanentMailError),
        ("to_text", "552 too large", PermanentMailError),
        ("to_text", "451 4.3.0 try later", TemporaryMailError),
        ("to_sender", "550 we do not know your domain", TemporaryMailError),
        ("to_sender", "451 busy", TemporaryMailError),
    ],
)
async def test_a_refusal_is_final_only_where_it_is_about_this_mail(
    start_server: StartServer, tmp_path: Path, stage: str, answer: str, kind: type[mail.MailError]
) -> None:
    inbox, port = start_server()
    setattr(inbox, stage, answer)
    with pytest.raises(mail.MailError) as refused:
        await deliver(f"smtp://127.0.0.1:{port}", tmp_path)
    assert type(refused.value) is kind
    assert refused.value.code == int(answer[:3])
    assert "erika" not in str(refused.value)
    assert refused.value.__cause__ is None and refused.value.__suppress_context__


async def test_a_server_that_is_away_is_a_passing_trouble(tmp_path: Path) -> None:
    with pytest.raises(TemporaryMailError):
        await deliver(f"smtp://127.0.0.1:{free_port()}", tmp_path)
    with pytest.raises(TemporaryMailError):
        await deliver("smtp://no-such-host.invalid:25?starttls=never", tmp_path)


async def test_a_server_that_hangs_is_given_up(
    start_server: StartServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, port = start_server()
    inbox.delay = 3
    monkeypatch.setattr(mail, "SECONDS_PER_MAIL", 0.2)
    with pytest.raises(TemporaryMailError):
        await deliver(f"smtp://127.0.0.1:{port}", tmp_path)


@pytest.mark.parametrize("greeting", [b"", b"554 no service\r\n", b"garbage\r\n", b"220 hello\r\n"])
async def test_a_server_that_hangs_up_is_a_passing_trouble(tmp_path: Path, greeting: bytes) -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(greeting)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(TemporaryMailError):
            await deliver(f"smtp://127.0.0.1:{port}", tmp_path)


# --- log-in and encryption ----------------------------------------------------------------------------


def check_password(server: Any, session: Any, envelope: Any, mechanism: str, given: Any) -> AuthResult:
    right = isinstance(given, LoginPassword) and (given.login, given.password) == (b"us er", b"p:w/d")
    return AuthResult(success=right, handled=False)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
async def test_user_and_password_come_from_the_address_of_the_server(
    start_server: StartServer, tmp_path: Path
) -> None:
    inbox, port = start_server(authenticator=check_password, auth_required=True, auth_require_tls=False)
    await deliver(f"smtp://us%20er:p%3Aw%2Fd@127.0.0.1:{port}", tmp_path)
    assert len(inbox.mails) == 1
    for wrong in (f"smtp://us%20er:wrong@127.0.0.1:{port}", f"smtp://127.0.0.1:{port}"):
        with pytest.raises(TemporaryMailError):
            await deliver(wrong, tmp_path)
    assert len(inbox.mails) == 1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for "localhost", together with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


async def test_starttls_and_tls_at_once_deliver_where_the_certificate_is_trusted(
    start_server: StartServer, tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    upgraded, upgraded_port = start_server(tls_context=server_side(certificate), require_starttls=True)
    await deliver(f"smtp://localhost:{upgraded_port}?starttls=required", tmp_path)
    assert len(upgraded.mails) == 1
    at_once, at_once_port = start_server(ssl_context=server_side(certificate))
    await deliver(f"smtps://localhost:{at_once_port}", tmp_path)
    assert len(at_once.mails) == 1


async def test_a_certificate_that_nobody_vouches_for_gets_no_mail(
    start_server: StartServer, tmp_path: Path, certificate: Path
) -> None:
    inbox, port = start_server(tls_context=server_side(certificate))
    with pytest.raises(TemporaryMailError):
        await deliver(f"smtp://localhost:{port}?starttls=required", tmp_path)
    assert inbox.envelopes == []


async def test_a_server_without_encryption_gets_no_mail_where_it_is_required(
    start_server: StartServer, tmp_path: Path
) -> None:
    inbox, port = start_server()
    with pytest.raises(TemporaryMailError):
        await deliver(f"smtp://127.0.0.1:{port}?starttls=required", tmp_path)
    assert inbox.envelopes == []


@pytest.mark.parametrize(
    ("url", "port", "starttls", "tls_at_once"),
    [
        ("smtp://mail.example", 25, True, False),
        ("smtp://user:word@mail.example", 587, True, False),
        ("smtp://mail.example:2525?starttls=never", 2525, False, False),
        ("smtps://user:word@mail.example", 465, False, True),
        ("smtp://localhost", 25, False, False),
        ("smtp://[::1]:1025", 1025, False, False),
        ("smtp://127.0.0.1.evil.example", 25, True, False),
    ],
)
def test_everything_but_this_machine_is_spoken_to_in_secret(
    url: str, port: int, starttls: bool, tls_at_once: bool
) -> None:
    server = mail._server(url)
    assert (server.port, server.starttls, server.tls_at_once) == (port, starttls, tls_at_once)


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://a.example?starttls=maybe"]
)
async def test_an_address_of_a_server_that_is_none_is_a_mistake_in_the_settings(
    url: str, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match="MAIL_URL"):
        await deliver(url, tmp_path)


# --- what a person typed ------------------------------------------------------------------------------

INJECTIONS = [
    "Hallo\r\nBcc: evil@evil.example",
    "Hallo\nBcc: evil@evil.example",
    "Hallo\rBcc: evil@evil.example",
    "Hallo\r\n\r\n<script>",
    "Hallo\x0bBcc: evil@evil.example",
    "Hallo\u2028Bcc: evil@evil.example",
    "Hallo\x85Bcc: evil@evil.example",
    "=?utf-8?q?Hallo=0D=0ABcc:_evil@evil.example?=",
    "=?utf-8?q?Hallo=0ABcc:_evil@evil.example?=",
    "=?utf-8?b?SGFsbG8KQmNjOiBldmlsQGV2aWwuZXhhbXBsZQ==?=",
    "= ?utf-8?q?=0ABcc:_evil@evil.example?=",
    "=\u200b?utf-8?q?=0ABcc:_evil@evil.example?=",
    "==??utf-8?q?=0ABcc:_evil@evil.example?=",
    "x" * 5_000 + "\r\nBcc: evil@evil.example",
    "\ud800\r\nBcc: evil@evil.example",
    "\0",
    "",
]


@pytest.mark.parametrize("subject", INJECTIONS)
def test_a_subject_stays_a_subject(subject: str) -> None:
    arrived = read_back(built(subject=subject).as_bytes())
    assert arrived["Bcc"] is None
    assert len(arrived.get_all("Subject", [])) == 1
    body = arrived.get_body(("plain",))
    assert body is not None and body.get_content().startswith("Guten Tag,")


def test_no_text_at_all_can_start_a_header() -> None:
    @given(st.text(), st.text(), st.one_of(st.none(), st.text()))
    @example("\r\nBcc: a@b", "\r\nBcc: a@b", "\r\nBcc: a@b")
    def stays_inside(subject: str, text: str, html: str | None) -> None:
        # The builder reads its own mail back and raises where a header was added or lost.
        arrived = read_back(built(subject=subject, text=text, html=html).as_bytes())
        assert arrived["To"] == RECEIVER
        assert arrived["Bcc"] is None

    stays_inside()


@pytest.mark.parametrize(
    "subject",
    [
        "Größenänderung der Rufnummernblöcke für Außenstellen: müssen Überläufe äußerst früh geändert werden?",
        "A plain subject that is a good deal longer than the seventy-eight characters a line should have, is it",
        "🦦 " * 60 + "🦦",
        "Frage: was heißt 100 % Verfügbarkeit?",
    ],
)
def test_a_long_subject_arrives_as_written(subject: str) -> None:
    content = built(subject=subject, text="Grüße, " + "ä" * 3_000).as_bytes()
    assert read_back(content)["Subject"] == subject
    assert content.isascii()
    assert max(len(line) for line in content.splitlines()) < 200


@pytest.mark.parametrize(
    "address",
    [
        "",
        "erika",
        "erika@",
        "@acme.example",
        "erika@acme.example, evil@evil.example",
        "erika@acme.example\r\nBcc: evil@evil.example",
        "erika@acme.example\n",
        "Erika <erika@acme.example>",
        "erika@evil@acme.example",
        "<erika@acme.example>",
        '"erika x"@acme.example',
        "erika(comment)@acme.example",
        "erika;evil@acme.example",
        "erika@[127.0.0.1]",
        "e rika@acme.example",
        "érika@acme.example",
        "erika@-.example",
        "erika@" + "x" * 70 + ".example",
        "=?utf-8?q?evil=40evil.example?=@acme.example",
        "a..b@acme.example",
    ],
)
def test_what_is_not_one_address_gets_no_mail_ever(address: str) -> None:
    with pytest.raises(PermanentMailError) as refused:
        built(to=address)
    assert "acme" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "arrives_as"),
    [
        ("o'brien+forum@acme.example", "o'brien+forum@acme.example"),
        ("erika@müller.example", "erika@xn--mller-kva.example"),
    ],
)
def test_unusual_addresses_get_their_mail(address: str, arrives_as: str) -> None:
    assert built(to=address)["To"] == arrives_as


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Bcc", "evil@evil.example"),
        ("bcc", "evil@evil.example"),
        ("To", "evil@evil.example"),
        ("Subject", "x"),
        ("List-Unsubscribe", "<https://a.example>\r\nBcc: evil@evil.example"),
        ("List-Unsubscribe", "=?utf-8?q?=0ABcc:_evil@evil.example?="),
        ("List-Unsubscribe", ""),
        ("List-Id", "Kundenkreis für alle"),
    ],
)
def test_a_caller_cannot_set_other_headers_or_odd_values(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="header"):
        built(headers={name: value})


def test_headers_for_unsubscribing_are_set() -> None:
    link = f"<{BASE_URL}/unsubscribe/" + "x" * 120 + ">"
    headers = {"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    arrived = read_back(built(headers=headers).as_bytes())
    assert arrived["List-Unsubscribe"] == link
    assert arrived["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


@pytest.mark.parametrize("mail_id", ["", "../etc/passwd", "a/b", "a b", ".hidden", "a@b", "x" * 101, "a\n"])
def test_an_id_that_could_be_a_path_or_a_header_is_refused(mail_id: str) -> None:
    with pytest.raises(ValueError, match="id"):
        built(id=mail_id)


@pytest.mark.parametrize(
    ("mail_from", "base_url", "arrives_as"),
    [
        ("", "http://127.0.0.1:8000", "Kundenkreis <community@localhost>"),
        ("", "http://[::1]:8000", "Kundenkreis <community@localhost>"),
        ("forum@acme.example", BASE_URL, "forum@acme.example"),
        ("Forum, ACME <forum@acme.example>", BASE_URL, None),
        ('"Forum, ACME" <forum@acme.example>', BASE_URL, '"Forum, ACME" <forum@acme.example>'),
    ],
)
def test_the_sender_is_the_community(mail_from: str, base_url: str, arrives_as: str | None) -> None:
    if arrives_as is None:
        with pytest.raises(ValueError, match="MAIL_FROM"):
            build(message(), base_url=base_url, mail_from=mail_from)
    else:
        assert build(message(), base_url=base_url, mail_from=mail_from)["From"] == arrives_as


# --- mails kept as files ------------------------------------------------------------------------------


async def test_without_a_server_mails_are_files_newest_first(tmp_path: Path) -> None:
    assert await stored_mails(tmp_path) == []
    for number in range(3):
        await deliver(
            "", tmp_path, id=f"outbox-{number}", subject=f"Nummer {number} für dich", html="<p>Öl</p>"
        )
    stored = await stored_mails(tmp_path)
    assert [each.id for each in stored] == ["outbox-2", "outbox-1", "outbox-0"]
    newest = stored[0]
    assert (newest.to, newest.subject) == (RECEIVER, "Nummer 2 für dich")
    assert newest.text.splitlines() == message().text.splitlines()
    assert (newest.html or "").strip() == "<p>Öl</p>"
    assert newest.sent_at.tzinfo is UTC
    assert [each.id for each in await stored_mails(tmp_path, limit=1)] == ["outbox-2"]


async def test_a_mail_written_twice_is_there_once(tmp_path: Path) -> None:
    await deliver("", tmp_path, text="first")
    await deliver("", tmp_path, text="second")
    (only,) = await stored_mails(tmp_path)
    assert only.text.strip() == "second"


async def test_files_are_readable_by_their_owner_alone_and_nothing_half_written_is_left(
    tmp_path: Path,
) -> None:
    await deliver("", tmp_path)
    (path,) = (tmp_path / "mail").iterdir()
    assert path.name == "outbox-17.eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_date_is_now() -> None:
    with time_machine.travel(datetime(2026, 3, 1, 12, 0, tzinfo=UTC), tick=False):
        assert built()["Date"] == "Sun, 01 Mar 2026 12:00:00 +0000"
