"""The export: formats that parse, released wording, nothing that a guest may not read, changes after a cursor."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from community.core.errors import NotFound, RuleBroken
from community.core.spreadsheets import harmless_cell
from community.faq import actions, editorial
from community.faq.bundle import MANIFEST, SIGNATURE
from community.faq.categories import make_category, rename_category
from community.faq.changes import list_changes
from community.faq.export import MEDIA_TYPES, build_export, write_export
from community.faq.exported import list_exported
from community.faq.formats import CSV_COLUMNS, FeedQuery, json_feed, markdown_text
from community.faq.whole_addresses import in_markdown
from community.members.models import Member
from community.settings import settings
from community.threads.models import Post, Thread
from search import SearchEngine
from tests.cast import Cast, make_cast
from tests.factories import make_thread, viewer_for
from tests.faq.entries import make_draft, make_published, make_solved, publish
from tests.fixtures import Visit
from tests.moderation.flagging import deliver

NASTY = '<script>alert(1)</script> & "quotes" | *stars*'
VOID = {"meta", "link", "br", "hr", "img"}


class Strict(HTMLParser):
    """Fails where elements are not closed in order; keeps ids and tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def parsed(html: str) -> Strict:
    parser = Strict()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    assert len(parser.ids) == len(set(parser.ids))
    return parser


async def test_html_has_an_index_and_an_article_per_entry(cast: Cast) -> None:
    entry_id = await make_published(cast, question=NASTY)
    export = await build_export("html")
    page = parsed(export.content.decode())
    assert f"faq-{entry_id}" in page.ids
    assert "script" not in page.tags
    assert f'href="#faq-{entry_id}"' in export.content.decode()
    assert "<strong>Load profile</strong>" in export.content.decode()
    assert export.count == 1


async def test_json_ld_is_a_faq_page_that_cannot_end_a_script_element(cast: Cast) -> None:
    await make_published(cast, question=NASTY)
    text = (await build_export("jsonld")).content.decode()
    assert "<" not in text
    structure = json.loads(text)
    assert structure["@type"] == "FAQPage"
    (question,) = structure["mainEntity"]
    assert question["name"] == NASTY
    assert question["acceptedAnswer"]["text"].startswith("<p>The router has lost its profile.")


async def test_csv_opens_in_spreadsheets_and_runs_nothing(cast: Cast) -> None:
    entry_id = await make_published(cast, question='=HYPERLINK("http://x")', short_answer="-1+1 is a formula")
    content = (await build_export("csv")).content
    assert content.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    cells = dict(zip(header, row, strict=True))
    assert tuple(header) == CSV_COLUMNS
    assert cells["id"] == f"faq-{entry_id}"
    assert cells["question"] == '\'=HYPERLINK("http://x")'
    assert cells["short_answer"] == "'-1+1 is a formula"
    assert cells["steps"] == "Open the customer centre.\nChoose Load profile."
    assert cells["credits"] == "Helper"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", " =1", "\t1", "\r1", "\n=1", "＝1"])
def test_no_cell_begins_like_a_formula(text: str) -> None:
    assert harmless_cell(text).startswith("'")
    assert harmless_cell("plain - text") == "plain - text"


async def test_markdown_says_what_was_typed(cast: Cast) -> None:
    entry_id = await make_published(cast, question=NASTY)
    text = (await build_export("markdown")).content.decode()
    assert f'<a id="faq-{entry_id}"></a>\\<script\\>' in text
    assert "## Routers" in text
    assert "1. Open the customer centre." in text
    assert markdown_text("a*b_c") == "a\\*b\\_c"


async def test_the_bundle_lists_its_files_with_what_they_add_up_to(cast: Cast) -> None:
    entry_id = await make_published(cast, question=NASTY)
    archive = zipfile.ZipFile(io.BytesIO((await build_export("zip")).content))
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["counts"]["entries"] == 1
    assert {file["path"] for file in manifest["files"]} == set(archive.namelist()) - {MANIFEST, SIGNATURE}
    for file in manifest["files"]:
        content = archive.read(file["path"])
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert len(content) == file["bytes"]
        if file["path"].endswith(".html"):
            parsed(content.decode())
    assert f"fragments/faq-{entry_id}.html" in archive.namelist()
    assert {"faq.csv", "faq.json", "faq.jsonld", "faq.md", "faq.html", "pages/index.html"} <= set(
        archive.namelist()
    )


async def test_a_file_is_written_whole_and_without_leftovers(cast: Cast, tmp_path: Path) -> None:
    await make_published(cast)
    target = tmp_path / "out" / "faq.json"
    for _time in range(2):
        assert await write_export("json", target) == 1
    assert json.loads(target.read_text())["items"][0]["title"] == "Router lost its profile"
    assert [path.name for path in target.parent.iterdir()] == ["faq.json"]


async def test_an_unknown_format_or_category_is_refused(cast: Cast, tmp_path: Path) -> None:
    with pytest.raises(RuleBroken):
        await build_export("pdf")
    with pytest.raises(NotFound):
        await write_export("json", tmp_path / "x.json", category="nothing")
    assert list(tmp_path.iterdir()) == []


async def test_language_and_category_choose_entries(cast: Cast) -> None:
    german = await make_category("Verträge", "de")
    await make_published(cast)
    await make_published(cast, question="Wie kündige ich?", language="de", category_id=german)
    for chosen, title in (
        ({"language": "de"}, "Wie kündige ich?"),
        ({"category": "routers"}, "Router lost its profile"),
    ):
        feed = json.loads((await build_export("json", **chosen)).content)
        assert [item["title"] for item in feed["items"]] == [title]
    assert "Häufige" not in (await build_export("html", language="en")).content.decode()
    assert len(await list_exported()) == 2


async def test_words_around_the_entries_are_in_the_language_of_most_of_them(cast: Cast) -> None:
    await make_published(cast)
    assert "Häufige Fragen" not in (await build_export("html")).content.decode()
    for question in ("Wie kündige ich?", "Wie ziehe ich um?"):
        await make_published(cast, question=question, language="de")
    assert '<html lang="de">' in (page := (await build_export("html")).content.decode())
    assert "Häufige Fragen" in page


@pytest.mark.parametrize("format_name", sorted(MEDIA_TYPES))
async def test_neither_waiting_texts_nor_those_for_members_go_out(cast: Cast, format_name: str) -> None:
    entry_id = await make_published(cast)
    editor = await viewer_for(cast.moderator)
    text = (await editorial.get_editorial(editor, entry_id)).text
    await actions.edit_entry(entry_id, replace(text, question="Waiting QUAGGA"), version=1, by=editor)
    await make_published(cast, question="Members QUAGGA", audience="members")
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper, title="Draft QUAGGA")
    await make_draft(cast, thread)
    assert b"QUAGGA" not in _everything(await build_export(format_name))


async def test_no_text_of_an_entry_tells_guests_the_question_of_one_for_members(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    inside = await make_published(cast, question="What does the quagga cost?", audience="members")
    told = f"/faq/{inside}-what-does-the-quagga-cost"
    entry_id = await make_published(
        cast,
        question=f"See {told} for more?",
        short_answer=f"See {settings.base_url}{told} first.",
        steps=f"See [a](https://elsewhere.example)[b]({told}) and `{told}`.\n\n{told}\n\n[c]: {told}",
        valid_for=f"As {told}",
    )
    thread = await make_thread(cast.open_space, cast.asker, body=f"Look:\n\n/faq/{entry_id}")
    await deliver(search_engine)
    guest, pages = (
        await visit(),
        (
            "/faq",
            "/faq/routers",
            f"/faq/{entry_id}",
            f"/threads/{thread.id}-{thread.slug}",
            "/feeds/faq.json",
            "/feeds/latest.atom",
            "/sitemap.xml",
            "/search?q=first",
            "/embed/faq",
        ),
    )
    for page in pages:
        assert "quagga" not in (await guest.get(page, follow_redirects=True)).text, page
    assert f"/faq/{inside}" in (await guest.get("/feeds/faq.json")).text
    for name in MEDIA_TYPES:
        assert b"quagga" not in _everything(await build_export(name)), name


@pytest.mark.parametrize("format_name", sorted(MEDIA_TYPES))
async def test_a_source_out_of_reach_gives_no_name_and_no_link(cast: Cast, format_name: str) -> None:
    await Member.filter(id=cast.helper.id).update(nickname="QUAGGA")
    entry_id = await make_published(cast, cast.hidden_space)
    content = _everything(await build_export(format_name))
    assert str(entry_id).encode() in content
    assert b"QUAGGA" not in content
    assert b"/threads/" not in content


@pytest.mark.parametrize("table", ["post", "thread"])
async def test_a_source_that_is_hidden_later_is_credited_no_more(cast: Cast, table: str) -> None:
    thread, answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    await publish(cast, await make_draft(cast, thread))
    assert [entry.credits for entry in await list_exported()] == [("Helper",)]
    when = thread.created_at
    if table == "post":
        await Post.filter(id=answer.id).update(hidden_at=when)
    else:
        await Thread.filter(id=thread.id).update(hidden_at=when)
    assert [entry.credits for entry in await list_exported()] == [()]


async def test_links_into_the_site_are_absolute(cast: Cast) -> None:
    await make_published(cast, steps="- See [this](/spaces/mobile) and [that](https://example.org/x)")
    (entry,) = await list_exported()
    assert 'href="http://127.0.0.1:8000/spaces/mobile"' in entry.html
    assert 'href="https://example.org/x"' in entry.html
    assert "](http://127.0.0.1:8000/spaces/mobile)" in entry.steps


@pytest.mark.parametrize(
    ("typed", "whole"),
    [
        ("See [a](/x), [b](</y>), ![c](/z).", "See [a](B/x), [b](<B/y>), ![c](B/z)."),
        ("See [a][1].\n\n[1]: /faq/3", "See [a][1].\n\n[1]: B/faq/3"),
        ("First:\n/faq/12-why-so\nThen.", "First:\n<B/faq/12-why-so>\nThen."),
        ("[a](//other.example) and /etc/hosts", "[a](//other.example) and /etc/hosts"),
        ("Type `[a](/x)`.\n\n```\n[a](/x)\n/faq/12\n```", "Type `[a](/x)`.\n\n```\n[a](/x)\n/faq/12\n```"),
        ("[`code`](/x)", "[`code`](B/x)"),
    ],
)
def test_addresses_in_markdown_are_whole_however_they_are_written(typed: str, whole: str) -> None:
    assert in_markdown(typed, "B") == whole


# --- changes after a cursor ---------------------------------------------------------------------------


@pytest.mark.each_database
async def test_the_feed_tells_of_changes_and_retractions_after_the_cursor(fresh_database: str) -> None:
    cast = await make_cast()
    first, second = await make_published(cast), await make_published(cast)
    editor = await viewer_for(cast.moderator)
    start = await list_changes()
    assert {entry.id for entry in start.entries} == {first, second}
    assert start.retractions == ()

    assert (await list_changes(start.cursor)).entries == ()
    text = (await editorial.get_editorial(editor, first)).text
    await actions.edit_entry(first, replace(text, question="Changed"), version=1, by=editor)
    assert (await list_changes(start.cursor)).entries == ()
    await publish(cast, first, version=2)
    changed = await list_changes(start.cursor)
    assert [entry.question for entry in changed.entries] == ["Changed"]

    await actions.withdraw_entry(second, by=editor, reason="Wrong")
    after = await list_changes(changed.cursor)
    assert (after.entries, [retraction.id for retraction in after.retractions]) == ((), [second])
    feed = json.loads(json_feed(after, FeedQuery(changed.cursor)))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["id"] for item in feed["_kundenkreis"]["retractions"]] == [f"faq-{second}"]
    assert feed["_kundenkreis"]["cursor"] == after.cursor != changed.cursor

    # Whoever begins now gets what there is, and no word of what is gone.
    fresh = await list_changes()
    assert ([entry.id for entry in fresh.entries], fresh.retractions) == ([first], ())


async def test_long_feeds_come_in_parts(cast: Cast) -> None:
    ids = [await make_published(cast) for _number in range(3)]
    first = await list_changes(size=2)
    assert (first.more, [entry.id for entry in first.entries]) == (True, ids[:2])
    assert "next_url" in json.loads(json_feed(first))
    rest = await list_changes(first.cursor, size=2)
    assert (rest.more, [entry.id for entry in rest.entries]) == (False, ids[2:])


async def test_an_entry_that_becomes_one_for_members_is_retracted(cast: Cast) -> None:
    entry_id = await make_published(cast)
    cursor = (await list_changes()).cursor
    editor = await viewer_for(cast.moderator)
    text = (await editorial.get_editorial(editor, entry_id)).text
    await actions.edit_entry(entry_id, replace(text, audience="members"), version=1, by=editor)
    await publish(cast, entry_id, version=2)
    changes = await list_changes(cursor)
    assert ([r.id for r in changes.retractions], changes.entries) == ([entry_id], ())


async def test_entries_for_members_leave_no_trace_in_the_feed(cast: Cast) -> None:
    entry_id = await make_published(cast, audience="members")
    await actions.withdraw_entry(entry_id, by=await viewer_for(cast.moderator), reason="Wrong")
    assert (await list_changes()).cursor == "0"


async def test_a_renamed_category_is_a_change_of_its_entries(cast: Cast) -> None:
    await make_published(cast)
    before = await list_changes()
    rows = await editorial.list_all_categories()
    await rename_category(rows[0].id, "Boxes")
    assert [entry.category_name for entry in (await list_changes(before.cursor)).entries] == ["Boxes"]


def _everything(export: object) -> bytes:
    """All bytes of an export, those in a ZIP file unpacked."""
    content: bytes = export.content  # type: ignore[attr-defined]
    if not content.startswith(b"PK"):
        return content
    archive = zipfile.ZipFile(io.BytesIO(content))
    return b"".join(name.encode() + archive.read(name) for name in archive.namelist())
