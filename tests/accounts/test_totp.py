"""Codes of authenticator apps."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from community.accounts import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_the_standard(seconds: int, code: str) -> None:
    """Appendix B of RFC 6238, of whose eight digits apps show the last six."""
    assert totp.code_at(SECRET, seconds // 30) == code


def test_a_code_is_good_in_its_half_minute_and_its_neighbours() -> None:
    moment = datetime(2026, 11, 28, 12, 0, 0, tzinfo=UTC)
    present = totp.step_of(moment)
    found = [totp.matching_step(SECRET, totp.code_at(SECRET, present + n), moment) for n in range(-2, 3)]
    assert found == [None, present - 1, present, present + 1, None]


@pytest.mark.parametrize("typed", ["005 924", " 005924\n", "005\u00a0924", "00 59\u202f24"])
def test_spaces_do_not_matter(typed: str) -> None:
    assert totp.as_code(typed) == "005924"


@pytest.mark.parametrize(
    "typed", ["", "5924", "0059245", "00592a", "００５９２４", "٠٠٥٩٢٤", "-05924", "+05924", "0x5924"]
)
def test_nothing_but_six_ascii_digits_is_a_code(typed: str) -> None:
    assert totp.as_code(typed) == ""
    assert totp.matching_step(SECRET, typed, datetime.fromtimestamp(1234567890, UTC)) is None


def test_secrets_have_160_random_bits_and_the_address_names_nobody() -> None:
    secrets = {totp.new_secret() for _number in range(50)}
    assert len(secrets) == 50
    assert {len(base64.b32decode(secret)) for secret in secrets} == {20}
    assert totp.uri("ABC", "Mein Kreis & Co") == (
        "otpauth://totp/Mein%20Kreis%20%26%20Co?secret=ABC&issuer=Mein%20Kreis%20%26%20Co&digits=6&period=30"
    )
