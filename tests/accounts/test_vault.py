"""Opening the vault: when a key file may be made, and when never."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from community.accounts import vault
from community.companies.models import Company
from community.core.clock import now
from community.core.vault_keys import MissingKeyFileError
from community.settings import settings
from tests.chance import is_sealed


@pytest.fixture
def production(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of a production site whose key file is not there yet; its path."""
    path = tmp_path / "vault.key"
    monkeypatch.setattr(vault, "settings", replace(settings, development=False, vault_key_file=path))
    return path


async def test_production_makes_no_key_file_by_itself(db: str, production: Path) -> None:
    with pytest.raises(MissingKeyFileError):
        vault.keys()
    assert not production.exists()


async def test_the_first_command_on_an_empty_vault_makes_the_key_file(db: str, production: Path) -> None:
    keys = await vault.open_new_vault()
    assert production.stat().st_mode & 0o777 == 0o600
    assert await vault.open_new_vault() is keys


async def test_a_vault_that_holds_something_gets_no_fresh_keys(db: str, production: Path) -> None:
    await Company.create(id=1, name_encrypted="v1.lost.key", created_at=now())
    with pytest.raises(MissingKeyFileError):
        await vault.open_new_vault()
    assert not production.exists()


def test_what_is_sealed_is_read_again_in_its_place() -> None:
    sealed = vault.seal("Erika Muster", vault.ACCOUNT_REAL_NAME, 7)
    assert is_sealed(sealed)
    assert vault.unseal(sealed, vault.ACCOUNT_REAL_NAME, 7) == "Erika Muster"
    assert vault.seal("", vault.ACCOUNT_REAL_NAME, 7) == vault.unseal("", vault.ACCOUNT_REAL_NAME, 7) == ""
