"""An address for answers names thread and member to nobody but the site, cannot be made up, and ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine

from community.core import reply_addresses
from community.core.clock import now
from community.core.reply_addresses import LASTS, address_for, problem_with_reply_address, read_address
from community.settings import settings

LARGEST = 2**53 - 1


@pytest.mark.parametrize(("thread", "member"), [(1, 2), (LARGEST, LARGEST), (LARGEST, 1), (1, LARGEST)])
def test_what_is_written_is_read_in_any_case(thread: int, member: int) -> None:
    address = address_for(thread, member)
    for spelled in (address, address.upper(), f"<{address}>"):
        tag = read_address(spelled)
        assert tag is not None
        assert (tag.thread_id, tag.member_id, tag.has_ended) == (thread, member, False)


def test_it_fits_before_the_at_with_the_longest_own_part(monkeypatch: pytest.MonkeyPatch) -> None:
    own = "x" * reply_addresses.LONGEST_LOCAL_PART + "@reply.example"
    assert problem_with_reply_address(own) is None
    monkeypatch.setattr(reply_addresses, "settings", replace(settings, mail_reply_address=own))
    address = address_for(LARGEST, LARGEST)
    assert len(address.partition("@")[0]) == 64
    assert read_address(address) is not None


@pytest.mark.parametrize(
    "wrong", ["no address", "a+b@x.example", "x" * 22 + "@x.example", "a b@x.example", "@x"]
)
def test_an_own_address_that_cannot_work_is_named(wrong: str) -> None:
    problem = problem_with_reply_address(wrong)
    assert problem is not None
    assert wrong not in problem


@pytest.mark.parametrize("day", range(8))
def test_no_sign_can_be_changed(day: int) -> None:
    """The last sign of some days' addresses has bits that stand for nothing."""
    with time_machine.travel(now() + timedelta(days=day)):
        address = address_for(12345, 67890)
        plus = address.index("+")
        for place in range(plus + 1, plus + 43):
            for sign in "abcxyz27":
                changed = address[:place] + sign + address[place + 1 :]
                assert changed == address or read_address(changed) is None


@pytest.mark.parametrize(
    "other",
    ["community@reply.example", "community+@reply.example", "", "+", "@", "community+ä@reply.example"],
)
def test_other_addresses_are_none_of_ours(other: str) -> None:
    assert read_address(other) is None
    tag = address_for(1, 2).partition("@")[0]
    assert read_address(f"{tag}@other.example") is None
    assert read_address(f"other{tag}@reply.example") is None


def test_it_ends_after_its_time() -> None:
    moment = now()
    address = address_for(1, 2)
    with time_machine.travel(moment + LASTS - timedelta(hours=1)):
        tag = read_address(address)
        assert tag is not None
        assert not tag.has_ended
    with time_machine.travel(moment + LASTS + timedelta(days=2)):
        tag = read_address(address)
        assert tag is not None
        assert tag.has_ended


def test_members_and_threads_cannot_be_compared_by_it() -> None:
    """Two members in a thread, and a member in two threads, have nothing in common in their addresses."""
    tags = [address_for(*ids).partition("+")[2][:42] for ids in ((1, 1), (1, 2), (2, 1), (2, 2))]
    for place in range(0, 42, 6):
        assert len({tag[place : place + 6] for tag in tags}) == 4


def test_without_an_own_address_or_a_secret_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    address = address_for(1, 2)
    for changed in (
        {"mail_reply_address": ""},
        {"secret_key": "", "mail_reply_address": "community@reply.example"},
    ):
        monkeypatch.setattr(reply_addresses, "settings", replace(settings, **changed))
        assert address_for(1, 2) == ""
        assert read_address(address) is None
    other = replace(settings, secret_key="another secret", mail_reply_address="community@reply.example")
    monkeypatch.setattr(reply_addresses, "settings", other)
    assert read_address(address) is None
