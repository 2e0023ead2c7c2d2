"""The opened vault of this process: what stands in which encrypted column."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from community.core.db import fetch_one
from community.core.vault_keys import ACCOUNT_ADDRESS, VaultKeys
from community.settings import settings

ACCOUNT_MAIL = "vault_accounts.mail_encrypted"
ACCOUNT_REAL_NAME = "vault_accounts.real_name_encrypted"
ACCOUNT_BELONGING = "vault_accounts.belonging_encrypted"
ACCOUNT_STATED_COMPANY = "vault_accounts.stated_company_encrypted"
COMPANY_NAME = "vault_companies.name_encrypted"
COMPANY_CONTRACT_NUMBER = "vault_companies.contract_number_encrypted"
COMPANY_CLAIM = "vault_company_claims.claim_encrypted"
COMPANY_DOMAIN = "vault_company_domains.mail_encrypted"
JOINING_COMPANY = "vault_joinings.company_encrypted"
JOINING_MAIL = "vault_joinings.mail_encrypted"
INVITATION_COMPANY = "vault_invitations.company_encrypted"
INVITATION_MAKER = "vault_invitations.maker_encrypted"
INVITATION_MAIL = "vault_invitations.mail_encrypted"
INVITATION_CODE = "vault_invitations.code_encrypted"
DEPARTURE_MAIL = "vault_departures.mail_encrypted"
REGISTRATION_MAIL = "vault_registrations.mail_encrypted"
REGISTRATION_REAL_NAME = "vault_registrations.real_name_encrypted"
REGISTRATION_STATED_COMPANY = "vault_registrations.stated_company_encrypted"
SIGN_ON_SUBJECT = "vault_sign_ons.subject_encrypted"
SIGN_ON_CLAIMS = "vault_sign_ons.claims_encrypted"
SIGN_ON_ID_TOKEN = "vault_sign_on_sessions.id_token_encrypted"  # noqa: S105 - the name of a column
SIGN_ON_ARRIVAL = "vault_sign_on_arrivals.vouched_encrypted"
LINK_NEW_MAIL = "vault_mail_links.new_mail_encrypted"
GROUP_INVITATION_MAIL = "vault_mail_invitations.mail_encrypted"
CONSENT_ASKED_FROM = "vault_consents.asked_from_encrypted"
CONSENT_CONFIRMED_FROM = "vault_consents.confirmed_from_encrypted"
COMPANY_ATTRIBUTES = "vault_company_attributes.values_encrypted"
ACCOUNT_ATTRIBUTES = "vault_account_attributes.values_encrypted"
IMPORT_CHANGES = "vault_attribute_imports.changes_encrypted"
IMPORT_REPORT = "vault_attribute_imports.report_encrypted"
ERASURE_MAIL = "vault_erasures.mail_encrypted"
ERASURE_NICKNAME = "vault_erasures.nickname_encrypted"
FACTOR_SECRET = "vault_second_factors.secret_encrypted"  # noqa: S105 - the name of a column
FACTOR_OFFERED = "vault_second_factors.offered_encrypted"
PASSKEY_NAME = "vault_passkeys.name_encrypted"
NOTIFIER_NAME = "vault_notifiers.name_encrypted"
NOTIFIER_MAIL = "vault_notifiers.mail_encrypted"

SEALED = (
    ACCOUNT_MAIL,
    ACCOUNT_REAL_NAME,
    ACCOUNT_STATED_COMPANY,
    ACCOUNT_BELONGING,
    COMPANY_NAME,
    COMPANY_CONTRACT_NUMBER,
    COMPANY_CLAIM,
    COMPANY_DOMAIN,
    JOINING_COMPANY,
    JOINING_MAIL,
    INVITATION_COMPANY,
    INVITATION_MAKER,
    INVITATION_MAIL,
    INVITATION_CODE,
    DEPARTURE_MAIL,
    REGISTRATION_MAIL,
    REGISTRATION_REAL_NAME,
    REGISTRATION_STATED_COMPANY,
    SIGN_ON_SUBJECT,
    SIGN_ON_CLAIMS,
    SIGN_ON_ID_TOKEN,
    SIGN_ON_ARRIVAL,
    LINK_NEW_MAIL,
    GROUP_INVITATION_MAIL,
    CONSENT_ASKED_FROM,
    CONSENT_CONFIRMED_FROM,
    COMPANY_ATTRIBUTES,
    ACCOUNT_ATTRIBUTES,
    IMPORT_CHANGES,
    IMPORT_REPORT,
    ERASURE_MAIL,
    ERASURE_NICKNAME,
    FACTOR_SECRET,
    FACTOR_OFFERED,
    PASSKEY_NAME,
    NOTIFIER_NAME,
    NOTIFIER_MAIL,
)
"""Every encrypted column: what is written anew when keys are replaced."""

LEAST_BYTES = dict.fromkeys((place for place in SEALED if place.endswith(".mail_encrypted")), 320) | {
    ACCOUNT_STATED_COMPANY: 320,
    ACCOUNT_ATTRIBUTES: 1_024,
    REGISTRATION_STATED_COMPANY: 320,
    SIGN_ON_CLAIMS: 1_024,
    SIGN_ON_ID_TOKEN: 4_096,
    LINK_NEW_MAIL: 320,
}
"""How long such values are made at least: colleagues share a long domain, a long name of a company."""

_State = tuple[int, int, int]


@dataclass(slots=True)
class _Opened:
    """The key file as it was opened last, and by what one sees that it is another one now."""

    keys: VaultKeys | None = None
    state: _State | None = None


_opened = _Opened()


def keys() -> VaultKeys:
    """The opened key file; opened again after it was replaced, so that a running site takes up new keys.

    Development makes one where there is none; elsewhere a missing file is an error. Raises what `VaultKeys.load`
    raises.
    """
    state = _state_of(settings.vault_key_file)
    if _opened.keys is None or state != _opened.state:
        _opened.keys = VaultKeys.load(settings.vault_key_file, create=settings.development)
        _opened.state = _state_of(settings.vault_key_file)
    return _opened.keys


def _state_of(path: Path) -> _State | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


async def open_new_vault() -> VaultKeys:
    """Like `keys`, for commands that may be the first to write: an empty vault may get its key file now.

    A vault that holds something never does, as fresh keys could not read it.
    """
    if not settings.vault_key_file.exists() and await _is_empty():
        VaultKeys.load(settings.vault_key_file, create=True)
    return keys()


async def _is_empty() -> bool:
    held = await fetch_one(
        """SELECT (SELECT COUNT(*) FROM vault_accounts) + (SELECT COUNT(*) FROM vault_companies)
        + (SELECT COUNT(*) FROM vault_registrations) AS held"""
    )
    return held is not None and held["held"] == 0


def seal(value: str, place: str, row_id: int) -> str:
    """The text to store for `value` in one of the columns above; empty stays empty."""
    if not value:
        return ""
    return keys().encrypt(value, place=place, row_id=row_id, least=LEAST_BYTES.get(place, 0))


def unseal(stored: str, place: str, row_id: int) -> str:
    """The value that `seal` was given; empty for an empty column."""
    return keys().decrypt(stored, place=place, row_id=row_id)


def mail_hash(address: str, place: str = ACCOUNT_MAIL) -> str:
    """The keyed hash to store for an address that lies sealed in this place: another one in each table."""
    return keys().mail_hash(address, _purpose(place))


def mail_hashes(address: str, place: str = ACCOUNT_MAIL) -> tuple[str, ...]:
    """The keyed hashes by which an address is found that lies sealed in this place."""
    return keys().mail_hashes(address, _purpose(place))


def _purpose(place: str) -> str:
    return ACCOUNT_ADDRESS if place == ACCOUNT_MAIL else f"{ACCOUNT_ADDRESS} of {place}"


def subject_hashes(person: str) -> tuple[str, ...]:
    """The keyed hashes, newest first, by which somebody is found who came through a log-in provider.

    `person` is issuer and subject in one text (`sign_ons.person_of`), as it is sealed beside the hash.
    """
    return keys().keyed_hashes("sign-on", person)


def invitation_maker_hashes(account_id: int | str) -> tuple[str, ...]:
    """The keyed hashes, newest first, by which an account's invitations of colleagues are found."""
    return keys().keyed_hashes("maker of invitations", str(account_id))


def company_claim_hashes(claim: str) -> tuple[str, ...]:
    """The keyed hashes, newest first, by which a company is found as the log-in provider calls it."""
    return keys().keyed_hashes("company claim", claim)
