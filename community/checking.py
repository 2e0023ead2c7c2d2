"""`community check`: what is misconfigured, said before it hurts. No sentence repeats a secret."""

from __future__ import annotations

import asyncio
import imaplib
import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass

from community.accounts import vault
from community.app import build_search
from community.attachments import scanning
from community.attachments.stores import build_storage
from community.core.db import connect, disconnect, fetch_one
from community.core.db.migrate import pending
from community.core.mail import problem_with_settings
from community.core.progress import Progress
from community.core.reply_addresses import problem_with_reply_address
from community.core.vault_keys import VaultError, VaultKeys
from community.decisions.verification import SEAL_BROKEN, verify_log
from community.faq.bundle import MANIFEST
from community.faq.signing import KeyUnfitError, Signer
from community.faq.targets import CannotPublish, open_target
from community.http.oidc import ALGORITHMS, Provider, ProviderDown, Refused
from community.http.security import own_origins
from community.replies.inbox import opened, read_inbox_url
from community.settings import DEVELOPMENT_SECRET, Settings, settings
from community.site_texts import defaults
from community.site_texts.queries import list_unfinished
from community.web.theming import Theme
from search.embedders import EmbedderDown, EmbedderUnfit, build_embedder
from search.index import SearchDown

SHORTEST_SECRET = 32
"""Characters; 32 random ones cannot be guessed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be. With an error the site should not be started."""

    is_error: bool
    text: str

    def __str__(self) -> str:
        return f"{'Error' if self.is_error else 'Warning'}: {self.text}"


async def findings(chosen: Settings = settings) -> list[Finding]:
    """Everything that is wrong, errors first; empty if nothing is. Opens the database by itself."""
    found = [*_about_settings(chosen), *_about_theme(chosen), *_about_key_file(chosen), *_about_faq(chosen)]
    found += await _about_database(chosen)
    found += await _about_search(chosen)
    found += await asyncio.to_thread(_about_embedder, chosen)
    found += await _about_provider(chosen)
    found += await asyncio.to_thread(_about_inbox, chosen)
    found += await _about_attachments(chosen)
    found += await _about_publishing(chosen)
    return sorted(found, key=lambda finding: not finding.is_error)


def _error(text: str) -> Finding:
    return Finding(True, text)


def _warning(text: str) -> Finding:
    return Finding(False, text)


def _about_settings(chosen: Settings) -> Iterator[Finding]:
    try:
        own_origins(chosen.base_url)
    except ValueError as problem:
        yield _error(str(problem))
    mail_problem = problem_with_settings(
        mail_url=chosen.mail_url, mail_from=chosen.mail_from, base_url=chosen.base_url
    )
    if mail_problem:
        yield _error(mail_problem)
    reply_problem = problem_with_reply_address(chosen.mail_reply_address)
    if reply_problem:
        yield _error(reply_problem)
    if chosen.development:
        if not _is_local(chosen.host):
            yield _error(
                f"DEVELOPMENT=1 on {chosen.host}: everybody could read all mails and log in as the demo people. "
                "Leave DEVELOPMENT empty on a site that others reach."
            )
        return
    if not chosen.security_contact.startswith(("mailto:", "https://")):
        yield _warning(
            "SECURITY_CONTACT is not a mailto: or https:// address, so nobody is told where to report a weakness."
        )
    if not chosen.secret_key:
        yield _error("SECRET_KEY is empty. Set it to at least 32 random characters: openssl rand -base64 32")
    elif len(chosen.secret_key) < SHORTEST_SECRET or chosen.secret_key == DEVELOPMENT_SECRET:
        yield _error("SECRET_KEY can be guessed. Set it to at least 32 random characters.")
    if not chosen.mail_url:
        yield _error("MAIL_URL is empty, so nobody could confirm an address or choose a new password.")
    if not chosen.staff_second_factor:
        yield _warning(
            "STAFF_SECOND_FACTOR=optional: whoever learns the password of one of your staff is staff."
        )
    if not chosen.is_https:
        yield _error("BASE_URL does not begin with https://. Passwords would travel in the clear.")


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _about_theme(chosen: Settings) -> Iterator[Finding]:
    try:
        theme = Theme.load(chosen.theme, themes_path=chosen.themes_path, watching=False)
        defaults.use_folders(theme.page_folders)
    except Exception as problem:  # a theme is somebody else's work; whatever is wrong with it is said
        yield _error(f"The theme {chosen.theme!r} cannot be used: {problem}")


def _about_key_file(chosen: Settings) -> Iterator[Finding]:
    # Development makes the file when it first needs it.
    if chosen.development and not chosen.vault_key_file.exists():
        return
    try:
        VaultKeys.load(chosen.vault_key_file)
    except VaultError as problem:
        yield _error(str(problem))


async def _about_database(chosen: Settings) -> list[Finding]:
    try:
        await connect(chosen.database_url)
    except Exception as problem:  # whatever the driver raises: its message may quote the password
        return [_error(f"The database of DATABASE_URL does not answer ({type(problem).__name__}).")]
    try:
        missing = await pending()
        if missing:
            return [_error(f"Migrations are missing: {', '.join(missing)}. Run: community migrate")]
        return [
            *await _about_vault(chosen),
            *await _about_rows(),
            *await _about_pages(),
            *await _about_log(chosen),
            *await _about_publication(chosen),
        ]
    finally:
        await disconnect()


async def _about_vault(chosen: Settings) -> list[Finding]:
    """Whether the key file is the one that belongs to this database."""
    row = await fetch_one("SELECT id, mail_encrypted FROM vault_accounts ORDER BY created_at DESC LIMIT 1")
    if row is None:
        return []
    if not chosen.vault_key_file.exists():
        return [_error("The vault holds accounts, but its key file is not there. Do not make a new one.")]
    try:
        keys = VaultKeys.load(chosen.vault_key_file)
        keys.decrypt(row["mail_encrypted"], place=vault.ACCOUNT_MAIL, row_id=row["id"])
    except VaultError as problem:
        return [_error(f"The key file does not fit the vault of this database. {problem}")]
    if keys.is_being_replaced:
        return [_warning("The vault's keys are being replaced. Finish with: community rotate-vault-keys")]
    return []


async def _about_rows() -> list[Finding]:
    found = []
    row = await fetch_one(
        """SELECT (SELECT COUNT(*) FROM members WHERE role = 'administrator' AND erased_at IS NULL) AS leaders,
        (SELECT COUNT(*) FROM outbox_facts WHERE parked_at IS NOT NULL) AS parked"""
    )
    if row is not None and not row["leaders"]:
        found.append(_warning("There is no administrator yet. Make one with: community create-staff"))
    if row is not None and row["parked"]:
        found.append(
            _warning(
                f"{row['parked']} messages of the outbox failed too often and wait for an administrator."
            )
        )
    return found


async def _about_pages() -> list[Finding]:
    """The pages that the law wants, while they are empty or still hold the places to fill in."""
    unfinished = await list_unfinished()
    found = []
    if "imprint" in unfinished:
        found.append(_warning("The imprint is not filled in. Do it under /admin/pages/imprint."))
    others = [page for page in unfinished if page != "imprint"]
    if others:
        found.append(
            _warning(
                f"Pages that still hold places to fill in: {', '.join(others)}. Do it under /admin/pages."
            )
        )
    return found


async def _about_log(chosen: Settings) -> list[Finding]:
    """Whether the moderation log is as it was written."""
    with Progress("Moderation log") as progress:
        report = await verify_log(progress.show, secret_key=chosen.secret_key)
    found = [_error(sentence) for sentence in report.wrong]
    if report.further:
        found.append(_error(f"The moderation log has {report.further} further faults like these."))
    if not report.seal_fits:
        found.append(_error(SEAL_BROKEN))
    if report.older_waiting:
        text = f"{report.older_waiting} entries of the moderation log are not yet in its chain: the worker does it."
        found.append(_warning(text))
    return found


async def _about_search(chosen: Settings) -> list[Finding]:
    if not chosen.search_url:
        return []
    engine = build_search(chosen)
    try:
        health = await engine.health()
        return [] if health.ok else [_warning("Search does not answer. Pages work, searching does not.")]
    except (SearchDown, ValueError):
        return [_warning("Search does not answer. Pages work, searching does not.")]
    finally:
        await engine.close()


def _about_embedder(chosen: Settings) -> list[Finding]:
    try:
        embedder = build_embedder(chosen.embedder_choice)
    except EmbedderUnfit as problem:
        return [_error(f"{problem} Until then searching goes on by words alone.")]
    if embedder is None:
        return []
    found = []
    if embedder.is_remote:
        found.append(
            _warning(
                f"Everything that is indexed and asked, texts of exclusive spaces too, is sent to {embedder.label}. "
                "EMBEDDER=local sends nothing anywhere."
            )
        )
    try:
        embedder.embed_query("Does this work?")
    except EmbedderDown as problem:
        found.append(_warning(f"Searching goes on by words alone, because {problem}."))
    except Exception as problem:  # a model of somebody else's: whatever it raises, the site does without
        found.append(_error(f"The embedder cannot be used ({type(problem).__name__}). Choose another one."))
    return found


async def _about_attachments(chosen: Settings) -> list[Finding]:
    """Whether files can be kept. Members are told by a sentence when they cannot, and lose nothing."""
    choice, found = chosen.attachments, []
    if choice.s3.endpoint and not (choice.s3.bucket and choice.s3.access_key and choice.s3.secret_key):
        return [_error("S3_ENDPOINT is set, but not all of S3_BUCKET, S3_ACCESS_KEY and S3_SECRET_KEY.")]
    if choice.s3.endpoint.startswith("http://") and not chosen.development:
        found.append(_warning("S3_ENDPOINT does not begin with https://. Files travel in the clear."))
    problem = await build_storage(choice).problem()
    if problem:
        found.append(_error(f"Members cannot attach files. {problem}"))
    if choice.clamd_url:
        problem = await scanning.problem(choice.clamd_url)
        if problem:
            found.append(_error(f"Members cannot attach files, because CLAMD_URL does not work. {problem}"))
    return found


def _about_faq(chosen: Settings) -> Iterator[Finding]:
    """Whether the FAQ can reach other websites as configured."""
    for origin in chosen.faq.embed_origins:
        if origin.startswith("http://") and not chosen.development:
            yield _warning(f"EMBED_ORIGINS names {origin}, a website that anybody on the way can change.")
    if chosen.faq.key_file.exists():
        try:
            Signer(chosen.faq.key_file)
        except (KeyUnfitError, OSError) as problem:
            yield _error(f"Bundles of the FAQ cannot be signed. {problem}")


async def _about_publishing(chosen: Settings) -> list[Finding]:
    """Whether the place can be reached; what keeps it from being written is said when the worker has tried."""
    if not chosen.faq.publish_to:
        return []
    try:
        await open_target(chosen.faq.publish_to, chosen.attachments.s3).read(MANIFEST)
    except CannotPublish as problem:
        return [_error(f"The FAQ cannot be published to FAQ_PUBLISH_TO. {problem}")]
    return []


async def _about_publication(chosen: Settings) -> list[Finding]:
    """Whether the worker could publish the FAQ when it last tried."""
    if not chosen.faq.publish_to:
        return []
    try:
        label = open_target(chosen.faq.publish_to, chosen.attachments.s3).label
    except CannotPublish:
        return []  # which is said where the place is tried
    row = await fetch_one(
        "SELECT target, problem FROM faq_publications WHERE target = :target AND problem <> ''",
        {"target": label},
    )
    if row is None:
        return []
    return [_warning(f"The FAQ could not be published to {row['target']}: {row['problem']}")]


def _about_inbox(chosen: Settings) -> list[Finding]:
    """Whether the mailbox with answers by mail can be opened."""
    if not chosen.mail_inbox_url:
        return []
    if not chosen.mail_reply_address:
        return [_error("MAIL_INBOX_URL is set, but MAIL_REPLY_ADDRESS is empty: no mail leads there.")]
    try:
        with opened(read_inbox_url(chosen.mail_inbox_url)):
            return []
    except ValueError as problem:
        return [_error(str(problem))]
    except (OSError, imaplib.IMAP4.error) as trouble:
        # What the server says may quote the user.
        return [_warning(f"The mailbox of MAIL_INBOX_URL cannot be opened ({type(trouble).__name__}).")]


async def _about_provider(chosen: Settings) -> list[Finding]:
    """Whether people can log in at the provider of OIDC_ISSUER."""
    oidc = chosen.oidc
    if not oidc.issuer:
        return [_error("OIDC_CLIENT_ID is set, but OIDC_ISSUER is empty.")] if oidc.client_id else []
    if not oidc.client_id:
        return [_error("OIDC_CLIENT_ID is empty, so nobody could log in at the provider of OIDC_ISSUER.")]
    found = []
    if not oidc.client_secret:
        found.append(_warning("OIDC_CLIENT_SECRET is empty: any program could pretend to be this site."))
    if not (chosen.development or oidc.issuer.startswith("https://")):
        return [
            _error("OIDC_ISSUER does not begin with https://. Anybody on the way could log in as anybody.")
        ]
    if "email" not in oidc.scopes:
        found.append(_warning("OIDC_SCOPES has no email: everybody has to confirm their address by mail."))
    provider = Provider(oidc, base_url=chosen.base_url, development=chosen.development)
    try:
        described = await provider.describe()
    except (ProviderDown, Refused) as down:
        text = f"The log-in provider cannot be used: {down}. Until then people log in with passwords alone."
        return [*found, _warning(text)]
    offered = described.get("id_token_signing_alg_values_supported")
    if isinstance(offered, list) and not set(offered) & set(ALGORITHMS):
        found.append(_error(f"The log-in provider signs with none of {', '.join(ALGORITHMS)}."))
    methods = described.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" not in methods:
        found.append(_error("The log-in provider does not know PKCE with S256."))
    return found
