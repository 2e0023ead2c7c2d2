"""The only reader of the environment. Everything else receives typed values from `settings`."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from search.embedders import EmbedderChoice

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class OidcChoice:
    """The log-in provider by OpenID Connect; without an issuer there is none."""

    issuer: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scopes: tuple[str, ...] = ("openid", "email", "profile")
    label: str = ""
    """What people call it, on the button that leads there."""
    name_claim: str = "name"
    company_claim: str = ""
    company_id_claim: str = ""
    attribute_claims: tuple[tuple[str, str], ...] = ()
    """Pairs of an attribute's key and the claim that fills it."""


@dataclass(frozen=True, slots=True)
class S3Choice:
    """A store that speaks S3; without an endpoint files lie in a folder."""

    endpoint: str = ""
    bucket: str = ""
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AttachmentChoice:
    """What members may attach, and where it is kept."""

    folder: Path
    file_megabytes: int = 10
    """The largest file."""
    day_megabytes: int = 100
    """All files of one member within 24 hours."""
    member_megabytes: int = 500
    """All files of one member."""
    s3: S3Choice = field(default_factory=S3Choice)
    clamd_url: str = ""
    """The virus scanner that sees every file; empty: none does."""


@dataclass(frozen=True, slots=True)
class FaqDelivery:
    """How the public FAQ reaches other websites."""

    key_file: Path
    """The key that signs what is exported; made when it is first needed."""
    embed_origins: tuple[str, ...] = ()
    """Websites that may show the FAQ in a frame ("https://www.example.com"); empty: none may."""
    publish_to: str = ""
    """A folder or "s3://bucket/prefix" that the worker keeps up to date; empty: nothing is published."""
    publish_every: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Settings:
    """What an installation may choose. Defaults run a small site on SQLite without any server."""

    development: bool
    var_dir: Path
    database_url: str
    search_url: str
    search_key: str
    embedder_choice: EmbedderChoice
    """Who turns texts into vectors for search by meaning: nobody, the model in this process, or a server."""
    secret_key: str
    vault_key_file: Path
    oidc: OidcChoice
    base_url: str
    mail_url: str
    mail_from: str
    mail_reply_address: str
    """Where answers by mail arrive, a sign of its own put behind "+" for each; empty: none are taken."""
    mail_inbox_url: str
    attachments: AttachmentChoice
    faq: FaqDelivery
    theme: str
    themes_path: Path | None
    log_level: str
    trusted_proxies: int
    """How many proxies in front may be believed about the client's address; 0 believes none."""

    security_contact: str
    """Where a found weakness is reported: an address of mail or a page ("mailto:…", "https://…"); empty: not said."""
    edit_window: timedelta
    """How long members may edit what they have written."""
    trusted_edit_window: timedelta
    """The same for those with `trusted_kudos` kudos."""
    trusted_kudos: int
    limit_factor: float
    """By how much more may be written and read than `core.limits` says: for a company behind one address, say."""

    staff_second_factor: bool
    """Whether staff log in with a second factor or not at all."""

    @property
    def host(self) -> str:
        return urlsplit(self.base_url).hostname or "127.0.0.1"

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")


_ORIGIN = re.compile(r"https?://(?:\*\.)?[a-z0-9.-]+(?::[0-9]{1,5})?")

DEVELOPMENT_SECRET = "for development only: not a secret"  # noqa: S105 - says so


def read(environment: dict[str, str] | None = None) -> Settings:
    """Settings from `environment` (default: the process's own)."""
    given = dict(os.environ if environment is None else environment)
    development = given.get("DEVELOPMENT") == "1"
    var_dir = Path(given.get("VAR_DIR") or "var").resolve()
    return Settings(
        development=development,
        var_dir=var_dir,
        database_url=given.get("DATABASE_URL") or f"sqlite://{var_dir / 'community.sqlite3'}",
        search_url=given.get("SEARCH_URL", ""),
        search_key=given.get("SEARCH_KEY", ""),
        embedder_choice=EmbedderChoice(
            name=given.get("EMBEDDER", "").strip().lower(),
            url=given.get("EMBEDDER_URL", ""),
            key=given.get("EMBEDDER_KEY", ""),
            model=given.get("EMBEDDER_MODEL", ""),
        ),
        secret_key=given.get("SECRET_KEY") or (DEVELOPMENT_SECRET if development else ""),
        vault_key_file=Path(given.get("VAULT_KEY_FILE") or var_dir / "vault.key"),
        oidc=_oidc(given),
        base_url=(given.get("BASE_URL") or "http://127.0.0.1:8000").rstrip("/"),
        mail_url=given.get("MAIL_URL", ""),
        mail_from=given.get("MAIL_FROM", ""),
        mail_reply_address=given.get("MAIL_REPLY_ADDRESS", "").strip(),
        mail_inbox_url=given.get("MAIL_INBOX_URL", "").strip(),
        attachments=_attachments(given, var_dir),
        faq=_faq(given, var_dir),
        theme=given.get("THEME") or "default",
        themes_path=Path(given["THEMES_PATH"]) if given.get("THEMES_PATH") else None,
        # In development people read the terminal; a line for each request would bury what matters.
        log_level=given.get("LOG_LEVEL") or ("WARNING" if development else "INFO"),
        trusted_proxies=int(given.get("TRUSTED_PROXIES") or 0),
        security_contact=given.get("SECURITY_CONTACT", "").strip(),
        edit_window=_hours(given, "EDIT_HOURS", 24),
        trusted_edit_window=_hours(given, "EDIT_HOURS_TRUSTED", 7 * 24),
        trusted_kudos=_whole_number(given, "EDIT_TRUSTED_KUDOS", 20),
        limit_factor=float(given.get("LIMIT_FACTOR") or 1),
        # The demo people of a development site log in with one click.
        staff_second_factor=_is_on(
            given, "STAFF_SECOND_FACTOR", words=("required", "optional"), default=not development
        ),
    )


def _attachments(given: dict[str, str], var_dir: Path) -> AttachmentChoice:
    return AttachmentChoice(
        folder=var_dir / "attachments",
        file_megabytes=int(given.get("ATTACHMENT_MEGABYTES") or 10),
        day_megabytes=int(given.get("ATTACHMENT_MEGABYTES_PER_DAY") or 100),
        member_megabytes=int(given.get("ATTACHMENT_MEGABYTES_PER_MEMBER") or 500),
        s3=S3Choice(
            endpoint=given.get("S3_ENDPOINT", "").strip().rstrip("/"),
            bucket=given.get("S3_BUCKET", "").strip(),
            region=given.get("S3_REGION", "").strip() or "us-east-1",
            access_key=given.get("S3_ACCESS_KEY", "").strip(),
            secret_key=given.get("S3_SECRET_KEY", ""),
        ),
        clamd_url=given.get("CLAMD_URL", "").strip(),
    )


def _faq(given: dict[str, str], var_dir: Path) -> FaqDelivery:
    origins = tuple(given.get("EMBED_ORIGINS", "").lower().replace(",", " ").split())
    for origin in origins:
        # They become part of a header, where a semicolon would begin another rule.
        if not _ORIGIN.fullmatch(origin):
            raise ValueError(f"EMBED_ORIGINS holds {origin!r}; each is like https://www.example.com")
    return FaqDelivery(
        key_file=Path(given.get("FAQ_KEY_FILE") or var_dir / "faq-signing.pem"),
        embed_origins=origins,
        publish_to=given.get("FAQ_PUBLISH_TO", "").strip(),
        publish_every=timedelta(minutes=max(1, _whole_number(given, "FAQ_PUBLISH_MINUTES", 10))),
    )


def _oidc(given: dict[str, str]) -> OidcChoice:
    issuer = given.get("OIDC_ISSUER", "").strip()
    pairs = (entry.partition("=") for entry in given.get("OIDC_ATTRIBUTE_CLAIMS", "").split(","))
    return OidcChoice(
        issuer=issuer,
        client_id=given.get("OIDC_CLIENT_ID", "").strip(),
        client_secret=given.get("OIDC_CLIENT_SECRET", ""),
        # Without this scope it would not be OpenID Connect.
        scopes=tuple(dict.fromkeys(["openid", *(given.get("OIDC_SCOPES") or "email profile").split()])),
        label=given.get("OIDC_LABEL", "").strip() or (urlsplit(issuer).hostname or ""),
        name_claim=given.get("OIDC_NAME_CLAIM", "name").strip(),
        company_claim=given.get("OIDC_COMPANY_CLAIM", "").strip(),
        company_id_claim=given.get("OIDC_COMPANY_ID_CLAIM", "").strip(),
        attribute_claims=tuple(
            (key.strip(), claim.strip() or key.strip()) for key, _equals, claim in pairs if key.strip()
        ),
    )


def _is_on(given: dict[str, str], name: str, *, words: tuple[str, str], default: bool) -> bool:
    """Whether the first word was given and not the second; anything else is said at once, not guessed."""
    value = given.get(name, "").strip().lower()
    if value and value not in words:
        raise ValueError(f"{name} is {value!r}; it can be {words[0]} or {words[1]}.")
    return value == words[0] if value else default


def _hours(given: dict[str, str], name: str, default: int) -> timedelta:
    return timedelta(hours=_whole_number(given, name, default))


def _whole_number(given: dict[str, str], name: str, default: int) -> int:
    value = given.get(name, "").strip()
    if not value:
        return default
    if not (value.isascii() and value.isdecimal() and len(value) <= 6):
        raise ValueError(f"{name} is {value!r}; it has to be a whole number.")
    return int(value)


settings = read()
