"""Links to a statement of reasons that open without a log-in: for whoever is suspended or banned.

Nothing is stored for them: the secret is derived from the random number of the statement. Others may read a mail, so
what its link opens says less than the same page after a log-in was refused, where somebody has proved who they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from hmac import compare_digest

from community.accounts.links import Purpose, token_of

PATH = "/decisions/by-link"
LONGEST_ID = 16


@dataclass(frozen=True, slots=True)
class OpenedStatement:
    id: int
    is_proved: bool
    """Whether whoever got the link had just shown password and second factor, or the provider's word."""


def statement_token(statement_id: int, *, is_proved: bool) -> str:
    return f"{statement_id}.{token_of(Purpose.STATEMENT, _nonce(statement_id, is_proved))}"


def read_statement_token(token: str) -> OpenedStatement | None:
    """What a token opens; None where it is none of ours."""
    number, _dot, secret = token.partition(".")
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_ID):
        return None
    statement_id, given = int(number), secret.encode("utf-8", "replace")
    for is_proved in (False, True):
        if compare_digest(token_of(Purpose.STATEMENT, _nonce(statement_id, is_proved)).encode(), given):
            return OpenedStatement(statement_id, is_proved)
    return None


def _nonce(statement_id: int, is_proved: bool) -> str:
    return f"{statement_id}:{'proved' if is_proved else 'mailed'}"
