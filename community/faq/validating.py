"""Whether what a website was given is whole, comes from here and keeps to the format: `community validate faq`.

Knows nothing of this installation, so that it says the same wherever it runs.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from jsonschema import Draft202012Validator

from community.faq.bundle import MANIFEST, SIGNATURE
from community.faq.html_subset import problems_of
from community.faq.schema import schema_text
from community.faq.signing import KeyUnfitError, is_signed, key_id_of

MOST_PROBLEMS = 50
SECONDS = 30.0
LARGEST = 200 * 1024 * 1024
"""Bytes of one file or answer, unpacked."""


class CannotRead(Exception):  # noqa: N818 - it is what the command says
    """There is nothing there that could be looked at."""


@dataclass
class Report:
    what: str
    """ "feed" or "bundle"."""
    entries: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, problems: Iterable[str]) -> None:
        self.problems.extend(problems)


def validate(source: str, *, public_key: bytes | None = None) -> Report:
    """Look at a feed (a file or an address, all of its pages), a ZIP file or a folder. Raises `CannotRead`.

    The signature is proved with `public_key`, or else with the key that stands where the manifest says, which proves
    less: whoever changed the one could have changed the other.
    """
    if source.startswith(("https://", "http://")):
        return _feed(_pages_from(source))
    path = Path(source)
    try:
        if path.is_dir():
            return _bundle(_in_folder(path), public_key)
        content = _read_file(path)
    except OSError as trouble:
        raise CannotRead(f"{source} cannot be read: {trouble.strerror}") from trouble
    if content[:2] == b"PK":
        return _bundle(_in_zip(content), public_key)
    return _feed([_json(content, source)])


# --- feeds ----------------------------------------------------------------------------------------------


def _pages_from(address: str) -> Iterator[Mapping[str, Any]]:
    following, seen = address, set()
    while following:
        if following in seen:
            raise CannotRead(f"next_url leads in a circle: {following}")
        seen.add(following)
        page = _json(_fetch(following), following)
        yield page
        following = page.get("next_url", "") if isinstance(page, dict) else ""
        if following and urlsplit(following)[:2] != urlsplit(address)[:2]:
            raise CannotRead(f"next_url leads to another website: {following}")


def _feed(pages: Iterable[Mapping[str, Any]]) -> Report:
    """Every page by itself, and what has to hold from one to the next."""
    report, before, ids = Report("feed"), "", Counter[str]()
    for number, page in enumerate(pages, start=1):
        where = f"page {number}: "
        wrong = list(_against_schema(page, "feed"))
        report.add(where + problem for problem in wrong)
        if wrong:
            continue
        report.add(where + problem for problem in _cursor_problems(page, before))
        before = page["_kundenkreis"]["cursor"]
        ids.update(item["id"] for item in page["items"])
        report.entries += len(page["items"])
        report.add(f"{item['id']}: {problem}" for item in page["items"] for problem in _item_problems(item))
        if len(report.problems) > MOST_PROBLEMS:
            break
    report.add(f"{key} comes {count} times" for key, count in ids.items() if count > 1)
    return report


def _cursor_problems(page: Mapping[str, Any], before: str) -> Iterator[str]:
    own = page["_kundenkreis"]
    gone, there = {each["id"] for each in own["retractions"]}, {item["id"] for item in page["items"]}
    if gone & there:
        yield f"{', '.join(sorted(gone & there))} is there and retracted"
    if own["since"] == "0" and gone:
        yield "retracts something although it begins at the beginning"
    if before and own["since"] != before:
        yield f"goes on from {own['since']}, but the page before ended at {before}"
    if _place(own["cursor"]) < _place(own["since"]):
        yield "its cursor leads back"
    if (gone or there) and own["cursor"] == own["since"]:
        yield "tells something, but its cursor does not move"
    if "next_url" in page:
        following = parse_qs(urlsplit(page["next_url"]).query).get("since", [""])[0]
        if following != own["cursor"]:
            yield f"next_url goes on from {following!r} instead of its cursor"


def _place(cursor: str) -> int:
    return int(cursor.partition("-")[0])


def _item_problems(item: Mapping[str, Any]) -> Iterator[str]:
    yield from problems_of(item["content_html"])
    if item["date_modified"] < item["date_published"]:
        yield "was changed before it was published"


# --- bundles --------------------------------------------------------------------------------------------

Files = tuple[list[str], Callable[[str], bytes]]


def _in_folder(folder: Path) -> Files:
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    return names, lambda name: _read_file(folder / name)


def _in_zip(content: bytes) -> Files:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile as trouble:
        raise CannotRead("This is no whole ZIP file.") from trouble
    if sum(info.file_size for info in archive.infolist()) > LARGEST:
        raise CannotRead("This unpacks to more than a bundle can hold.")
    return archive.namelist(), archive.read


def _bundle(files: Files, public_key: bytes | None) -> Report:
    names, read = files
    if MANIFEST not in names:
        raise CannotRead(f"There is no {MANIFEST} in it.")
    report, text = Report("bundle"), read(MANIFEST)
    manifest = _json(text, MANIFEST)
    report.add(f"{MANIFEST}: {problem}" for problem in _against_schema(manifest, "manifest"))
    if report.problems:
        return report
    report.entries = manifest["counts"]["entries"]
    report.add(_signature_problems(manifest, text, names, read, public_key, report.notes))
    report.add(_file_problems(manifest, names, read))
    listed = {each["path"] for each in manifest["files"]} & set(names)
    report.notes += [
        f"{name} is not of the bundle" for name in names if name not in {*listed, MANIFEST, SIGNATURE}
    ]
    for name in sorted(name for name in listed if name.endswith(".html")):
        is_page = not name.startswith("fragments/")
        found = problems_of(read(name).decode(), is_page=is_page, has_ways_within=True)
        report.add(f"{name}: {problem}" for problem in found)
    if "faq.json" in listed:
        feed = _feed([_json(read("faq.json"), "faq.json")])
        report.add(f"faq.json: {problem}" for problem in feed.problems)
        if feed.entries != report.entries:
            report.problems.append(f"faq.json has {feed.entries} entries, the manifest {report.entries}")
    return report


def _signature_problems(
    manifest: Mapping[str, Any],
    text: bytes,
    names: list[str],
    read: Callable[[str], bytes],
    public_key: bytes | None,
    notes: list[str],
) -> Iterator[str]:
    if SIGNATURE not in names:
        yield f"{SIGNATURE} is missing"
        return
    said = manifest["signature"]
    if public_key is None:
        notes.append(f"The key was fetched from {said['key_url']}. Keep it, and give it by --key next time.")
        public_key = _fetch(said["key_url"])
    try:
        if key_id_of(public_key) != said["key_id"]:
            yield f"it is signed with the key {said['key_id']}, not with {key_id_of(public_key)}"
        elif not is_signed(text, read(SIGNATURE), public_key):
            yield f"{MANIFEST} is not what was signed"
    except KeyUnfitError as problem:
        yield str(problem)


def _file_problems(
    manifest: Mapping[str, Any], names: list[str], read: Callable[[str], bytes]
) -> Iterator[str]:
    paths = Counter(each["path"] for each in manifest["files"])
    yield from (f"{name} is listed {count} times" for name, count in paths.items() if count > 1)
    if manifest["counts"]["files"] != len(manifest["files"]):
        yield f"the manifest counts {manifest['counts']['files']} files and lists {len(manifest['files'])}"
    for each in manifest["files"]:
        if each["path"] not in names:
            yield f"{each['path']} is missing"
        elif hashlib.sha256(read(each["path"])).hexdigest() != each["sha256"]:
            yield f"{each['path']} is not as the manifest says"


# --- what both share ------------------------------------------------------------------------------------


def _against_schema(content: object, kind: str) -> Iterator[str]:
    schema = json.loads(schema_text())
    schema = {**{name: schema[name] for name in ("$schema", "$defs")}, "$ref": f"#/$defs/{kind}"}
    found = sorted(
        Draft202012Validator(schema).iter_errors(content), key=lambda error: list(map(str, error.path))
    )
    for error in found[:MOST_PROBLEMS]:
        where = "/".join(map(str, error.absolute_path)) or "the whole"
        yield f"{where}: {error.message[:200]}"


def _json(content: bytes, name: str) -> Any:
    try:
        return json.loads(content)
    except ValueError as trouble:
        raise CannotRead(f"{name} is no JSON.") from trouble


def _read_file(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(LARGEST + 1)
    _demand_fitting(content, str(path))
    return content


def _demand_fitting(content: bytes | bytearray, name: str) -> None:
    if len(content) > LARGEST:
        raise CannotRead(f"{name} holds more than a bundle can.")


def _fetch(address: str) -> bytes:
    content = bytearray()
    try:
        with httpx2.stream("GET", address, timeout=SECONDS, follow_redirects=True) as answer:
            for piece in answer.iter_bytes() if answer.status_code == 200 else ():
                content += piece
                _demand_fitting(content, address)
    except httpx2.HTTPError as trouble:
        raise CannotRead(f"{address} does not answer ({type(trouble).__name__}).") from trouble
    if answer.status_code != 200:
        raise CannotRead(f"{address} answers {answer.status_code}.")
    return bytes(content)
