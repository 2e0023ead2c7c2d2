"""Passkeys: what is let in, and everything that is not."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from webauthn.helpers import base64url_to_bytes

from community.accounts import log_in_steps, passkeys, second_factors
from community.accounts.log_in_steps import Purpose, Step
from community.accounts.models import Account, Passkey, RecoveryCode
from community.core.errors import NotFound, RuleBroken
from community.settings import settings
from tests.accounts.authenticator import Authenticator
from tests.accounts.factors import require_of_staff
from tests.cast import Cast
from tests.chance import is_sealed, without_random
from tests.factories import make_account


@pytest.fixture(autouse=True)
def named_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "settings", replace(settings, base_url="https://community.example"))


async def step_of(purpose: Purpose, account: Account | None = None) -> Step:
    token = await log_in_steps.begin_step(purpose, account.id if account else None)
    step = await log_in_steps.find_step(token, purpose)
    assert step is not None
    return step


async def registered(account: Account, **wrong: object) -> Authenticator:
    await passkeys.prepare(account.id)
    step = await step_of(Purpose.NEW_PASSKEY, account)
    options = await passkeys.options_for_new(step, site="Kreis")
    authenticator = Authenticator(handle=base64url_to_bytes(json.loads(options)["user"]["id"]))
    answer = replace(authenticator, **wrong).make(options)  # type: ignore[arg-type]
    codes = await passkeys.add_passkey(step, answer, name="Laptop", kept_session="")
    assert len(codes) in (0, 10)
    return authenticator


async def answered(authenticator: Authenticator, account: Account | None = None) -> int | None:
    step = await step_of(Purpose.CODE if account else Purpose.PASSKEY, account)
    return await passkeys.check_answer(step, authenticator.sign(await passkeys.options_for_log_in(step)))


@pytest.mark.each_database
async def test_a_passkey_leads_to_its_account_alone_and_behind_the_password(cast: Cast) -> None:
    account = await make_account(cast.asker)
    authenticator = await registered(account)
    assert await answered(authenticator) == account.id
    assert await answered(authenticator, account) == account.id
    [own] = (await second_factors.get_factors(account.id)).passkeys
    assert (own.name, own.used_at is not None) == ("Laptop", True)
    row = await Passkey.get(id=own.id)
    assert row.sign_count == 2
    assert is_sealed(row.name_encrypted)


async def test_the_browser_learns_no_nickname_and_no_number_of_ours(cast: Cast) -> None:
    account = await make_account(cast.asker, mail="erika@acme.example")
    await registered(account)
    options = await passkeys.options_for_new(await step_of(Purpose.NEW_PASSKEY, account), site="Kreis")
    for trace in (cast.asker.nickname, str(cast.asker.id), str(account.id), "erika"):
        assert trace not in without_random(options)
    assert len(json.loads(options)["excludeCredentials"]) == 1
    before_anybody = await passkeys.options_for_log_in(await step_of(Purpose.PASSKEY))
    assert json.loads(before_anybody)["allowCredentials"] == []
    assert json.loads(before_anybody)["userVerification"] == "required"


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://community.example.evil.example"},
        {"origin": "http://community.example"},
        {"host": "evil.example"},
    ],
)
async def test_what_was_signed_elsewhere_opens_nothing(cast: Cast, wrong: dict[str, str]) -> None:
    account = await make_account(cast.asker)
    with pytest.raises(RuleBroken):
        await registered(account, **wrong)
    authenticator = await registered(account)
    assert await answered(replace(authenticator, **wrong)) is None  # type: ignore[arg-type]


async def test_a_signature_belongs_to_one_step_one_key_and_one_account(cast: Cast) -> None:
    account, other = await make_account(cast.asker), await make_account(cast.helper)
    authenticator, others = await registered(account), await registered(other)
    step, later = await step_of(Purpose.PASSKEY), await step_of(Purpose.PASSKEY)
    answer = authenticator.sign(await passkeys.options_for_log_in(step))
    assert await passkeys.check_answer(later, answer) is None, "another challenge"
    assert await answered(others, account) is None, "behind somebody else's password"
    assert await answered(replace(authenticator, key=others.key)) is None
    assert await answered(replace(authenticator, handle=others.handle)) is None
    assert await answered(Authenticator()) is None
    for nonsense in ("", "{}", "[]", "null", "x" * 50_000, '{"id": 1}'):
        assert await passkeys.check_answer(step, nonsense) is None
        with pytest.raises(RuleBroken):
            await passkeys.add_passkey(
                await step_of(Purpose.NEW_PASSKEY, account), nonsense, name="x", kept_session=""
            )


async def test_alone_it_has_to_have_asked_for_a_finger_or_a_pin(cast: Cast) -> None:
    account = await make_account(cast.asker)
    authenticator = replace(await registered(account), verifies=False)
    assert await answered(authenticator) is None
    assert await answered(authenticator, account) == account.id


async def test_a_copy_that_counts_behind_is_not_let_in(cast: Cast) -> None:
    account = await make_account(cast.asker)
    authenticator = await registered(account)
    copy = replace(authenticator)
    assert await answered(authenticator) == account.id
    assert await answered(authenticator) == account.id
    assert await answered(copy) is None


async def test_one_removes_one_s_own_and_not_the_last_one_needed(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_of_staff(monkeypatch)
    account, other = await make_account(cast.moderator), await make_account(cast.helper)
    await registered(account)
    await registered(other)
    [own] = (await second_factors.get_factors(account.id)).passkeys
    with pytest.raises(NotFound):
        await passkeys.remove_passkey(other.id, own.id, role="customer", kept_session="")
    with pytest.raises(RuleBroken):
        await passkeys.remove_passkey(account.id, own.id, role="moderator", kept_session="")
    [others] = (await second_factors.get_factors(other.id)).passkeys
    await passkeys.remove_passkey(other.id, others.id, role="customer", kept_session="")
    assert not await RecoveryCode.filter(account_id=other.id).exists()
    assert await second_factors.has_factor(account.id)


def test_a_site_reached_by_a_number_has_no_passkeys(monkeypatch: pytest.MonkeyPatch) -> None:
    assert passkeys.are_possible()
    monkeypatch.setattr(passkeys, "settings", replace(settings, base_url="http://127.0.0.1:8000"))
    assert not passkeys.are_possible()
