"""Templates: what they may call, what themes override, and that the fast environment writes what Jinja2 would."""

import dataclasses
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment, UndefinedError
from markupsafe import Markup

from community.core import i18n
from community.web.parts import Author, Frame, Notice, numbered_pager, picture
from community.web.templating import FastEnvironment, Templates, build_environment, without_marks
from community.web.theming import BUILT_IN_THEMES, Theme
from tests.web.sample_page import components_page, sample_frame

SHEET = "dev/components.html"
TEMPLATES = sorted(BUILT_IN_THEMES.glob("*/templates/**/*.html"))

TRICKY = """
{% macro cell(value) %}<td>{{ value }}</td>{% endmacro %}
{% macro frame_of(value) %}<p title="{{ value }}">{{ caller() }}</p>{% endmacro %}
{% set kept %}<b>{{ text }}</b>{% endset %}
{{ text }}|{{ markup }}|{{ number }}|{{ real }}|{{ nothing }}|{{ truth }}|{{ kept }}|
{{ cell(text) }}|{{ cell(markup) }}
{{ list|join(", ") }}|{{ text ~ markup }}|{{ markup ~ text }}|{{ text|upper }}|{{ text|e }}|{{ text|e|e }}|
{{ "<&>" }}
{{ text|replace("<", "&") }}|{{ "%s <i>"|format(text) }}|{{ text|length }}|{{ list }}|{{ markup|striptags }}
{% autoescape false %}{{ text }}{% endautoescape %}
{% filter upper %}{{ text }}{% endfilter %}
{% for item in list %}{{ loop.index }}{{ item }}{% endfor %}
{{ odd }}{{ self.part() }}{% block part %}{{ text }}{% endblock %}
{% call frame_of(text) %}{{ text }}{% endcall %}
{{ {"a": text}|tojson }}{{ {"title": text}|xmlattr }}{{ text if number else markup }}
"""


class OddText(str):
    """A string of another type, as enums and lazy texts are."""


def test_the_fast_environment_writes_the_same_as_stock_jinja() -> None:
    values = {
        "text": "<script>'\"&",
        "markup": Markup("<em>&amp;</em>"),
        "number": 1284,
        "real": 0.5,
        "nothing": None,
        "truth": True,
        "list": ["<a>", Markup("<b>"), 3],
        "odd": OddText("<odd>"),
    }
    written = [
        environment_class(loader=DictLoader({"t": TRICKY}), autoescape=True).get_template("t").render(values)
        for environment_class in (Environment, FastEnvironment)
    ]
    assert written[0] == written[1]
    assert "<script>'" in written[0], "the part without escaping"


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_whole_page_is_the_same_in_both_environments(language: str) -> None:
    i18n.use(language)
    theme = Theme.load()
    page, frame = components_page(), sample_frame(language)
    stock = build_environment(theme, Environment).get_template(SHEET).render(page=page, frame=frame)
    fast = Templates(theme)
    written = [fast.render(SHEET, page, frame) for _time in range(2)]
    i18n.use("en")
    # The second time most of it is remembered.
    assert written == [without_marks(stock, page, frame)] * 2


def test_what_is_remembered_of_header_and_footer_shows_each_page_and_viewer_their_own() -> None:
    templates, page = Templates(Theme.load()), components_page()
    frame = dataclasses.replace(sample_frame(), section="spaces")

    def shown(**changes: object) -> str:
        return templates.render(SHEET, page, dataclasses.replace(frame, **changes))

    first = shown(path="/search?q=a", query='mine "<')
    second = shown(path="/search?q=b&x=<", query="second")
    assert 'name="next" value="/search?q=a"' in first
    assert 'value="mine &#34;&lt;"' in first
    assert 'name="next" value="/search?q=b&amp;x=&lt;"' in second
    assert 'value="second"' in second
    assert "mine &#34;" not in second
    assert frame.viewer is not None
    other = shown(viewer=dataclasses.replace(frame.viewer, nickname="somebody_else", unread_count=7))
    assert "somebody_else" in other
    assert "somebody_else" not in shown()
    assert "/log-out" not in shown(viewer=None)
    # Only the page that the navigation leads to is "this page".
    assert 'href="/spaces" aria-current="page"' in shown(path="/spaces")
    assert 'href="/spaces" aria-current="true"' in shown(path="/spaces/mobile")


def test_texts_of_members_are_escaped_everywhere() -> None:
    page = components_page()
    attack = "<img src=x onerror=alert(1)>\"'"
    author = Author(attack, "/members/x", line=attack, rank=attack, expert=attack, asker=True)
    row = dataclasses.replace(page.rows[0], title=attack, space_name=attack, author=author)
    post = dataclasses.replace(page.question, author=author, label=attack)
    page = dataclasses.replace(page, authors=(author,), rows=(row,), question=post, staff=(author,))
    frame = dataclasses.replace(sample_frame(), query=attack, notice=Notice(attack))
    html = Templates(Theme.load()).render(SHEET, page, frame)
    assert "<img src=x" not in html
    assert "\"'" not in html.replace("&#34;&#39;", "")


def test_a_translation_escapes_its_variables_but_not_itself(tmp_path: Path) -> None:
    environment = build_environment(Theme.load())
    template = environment.from_string("{{ _('Hi <b>%(name)s</b>', name=name) }} {{ _('100 %') }}")
    assert template.render(name="<i>") == "Hi <b>&lt;i&gt;</b> 100 %"


def test_plurals_in_templates_use_the_catalogue() -> None:
    template = build_environment(Theme.load()).from_string(
        "{% trans count=n %}{{ count }} answer{% pluralize %}{{ count }} answers{% endtrans %}"
    )
    assert [template.render(n=n) for n in (1, 2)] == ["1 answer", "2 answers"]


def test_a_name_that_is_not_there_is_an_error() -> None:
    template = build_environment(Theme.load()).from_string("{{ page.missing }}")
    with pytest.raises(UndefinedError):
        template.render(page=components_page())


def test_a_macro_that_is_not_there_is_an_error() -> None:
    template = build_environment(Theme.load()).from_string("{{ ui.missing() }}")
    with pytest.raises((UndefinedError, AttributeError)):
        template.render()


def test_one_block_is_rendered_as_it_stands_in_the_page() -> None:
    templates = Templates(Theme.load())
    whole = templates.render(SHEET, components_page(), sample_frame())
    block = templates.render_block(SHEET, "main", components_page(), sample_frame())
    assert block.lstrip().startswith('<div class="sheet">')
    assert block in whole


# --- overriding ---------------------------------------------------------------------------------------


def test_the_second_theme_changes_logo_footer_names_and_nothing_else() -> None:
    rubin, default = (Templates(Theme.load(name)) for name in ("rubin", "default"))
    page, frame = components_page(), sample_frame()
    theirs, ours = (templates.render(SHEET, page, frame) for templates in (rubin, default))
    assert 'class="hotline"' in theirs
    assert 'class="foot"' in theirs, "the parent's footer is kept"
    assert "Rubin team" in theirs
    assert "Weitnetz" not in theirs
    main = re.compile(r"<main.*</main>", re.DOTALL)
    same = main.search(theirs)[0].replace("/static/rubin/", "/static/default/").replace("Rubin", "Weitnetz")  # type: ignore[index]
    assert same == main.search(ours)[0]  # type: ignore[index]


def test_a_macro_of_a_theme_is_used_by_the_other_macros_too(tmp_path: Path) -> None:
    root = tmp_path / "own"
    (root / "templates").mkdir(parents=True)
    (root / "theme.toml").write_text('name = "own"')
    macro = "{% macro avatar(author, size='') %}<b>{{ author.name[0] }}</b>{% endmacro %}"
    (root / "templates/macros.html").write_text(macro)
    html = Templates(Theme.load("own", themes_path=tmp_path)).render(SHEET, components_page(), sample_frame())
    assert "<b>S</b>" in html
    assert "staff-1" not in html


def test_a_theme_may_fill_every_documented_block(tmp_path: Path) -> None:
    blocks = ("title", "description", "head", "header", "hero", "main", "footer")
    root = tmp_path / "own"
    (root / "templates").mkdir(parents=True)
    (root / "theme.toml").write_text('name = "own"')
    filled = "".join(f"{{% block {name} %}}[{name}]{{% endblock %}}" for name in blocks)
    (root / "templates/page.html").write_text('{% extends "base.html" %}' + filled)
    html = Templates(Theme.load("own", themes_path=tmp_path)).render("page.html", None, sample_frame())
    assert [name for name in blocks if f"[{name}]" not in html] == []


# --- the frame ----------------------------------------------------------------------------------------


def test_a_guest_is_offered_log_in_and_a_member_the_bell() -> None:
    templates = Templates(Theme.load())
    guest = templates.render(SHEET, components_page(), sample_frame(guest=True))
    member = templates.render(SHEET, components_page(), sample_frame())
    assert 'href="/log-in"' in guest
    assert "/notifications" not in guest
    assert 'aria-label="Notifications, 3 unread"' in member
    assert 'href="/register"' not in member
    for page in (guest, member):
        for legal in ("imprint", "privacy", "terms", "netiquette"):
            assert f'href="/pages/{legal}"' in page
        assert 'formaction="/language/de" lang="de"' in page


def test_staff_and_administrators_find_their_pages() -> None:
    templates = Templates(Theme.load())
    frame = sample_frame()
    assert frame.viewer is not None
    no_staff = {"is_staff": False, "is_moderator": False, "is_administrator": False}
    customer = dataclasses.replace(frame, viewer=dataclasses.replace(frame.viewer, **no_staff))
    for page_frame, shown in ((frame, True), (customer, False)):
        header = templates.render(SHEET, components_page(), page_frame).partition("<main")[0]
        assert ('href="/moderation"' in header) is shown
        assert ('href="/admin"' in header) is shown


def test_the_chosen_colour_mode_is_in_the_page_without_a_script() -> None:
    html = Templates(Theme.load()).render(SHEET, components_page(), sample_frame(mode="dark"))
    assert '<html lang="en" data-mode="dark">' in html


# --- formatting ---------------------------------------------------------------------------------------


def test_a_picture_is_small_and_says_nothing_but_its_seed() -> None:
    pictures = {picture(seed * 7_919) for seed in range(5_000)}
    assert max(len(svg.encode()) for svg in pictures) <= 160
    assert len(pictures) > 4_900
    assert picture(42) == picture(42)
    assert all('aria-hidden="true"' in svg and "style" not in svg for svg in pictures)


@pytest.mark.parametrize(
    ("current", "last", "shown"),
    [
        (1, 1, []),
        (1, 2, ["(1)", 2]),
        (1, 5, ["(1)", 2, "…", 5]),
        (3, 5, [1, 2, "(3)", 4, 5]),
        (7, 614, [1, "…", 6, "(7)", 8, "…", 614]),
        (4, 614, [1, 2, 3, "(4)", 5, "…", 614]),
    ],
)
def test_a_pager_shows_both_ends_and_the_neighbours(current: int, last: int, shown: list[object]) -> None:
    pager = numbered_pager(current, last, base="/spaces/x")
    links = ["…" if not p.url else f"({p.number})" if p.current else p.number for p in pager.pages]
    assert links == shown


def test_the_first_page_has_no_parameter() -> None:
    pager = numbered_pager(2, 3, base="/search?q=sim")
    assert (pager.previous_url, pager.next_url) == ("/search?q=sim", "/search?q=sim&page=3")


# --- house rules of the templates ---------------------------------------------------------------------

ALLOWED_ATTRIBUTES = {
    f"data-hx-{name}"
    for name in (
        "get",
        "post",
        "target",
        "swap",
        "trigger",
        "sync",
        "indicator",
        "select",
        "swap-oob",
        "disable",
    )
}
# Where finished HTML is written with |safe: nowhere. Pages hand over Markup made where it was cleaned.
ALLOWED_SAFE: set[str] = set()


class Elements(HTMLParser):
    """All start tags with their attributes; template expressions inside values are left as they are."""

    def __init__(self, source: str) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(re.sub(r"{%.*?%}|{#.*?#}", "", source, flags=re.DOTALL))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))


def relative(path: Path) -> str:
    return path.relative_to(BUILT_IN_THEMES).as_posix()


def elements(path: Path) -> list[tuple[str, dict[str, str]]]:
    # Quotes inside {{ … }} would end the attribute for the parser.
    quiet = re.sub(
        r"{{.*?}}",
        lambda match: "{" + re.sub(r"[\"'<>]", "_", match[0][1:-1]) + "}",
        path.read_text(encoding="utf-8"),
        flags=re.DOTALL,
    )
    return Elements(quiet).found


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_a_template_keeps_the_house_rules(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    problems = []
    # Mail programs know no style sheets, and no policy of ours.
    is_mail = "/templates/mails/" in relative(path)
    if re.search(r"\|\s*safe\b", source) and relative(path) not in ALLOWED_SAFE:
        problems.append("|safe")
    for tag, attributes in elements(path):
        for name, value in attributes.items():
            if name.startswith("on") or (name == "style" and not is_mail):
                problems.append(f"<{tag} {name}>: the Content-Security-Policy refuses it")
            if name.startswith("hx-"):
                problems.append(f"<{tag} {name}>: written data-{name}")
            if name.startswith("data-hx-") and name not in ALLOWED_ATTRIBUTES:
                problems.append(f"<{tag} {name}>: not one of the attributes we use")
            if value.strip().lower().startswith("javascript:"):
                problems.append(f"<{tag} {name}> holds a script")
        if tag == "style" or (
            tag == "script" and not (attributes.get("src") or attributes.get("type") == "application/ld+json")
        ):
            problems.append(f"<{tag}> inside the page")
        if "data-hx-post" in attributes:
            # Where on the page the answer is shown, scripts decide for themselves.
            action = (attributes.get("action") or "").partition("#")[0]
            as_form = (tag, attributes.get("method"), action)
            if as_form != ("form", "post", attributes["data-hx-post"]):
                problems.append(
                    f"<{tag} data-hx-post={attributes['data-hx-post']}>: not a form that does the same"
                )
        if "data-hx-get" in attributes:
            target = (
                attributes.get("href") if tag == "a" else attributes.get("action") if tag == "form" else None
            )
            if target != attributes["data-hx-get"]:
                problems.append(f"<{tag} data-hx-get>: neither a link nor a form to the same address")
    assert problems == []


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_every_icon_of_a_template_is_in_the_sprite(path: Path) -> None:
    sprite = (BUILT_IN_THEMES / "default/static/icons.svg").read_text()
    source = path.read_text(encoding="utf-8")
    names = re.findall(r"\bicon\(\"([a-z0-9-]+)\"", source)
    names += re.findall(r"\bui\.empty\(\"([a-z0-9-]+)\"", source)
    names += re.findall(r"\bui\.card\(_\(\"[^\"]*\"\), \"([a-z0-9-]+)\"", source)
    assert [name for name in names if f'id="{name}"' not in sprite] == []


def test_no_page_names_another_host() -> None:
    html = Templates(Theme.load()).render(SHEET, components_page(), sample_frame())
    addresses = re.findall(r"(?:src|href|action)=\"([^\"]*)\"", html)
    assert [address for address in addresses if re.match(r"[a-z]+:|//", address)] == []


def test_third_party_files_are_as_the_lock_says() -> None:
    import subprocess
    import sys

    script = BUILT_IN_THEMES.parent / "bin/vendor.py"
    result = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_the_frame_needs_only_a_language() -> None:
    assert "<title>" in Templates(Theme.load()).render("base.html", None, Frame("en"))
