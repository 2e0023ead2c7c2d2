"""Passwords: hashing that waits its turn, answers that take the same time, and good advice."""

import asyncio
import time
import unicodedata

import pytest
from argon2 import PasswordHasher

from community.core import passwords
from community.core.passwords import TooBusy, hash_password, needs_rehash, problem_with, verify
from tests.core.stopwatch import at_most

GOOD = "Regenschirm tanzt Dienstag"


async def test_a_password_belongs_to_its_hash_and_no_other_does() -> None:
    stored = await hash_password(GOOD)
    assert await verify(stored, GOOD)
    assert not await verify(stored, GOOD + "!")
    assert not await verify(stored, "")


async def test_the_hash_is_argon2id_with_the_stated_costs_and_a_salt_of_its_own() -> None:
    first, second = await hash_password(GOOD), await hash_password(GOOD)
    assert first.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert first != second
    assert GOOD not in first


async def test_an_umlaut_typed_on_another_keyboard_is_the_same() -> None:
    stored = await hash_password(unicodedata.normalize("NFD", "Zwölf Bäume im Süden"))
    assert await verify(stored, unicodedata.normalize("NFC", "Zwölf Bäume im Süden"))


async def test_odd_input_is_a_wrong_password_and_no_error() -> None:
    stored = await hash_password(GOOD)
    for odd in ("\ud800", "\0", "x" * 1_000_000):
        assert not await verify(stored, odd)
    assert not await verify("not a hash", GOOD)
    assert not await verify("", GOOD)


async def test_a_password_over_the_limit_is_not_cut_to_a_right_one() -> None:
    long_password = "ab" * (passwords.LONGEST // 2)
    stored = await hash_password(long_password)
    assert await verify(stored, long_password)
    assert not await verify(stored, long_password + "c")


async def test_an_unknown_account_has_no_right_password_and_takes_as_long() -> None:
    stored = await hash_password(GOOD)
    known, unknown = [], []
    for _ in range(15):
        for stored_hash, times in ((stored, known), (None, unknown)):
            started = time.perf_counter()
            assert not await verify(stored_hash, "wrong password")
            times.append(time.perf_counter() - started)
    # The fastest of each, as other work on this machine only ever makes them slower.
    assert min(unknown) > 0.5 * min(known)
    assert min(known) > 0.5 * min(unknown)


def test_the_hash_for_unknown_accounts_has_todays_costs() -> None:
    assert not needs_rehash(passwords._UNMATCHED_HASH)


async def test_a_hash_with_other_costs_is_due_for_a_new_one() -> None:
    assert not needs_rehash(await hash_password(GOOD))
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=1_024, parallelism=1).hash(GOOD))
    assert needs_rehash("not a hash")


async def test_other_work_goes_on_while_a_password_is_hashed() -> None:
    hashing = asyncio.ensure_future(hash_password(GOOD))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    # Hashing on the event loop itself would leave it one turn.
    assert turns >= 3


async def test_beyond_twenty_waiting_nobody_else_may_wait() -> None:
    tasks = [asyncio.ensure_future(verify(None, GOOD)) for _ in range(30)]
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results.count(False) == passwords.MOST_WAITING + 1
    assert sum(isinstance(result, TooBusy) for result in results) == 30 - passwords.MOST_WAITING - 1
    assert not await verify(None, GOOD)


async def test_who_gives_up_waiting_makes_room() -> None:
    tasks = [asyncio.ensure_future(verify(None, GOOD)) for _ in range(passwords.MOST_WAITING + 1)]
    await asyncio.sleep(0)
    for task in tasks[1:]:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert passwords._in_line == 0


OWN_WORDS = [
    "Blauer-Otter",
    "Erika",
    "Mustermann",
    "ACME Rohrleitungsbau GmbH",
    "e.mustermann@acme-rohr.example",
]


@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "correct horse battery staple",
        "xK9#mQ2$vL7!",
        "Erika mag drei gelbe Lampen",
        "monkey dragon umbrella seven",
        "Fenster-wandern-Butter",
        "пароль из четырёх слов",
        "我的密码是十二个字以上吧对",
    ],
)
def test_a_good_password_is_accepted(password: str) -> None:
    assert problem_with(password, OWN_WORDS) is None


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "elf Zeichen",
        "x" * 201,
        "aaaaaaaaaaaaaaaa",
        "ababababababab",
        "sonnesonnesonne",
        "Passwort123456",
        "passwordpassword1",
        "Qwertzuiop1234",
        "123456789012345",
        "Administrator1!",
        "ErikaMustermann",
        "erika.mustermann!",
        "Blauer-Otter-2026",
        "ACME-Rohrleitungsbau",
        "e.mustermann@acme-rohr.example",
        "mustermann passwort 1234",
        "ＰＡＳＳＷＯＲＴ１２３４５６",
        # Of the passwords that leaked most often, as they are and in the usual disguises.
        "1qaz2wsx3edc",
        "leavemealone",
        "Dr4g0n!Dr4g0n2024",
        "P@ssw0rd2026!!",
        "Sunshine-Football1",
        "Sommer2026!Berlin",
        "F0otb@ll_m0nkey",
        "Donnerstag-Urlaub9",
    ],
)
def test_a_password_that_is_easily_guessed_is_refused_with_a_sentence(password: str) -> None:
    problem = problem_with(password, OWN_WORDS)
    assert problem is not None and problem.endswith(".")


def test_the_sentence_names_the_length_wanted() -> None:
    assert "12" in str(problem_with("short"))
    assert "200" in str(problem_with("x" * 201))


def test_judging_a_long_password_takes_no_time() -> None:
    with at_most(0.3):
        problem_with("aB3$" * 50, ["x" * 200] * 20)
        problem_with("x" * 1_000_000, OWN_WORDS)
