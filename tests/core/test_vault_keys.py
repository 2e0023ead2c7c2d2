"""The vault's encryption: what a thief of the database gets, and what an operator is told."""

import json
import os
import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.core.vault_keys import (
    BrokenKeyFileError,
    DamagedValueError,
    ExposedKeyFileError,
    MissingKeyFileError,
    UnknownKeyError,
    VaultError,
    VaultKeys,
    derive_token,
    normalised_address,
    token_hash,
)
from tests.chance import is_sealed

ADDRESS = "Erika.Mustermann@ACME.example"
PLACE = "vault_accounts.mail"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "vault.key"


@pytest.fixture
def keys(key_file: Path) -> VaultKeys:
    return VaultKeys.create(key_file)


# --- the key file -------------------------------------------------------------------------------------


def test_a_fresh_key_file_is_readable_by_its_owner_alone(keys: VaultKeys, key_file: Path) -> None:
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert [path.name for path in key_file.parent.iterdir()] == ["vault.key"]


def test_a_key_file_is_made_only_when_asked_for(key_file: Path) -> None:
    with pytest.raises(MissingKeyFileError, match="VAULT_KEY_FILE"):
        VaultKeys.load(key_file)
    assert not key_file.exists()
    made = VaultKeys.load(key_file, create=True)
    again = VaultKeys.load(key_file, create=True)
    assert made.keyed_hash("a", "b") == again.keyed_hash("a", "b")


def test_an_existing_key_file_is_never_replaced(keys: VaultKeys, key_file: Path) -> None:
    before = key_file.read_bytes()
    with pytest.raises(FileExistsError):
        VaultKeys.create(key_file)
    assert key_file.read_bytes() == before


def test_processes_that_start_together_end_with_the_same_keys(key_file: Path) -> None:
    hashes = []
    start = threading.Barrier(8)

    def open_vault() -> None:
        start.wait()
        hashes.append(VaultKeys.load(key_file, create=True).keyed_hash("a", "b"))

    threads = [threading.Thread(target=open_vault) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(hashes) == 8 and len(set(hashes)) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o666, 0o620])
def test_a_key_file_that_is_open_to_others_is_refused(keys: VaultKeys, key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    with pytest.raises(ExposedKeyFileError, match="chmod 600"):
        VaultKeys.load(key_file)


def test_a_key_file_that_can_only_be_read_is_fine(keys: VaultKeys, key_file: Path) -> None:
    key_file.chmod(0o400)
    VaultKeys.load(key_file)


GOOD_KEY = "A" * 43 + "="


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not json",
        "[]",
        "null",
        '{"version": 2}',
        json.dumps({"version": 1, "encryption": [], "lookup": GOOD_KEY}),
        json.dumps({"version": 1, "encryption": [{"id": "a", "key": "c2hvcnQ="}], "lookup": GOOD_KEY}),
        json.dumps({"version": 1, "encryption": [{"id": "a", "key": "*" * 44}], "lookup": GOOD_KEY}),
        json.dumps({"version": 1, "encryption": [{"id": "a.b", "key": GOOD_KEY}], "lookup": GOOD_KEY}),
        json.dumps({"version": 1, "encryption": [{"id": "a", "key": GOOD_KEY}] * 2, "lookup": GOOD_KEY}),
        json.dumps({"version": 1, "encryption": [{"id": "a", "key": GOOD_KEY}]}),
    ],
)
def test_a_key_file_with_other_content_is_refused_without_quoting_it(key_file: Path, content: str) -> None:
    key_file.touch(mode=0o600)
    key_file.write_text(content)
    with pytest.raises(BrokenKeyFileError) as refused:
        VaultKeys.load(key_file)
    assert GOOD_KEY not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_folder_or_bytes_in_place_of_the_key_file_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(mode=0o700)
    with pytest.raises(BrokenKeyFileError):
        VaultKeys.load(folder)
    bytes_file = tmp_path / "bytes"
    bytes_file.touch(mode=0o600)
    bytes_file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BrokenKeyFileError):
        VaultKeys.load(bytes_file)


def test_opened_keys_do_not_show_themselves(keys: VaultKeys, key_file: Path) -> None:
    content = json.loads(key_file.read_text())
    for secret in (content["lookup"], content["encryption"][0]["key"]):
        assert secret not in repr(keys)


# --- values -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ["", "Erika", "Müller & Söhne GmbH", "x" * 60, "x" * 61, "x" * 5_000, "\0", "🦦"]
)
def test_what_is_encrypted_can_be_decrypted(keys: VaultKeys, value: str) -> None:
    stored = keys.encrypt(value, place=PLACE, row_id=7)
    assert keys.decrypt(stored, place=PLACE, row_id=7) == value


def test_any_text_survives(keys: VaultKeys) -> None:
    @given(st.text(), st.integers(min_value=0, max_value=2**53))
    def survives(value: str, row_id: int) -> None:
        stored = keys.encrypt(value, place=PLACE, row_id=row_id)
        assert keys.decrypt(stored, place=PLACE, row_id=row_id) == value

    survives()


def test_an_empty_column_is_an_empty_value(keys: VaultKeys) -> None:
    assert keys.decrypt("", place=PLACE, row_id=1) == ""


def test_the_same_value_never_looks_the_same(keys: VaultKeys) -> None:
    assert len({keys.encrypt(ADDRESS, place=PLACE, row_id=1) for _ in range(100)}) == 100


def test_lengths_do_not_tell(keys: VaultKeys) -> None:
    lengths = {len(keys.encrypt("x" * length, place=PLACE, row_id=1)) for length in range(61)}
    assert len(lengths) == 1


@pytest.mark.parametrize(
    ("place", "row_id"), [(PLACE, 2), ("vault_accounts.real_name", 1), ("vault_companies.name", 1)]
)
def test_a_value_copied_to_another_place_is_refused(keys: VaultKeys, place: str, row_id: int) -> None:
    stored = keys.encrypt(ADDRESS, place=PLACE, row_id=1)
    with pytest.raises(DamagedValueError):
        keys.decrypt(stored, place=place, row_id=row_id)


def test_a_value_with_any_changed_character_is_refused(keys: VaultKeys) -> None:
    stored = keys.encrypt(ADDRESS, place=PLACE, row_id=1)
    for position, sign in enumerate(stored):
        for other in {"A", "B", chr(ord(sign) + 1)} - {sign}:
            changed = stored[:position] + other + stored[position + 1 :]
            with pytest.raises(VaultError):
                keys.decrypt(changed, place=PLACE, row_id=1)


@pytest.mark.parametrize(
    "stored", ["plain@acme.example", "v1.", "v1..", "v1.a.b.c", "v2.a.AAAA", "v1.ä.ä", "v1"]
)
def test_what_is_no_value_of_the_vault_is_refused(keys: VaultKeys, stored: str) -> None:
    with pytest.raises(VaultError) as refused:
        keys.decrypt(stored, place=PLACE, row_id=1)
    assert "acme" not in str(refused.value)


def test_a_cut_value_is_refused(keys: VaultKeys) -> None:
    stored = keys.encrypt(ADDRESS, place=PLACE, row_id=1)
    for length in range(1, len(stored)):
        with pytest.raises(VaultError):
            keys.decrypt(stored[:length], place=PLACE, row_id=1)


def test_the_newest_key_encrypts_and_all_decrypt(key_file: Path, tmp_path: Path) -> None:
    old = VaultKeys.create(key_file)
    written_before = old.encrypt(ADDRESS, place=PLACE, row_id=1)
    content = json.loads(key_file.read_text())
    VaultKeys.create(tmp_path / "other.key")
    added = json.loads((tmp_path / "other.key").read_text())["encryption"][0]
    content["encryption"].append(added)
    key_file.write_text(json.dumps(content))
    new = VaultKeys.load(key_file)
    assert new.decrypt(written_before, place=PLACE, row_id=1) == ADDRESS
    assert new.encrypt(ADDRESS, place=PLACE, row_id=1).split(".")[1] == added["id"]
    assert new.mail_hash(ADDRESS) == old.mail_hash(ADDRESS)
    with pytest.raises(UnknownKeyError, match=added["id"]):
        old.decrypt(new.encrypt(ADDRESS, place=PLACE, row_id=1), place=PLACE, row_id=1)


def test_the_keys_of_another_installation_are_recognised_as_such(keys: VaultKeys, tmp_path: Path) -> None:
    other = VaultKeys.create(tmp_path / "other.key")
    with pytest.raises(UnknownKeyError):
        other.decrypt(keys.encrypt(ADDRESS, place=PLACE, row_id=1), place=PLACE, row_id=1)


def test_a_key_under_the_id_of_another_is_refused(keys: VaultKeys, key_file: Path) -> None:
    stored = keys.encrypt(ADDRESS, place=PLACE, row_id=1)
    content = json.loads(key_file.read_text())
    content["encryption"][0]["key"] = GOOD_KEY
    key_file.write_text(json.dumps(content))
    with pytest.raises(DamagedValueError):
        VaultKeys.load(key_file).decrypt(stored, place=PLACE, row_id=1)


# --- what a thief gets --------------------------------------------------------------------------------


def test_a_dump_without_the_key_file_tells_nothing(keys: VaultKeys, tmp_path: Path) -> None:
    import hashlib

    name = "Qxzmustermann"
    sealed = (
        keys.encrypt(ADDRESS, place=PLACE, row_id=1),
        keys.encrypt(name, place="vault_accounts.real_name", row_id=1),
    )
    path = tmp_path / "community.sqlite3"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE vault_accounts (id, mail_hash, mail, real_name)")
        database.execute("INSERT INTO vault_accounts VALUES (1, ?, ?, ?)", (keys.mail_hash(ADDRESS), *sealed))
    database.close()
    dump = path.read_bytes().lower()
    for form in {
        ADDRESS,
        ADDRESS.lower(),
        normalised_address(ADDRESS),
        f"mail address:{normalised_address(ADDRESS)}",
    }:
        assert form.lower().encode() not in dump
        for algorithm in ("md5", "sha1", "sha256", "sha512", "blake2b"):
            # Gravatar and its kin: anybody can compute these from a list of addresses.
            digest = hashlib.new(algorithm, form.encode()).hexdigest()
            assert digest[:32].encode() not in dump
    # Sealed values are random letters, in which a short name stands by chance.
    for value in sealed:
        assert is_sealed(value)
        dump = dump.replace(value.lower().encode(), b"")
    for part in (b"erika", b"mustermann", b"acme", b"qxz"):
        assert part not in dump


def test_a_keyed_hash_depends_on_key_purpose_and_value(keys: VaultKeys, tmp_path: Path) -> None:
    other = VaultKeys.create(tmp_path / "other.key")
    hashes = {
        keys.keyed_hash("mail address", "a"),
        keys.keyed_hash("mail address", "b"),
        keys.keyed_hash("nickname", "a"),
        keys.keyed_hash("nickname:1", "a"),
        keys.keyed_hash("nickname", "1:a"),
        other.keyed_hash("mail address", "a"),
    }
    assert len(hashes) == 6
    assert all(len(value) == 40 and set(value) <= set("0123456789abcdef") for value in hashes)


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("erika@acme.example", "erika@acme.example"),
        ("  Erika@ACME.Example \n", "erika@acme.example"),
        ("erika@acme.example.", "erika@acme.example"),
        ("erika@müller.example", "erika@xn--mller-kva.example"),
        ("erika@xn--mller-kva.example", "erika@xn--mller-kva.example"),
        ("erika@mu\u0308ller.example", "erika@xn--mller-kva.example"),
        ("erika@ａｃｍｅ.example", "erika@acme.example"),
        ("e.rika+forum@acme.example", "e.rika+forum@acme.example"),
        ("no address", "no address"),
        ("", ""),
        ("erika@", "erika@"),
        ("erika@" + "x" * 300 + ".example", "erika@" + "x" * 300 + ".example"),
    ],
)
def test_an_address_is_compared_however_it_was_typed(typed: str, compared: str) -> None:
    assert normalised_address(typed) == compared


# --- links in mails -----------------------------------------------------------------------------------


def test_the_token_of_a_link_follows_from_secret_purpose_and_nonce_alone() -> None:
    token = derive_token("secret", "confirm", "nonce")
    assert token == derive_token("secret", "confirm", "nonce")
    others = {
        derive_token("other", "confirm", "nonce"),
        derive_token("secret", "password", "nonce"),
        derive_token("secret", "confirm", "other"),
        derive_token("secret", "confirm:", "nonce"),
        derive_token("secret", "confir", "m:nonce"),
    }
    assert token not in others and len(others) == 5


def test_a_token_fits_into_a_link_and_is_found_by_its_hash() -> None:
    token = derive_token("secret", "confirm", os.urandom(16).hex())
    assert len(token) == 43 and token.replace("-", "").replace("_", "").isalnum()
    assert len(token_hash(token)) == 64
    assert token not in token_hash(token)
    assert token_hash("\ud800 from somebody who plays with addresses")


def test_no_token_is_derived_from_an_empty_secret() -> None:
    with pytest.raises(ValueError, match="SECRET_KEY"):
        derive_token("", "confirm", "nonce")
