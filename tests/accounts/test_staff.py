"""`community create-staff`."""

from __future__ import annotations

import pytest

from community.accounts.actions import log_in
from community.accounts.models import Account
from community.accounts.registration import register
from community.accounts.rules import RegistrationWish
from community.accounts.staff import create_staff
from community.members.models import Member
from tests.cast import Cast
from tests.factories import make_account


async def test_a_staff_account_is_made_with_a_password_that_works(
    db: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await create_staff("lea@operator.example", "lea", "Lea M.", "moderator") == 0
    printed = capsys.readouterr().out
    password = printed.rpartition("Password: ")[2].strip()
    proved = await log_in("lea@operator.example", password)
    assert proved is not None
    assert proved.is_staff
    member = await Member.get(id=proved.account.member_id)
    assert (member.nickname, member.staff_name, member.role) == ("lea", "Lea M.", "moderator")


@pytest.mark.parametrize(
    ("mail", "nickname", "staff_name", "sentence"),
    [
        ("taken@operator.example", "lea", "Lea M.", "has an account already"),
        ("no address", "lea", "Lea M.", "mail address like"),
        ("lea@operator.example", "Asker", "Lea M.", "is taken"),
        ("lea@operator.example", "l", "Lea M.", "3 to 24 characters"),
        ("lea@operator.example", "lea", "", "1 to 60 characters"),
        ("lea@operator.example", "lea", "Help Er", "looks like this name"),
    ],
)
async def test_what_cannot_be_is_said_and_makes_nothing(
    cast: Cast,
    capsys: pytest.CaptureFixture[str],
    mail: str,
    nickname: str,
    staff_name: str,
    sentence: str,
) -> None:
    await make_account(cast.outsider, mail="taken@operator.example")
    before = await Member.all().count(), await Account.all().count()
    assert await create_staff(mail, nickname, staff_name, "moderator") == 1
    assert sentence in capsys.readouterr().err
    assert (await Member.all().count(), await Account.all().count()) == before


async def test_a_nickname_that_waits_for_its_confirmation_is_taken_for_staff_too(
    db: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wish = RegistrationWish("Stiller-Bach", "erika@acme.example", "vier lange stege warten")
    await register(wish, language="en", browser="")
    assert await create_staff("lea@operator.example", "stiller_bach", "Lea M.", "moderator") == 1
    assert "is taken" in capsys.readouterr().err
