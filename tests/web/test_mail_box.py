"""The mail box of a development site."""

from __future__ import annotations

import secrets

import pytest
from markupsafe import Markup
from starlette.routing import Route

from community.core.mail import Message, send
from community.settings import settings
from community.web.mail_box import with_links
from community.web.routes import routes
from community.web.theming import Theme
from tests.fixtures import Visit


async def test_mails_are_listed_and_read_with_their_links(db: str, visit: Visit) -> None:
    mail_id = f"test-{secrets.token_hex(4)}"
    message = Message(
        id=mail_id,
        to="erika@acme.example",
        subject="Hello <b>you</b>",
        text="Look:\nhttp://127.0.0.1:8000/confirm?token=a&b=1\n<script>alert(1)</script>",
        html='<p style="color:red">Look</p><script>alert(1)</script>',
    )
    await send(message, mail_url="", var_dir=settings.var_dir, base_url=settings.base_url)
    guest = await visit()
    listed = (await guest.get("/dev/mail")).text
    assert f'href="/dev/mail/{mail_id}"' in listed
    assert "Hello &lt;b&gt;you&lt;/b&gt;" in listed
    shown = await guest.get(f"/dev/mail/{mail_id}")
    assert '<a href="http://127.0.0.1:8000/confirm?token=a&amp;b=1">' in shown.text
    assert "<script>alert" not in shown.text
    assert "&lt;p style=" in shown.text
    assert "unsafe" not in shown.headers["content-security-policy"]
    assert (await guest.get("/dev/mail/there-is-none")).status_code == 404


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("no link", "no link"),
        (
            "<http://a.example/?x=1&y>",
            '&lt;<a href="http://a.example/?x=1&amp;y">http://a.example/?x=1&amp;y</a>&gt;',
        ),
        ('"https://a.example"', '&#34;<a href="https://a.example">https://a.example</a>&#34;'),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_only_web_addresses_become_links_and_everything_is_escaped(text: str, html: str) -> None:
    assert with_links(text) == Markup(html)


def test_a_production_site_has_no_mail_box() -> None:
    theme = Theme.load("default", themes_path=None, watching=False)
    table = routes(theme, development=False)
    assert not [route for route in table if isinstance(route, Route) and route.path.startswith("/dev")]
