"""Coming in through a log-in provider, in Chromium, with scripts and without: there, back, a nickname, and out."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser

from tests.browser.chromium import DESKTOP, NARROW, Watch
from tests.browser.conftest import MakeSite
from tests.browser.test_accessibility import AXE, RUN, TAGS, WIDTH
from tests.chance import without_random
from tests.oidc_providers import ERIKA, RealProvider, provider_process

__all__ = ["provider_process"]

TEXTS = {
    "de": ("Mit Acme-Konto anmelden", "Nickname wählen", "Auch bei Acme-Konto abmelden", "Verknüpft mit"),
    "en": ("Log in with Acme-Konto", "Choose a nickname", "Log out at Acme-Konto too", "Linked with"),
}


@pytest.mark.parametrize(
    ("language", "scripts", "options"),
    [("de", True, NARROW), ("en", False, DESKTOP)],
    ids=["de-scripts-320", "en-no-scripts"],
)
async def test_there_and_back_and_out(
    language: str,
    scripts: bool,
    options: dict[str, object],
    make_site: MakeSite,
    chromium: Browser,
    provider_process: RealProvider,
) -> None:
    await provider_process.set_person(**ERIKA)
    site = await make_site(
        OIDC_ISSUER=provider_process.url,
        OIDC_CLIENT_ID="kundenkreis",
        OIDC_CLIENT_SECRET="a secret of the client",
        OIDC_LABEL="Acme-Konto",
        OIDC_COMPANY_CLAIM="company",
    )
    button, heading, out, linked = TEXTS[language]
    context = await site.visitor(
        chromium,
        java_script_enabled=scripts,
        locale=language,
        extra_http_headers={"Accept-Language": language},
        reduced_motion="reduce",
        **options,
    )
    page = await context.new_page()
    watch = Watch(context, site.host)

    async def is_in_order() -> None:
        if scripts:
            await page.evaluate(AXE)
            assert await page.evaluate(RUN, TAGS) == []
            assert await page.evaluate(WIDTH) <= options["viewport"]["width"]  # type: ignore[index]

    await page.goto("/log-in?next=/settings/sign-on")
    await is_in_order()
    await page.get_by_role("link", name=button).click()
    await page.wait_for_url(f"{provider_process.url}/**")
    await page.get_by_role("button", name=str(ERIKA["sub"])).first.click()
    await page.wait_for_url("**/log-in/new?**")
    assert await page.get_by_role("heading", name=heading).count() == 1
    await is_in_order()
    assert "rika" not in without_random(await page.content())

    idea = page.locator('a[href*="nickname="]').first
    nickname = await idea.inner_text()
    await idea.click()
    await page.wait_for_url("**nickname=**")
    assert await page.input_value("#f-nickname") == nickname
    await page.locator('form[action="/log-in/new"] button[type=submit]').click()
    await page.wait_for_url("**/settings/sign-on")
    assert linked in await page.locator("main").inner_text()
    await is_in_order()
    assert site.value("SELECT COUNT(*) FROM members WHERE nickname = ?", nickname) == 1

    await page.goto("/settings/data/erase")
    await page.locator('a[href*="for=prove"]').click()
    await page.wait_for_url(f"{provider_process.url}/**")
    await page.get_by_role("button", name=str(ERIKA["sub"])).first.click()
    await page.wait_for_url("**/settings/data/erase")
    assert await page.locator('main a[href*="for=prove"]').count() == 0
    await is_in_order()

    await page.locator('form[action="/log-out"]').first.evaluate("form => form.submit()")
    leave = page.get_by_role("link", name=out)
    await leave.wait_for()
    await is_in_order()
    await leave.click()
    await page.wait_for_url(f"{provider_process.url}/oauth2/end_session?**")
    await page.get_by_role("button", name="End session").click()
    await page.wait_for_url(f"{site.address}/")
    await page.goto("/settings/profile")
    assert "/log-in?next=" in page.url
    ours = [each for each in watch.complaints if provider_process.url not in each]
    assert [each for each in ours if "another host" not in each and "favicon" not in each] == []
    await context.close()
