"""The key with which bundles are signed, so that a website can tell that what it was handed came from here.

It signs and opens nothing; it is kept beside the vault's keys and apart from the database. Whoever loses it makes
another one by starting without, and tells the website the new public key.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

KEY_PATH = "/feeds/faq-key.pem"


class KeyUnfitError(Exception):
    """The key file holds something else."""


class Signer:
    """Signs with the key of a file, which is made if it is not there."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            _make(path)
        try:
            key = load_pem_private_key(path.read_bytes(), None)
        except (ValueError, TypeError):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            # The cause is not chained: parsers quote what they read.
            raise KeyUnfitError(f"{path} is no private Ed25519 key in PEM.") from None
        self._key = key
        public = key.public_key()
        self.public_pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self.key_id = _key_id(public)

    def sign(self, content: bytes) -> bytes:
        """64 bytes, as `openssl pkeyutl -verify -rawin` reads them."""
        return self._key.sign(content)


def key_id_of(public_pem: bytes) -> str:
    """By which one tells keys apart. Raises `KeyUnfitError`."""
    return _key_id(_public(public_pem))


def is_signed(content: bytes, signature: bytes, public_pem: bytes) -> bool:
    """Whether the owner of this key signed exactly this. Raises `KeyUnfitError`."""
    try:
        _public(public_pem).verify(signature, content)
    except InvalidSignature:
        return False
    return True


def _public(pem: bytes) -> Ed25519PublicKey:
    try:
        key = load_pem_public_key(pem)
    except ValueError:
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyUnfitError("This is no public Ed25519 key in PEM.") from None
    return key


def _key_id(key: Ed25519PublicKey) -> str:
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def _make(path: Path) -> None:
    """Of two processes that make one at once, both go on with that of the first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    aside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
    finally:
        aside.unlink(missing_ok=True)
