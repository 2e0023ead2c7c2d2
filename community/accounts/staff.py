"""What whoever runs the server does about accounts: `create-staff` and `reset-second-factor`."""

from __future__ import annotations

import getpass
import secrets
import sys

from community.accounts import second_factors, vault
from community.accounts.exclusion import is_kept_out
from community.accounts.registration import find_account_id, is_nickname_held, open_account
from community.accounts.rules import problem_with_mail
from community.core import nicknames, passwords
from community.core.db import fetch_one, in_transaction, is_unique_violation
from community.core.vault_keys import VaultError
from community.decisions.actions import log_for_nobody
from community.members.actions import add_member
from community.members.queries import is_nickname_taken

LONGEST_STAFF_NAME = 60
SHORTEST_REASON = 10


async def create_staff(mail: str, nickname: str, staff_name: str, role: str) -> int:
    """Make the account and say so; the exit status of the command.

    On a terminal the password is asked for; elsewhere, or when nothing is typed, one is made and printed.
    """
    mail, staff_name = mail.strip(), staff_name.strip()
    try:
        await vault.open_new_vault()
        problem = await _problem(mail, nickname, staff_name)
    except VaultError as closed:
        problem = str(closed)
    if problem:
        print(problem, file=sys.stderr)
        return 1
    typed = _ask_for_password((nickname, staff_name, mail)) if sys.stdin.isatty() else ""
    password = typed or secrets.token_urlsafe(15)
    password_hash = await passwords.hash_password(password)
    try:
        async with in_transaction():
            member_id = await add_member(nickname, role=role, staff_name=staff_name)
            await open_account(member_id, mail=mail, password_hash=password_hash)
    except Exception as error:
        if not is_unique_violation(error):
            raise
        print("The nickname or the mail address was taken at this very moment.", file=sys.stderr)
        return 1
    print(f"{staff_name} ({role}) can log in with {mail}.")
    if not typed:
        print(f"Password: {password}")
    return 0


async def _problem(mail: str, nickname: str, staff_name: str) -> str | None:
    if not staff_name or len(staff_name) > LONGEST_STAFF_NAME:
        return f"The short real name has 1 to {LONGEST_STAFF_NAME} characters."
    problem = problem_with_mail(mail) or nicknames.problem_with(nickname)
    if problem:
        return problem
    if await find_account_id(mail) is not None:
        return "This mail address has an account already."
    if await is_kept_out(mail):
        return "This mail address belongs to an account that was banned."
    key = nicknames.nickname_key(nickname)
    if await is_nickname_taken(key) or await is_nickname_held(key):
        return "This nickname is taken, or looks like one that is."
    # Somebody who sees the name must not take a customer for a member of staff.
    if nickname != staff_name and await is_nickname_taken(nicknames.nickname_key(staff_name)):
        return "A member has a nickname that looks like this name. Please write the name in another way."
    return None


async def reset_second_factor(nickname: str, reason: str) -> int:
    """Let somebody in again who has lost phone and codes; the exit status of the command.

    It says nothing about who that is. The password stays needed, the owner gets a mail, and the log keeps the reason.
    """
    row = await fetch_one(
        "SELECT id FROM members WHERE nickname_key = :key AND erased_at IS NULL",
        {"key": nicknames.nickname_key(nickname)},
    )
    if row is None or len(reason.strip()) < SHORTEST_REASON:
        problem = "There is no member with this nickname." if row is None else "Please give a reason."
        print(problem, file=sys.stderr)
        return 1
    async with in_transaction():
        await second_factors.reset(row["id"])
        await log_for_nobody("reset_second_factor", f"member:{row['id']}", reason=reason)
    print(f"{nickname} logs in with the password alone now, or sets a new second factor up.")
    return 0


def _ask_for_password(own_words: tuple[str, ...]) -> str:
    """What was typed twice; empty when nothing was."""
    while True:
        password = getpass.getpass("Password (empty: one is made): ")
        if not password:
            return ""
        problem = passwords.problem_with(password, own_words)
        if problem is None and getpass.getpass("Once more: ") != password:
            problem = "The two are not the same."
        if problem is None:
            return password
        print(problem)
