"""Administration of attributes and segments, by forms alone."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine

from community.core.clock import now
from community.core.db.connection import Dialect
from community.decisions.models import LogEntry
from community.segments.attributes import get_company_values
from community.segments.filling import tend_segments
from community.segments.models import Attribute, Segment
from community.segments.segments import get_segment
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast
from tests.chance import without_random
from tests.fixtures import Visit
from tests.segments.parts import define, is_in, make_firm, make_segment, staff_of

INDUSTRY = {
    "key": "industry",
    "label_de": "Branche",
    "label_en": "Industry",
    "subject": "company",
    "kind": "choice",
    "choices": "health = Gesundheit = Health care\ntrade = Handel = Trade",
}
SEGMENT = {"name": "Hospitals", "description": "", "purpose": "So that you learn what is new for hospitals."}


@pytest.mark.each_database
async def test_a_segment_is_made_step_by_step(db: Dialect, cast: Cast, visit: Visit) -> None:
    client = await visit(cast.administrator)
    assert (await client.post("/admin/attributes/new", data=INDUSTRY)).status_code == 303
    people = [await make_firm(f"Firm {n}", 2, industry="Gesundheit") for n in range(3)]
    made = await client.post("/admin/segments/new", data=SEGMENT)
    assert made.headers["location"] == "/admin/segments/hospitals"
    url = made.headers["location"]
    step = (await client.get(f"{url}?attribute=industry")).text
    assert "Health care" in step
    added = await client.post(
        f"{url}/conditions",
        data={"attribute": "industry", "test": "one_of", "value_health": "1"},
    )
    assert added.status_code == 303
    shown = await client.post(f"{url}/preview")
    assert "at least 5" in shown.text
    assert "Industry is “Health care”." in shown.text
    assert (await client.post(f"{url}/open")).status_code == 303
    await tend_segments()
    assert (await get_segment("hospitals")).state == "open"
    acts = [(entry.act, entry.reason) for entry in await LogEntry.all().order_by("id")]
    assert ("preview_segment", "Industry is “Health care”.") in acts
    assert ("open_segment", "Industry is “Health care”.") in acts

    member = await visit(people[0][1][0])
    page = (await member.get("/groups/hospitals")).text
    assert "Industry is “Health care”." in page
    assert SEGMENT["purpose"] in page
    german = (await member.get("/groups/hospitals", headers={"Accept-Language": "de"})).text
    assert "Branche ist „Gesundheit“." in german
    assert "Health care" in (await member.get("/settings/attributes")).text
    left = await member.post("/groups/hospitals/leave")
    assert left.status_code == 303
    assert "Hospitals" in (await member.get("/settings/attributes")).text


async def test_no_figure_of_a_segment_follows_attributes(db: Dialect, cast: Cast, visit: Visit) -> None:
    staff = await staff_of(cast)
    await define(staff)
    for number in range(3):
        await make_firm(f"Firm {number}", 4, industry="health")
    await make_segment("Hospitals", staff, is_in("health"))
    with time_machine.travel(now() + timedelta(days=8)):
        page = (await (await visit(cast.administrator)).get("/admin/groups")).text
    assert "filled by a rule" in page
    assert "at least" not in page


async def test_previews_say_little_and_are_limited(db: Dialect, cast: Cast, visit: Visit) -> None:
    staff = await staff_of(cast)
    await define(staff)
    await make_firm("Alone", 17, industry="health")
    for number in range(3):
        await make_firm(f"Trade {number}", 3, industry="trade")
    await make_segment("One firm", staff, is_in("health"), is_open=False)
    await make_segment("Three firms", staff, is_in("trade"), is_open=False)
    client = await visit(cast.administrator)
    small = (await client.post("/admin/segments/one-firm/preview")).text
    assert "fewer than 5" in small
    assert not re.search(r"(?<![\w:.-])17(?![\w:.-])", without_random(small)), "how many it is"
    again = {(await client.post("/admin/segments/three-firms/preview")).text for _time in range(3)}
    assert len(again) == 1
    assert "at least 5" in again.pop()
    answers = [(await client.post("/admin/segments/one-firm/preview")).status_code for _time in range(28)]
    assert answers[0] == 200
    assert answers[-1] == 429


@pytest.mark.each_database
async def test_an_attribute_that_a_rule_needs_stays(
    db: Dialect, cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    staff = await staff_of(cast)
    await define(staff)
    company, _people = await make_firm("Acme", 1, industry="health", sites="12", region="Nord")
    await make_segment("Hospitals", staff, is_in("health"), is_open=False)
    client = await visit(cast.administrator)
    refused = await client.post("/admin/attributes/industry/remove")
    assert refused.status_code == 409
    names = {"label_de": "Branche", "label_en": "Industry", "choices": "trade\ncraft"}
    changed = await client.post("/admin/attributes/industry", data=names)
    assert changed.status_code == 422
    assert "health" in changed.text
    assert (await client.post("/admin/attributes/region/remove")).status_code == 303
    await deliver(search_engine)
    assert set(await get_company_values(company.id)) == {"industry", "sites"}
    assert await Attribute.filter(key="region").count() == 0


async def test_what_is_wrong_is_said_and_kept(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.administrator)
    wrong = [
        (INDUSTRY | {"key": "Not a key"}, "Small letters"),
        (INDUSTRY | {"choices": "one"}, "from 2 to"),
        (INDUSTRY | {"choices": "one = Eins\nother = eins"}, "same name"),
        (INDUSTRY | {"kind": "picture"}, "choose one of these"),
        (INDUSTRY | {"key": "size_class"}, "means something else"),
    ]
    for fields, says in wrong:
        answer = await client.post("/admin/attributes/new", data=fields)
        assert answer.status_code == 422
        assert says in answer.text
        assert "Branche" in answer.text
    assert await Attribute.all().count() == 0
    await client.post("/admin/attributes/new", data=INDUSTRY)
    twice = await client.post("/admin/attributes/new", data=INDUSTRY)
    assert "There is an attribute with this key already." in twice.text
    short = await client.post("/admin/segments/new", data=SEGMENT | {"purpose": "why"})
    assert short.status_code == 422
    await client.post("/admin/segments/new", data=SEGMENT)
    empty = await client.post("/admin/segments/hospitals/open")
    assert empty.status_code == 409
    nothing = await client.post(
        "/admin/segments/hospitals/conditions", data={"attribute": "industry", "test": "one_of"}
    )
    assert nothing.status_code == 422


async def test_the_pages_of_a_group_that_is_not_open_are_the_same_however_few_it_fits(
    db: Dialect, cast: Cast, visit: Visit
) -> None:
    staff = await staff_of(cast)
    await define(staff)
    await make_segment("Hospitals", staff, is_in("health"))
    client = await visit(cast.administrator)
    urls = ("/admin/segments", "/admin/segments/hospitals", "/admin/groups", "/admin/groups/hospitals")
    await client.get("/admin/segments")
    seen = set()
    for people in (0, 1, 3):
        if people:
            await make_firm(f"Firm {people}", people, industry="health")
        await Segment.all().update(weighed_at=None, is_outdated=True)
        await tend_segments()
        preview = (await client.post("/admin/segments/hospitals/preview")).text
        seen.add((preview, *[(await client.get(url)).text for url in urls]))
    assert len(seen) == 1
    assert "Not open" in seen.pop()[1]


async def test_a_group_of_a_rule_stays_closed(db: Dialect, cast: Cast, visit: Visit) -> None:
    staff = await staff_of(cast)
    await define(staff)
    await make_segment("Hospitals", staff, is_in("health"), is_open=False)
    client = await visit(cast.administrator)
    form = {"name": "Hospitals", "description": "", "access": "open"}
    answer = await client.post("/admin/groups/hospitals", data=form)
    assert answer.status_code == 422
    assert "stays closed" in answer.text
    assert (await client.post("/admin/groups/hospitals", data=form | {"access": "closed"})).status_code == 303


@pytest.mark.each_database
async def test_staff_enter_what_they_know_of_a_company(db: Dialect, cast: Cast, visit: Visit) -> None:
    await define(await staff_of(cast))
    company, _people = await make_firm("Acme", 1, industry="trade", sites="1.5", markets="health|craft")
    client = await visit(cast.administrator)
    url = f"/admin/companies/{company.id}"
    page = (await client.get(url, headers={"Accept-Language": "de"})).text
    assert 'value="1,5"' in page
    assert "Gesundheit, Handwerk" in page.replace("Handwerk, Gesundheit", "Gesundheit, Handwerk")
    fields = {
        "attribute_industry": "health",
        "attribute_markets": "Trade, Craft",
        "attribute_sites": "",
        "attribute_framework": "yes",
        "attribute_region": "Nord",
    }
    wrong = await client.post(f"{url}/attributes", data=fields | {"attribute_sites": "many"})
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.text
    assert (await client.post(f"{url}/attributes", data=fields)).status_code == 303
    kept = await get_company_values(company.id)
    assert {key: value for key, (value, _source) in kept.items()} == {
        "industry": "health",
        "markets": ["craft", "trade"],
        "framework": True,
        "region": "Nord",
    }
    assert kept["region"][1] == "staff"
    entry = await LogEntry.get(act="set_attributes")
    assert entry.subject == f"company:{company.id}"
    assert "Nord" not in f"{entry.reason} {entry.details}"
