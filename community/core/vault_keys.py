"""Encryption of the vault's columns with keys that lie outside the database.

The key file is JSON, readable by its owner alone:

    {"version": 1,
     "encryption": [{"id": "9f3a61c2", "key": "<32 bytes, base64>"}],
     "lookup": "<32 bytes, base64>"}

The last entry of `encryption` encrypts, every entry decrypts, so a key is replaced by adding one. Ids are
random, so that a value from another installation is recognised as such. `lookup` serves keyed hashes only.
While keys are being replaced (`community.accounts.key_rotation`) the one before it stands beside it as
`earlier_lookup`: until every hash is made anew, rows are looked for with both.

A stored value reads `v1.<key id>.<nonce and ciphertext, base64url>`: AES-256-GCM with a random nonce over the
value, padded to whole blocks so that its length tells little. The place of the value ("table.column:row id")
is authenticated with it, so a value copied into another row or column is refused.
"""

import base64
import binascii
import contextlib
import hashlib
import hmac
import json
import os
import secrets
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import idna
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

FORMAT: Final = "v1"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
BLOCK_BYTES: Final = 64
ACCOUNT_ADDRESS: Final = "mail address"
"""The purpose of the hash by which accounts are found."""
LENGTH_BYTES: Final = 4
HASH_CHARACTERS: Final = 40


class VaultError(Exception):
    """The vault cannot be opened, or a value in it cannot be read. Messages never hold keys or values."""


class MissingKeyFileError(VaultError):
    """There is no key file at the configured path."""


class ExposedKeyFileError(VaultError):
    """Others than its owner may read or change the key file."""


class BrokenKeyFileError(VaultError):
    """The key file cannot be read, or does not hold what it should."""


class UnknownKeyError(VaultError):
    """A value was encrypted with a key that is not in the key file."""


class DamagedValueError(VaultError):
    """A value was changed, moved to another place, or never was one of ours."""


class VaultKeys:
    """The opened key file. Made by `load` or `create`; needs no closing."""

    def __init__(
        self, encryption: Mapping[str, bytes], lookup: bytes, earlier_lookup: bytes | None = None
    ) -> None:
        self._ciphers = {key_id: AESGCM(key) for key_id, key in encryption.items()}
        self.newest = list(encryption)[-1]
        """Id of the key that encrypts."""
        self._lookup = lookup
        self._earlier_lookup = earlier_lookup

    def __repr__(self) -> str:
        return f"<VaultKeys {', '.join(self._ciphers)}>"

    @classmethod
    def load(cls, path: Path, *, create: bool = False) -> "VaultKeys":
        """Read the key file. With `create`, one with fresh keys is made first where there is none.

        Pass `create` only where the database is known to be new: fresh keys cannot read an old vault.
        Raises MissingKeyFileError, ExposedKeyFileError or BrokenKeyFileError.
        """
        if create and not path.exists():
            cls._write_fresh_keys(path)
        try:
            mode = path.stat().st_mode
            if stat.S_IMODE(mode) & (stat.S_IRWXG | stat.S_IRWXO):
                raise ExposedKeyFileError(
                    f"The vault's key file {path} is open to other accounts of this machine "
                    f"(mode {stat.S_IMODE(mode):04o}). Close it with: chmod 600 {path}"
                )
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise MissingKeyFileError(
                f"The vault's key file {path} does not exist. Put the one that belongs to this database "
                "there, or name its place in VAULT_KEY_FILE."
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise BrokenKeyFileError(f"The vault's key file {path} cannot be read.") from error
        return cls(*_parse(text, path))

    @classmethod
    def create(cls, path: Path) -> "VaultKeys":
        """Make a key file with fresh keys. Raises FileExistsError rather than replace one."""
        cls._write_fresh_keys(path, must_be_new=True)
        return cls.load(path)

    @staticmethod
    def _write_fresh_keys(path: Path, *, must_be_new: bool = False) -> None:
        content = {"version": 1, "encryption": [_fresh_key()], "lookup": _encode(os.urandom(KEY_BYTES))}
        # Linked into place: two processes that start together end with the keys of one of them.
        with _written_aside(path, content) as aside:
            try:
                os.link(aside, path)
            except FileExistsError:
                if must_be_new:
                    raise

    @property
    def is_being_replaced(self) -> bool:
        """Whether new keys are there and not everything is known to be written with them."""
        return self._earlier_lookup is not None

    @classmethod
    def add_new_keys(cls, path: Path) -> "VaultKeys":
        """Put new keys beside those in use, for good, and open the file again. They encrypt from now on."""
        content = _content(path)
        content["encryption"].append(_fresh_key())
        content["earlier_lookup"], content["lookup"] = content["lookup"], _encode(os.urandom(KEY_BYTES))
        return cls._replace(path, content)

    @classmethod
    def end_replacing(cls, path: Path, *, forget: bool) -> "VaultKeys":
        """The earlier lookup key goes; with `forget`, so do all encryption keys but the newest."""
        content = _content(path)
        content.pop("earlier_lookup", None)
        if forget:
            content["encryption"] = content["encryption"][-1:]
        return cls._replace(path, content)

    @classmethod
    def _replace(cls, path: Path, content: dict[str, Any]) -> "VaultKeys":
        with _written_aside(path, content) as aside:
            os.replace(aside, path)
        return cls.load(path)

    def encrypt(self, value: str, *, place: str, row_id: int | str, least: int = 0) -> str:
        """The text to store for `value` in `place` ("table.column") of that row.

        The row's id must be final. The same value gives another text each time. All values that fit into `least`
        bytes give texts of one length.
        """
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._ciphers[self.newest].encrypt(
            nonce, _pad(value.encode("utf-8"), least), _bound_to(self.newest, place, row_id)
        )
        return f"{FORMAT}.{self.newest}.{base64.urlsafe_b64encode(nonce + sealed).decode('ascii')}"

    def decrypt(self, stored: str, *, place: str, row_id: int | str) -> str:
        """The value that was encrypted for this place and row; an empty column gives an empty value.

        Raises UnknownKeyError or DamagedValueError.
        """
        if not stored:
            return ""
        try:
            written_format, key_id, sealed_text = stored.split(".")
            sealed = base64.b64decode(sealed_text.encode("ascii"), altchars=b"-_", validate=True)
            if base64.urlsafe_b64encode(sealed).decode("ascii") != sealed_text:
                raise ValueError("Its last character has bits that stand for nothing.")
        except (ValueError, binascii.Error):
            raise DamagedValueError(f"{place}:{row_id} does not hold a value of the vault.") from None
        if written_format != FORMAT:
            raise DamagedValueError(f"{place}:{row_id} is written in a format this version does not know.")
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise UnknownKeyError(f"{place}:{row_id} needs the key {key_id!r}, which is not in the key file.")
        try:
            padded = cipher.decrypt(
                sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(key_id, place, row_id)
            )
            return _unpad(padded).decode("utf-8")
        except (InvalidTag, ValueError):
            raise DamagedValueError(f"{place}:{row_id} was changed, or belongs to another row.") from None

    def keyed_hash(self, purpose: str, value: str) -> str:
        """40 hexadecimal characters by which a row is found without storing the value it stands for.

        HMAC-SHA256 with the lookup key, cut to 160 bits: too long to collide, useless without the key.
        Different purposes ("mail address", "nickname") give unrelated hashes. Normalise the value first.
        """
        return _keyed_hash(self._lookup, purpose, value)

    def mail_hash(self, address: str, purpose: str = ACCOUNT_ADDRESS) -> str:
        """The keyed hash by which a row is found by a mail address, however the address was typed.

        Each table has a purpose of its own. Were they the same, whoever remembers which address they have invited
        on a certain day would find the account of it in a copy of the database, by the equal hash.
        """
        return self.keyed_hash(purpose, normalised_address(address))

    def mail_hashes(self, address: str, purpose: str = ACCOUNT_ADDRESS) -> tuple[str, ...]:
        """Every hash under which the address may stand: two while keys are being replaced."""
        return self.keyed_hashes(purpose, normalised_address(address))

    def keyed_hashes(self, purpose: str, value: str) -> tuple[str, ...]:
        """`keyed_hash` by the newest key, and by the earlier one while keys are being replaced."""
        keys = (self._lookup, self._earlier_lookup)
        return tuple(_keyed_hash(key, purpose, value) for key in keys if key is not None)


def normalised_address(address: str) -> str:
    """The form in which two mail addresses are compared. Mail itself is sent to the address as it was typed.

    The domain is compared in its ASCII form (IDNA, upper case folded). The part before the @ is folded too:
    the standard lets servers tell "Erika" from "erika", none in use does, and people type both. Dots and
    "+tag" stay, because with many providers they are different mailboxes.
    """
    local_part, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    domain = domain.rstrip(".").casefold()
    # What the domain system could not hold as a name is compared as folded text.
    with contextlib.suppress(idna.IDNAError):
        domain = idna.encode(domain, uts46=True).decode("ascii")
    return f"{local_part.casefold()}{at}{domain}"


def derive_token(secret_key: str, purpose: str, nonce: str) -> str:
    """The 43 URL-safe characters of a mailed link, from SECRET_KEY and the random nonce stored for the link.

    So that neither the database nor the outbox holds a token that would open anything: the worker derives it
    when the mail is written. What is looked up is `token_hash`.
    """
    if not secret_key:
        raise ValueError("SECRET_KEY is empty: links in mails would open for anybody.")
    message = f"{len(purpose)}:{purpose}:{nonce}".encode()
    digest = hmac.new(secret_key.encode("utf-8"), message, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode("ascii").rstrip("=")


def token_hash(token: str) -> str:
    """SHA-256 in 64 hexadecimal characters, by which a token is found; enough, as tokens have 256 bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _keyed_hash(key: bytes, purpose: str, value: str) -> str:
    message = f"{len(purpose)}:{purpose}:{value}".encode()
    return hmac.new(key, message, hashlib.sha256).hexdigest()[:HASH_CHARACTERS]


def _fresh_key() -> dict[str, str]:
    return {"id": secrets.token_hex(4), "key": _encode(os.urandom(KEY_BYTES))}


def _content(path: Path) -> dict[str, Any]:
    """The file as it stands, after a look whether it is what it should be."""
    VaultKeys.load(path)
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


@contextlib.contextmanager
def _written_aside(path: Path, content: Mapping[str, Any]) -> Iterator[Path]:
    """A file with this content beside `path`, to be put in its place: a power cut leaves the old one or the whole new
    one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        yield aside
    finally:
        aside.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _parse(text: str, path: Path) -> tuple[dict[str, bytes], bytes, bytes | None]:
    try:
        content = json.loads(text)
        if content["version"] != 1:
            raise ValueError("version")
        encryption = {entry["id"]: _decode_key(entry["key"]) for entry in content["encryption"]}
        if not encryption or len(encryption) != len(content["encryption"]):
            raise ValueError("encryption")
        if not all(isinstance(key_id, str) and key_id.isalnum() for key_id in encryption):
            raise ValueError("id")
        earlier = content.get("earlier_lookup")
        return encryption, _decode_key(content["lookup"]), None if earlier is None else _decode_key(earlier)
    except (ValueError, KeyError, TypeError):
        # The cause is not chained: parsers quote what they read, and what they read here are keys.
        raise BrokenKeyFileError(
            f"The vault's key file {path} is not what it should be: JSON with version 1, at least one entry "
            'under "encryption" with an id of its own, and "lookup", each key being 32 bytes in base64.'
        ) from None


def _encode(key: bytes) -> str:
    return base64.b64encode(key).decode("ascii")


def _decode_key(text: Any) -> bytes:
    key = base64.b64decode(text, validate=True)
    if len(key) != KEY_BYTES:
        raise ValueError("length")
    return key


def _bound_to(key_id: str, place: str, row_id: int | str) -> bytes:
    return f"{FORMAT}|{key_id}|{place}:{row_id}".encode()


def _pad(value: bytes, least: int) -> bytes:
    size = LENGTH_BYTES + len(value)
    if size < least:
        return len(value).to_bytes(LENGTH_BYTES, "big") + value + bytes(least - size)
    return len(value).to_bytes(LENGTH_BYTES, "big") + value + bytes(-size % BLOCK_BYTES)


def _unpad(padded: bytes) -> bytes:
    size = int.from_bytes(padded[:LENGTH_BYTES], "big")
    return padded[LENGTH_BYTES : LENGTH_BYTES + size]
