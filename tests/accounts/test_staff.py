"""`community create-staff` and `community reset-second-factor`."""

from __future__ import annotations

import pytest

from community.accounts import second_factors
from community.accounts.actions import log_in
from community.accounts.models import Account, RecoveryCode, Session
from community.accounts.registration import register
from community.accounts.rules import RegistrationWish
from community.accounts.staff import create_staff, reset_second_factor
from community.decisions.models import LogEntry
from community.members.models import Member
from search import SearchEngine
from tests.accounts.factors import set_up_app
from tests.accounts.letters import deliver, mails_to
from tests.cast import Cast
from tests.factories import make_account
from tests.fixtures import Visit


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


async def test_a_lost_second_factor_is_taken_away_with_a_reason_in_the_log(
    cast: Cast, visit: Visit, search_engine: SearchEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    account = await make_account(cast.asker, mail="erika@acme.example", real_name="Erika Muster")
    await set_up_app(account)
    await visit(cast.asker)
    assert await reset_second_factor("Asker", "lost") == 1
    assert await reset_second_factor("Nobody", "Phone lost, called back") == 1
    assert await second_factors.has_factor(account.id)
    assert await reset_second_factor("Asker", "Phone lost, called back") == 0
    assert not await second_factors.has_factor(account.id)
    assert not await Session.all().exists()
    assert not await RecoveryCode.all().exists()
    entry = await LogEntry.get(act="reset_second_factor")
    assert (entry.subject, entry.reason) == (f"member:{cast.asker.id}", "Phone lost, called back")
    assert "Muster" not in "".join(capsys.readouterr())
    await deliver(search_engine)
    assert (await mails_to("erika@acme.example"))[0].subject == "Your second factor was taken away"
