"""A browser in two words."""

import pytest

from community.accounts.devices import device_family

APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko)"
GOOGLE = "AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "family"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {GOOGLE} Chrome/141.0.0.0 Safari/537.36", "Chrome, Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {GOOGLE} Chrome/141.0 Safari/537.36 Edg/141.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0", "Firefox, Linux"),
        (f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE} Version/18.5 Safari/605.1.15", "Safari, macOS"),
        (f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {APPLE} Safari/604.1", "Safari, iPhone"),
        (f"Mozilla/5.0 (Linux; Android 15) {GOOGLE} SamsungBrowser/28.0 Chrome/130", "Samsung Internet, Android"),
        ("curl/8.5.0", ""),
        ("", ""),
        ("x" * 10_000, ""),
    ],
)  # fmt: skip
def test_browser_and_system_are_recognised_without_versions(user_agent: str, family: str) -> None:
    assert device_family(user_agent) == family
