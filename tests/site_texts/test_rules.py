"""Which version is in force when, headings that keep their address, and places that are to be filled in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from community.core import i18n
from community.site_texts.defaults import default_texts
from community.site_texts.rules import LEGAL_PAGES, placeholders, reigns, render, rules_in

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Published:
    version: int
    valid_from: datetime


def test_each_version_is_in_force_until_the_next_one_begins() -> None:
    newest, first = reigns([Published(1, NOON), Published(2, NOON + 2 * DAY)])
    assert (first.version, first.begins, first.ends) == (1, NOON, NOON + 2 * DAY)
    assert (newest.version, newest.ends) == (2, None)
    assert first.holds_at(NOON)
    assert first.holds_at(NOON + 2 * DAY - timedelta(seconds=1))
    assert not first.holds_at(NOON + 2 * DAY)
    assert newest.holds_at(NOON + 2 * DAY)


def test_a_version_that_is_overtaken_before_its_day_never_comes_into_force() -> None:
    found = reigns([Published(1, NOON), Published(2, NOON + 9 * DAY), Published(3, NOON + DAY)])
    assert [reign.version for reign in found] == [3, 1]
    assert not any(reign.holds_at(NOON - DAY) for reign in found)


def test_headings_can_be_linked_to_and_keep_the_address_they_name() -> None:
    html = render(
        "## First of all\n\nText\n\n## First of all\n\n## No advertising {#ads}\n\n### Tips & tricks"
    )
    assert '<h2 id="p-first-of-all">First of all</h2>' in html
    assert '<h2 id="p-first-of-all-2">' in html
    assert '<h2 id="p-ads">No advertising</h2>' in html
    assert '<h3 id="p-tips-tricks">' in html
    assert "{#" not in html


def test_nothing_in_a_text_can_break_out_of_its_place() -> None:
    html = render('## a"b {#x}\n\n[[<script>alert(1)</script>]] <img src=x onerror=alert(1)>')
    assert "<script" not in html
    assert "<img" not in html
    assert '<h2 id="p-x">' in html
    assert "<mark>[&lt;script&gt;alert(1)&lt;/script&gt;]</mark>" in html


def test_places_to_fill_in_are_found_once_each_and_marked() -> None:
    assert placeholders("[[name]], [[address]], [[name]] and [link](x)") == ("name", "address")
    assert "<mark>[name]</mark>" in render("Operator: [[name]]")


def test_the_templates_say_the_same_in_every_language() -> None:
    for page in LEGAL_PAGES:
        texts = default_texts(page)
        assert set(texts) == set(i18n.languages()), page
        headings = {code: text.count("\n## ") + text.count("\n### ") for code, text in texts.items()}
        assert len(set(headings.values())) == 1, (page, headings)
        assert len({len(placeholders(text)) for text in texts.values()}) == 1, page


def test_the_rules_of_the_netiquette_are_the_same_ones_in_every_language() -> None:
    rules = [[rule.anchor for rule in rules_in(text)] for text in default_texts("netiquette").values()]
    assert all(found == rules[0] for found in rules)
    assert {"insult", "law", "advertising", "personal"} <= set(rules[0])
    rule = rules_in(default_texts("netiquette")["en"])[0]
    assert rule.url == "/pages/netiquette#p-insult"
    assert 'id="p-insult"' in render(default_texts("netiquette")["en"])


def test_the_imprint_names_the_points_of_contact_of_the_digital_services_act() -> None:
    for text in default_texts("imprint").values():
        assert 'id="p-contact-points"' in render(text)
        assert "2022/2065" in text
