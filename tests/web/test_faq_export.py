"""Export and categories, over the web."""

from __future__ import annotations

import csv
import io
import zipfile

import pytest

from community.faq.categories import category_slug, make_category, move_category_up
from community.faq.editorial import list_all_categories
from community.faq.export import MEDIA_TYPES
from tests.cast import Cast
from tests.faq.entries import a_category, make_published
from tests.fixtures import Visit

ORIGIN = {"Origin": "http://127.0.0.1:8000"}


@pytest.mark.parametrize("format_name", sorted(MEDIA_TYPES))
async def test_an_administrator_downloads_every_format(cast: Cast, visit: Visit, format_name: str) -> None:
    entry_id = await make_published(cast)
    client = await visit(cast.administrator)
    assert f'value="{format_name}"' in (await client.get("/admin/faq/export")).text
    answer = await client.get(
        "/admin/faq/export/download", params={"format": format_name, "language": "", "category": ""}
    )
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="faq-20')
    assert answer.headers["content-type"] == MEDIA_TYPES[format_name][1]
    assert answer.headers["cache-control"] == "no-store"
    content = answer.content
    if format_name == "zip":
        content = zipfile.ZipFile(io.BytesIO(content)).read("faq.csv")
    if format_name in ("csv", "zip"):
        assert next(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))["id"] == f"faq-{entry_id}"
    assert str(entry_id).encode() in content


async def test_an_unknown_format_language_or_category_is_not_found(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.administrator)
    for query in ("", "?format=pdf", "?format=csv&language=xx", "?format=csv&category=nothing"):
        assert (await client.get(f"/admin/faq/export/download{query}")).status_code == 404


async def test_categories_are_made_renamed_and_ordered(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.administrator)
    for name in ("Routers", "Contracts"):
        made = await client.post(
            "/admin/faq/categories", data={"name": name, "language": "en"}, headers=ORIGIN
        )
        assert made.status_code == 303
    first, second = await list_all_categories()
    assert (first.name, second.name) == ("Routers", "Contracts")
    assert (await client.post(f"/admin/faq/categories/{second.id}/up", headers=ORIGIN)).status_code == 303
    renamed = await client.post(
        f"/admin/faq/categories/{second.id}", data={f"name-{second.id}": "Invoices"}, headers=ORIGIN
    )
    assert renamed.status_code == 303
    assert [(row.name, row.slug) for row in await list_all_categories()] == [
        ("Invoices", "contracts"),
        ("Routers", "routers"),
    ]
    assert "Invoices" in (await client.get("/admin/faq/categories")).text
    empty = await client.post("/admin/faq/categories", data={"name": " ", "language": "xx"}, headers=ORIGIN)
    assert empty.status_code == 422
    assert (await client.post("/admin/faq/categories/1/up", headers=ORIGIN)).status_code == 404


async def test_the_slug_of_a_category_is_never_taken_for_an_entry(cast: Cast) -> None:
    assert category_slug("5G und LTE") == "faq-5g-und-lte"
    assert category_slug("???") == "faq"
    await a_category("Routers")
    await make_category("Routers", "de")
    assert [row.slug for row in await list_all_categories()] == ["routers", "routers-2"]
    await move_category_up((await list_all_categories())[0].id)
