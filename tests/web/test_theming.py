"""Themes: what a folder may change, how files are named and served."""

import gzip
import os
import shutil
import time
from pathlib import Path

import brotli
import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from community.web import theming
from community.web.static import StaticFiles
from community.web.theming import BUILT_IN_THEMES, Theme, ThemeError, minified_css, tokens_css


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for themes of a test's own."""
    return tmp_path


def write_theme(folder: Path, name: str, toml: str = "", **files: str) -> None:
    """A theme with a theme.toml and files, named by path with two underscores for a slash."""
    root = folder / name
    root.mkdir()
    (root / "theme.toml").write_text(f'name = "{name}"\n{toml}')
    for path, content in files.items():
        target = root / path.replace("__", "/").replace("_dot_", ".")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)


def test_a_theme_inherits_from_default_unless_it_names_a_parent(folder: Path) -> None:
    write_theme(folder, "plain")
    write_theme(folder, "grandchild", 'parent = "rubin"')
    assert [f.name for f in Theme.load("plain", themes_path=folder).chain] == ["plain", "default"]
    chain = [f.name for f in Theme.load("grandchild", themes_path=folder).chain]
    assert chain == ["grandchild", "rubin", "default"]


def test_themes_that_are_each_others_parents_are_refused(folder: Path) -> None:
    write_theme(folder, "one", 'parent = "two"')
    write_theme(folder, "two", 'parent = "one"')
    with pytest.raises(ThemeError, match="one → two → one"):
        Theme.load("one", themes_path=folder)


@pytest.mark.parametrize("name", ["missing", "../default", "", "Default"])
def test_a_theme_that_does_not_exist_is_refused(name: str, folder: Path) -> None:
    with pytest.raises(ThemeError):
        Theme.load(name, themes_path=folder)


def test_a_folder_outside_wins_over_a_built_in_theme_of_the_same_name(folder: Path) -> None:
    write_theme(folder, "rubin", '[site]\nbrand = "Ours"')
    assert Theme.load("rubin", themes_path=folder).site.brand == "Ours"


def test_the_site_is_named_by_the_nearest_theme_and_completed_by_its_parents(folder: Path) -> None:
    write_theme(folder, "own", '[site]\nbrand = "Own"')
    site = Theme.load("own", themes_path=folder).site
    assert (site.brand, site.claim) == ("Own", Theme.load().site.claim)


@pytest.mark.parametrize(
    "value",
    [
        "red;}</style><script>",
        "url(https://example.com/x.png)",
        "#12345",
        "expression(alert(1))",
        "var(--x)",
        "1px}",
        "@import 'x'",
        "a\\62 c",
        "/* x */",
        {"light": "#fff"},
        {"light": "#fff", "dark": "#000", "print": "#000"},
        12,
    ],
)
def test_a_token_that_is_not_a_plain_value_is_refused(value: object) -> None:
    with pytest.raises(ThemeError, match="brand"):
        tokens_css({"brand": value})  # type: ignore[dict-item]


def test_a_token_with_an_unsafe_name_is_refused() -> None:
    with pytest.raises(ThemeError):
        tokens_css({"x:red;}body{--y": "#fff"})


def test_a_pair_of_colours_follows_the_colour_mode() -> None:
    css = tokens_css(
        {"brand": {"light": "#0b5b6f", "dark": "#6cc5d8"}, "radius": "4px", "font-text": '"Inter", serif'}
    )
    assert "--brand: light-dark(#0b5b6f, #6cc5d8);" in css
    assert "--radius: 4px;" in css


def test_settings_win_over_the_tokens_of_the_folders() -> None:
    theme = Theme.load("rubin", settings={"radius": "0px"})
    assert theme.tokens["radius"] == "0px"
    assert theme.tokens["brand"] == Theme.load("rubin").tokens["brand"]
    assert theme.tokens["ink"] == Theme.load().tokens["ink"]


def test_minifying_keeps_the_space_before_a_pseudo_class() -> None:
    css = minified_css("@layer c {\n  .table :is(th, td) {\n    top: 0;\n  }\n  .a ::before { top: 0 } }")
    assert ".table *:is(th,td)" in css
    assert ".a *::before" in css


def test_the_stylesheet_holds_all_parts_with_the_tokens_after_the_written_ones() -> None:
    theme = Theme.load("rubin")
    served = theme.static("app.css").removeprefix("/static/rubin/")
    file = theme.find_static(served)
    assert file is not None
    css = file.body.decode()
    places = [
        css.index(part) for part in ("@layer reset", "--font-mono", "light-dark(#a3123f", ".chip", ".hotline")
    ]
    assert places == sorted(places)
    assert not any(name.startswith("css/") for name in theme.static_names())


def test_the_file_of_the_nearest_theme_is_served() -> None:
    rubin, default = Theme.load("rubin"), Theme.load()
    assert (
        rubin.static("img/favicon.svg").rsplit("/", 1)[1]
        != default.static("img/favicon.svg").rsplit("/", 1)[1]
    )
    assert rubin.static("img/hero.svg").rsplit("/", 1)[1] == default.static("img/hero.svg").rsplit("/", 1)[1]


def test_a_changed_import_changes_the_address_of_the_importing_script(folder: Path) -> None:
    shutil.copytree(BUILT_IN_THEMES / "default", folder / "default")
    before = Theme.load(themes_path=folder).static("app.js")
    module = folder / "default/static/modules/page.js"
    module.write_text(module.read_text() + "\nexport const changed = true\n")
    after = Theme.load(themes_path=folder)
    assert after.static("app.js") != before
    body = after._files["app.js"].body.decode()
    assert f"./{after._files['modules/page.js'].served_name}" in body


def test_scripts_that_import_each_other_in_a_circle_are_refused(folder: Path) -> None:
    write_theme(folder, "own", static__a_dot_js="import './b.js'", static__b_dot_js="import './a.js'")
    with pytest.raises(ThemeError, match="circle"):
        Theme.load("own", themes_path=folder)


def test_a_script_that_imports_what_is_not_there_is_refused(folder: Path) -> None:
    write_theme(folder, "own", static__a_dot_js="import './missing.js'")
    with pytest.raises(ThemeError, match=r"missing\.js"):
        Theme.load("own", themes_path=folder)


def test_a_font_in_the_stylesheet_gets_its_fingerprint(folder: Path) -> None:
    write_theme(
        folder,
        "own",
        static__css__brand_dot_css="@font-face { font-family: own; src: url('../fonts/own.woff2') }",
        static__fonts__own_dot_woff2="font",
    )
    theme = Theme.load("own", themes_path=folder)
    font = theme.static("fonts/own.woff2").removeprefix("/static/own/")
    assert f"url({font})" in theme._files["app.css"].body.decode()


def test_while_developing_a_changed_file_has_another_address(folder: Path) -> None:
    write_theme(folder, "own", static__css__brand_dot_css=".a { top: 0 }")
    watched = Theme.load("own", themes_path=folder, watching=True)
    settled = Theme.load("own", themes_path=folder)
    before = watched.static("app.css")
    brand = folder / "own/static/css/brand.css"
    brand.write_text(".a { top: 1px }")
    later = brand.stat().st_mtime + 5

    os.utime(brand, (later, later))
    time.sleep(2 * theming._LOOK_SECONDS)
    assert watched.static("app.css") != before
    assert settled.static("app.css") == before


# --- serving ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def theme() -> Theme:
    return Theme.load("rubin")


def client(theme: Theme) -> httpx2.AsyncClient:
    app = Starlette(routes=[Route("/static/{theme}/{path:path}", StaticFiles(theme).serve)])
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://test")


async def test_a_file_may_be_kept_for_a_year(theme: Theme) -> None:
    async with client(theme) as browser:
        answer = await browser.get(theme.static("app.js"))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["etag"]


async def test_text_is_compressed_as_the_browser_accepts_it(theme: Theme) -> None:
    address = theme.static("app.css")
    plain = theme._files["app.css"].body
    async with client(theme) as browser:
        for accepted, encoding in (("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None)):
            async with browser.stream("GET", address, headers={"Accept-Encoding": accepted}) as answer:
                raw = b"".join([chunk async for chunk in answer.aiter_raw()])
            assert answer.headers.get("content-encoding") == encoding
            assert answer.headers["vary"] == "Accept-Encoding"
            unpacked = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding](raw)
            assert unpacked == plain


async def test_an_unchanged_file_is_answered_without_its_content(theme: Theme) -> None:
    async with client(theme) as browser:
        first = await browser.get(theme.static("icons.svg"))
        again = await browser.get(theme.static("icons.svg"), headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == first.headers["cache-control"]


@pytest.mark.parametrize(
    "address",
    [
        "/static/rubin/app.css",
        "/static/rubin/app.0000000000.css",
        "/static/default/app.css",
        "/static/rubin/css/tokens.css",
        "/static/rubin/%2e%2e%2ftheme.toml",
        "/static/rubin/%2e%2e/theme.toml",
        "/static/rubin//etc/passwd",
        "/static/rubin/",
    ],
)
async def test_what_the_theme_does_not_serve_is_not_found(address: str, theme: Theme) -> None:
    async with client(theme) as browser:
        answer = await browser.get(address)
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


def test_the_page_budget_for_styles_scripts_and_icons_is_kept() -> None:
    theme = Theme.load()
    sizes = {name: len(brotli.compress(theme._files[name].body, quality=11)) for name in theme.static_names()}
    # A thread page never fetches what only the form for questions, the FAQ desk, a passkey or the queue needs, nor,
    # before its button is pressed, what puts FAQ entries into a text, nor, but after a crash, what puts back what was
    # typed; `app.js` says what is fetched where.
    rarely = ("ask", "desk", "faq", "kept", "passkeys", "queue")
    elsewhere = tuple(f"modules/{name}.js" for name in rarely)
    scripts = sum(size for name, size in sizes.items() if name.endswith(".js") and name not in elsewhere)
    assert sizes["app.css"] <= 12 * 1024
    assert scripts <= 18 * 1024
    assert sizes["icons.svg"] <= 4 * 1024
