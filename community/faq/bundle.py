"""The bundle: every format, a fragment and a page per entry, and a signed list of all files.

The same entries make the same bytes, so that nothing is sent or written again that has not changed.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence

from community.faq import formats, formats_html
from community.faq.exported import ExportedEntry
from community.faq.formats import SCHEMA_PATH
from community.faq.signing import KEY_PATH, Signer
from community.settings import settings

MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.sig"
FORMAT = "kundenkreis-faq-1"
_NO_TIME = (1980, 1, 1, 0, 0, 0)
"""Of files in the ZIP: the earliest that it can say."""


def bundle_files(
    entries: Sequence[ExportedEntry], whole: Mapping[str, str], *, cursor: str, language: str, category: str
) -> dict[str, bytes]:
    """All files by their names, the manifest and its signature last; `whole` are those with all entries in one."""
    files = {name: text.encode() for name, text in whole.items()}
    files["fragments/index.html"] = formats_html.index(entries).encode()
    files["pages/index.html"] = formats_html.index_page(entries).encode()
    for entry in entries:
        files[f"fragments/{entry.key}.html"] = formats_html.fragment(entry).encode()
        files[f"pages/{entry.key}.html"] = formats_html.entry_page(entry).encode()
    signer = Signer(settings.faq.key_file)
    manifest = {
        "format": FORMAT,
        "made_from": f"{settings.base_url}/faq",
        "schema": f"{settings.base_url}{SCHEMA_PATH}",
        "changed_at": max((formats.iso(entry.changed_at) for entry in entries), default=""),
        "language": language,
        "category": category,
        "cursor": cursor,
        "counts": {
            "entries": len(entries),
            "categories": len({entry.category_slug for entry in entries}),
            "files": len(files),
        },
        "signature": {
            "algorithm": "Ed25519",
            "file": SIGNATURE,
            "key_id": signer.key_id,
            "key_url": f"{settings.base_url}{KEY_PATH}",
        },
        "files": [
            {"path": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in sorted(files.items())
        ],
    }
    text = (json.dumps(manifest, ensure_ascii=False, indent=2) + "\n").encode()
    return {**dict(sorted(files.items())), SIGNATURE: signer.sign(text), MANIFEST: text}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """One ZIP file, the manifest first, without anything of the time at which it is made."""
    target = io.BytesIO()
    first = (MANIFEST, SIGNATURE)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in (*first, *(name for name in files if name not in first)):
            info = zipfile.ZipInfo(name, _NO_TIME)
            info.compress_type, info.create_system, info.external_attr = zipfile.ZIP_DEFLATED, 3, 0o644 << 16
            archive.writestr(info, files[name])
    return target.getvalue()
