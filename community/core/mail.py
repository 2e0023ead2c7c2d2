"""Mails: built so that nothing a person typed can become a header, and sent over SMTP or kept as files.

One mail has one receiver. Without MAIL_URL mails are written to VAR_DIR/mail/, where development shows them.

MAIL_URL is `smtp://user:password@host:port` or `smtps://…` (TLS from the first byte); user and password
percent-encoded where they hold odd characters. `smtp://` demands STARTTLS with a certificate that holds,
except towards this machine itself; `?starttls=never` or `?starttls=required` says otherwise.
"""

import email.message
import email.policy
import email.utils
import ipaddress
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.parser import BytesHeaderParser, BytesParser
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

import aiosmtplib
import anyio
import anyio.to_thread
import idna

from community.core import clock

SECONDS_PER_STEP: Final = 15
SECONDS_PER_MAIL: Final = 60
LONGEST_SUBJECT: Final = 200
# "Log in first" and its kin: wrong settings of ours, not a fault of the mail (RFC 4954, section 6).
LOG_IN_CODES: Final = frozenset({530, 534, 535, 538})

ALLOWED_HEADERS: Final = frozenset(
    {"In-Reply-To", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "References", "Reply-To"}
)
"""What a caller may add; everything else is set here."""

# One @; no space, control character, or character with a meaning in address lists, comments and routes. The
# part before the @ is ASCII because few servers take others (SMTPUTF8).
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(
    rf"(?=[^@]{{1,64}}@)(?!.*=\?){_WORD}(\.{_WORD})*@[^\s@<>()\[\]\\,;:\"\x00-\x1f\x7f]{{1,253}}"
)
# Headers are written as they were set, never folded again.
_POLICY = email.policy.SMTP.clone(refold_source="none")
# Of RFC 3463, where the server gives one: "5.1.1 no such mail box".
_DETAILED_CODE = re.compile(r"\s*5\.(\d{1,3}\.\d{1,3})\b")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]{1,900}")


class MailError(Exception):
    """A mail was not taken. Names neither receiver nor the server's words, which quote the receiver."""

    is_about_address = False
    """Whether the server says that there is no such address, or that it takes no mail."""

    def __init__(self, stage: str, code: int | None = None) -> None:
        super().__init__(stage if code is None else f"{code} at {stage}")
        self.stage = stage
        self.code = code


class TemporaryMailError(MailError):
    """Trying again later may help: the server is away, busy, or does not let us in."""


class PermanentMailError(MailError):
    """This mail will never be taken: the address does not exist, or the server refuses the mail itself."""


@dataclass(frozen=True, slots=True)
class Message:
    """A mail before it is built.

    `id` names it for good (an outbox id, for example): a mail that was sent twice because a process died in
    between carries the same Message-ID twice. `text` is always there, `html` is the same in HTML.
    """

    id: str
    to: str
    subject: str
    text: str
    html: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    bounces_to: str = ""
    """Where mail servers report that it cannot be delivered; empty: to the community's address in From."""


@dataclass(frozen=True, slots=True)
class StoredMail:
    """A mail that was written to a file instead of being sent."""

    id: str
    to: str
    subject: str
    sent_at: datetime
    text: str
    html: str | None


def build(message: Message, *, base_url: str, mail_from: str = "") -> email.message.EmailMessage:
    """The mail as it goes out, from the community and nobody else.

    `mail_from` is "address" or "Name <address>"; empty, it is community@ the host of `base_url`. Raises
    PermanentMailError where the receiver is no address, ValueError where the caller made a mistake.
    """
    if not _ID.fullmatch(message.id):
        raise ValueError("A mail's id consists of letters, digits, dots, hyphens and underscores.")
    host = mail_host(base_url)
    built = email.message.EmailMessage(policy=_POLICY)
    built["From"] = _sender(mail_from, host)
    built["To"] = receiver(message.to)
    built.set_raw("Subject", _encoded(_one_line(message.subject)))
    built["Date"] = email.utils.format_datetime(clock.now())
    built["Message-ID"] = f"<{message.id}@{host}>"
    # Out-of-office notes and other machines do not answer to these (RFC 3834; the second one is Exchange's).
    built["Auto-Submitted"] = "auto-generated"
    built["X-Auto-Response-Suppress"] = "All"
    for name, value in message.headers.items():
        if name not in ALLOWED_HEADERS or not _HEADER_VALUE.fullmatch(value) or "=?" in value:
            raise ValueError(f"The header {name!r} is not one a caller may set, or not plain text.")
        built[name] = value
    expected = [*built.keys()]
    built.set_content(_printable(message.text), subtype="plain", charset="utf-8", cte="quoted-printable")
    if message.html is not None:
        built.add_alternative(
            _printable(message.html), subtype="html", charset="utf-8", cte="quoted-printable"
        )
    _make_sure_of_headers(built, expected)
    return built


async def send(message: Message, *, mail_url: str, var_dir: Path, base_url: str, mail_from: str = "") -> None:
    """Send the mail, or write it to a file where `mail_url` is empty. When this returns it is in safe hands.

    Raises TemporaryMailError or PermanentMailError.
    """
    built = build(message, base_url=base_url, mail_from=mail_from)
    if mail_url:
        await _send_over_smtp(built, mail_url, message.bounces_to)
    else:
        await anyio.to_thread.run_sync(_write_to_file, message.id, built.as_bytes(), var_dir)


def problem_with_settings(*, mail_url: str, mail_from: str, base_url: str) -> str | None:
    """What is wrong with MAIL_URL or MAIL_FROM, in a sentence without their values, or None."""
    try:
        if mail_url:
            _server(mail_url)
        _sender(mail_from, mail_host(base_url))
    except ValueError as problem:
        return str(problem)
    return None


async def stored_mails(var_dir: Path, limit: int = 100) -> list[StoredMail]:
    """The newest mails written to files, newest first."""
    return await anyio.to_thread.run_sync(_read_stored_mails, var_dir, limit)


def receiver(address: str) -> Address:
    """The address as it can be written to. Raises PermanentMailError where it is none."""
    if not _ADDRESS.fullmatch(address):
        raise _no_address()
    local_part, domain = address.split("@")
    try:
        return Address(username=local_part, domain=idna.encode(domain, uts46=True).decode("ascii"))
    except (idna.IDNAError, ValueError, IndexError):
        raise _no_address() from None


def _no_address() -> PermanentMailError:
    error = PermanentMailError("reading the receiver's address")
    error.is_about_address = True
    return error


def _sender(mail_from: str, host: str) -> Address:
    name, address = email.utils.parseaddr(mail_from) if mail_from else ("Kundenkreis", f"community@{host}")
    if not _ADDRESS.fullmatch(address):
        raise ValueError('MAIL_FROM is neither "address" nor "Name <address>".')
    return Address(display_name=_one_line(name), addr_spec=address)


def mail_host(base_url: str) -> str:
    """The domain for ids and the default sender; a bare address of a machine is no domain."""
    host = urlsplit(base_url).hostname or "localhost"
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return "localhost"


def _one_line(text: str) -> str:
    """The text as a single line that means only itself.

    The email package decodes "=?utf-8?q?…?=" in what it is given, and a line break hidden in it comes out as
    one: a subject could then start headers of its own. So no "=?" gets there.
    """
    line = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return line.replace("=?", "= ?")[:LONGEST_SUBJECT]


def _encoded(subject: str) -> str:
    """The subject as it stands in the mail: with other letters than ASCII, in encoded words of 75 characters.

    Done here, because the email package loses spaces between such words when it folds a long line itself.
    """
    if subject.isascii():
        return subject
    return Header(subject, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _printable(text: str) -> str:
    """The text without lone surrogates, which no encoding can carry, and without NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def _make_sure_of_headers(built: email.message.EmailMessage, expected: list[str]) -> None:
    """Read the mail back: exactly the headers that were set, each once. Else the fault is ours."""
    read_back = BytesHeaderParser(policy=email.policy.compat32).parsebytes(built.as_bytes())
    about_content = {"Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
    found = sorted(name for name in read_back if name not in about_content)
    if found != sorted(expected):
        raise ValueError("The mail did not come out with the headers it was given.")


@dataclass(frozen=True, slots=True)
class _Server:
    host: str
    port: int
    user: str | None
    password: str | None
    tls_at_once: bool
    starttls: bool


def _server(mail_url: str) -> _Server:
    parts = urlsplit(mail_url)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise ValueError("MAIL_URL begins with smtp:// or smtps:// and names a host.")
    tls_at_once = parts.scheme == "smtps"
    wish = parse_qs(parts.query).get(
        "starttls", ["never" if is_this_machine(parts.hostname) else "required"]
    )[-1]
    if wish not in ("never", "required"):
        raise ValueError('In MAIL_URL, starttls is either "required" or "never".')
    return _Server(
        host=parts.hostname,
        port=parts.port or (465 if tls_at_once else 587 if parts.username else 25),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls_at_once=tls_at_once,
        starttls=wish == "required" and not tls_at_once,
    )


def is_this_machine(host: str) -> bool:
    """Whether what is sent there stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _send_over_smtp(built: email.message.EmailMessage, mail_url: str, bounces_to: str) -> None:
    server = _server(mail_url)
    try:
        with anyio.fail_after(SECONDS_PER_MAIL):
            await aiosmtplib.send(
                # Bytes, because the library would fold a message's headers once more, in its own way.
                built.as_bytes(),
                sender=bounces_to or built["From"].addresses[0].addr_spec,
                recipients=[built["To"].addresses[0].addr_spec],
                hostname=server.host,
                port=server.port,
                username=server.user,
                password=server.password,
                use_tls=server.tls_at_once,
                start_tls=server.starttls,
                timeout=SECONDS_PER_STEP,
                # Left out, it would be the name of this machine, which is nobody's business.
                local_hostname=str(built["Message-ID"]).rstrip(">").rpartition("@")[2],
            )
    except aiosmtplib.SMTPRecipientsRefused as refused:
        raise _refusal_of_receiver(refused.recipients[0]) from None
    except aiosmtplib.SMTPRecipientRefused as refused:
        raise _refusal_of_receiver(refused) from None
    except aiosmtplib.SMTPDataError as refused:
        raise _refusal("the text", refused.code) from None
    except aiosmtplib.SMTPResponseException as refused:
        # Greeting, TLS, log-in, sender: it concerns every mail alike, so that none may be given up for it.
        raise TemporaryMailError(_stage_of(refused), refused.code) from None
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as trouble:
        raise TemporaryMailError(_stage_of(trouble)) from None


def _refusal_of_receiver(refused: aiosmtplib.SMTPResponseException) -> MailError:
    """A full mail box (552, x.2.2) will be emptied; a refusal by policy (x.7) concerns us and not the address."""
    error = _refusal("the receiver", refused.code)
    detail = _DETAILED_CODE.match(refused.message)
    is_passing = detail[1].startswith("7.") or detail[1] == "2.2" if detail else refused.code == 552
    error.is_about_address = isinstance(error, PermanentMailError) and not is_passing
    return error


def _refusal(stage: str, code: int) -> MailError:
    final = code >= 500 and code not in LOG_IN_CODES
    return PermanentMailError(stage, code) if final else TemporaryMailError(stage, code)


def _stage_of(trouble: Exception) -> str:
    """A short name for what failed, made of the exception's class; its text may quote addresses."""
    return type(trouble).__name__


def _mail_folder(var_dir: Path) -> Path:
    return var_dir / "mail"


def _write_to_file(mail_id: str, content: bytes, var_dir: Path) -> None:
    """Write VAR_DIR/mail/<id>.eml so that it is there whole or not at all; the same id replaces itself."""
    folder = _mail_folder(var_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    aside = folder / f".{secrets.token_hex(8)}"
    try:
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(folder / f"{mail_id}.eml")
    finally:
        aside.unlink(missing_ok=True)
    folder_handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(folder_handle)
    finally:
        os.close(folder_handle)


def _read_stored_mails(var_dir: Path, limit: int) -> list[StoredMail]:
    with_times = []
    for path in _mail_folder(var_dir).glob("[!.]*.eml"):
        try:
            with_times.append((path.stat().st_mtime_ns, path))
        except FileNotFoundError:
            continue
    newest = sorted(with_times, reverse=True)[:limit]
    return [_read_stored_mail(path, written_at) for written_at, path in newest]


def _read_stored_mail(path: Path, written_at: int) -> StoredMail:
    mail = BytesParser(_class=email.message.EmailMessage, policy=email.policy.default).parsebytes(
        path.read_bytes()
    )
    parts = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
    texts = {kind: part.get_content() for kind, part in parts.items() if part is not None}
    return StoredMail(
        id=path.stem,
        to=str(mail["To"]),
        subject=str(mail["Subject"]),
        sent_at=datetime.fromtimestamp(written_at / 1e9, UTC),
        text=texts.get("plain", ""),
        html=texts.get("html"),
    )
