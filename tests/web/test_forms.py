"""What forms may send: every name once, and nothing that is no text, whatever encoding they name."""

from __future__ import annotations

import pytest

from tests.cast import Cast
from tests.factories import make_thread
from tests.fixtures import Visit

HALF_A_CHARACTER = "\\ud800"


def multipart(fields: dict[str, str], charset: str) -> tuple[bytes, dict[str, str]]:
    """The body of a form in parts, and the header that names its encoding."""
    parts = [
        f'--part\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    header = {"Content-Type": f"multipart/form-data; boundary=part; charset={charset}"}
    return ("".join(parts) + "--part--\r\n").encode(), header


@pytest.mark.parametrize("address", ["/mode", "/log-in", "/register", "/forgotten-password", "/drafts/ask"])
async def test_halves_of_characters_are_refused_wherever_they_are_sent(
    cast: Cast, visit: Visit, address: str
) -> None:
    fields = dict.fromkeys(("next", "mail", "nickname", "body", "title"), f"text {HALF_A_CHARACTER}")
    body, header = multipart(fields, "raw_unicode_escape")
    sender = await visit(cast.asker if address == "/drafts/ask" else None)
    assert (await sender.post(address, content=body, headers=header)).status_code == 400


async def test_a_form_in_parts_is_read_like_any_other(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    body, header = multipart({"body": "Grüße aus dem Keller"}, "utf-8")
    helper = await visit(cast.helper)
    answered = await helper.post(f"/threads/{thread.id}/answers", content=body, headers=header)
    assert answered.status_code == 303
    assert "Grüße aus dem Keller" in (await helper.get(answered.headers["location"])).text


async def test_a_field_that_comes_twice_is_refused(cast: Cast, visit: Visit) -> None:
    guest = await visit()
    header = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await guest.post("/mode", content=b"mode=dark&mode=light", headers=header)).status_code == 400
