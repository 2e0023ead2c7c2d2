"""Bundles: signed, the same each time, and validated by the command that websites run."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from pathlib import Path

import jsonschema
import pytest
from justhtml import JustHTML

from community.commands import main
from community.faq.bundle import MANIFEST, SIGNATURE
from community.faq.changes import list_changes
from community.faq.export import build_export, build_files
from community.faq.formats import json_feed
from community.faq.html_subset import problems_of
from community.faq.schema import schema_text
from community.faq.signing import KeyUnfitError, Signer, is_signed, key_id_of
from community.faq.validating import CannotRead, validate
from community.settings import settings
from tests.cast import Cast
from tests.faq.entries import make_published
from tests.fixtures import Visit

STEPS = """1. Open the **customer centre**, see [this](/spaces/mobile).
2. Choose `Load`.

| A | B |
|---|---|
| 1 < 2 | "x" & y |

> Quoted

```sh
echo "<b>"
```
"""


def _run(*arguments: str) -> int:
    """How the command ends."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    return int(ended.value.code or 0)


@pytest.fixture
async def bundle(cast: Cast, tmp_path: Path) -> Path:
    """A ZIP file with two entries, as the command writes it."""
    await make_published(cast, steps=STEPS, question='What does <b> & "this" mean?')
    await make_published(cast, language="de", valid_for="Router <X>", valid_until="2027-06-30")
    path = tmp_path / "faq.zip"
    path.write_bytes((await build_export("zip")).content)
    return path


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "faq-key.pem"
    path.write_bytes(Signer(settings.faq.key_file).public_pem)
    return path


def test_a_key_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "faq.pem"
    first, second = Signer(path), Signer(path)
    assert first.key_id == second.key_id == key_id_of(first.public_pem)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["faq.pem"]
    assert is_signed(b"text", first.sign(b"text"), second.public_pem)
    assert not is_signed(b"other", first.sign(b"text"), first.public_pem)
    path.write_text("something else")
    with pytest.raises(KeyUnfitError):
        Signer(path)


async def test_the_same_entries_make_the_same_bytes(bundle: Path) -> None:
    assert (await build_export("zip")).content == bundle.read_bytes()
    archive = zipfile.ZipFile(bundle)
    assert archive.namelist()[:2] == [MANIFEST, SIGNATURE]
    assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


async def test_the_signature_is_what_openssl_reads(bundle: Path, key: Path, tmp_path: Path) -> None:
    """Word for word as docs/faq-export.md and the page for the web team say it."""
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path)
    command = "openssl pkeyutl -verify -pubin -inkey faq-key.pem -rawin -in manifest.json -sigfile manifest.json.sig"
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "Signature Verified Successfully")
    (tmp_path / MANIFEST).write_bytes((tmp_path / MANIFEST).read_bytes() + b" ")
    assert subprocess.run(command.split(), cwd=tmp_path, capture_output=True).returncode == 1


async def test_what_is_whole_is_in_order(
    bundle: Path, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(tmp_path / "folder")
    (tmp_path / "feed.json").write_text(json_feed(await list_changes()))
    (tmp_path / "folder" / "own.css").write_text("p {}")
    for source, what in (
        (bundle, "bundle"),
        (tmp_path / "folder", "bundle"),
        (tmp_path / "feed.json", "feed"),
    ):
        assert _run("validate", "faq", str(source), "--key", str(key)) == 0
        assert capsys.readouterr().out.splitlines()[-1] == f"In order: a {what} with 2 entries."
    assert _run("validate", "faq", str(tmp_path / "nothing.json")) == 2
    assert "cannot be read" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        (MANIFEST, b'"entries": 2', b'"entries": 3', "manifest.json is not what was signed"),
        (SIGNATURE, None, b"x" * 64, "manifest.json is not what was signed"),
        (SIGNATURE, None, None, "manifest.json.sig is missing"),
        ("faq.md", b"customer", b"Customer", "faq.md is not as the manifest says"),
        ("faq.csv", None, None, "faq.csv is missing"),
        (MANIFEST, b'"kundenkreis-faq-1"', b'"another"', "format: 'kundenkreis-faq-1' was expected"),
        (MANIFEST, b'"path": "faq.csv"', b'"path": "../faq.csv"', "does not match"),
        ("pages/index.html", b"</ul>", b"", "</section> closes nothing"),
        (
            "faq.json",
            b'"date_published": "2',
            b'"date_published": "x',
            "faq.json: page 1: items/0/date_published",
        ),
    ],
)
async def test_what_was_changed_on_the_way_is_said(
    bundle: Path,
    key: Path,
    capsys: pytest.CaptureFixture[str],
    name: str,
    old: bytes | None,
    new: bytes | None,
    said: str,
) -> None:
    files = {each: zipfile.ZipFile(bundle).read(each) for each in zipfile.ZipFile(bundle).namelist()}
    if old is not None and new is not None:
        assert old in files[name]
        files[name] = files[name].replace(old, new)
    elif new is not None:
        files[name] = new
    else:
        del files[name]
    with zipfile.ZipFile(bundle, "w") as archive:
        for each, content in files.items():
            archive.writestr(each, content)
    assert _run("validate", "faq", str(bundle), "--key", str(key)) == 1
    assert said in capsys.readouterr().out


def test_a_feed_that_breaks_its_own_rules_is_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base = "http://127.0.0.1:8000"
    item = {
        "id": "faq-1",
        "url": f"{base}/faq/1-x",
        "title": "Q",
        "summary": "A",
        "content_html": "<p>A<script>",
        "date_published": "2026-01-02T00:00:00Z",
        "date_modified": "2026-01-01T00:00:00Z",
        "language": "de",
        "tags": ["R"],
        "_kundenkreis": {
            "category": "r",
            "category_position": 1,
            "steps_markdown": "",
            "valid_for": "",
            "valid_until": "",
            "checked_at": "2026-01-01T00:00:00Z",
            "checked_by": "moderator",
            "credits": [],
        },
    }
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "FAQ",
        "home_page_url": f"{base}/faq",
        "feed_url": f"{base}/feeds/faq.json",
        "next_url": f"{base}/feeds/faq.json?since=9-aaaaaaaaaaaa",
        "_kundenkreis": {
            "about": f"{base}/faq",
            "schema": f"{base}/feeds/faq.schema.json",
            "since": "7-aaaaaaaaaaaa",
            "cursor": "5-aaaaaaaaaaaa",
            "retractions": [{"id": "faq-1", "withdrawn_at": "2026-01-01T00:00:00Z"}],
        },
        "items": [item, item],
    }
    path = tmp_path / "feed.json"
    path.write_text(json.dumps(feed))
    assert _run("validate", "faq", str(path)) == 1
    out = capsys.readouterr().out
    for said in (
        "faq-1 is there and retracted",
        "its cursor leads back",
        "next_url goes on from '9-aaaaaaaaaaaa'",
        "faq-1: <script> is no element",
        "faq-1: <p> is never closed",
        "faq-1: was changed before it was published",
        "faq-1 comes 2 times",
    ):
        assert said in out


@pytest.mark.parametrize(
    ("html", "said"),
    [
        ('<p onclick="x">a</p>', "has onclick"),
        ('<p style="x">a</p>', "has style"),
        ('<a href="javascript:x">a</a>', "no whole address"),
        ('<a href="/faq">a</a>', "no whole address"),
        ("<p><strong>a</p></strong>", "closes nothing"),
        ("<!-- x -->", "comment"),
        ('<p id="a">a</p><p id="a">b</p>', "twice"),
        ("<iframe></iframe>", "no element"),
    ],
)
def test_html_that_would_harm_a_page_is_found(html: str, said: str) -> None:
    assert any(said in problem for problem in problems_of(html))


@pytest.mark.parametrize(
    "html",
    ['<meta http-equiv="refresh" content="0">', '<link rel="stylesheet" href="https://x.example/x.css">'],
)
def test_pages_neither_lead_away_nor_load_styles_of_others(html: str) -> None:
    assert len(problems_of(html, is_page=True)) == 1
    assert (
        problems_of('<meta charset="utf-8"><link rel="canonical" href="https://x.example">', is_page=True)
        == []
    )


def test_what_is_too_large_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("community.faq.validating.LARGEST", 10)
    (tmp_path / MANIFEST).write_text("{" + " " * 10 + "}")
    for source in (tmp_path, tmp_path / MANIFEST):
        with pytest.raises(CannotRead, match="more than a bundle can"):
            validate(str(source))


async def test_no_level_of_headings_is_skipped(cast: Cast) -> None:
    entry_id = await make_published(cast, steps="# First\n\nDo it.\n\n## Then\n\nDo that.")
    files = await build_files()
    for name, levels in ((f"fragments/faq-{entry_id}.html", "234"), (f"pages/faq-{entry_id}.html", "123")):
        assert "".join(re.findall(r"<h([1-6])", files[name].decode())) == levels
    assert problems_of(files[f"pages/faq-{entry_id}.html"].decode(), is_page=True, has_ways_within=True) == []


async def test_all_html_is_written_as_the_standard_has_it(bundle: Path, visit: Visit) -> None:
    """By a parser that refuses every parse error of the HTML standard."""
    files = await build_files()
    pages = {name: content.decode() for name, content in files.items() if name.endswith(".html")}
    client = await visit()
    for path in ("/embed/faq", "/embed/faq?language=de&theme=dark", "/embed/faq?q=router"):
        answer = await client.get(path)
        assert answer.status_code == 200
        pages[path] = answer.text
    assert len(pages) == 1 + 2 + 4 + 3
    for name, html in pages.items():
        text = html if html.startswith("<!DOCTYPE") else f"<!DOCTYPE html><title>x</title>{html}"
        assert [str(error) for error in JustHTML(text, collect_errors=True).errors] == [], name
    assert JustHTML("<!DOCTYPE html><title>x</title><p><b>a</p></b>", collect_errors=True).errors


async def test_the_schema_is_a_schema_and_stands_at_its_address(
    bundle: Path, visit: Visit, key: Path
) -> None:
    client = await visit()
    answer = await client.get("/feeds/faq.schema.json")
    assert answer.headers["content-type"] == "application/schema+json"
    schema = answer.json()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    validator.validate((await client.get("/feeds/faq.json")).json())
    validator.validate(json.loads(zipfile.ZipFile(io.BytesIO(bundle.read_bytes())).read(MANIFEST)))
    assert schema == json.loads(schema_text())
    served = await client.get("/feeds/faq-key.pem")
    assert served.content == key.read_bytes()
    assert served.headers["access-control-allow-origin"] == "*"
