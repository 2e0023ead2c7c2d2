"""Passkeys in a real browser, with an authenticator that Chromium plays."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from tests.browser.conftest import MakeSite

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def log_in(page: Page, mail: str, password: str) -> None:
    await page.goto("/log-in")
    await page.fill("#f-mail", mail)
    await page.fill("#f-password", password)
    await page.click("form.form button[type=submit]")


@pytest.mark.timeout(400)
async def test_a_passkey_is_made_and_opens_the_account_alone_and_behind_the_password(
    make_site: MakeSite, chromium: Browser
) -> None:
    site = await make_site(name="localhost")
    person = site.people()["small"]
    context = await site.visitor(chromium, locale="en-GB")
    page = await context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    devtools = await context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    await log_in(page, person["mail"], person["password"])
    await page.goto("/settings/second-factor")
    await page.click("text=Add a passkey …")
    await page.fill("#f-password", person["password"])
    await page.click("main form button.btn--primary")
    await page.fill("#f-name", "Laptop")
    await page.click("text=Make passkey")
    await page.wait_for_selector(".codes")
    assert await page.locator(".codes li").count() == 10
    await page.click("text=I have kept them")
    assert await page.locator('b:text-is("Laptop")').count() == 1

    await context.clear_cookies()
    await page.goto("/log-in?next=/settings/sessions")
    await page.click("text=Log in with a passkey")
    await page.click("text=Use passkey")
    await page.wait_for_url("**/settings/sessions")
    # The address alone is reached before the page: that of the log-in ends in it, too.
    await page.wait_for_selector('.meta span:text-is("Passkey")')
    assert await page.locator('.meta span:text-is("Passkey")').count() == 1

    await context.clear_cookies()
    await log_in(page, person["mail"], person["password"])
    await page.wait_for_url("**/log-in/code/passkey?**")
    await page.click("text=Use passkey")
    await page.wait_for_url(f"{site.address}/")
    await context.close()
    assert site.value("SELECT sign_count FROM vault_passkeys") >= 2
    assert not broken
