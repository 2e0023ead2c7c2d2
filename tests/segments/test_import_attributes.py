"""Attributes out of files as spreadsheets save them: what is refused is named, and staff learn of nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from community.companies.actions import add_company, give_domain
from community.companies.models import AttributeImport
from community.companies.rules import domain_address
from community.core.clock import now
from community.core.db import fetch
from community.core.db.connection import Dialect
from community.core.viewer import Viewer
from community.segments import imports
from community.segments.attributes import get_account_values, get_company_values
from community.segments.imports import Report
from community.segments.tables import Unreadable, read_table
from tests.cast import Cast
from tests.chance import is_sealed
from tests.factories import make_account, make_member
from tests.fixtures import Visit
from tests.segments.parts import account_of, define, is_in, make_firm, make_segment, members_of, staff_of

PAGE = "/admin/attributes/import"


async def make_named(name: str, domain: str = "", number: str = "") -> int:
    company_id = await add_company(name, contract_number=number)
    if domain:
        await give_domain(company_id, domain_address(domain))
    return company_id


async def values_of(company_id: int) -> Mapping[str, Any]:
    return {key: value for key, (value, _source) in (await get_company_values(company_id)).items()}


async def bring_in(content: bytes | str, by: Viewer) -> Report:
    report, changes = await imports.read_file(content.encode() if isinstance(content, str) else content)
    import_id = await imports.keep(report, changes, made_by=by.id)
    await imports.confirm(import_id, by=by)
    await imports.carry_on_imports()
    return report


# --- the table itself ---------------------------------------------------------------------------------------

GERMAN = 'Domain;Größe;Märkte\r\nmüller.example;groß;"Handel|\r\nGesundheit"\r\n'


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (GERMAN.encode("utf-8"), "utf-8"),
        (GERMAN.encode("utf-8-sig"), "utf-8"),
        (GERMAN.encode("cp1252"), "windows-1252"),
        (GERMAN.encode("utf-16"), "utf-16-le"),
        (b"\xfe\xff" + GERMAN.encode("utf-16-be"), "utf-16-be"),
        (GERMAN.encode("utf-16-le"), "utf-16-le"),
        (("sep=;\r\n" + GERMAN).encode("cp1252"), "windows-1252"),
        (GERMAN.replace("\r\n", "\n").encode(), "utf-8"),
    ],
)
def test_every_encoding_of_excel_is_read(content: bytes, encoding: str) -> None:
    table = read_table(content)
    assert table.encoding == encoding
    assert table.head == ("Domain", "Größe", "Märkte")
    (line,) = table.lines
    assert line.cells[:2] == ("müller.example", "groß")
    assert line.number == (3 if b"sep=" in content else 2)


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_every_separator_is_found(separator: str) -> None:
    rows = [["domain", '"a;b,c"', "sites"], ["acme.example", '"x\n;,y"', "1"]]
    table = read_table("\n".join(separator.join(row) for row in rows).encode())
    assert table.separator == separator
    assert table.lines[0].cells == ("acme.example", "x\n;,y", "1")


def test_lines_that_cannot_be_read_are_named() -> None:
    text = 'domain;sites\n\na.example;"1\n2"\nb.example\n"c".example;3\nd.example;4;5\n'
    text += 'e.example;6;\n;;\nf.example;"7\n'
    table = read_table(text.encode())
    assert [(line.number, line.cells[0]) for line in table.lines] == [(3, "a.example"), (8, "e.example")]
    assert [number for number, _reason in table.refused] == [5, 6, 7, 10]
    assert "not closed" in table.refused[-1][1]


@pytest.mark.parametrize(
    "content",
    [b"", b"\n\n", b"PK\x03\x04\x00\x00", b"domain;sites;sites\n", b"\x00\x01\x02", b"domain" + b";x" * 70],
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        read_table(content)


# --- values -------------------------------------------------------------------------------------------------


@pytest.mark.each_database
async def test_values_are_brought_in(db: Dialect, cast: Cast) -> None:
    staff = await staff_of(cast)
    await define(staff)
    acme = await make_named("Acme Werke AG", "acme.example", "704118-2")
    bravo = await make_named("Bravo", "bravo.example", "B-1")
    text = (
        "Vertragsnummer;Branche;Märkte;Standorte;Rahmenvertrag;Größe;Region\n"
        "704118-2;gesundheit;Handel|Craft;1.234,5;ja;groß;Nord   West\n"
        "b-1;Trade;;12;Nein;;\n"
    )
    report = await bring_in(text, staff)
    assert report.refused == []
    assert await values_of(acme) == {
        "industry": "health",
        "markets": ["craft", "trade"],
        "sites": "1234.5",
        "framework": True,
        "size_class": "large",
        "region": "Nord West",
    }
    assert await values_of(bravo) == {"industry": "trade", "sites": "12", "framework": False}
    # An empty cell leaves a value, a hyphen deletes it, and what is the same is no change.
    again = await bring_in(
        "domain;industry;sites;region\nacme.example;;-;Nord West\n@bravo.example;trade;;\n", staff
    )
    assert again.company_count == 1
    assert again.changes == [("Acme Werke AG", "Sites", "1,234.5", "")]
    assert "sites" not in await values_of(acme)
    assert (await values_of(acme))["industry"] == "health"


async def test_every_refused_line_has_its_number_and_reason(db: Dialect, cast: Cast) -> None:
    staff = await staff_of(cast)
    await define(staff)
    await make_named("Acme", "acme.example", "1")
    await make_named("Twin", "", "2")
    await make_named("Twin", "", "3")
    lines = {
        "acme.example;;;": "",
        "acme.example;;health;": "Line 2 is about the same already.",
        "unknown.example;;health;": "This company is not known.",
        ";;health;": "The line does not say which company is meant.",
        ";Twin;health;": "Several companies are called so.",
        "acme.example;Twin;health;": "The line names different companies.",
        "=acme;;health;": "begins like a formula",
        ";Acme;=SUM(A1);": "begins like a formula",
        ";Acme;space;": "is not one of the values",
        ";Acme;health;viele": "is not a number",
    }
    text = "\n".join(["domain;company;industry;sites;nothing", *(f"{line};" for line in lines)])
    report, changes = await imports.read_file(text.encode())
    assert changes == []
    assert report.left_out == ["nothing"]
    expected = [(number, says) for number, says in enumerate(lines.values(), 2) if says]
    assert len(report.refused) == len(expected)
    for (number, reason), (wanted, says) in zip(report.refused, expected, strict=True):
        assert number == wanted
        assert says in reason


@pytest.mark.parametrize(
    ("separator", "cell", "value"),
    [
        (";", "1.234", "1234"),
        (";", "12,5", "12.5"),
        (";", "-3", "-3"),
        (",", '"1,234"', "1234"),
        (",", "12.5", "12.5"),
        ("\t", "12,5", "12.5"),
        ("\t", "1.234", None),
        (";", "1,2,3", None),
        (";", "1e5", None),
    ],
)
async def test_numbers_are_read_as_the_program_writes_them(
    db: Dialect, cast: Cast, separator: str, cell: str, value: str | None
) -> None:
    await define(await staff_of(cast))
    await make_named("Acme", "acme.example")
    text = f"domain{separator}sites\nacme.example{separator}{cell}\n"
    report, changes = await imports.read_file(text.encode())
    if value is None:
        assert [number for number, _reason in report.refused] == [2]
    else:
        assert [values for _owner, values in changes] == [{"sites": value}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sites;industry\n1;health\n", "No column says who is meant"),
        ("domain;mail;sites\n", "names both"),
        ("domain;colour\nacme.example;red\n", "names no attribute"),
        ("domain;industry;Branche\n", "about the same attribute"),
    ],
)
async def test_a_file_that_makes_no_sense_is_refused_as_a_whole(
    db: Dialect, cast: Cast, text: str, says: str
) -> None:
    await define(await staff_of(cast))
    with pytest.raises(Unreadable, match=says):
        await imports.read_file(text.encode())


# --- what staff learn ---------------------------------------------------------------------------------------


@pytest.mark.each_database
async def test_a_file_about_people_tells_nothing_of_who_is_here(
    db: Dialect, cast: Cast, visit: Visit
) -> None:
    staff = await staff_of(cast)
    await define(staff)
    nora = await make_member()
    await make_account(nora, mail="nora@acme.example")
    client = await visit(cast.administrator)
    pages = []
    for address in ("nora@acme.example", "nobody@acme.example"):
        url = await upload(client, f"mail;role\n{address};Einkauf\n")
        before = (await client.get(url)).text
        await client.post(f"{url}/confirm")
        await imports.carry_on_imports()
        after = (await client.get(url)).text
        number = url.rpartition("/")[2]
        pages.append((before.replace(number, ""), after.replace(number, "")))
        assert address not in before + after
    assert pages[0] == pages[1]
    assert await get_account_values((await account_of(nora)).id) == {"role": ("Einkauf", "import")}


async def upload(client, text: str | bytes) -> str:  # type: ignore[no-untyped-def]
    content = text.encode() if isinstance(text, str) else text
    answer = await client.post(PAGE, files={"file": ("Qxzfile.csv", content, "text/csv")})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


@pytest.mark.each_database
async def test_an_import_is_looked_at_and_confirmed(db: Dialect, cast: Cast, visit: Visit) -> None:
    await define(await staff_of(cast))
    acme = await make_named("Acme Werke AG", "acme.example")
    client = await visit(cast.administrator)
    url = await upload(client, "domain;industry;colour\nacme.example;Handel;red\nother.example;Handel;\n")
    page = (await client.get(url)).text
    for words in ("Acme Werke AG", "Trade", "colour", "This company is not known."):
        assert words in page
    assert await values_of(acme) == {}, "looking changes nothing"
    (row,) = await fetch("SELECT changes_encrypted, report_encrypted FROM vault_attribute_imports")
    assert is_sealed(row["report_encrypted"]) and is_sealed(row["changes_encrypted"])
    other = await visit(await make_member(role="administrator", staff_name="Uwe Z."))
    assert (await other.get(url)).status_code == 404
    assert (await other.post(f"{url}/confirm")).status_code == 404
    assert (await client.post(f"{url}/confirm")).status_code == 303
    assert (await client.post(f"{url}/confirm")).status_code == 303
    await imports.carry_on_imports()
    assert await values_of(acme) == {"industry": "trade"}
    assert "Everything is imported." in (await client.get(url)).text
    done = await AttributeImport.get()
    assert done.changes_encrypted == ""
    discarded = await upload(client, "domain;industry\nacme.example;Gesundheit\n")
    await client.post(f"{discarded}/cancel")
    assert (await client.get(discarded)).status_code == 404


async def test_large_and_empty_uploads_are_refused_in_words(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.administrator)
    large = await client.post(PAGE, files={"file": ("a.csv", b"x" * 950_000, "text/csv")})
    assert large.status_code == 422
    assert "too large" in large.text
    for data in ({"file": ("", b"", "text/csv")}, {"other": ("a.csv", b"x", "text/csv")}):
        assert (await client.post(PAGE, files=data)).status_code == 422
    assert (await client.post(PAGE, data={"file": "x"})).status_code == 422


# --- carrying it out ----------------------------------------------------------------------------------------


@pytest.mark.each_database
async def test_a_killed_import_goes_on_where_it_stopped(
    db: Dialect, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = await staff_of(cast)
    await define(staff)
    firms = [await make_named(f"Firm {n}", f"firm{n}.example") for n in range(7)]
    text = "domain;industry\n" + "".join(f"firm{n}.example;health\n" for n in range(7))
    monkeypatch.setattr(imports, "BATCH", 2)
    report, changes = await imports.read_file(text.encode())
    import_id = await imports.keep(report, changes, made_by=staff.id)
    assert not await imports.carry_on(import_id, batches=2)
    assert [await values_of(firm) for firm in firms].count({}) == 3
    assert not await imports.carry_on(import_id, batches=1)
    assert await imports.carry_on(import_id, batches=9)
    assert await imports.carry_on(import_id, batches=9), "done stays done"
    assert [await values_of(firm) for firm in firms] == [{"industry": "health"}] * 7


async def test_groups_follow_an_import(db: Dialect, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "ONE_BY_ONE", 1)
    staff = await staff_of(cast)
    await define(staff)
    firms = [await make_firm(f"Firm {n}", 2, industry="trade") for n in range(4)]
    segment = await make_segment("Hospitals", staff, is_in("health"))
    assert await members_of(segment) == set()
    text = "company,industry\n" + "".join(f"Firm {n},health\n" for n in range(3))
    await bring_in(text, staff)
    from community.segments.filling import tend_segments
    from community.segments.models import Segment

    await Segment.all().update(weighed_at=None)
    await tend_segments()
    meant = {member.id for _company, members in firms[:3] for member in members}
    assert await members_of(segment) == meant


async def test_reports_are_forgotten_after_a_day(db: Dialect, cast: Cast) -> None:
    staff = await staff_of(cast)
    await imports.keep(Report("company", "utf-8", ";"), [], made_by=staff.id)
    await AttributeImport.create(
        made_by=1, subject="company", created_at=now() - imports.KEPT_FOR * 2, report_encrypted=json.dumps({})
    )
    await imports.forget_old_imports()
    assert await AttributeImport.all().count() == 1
