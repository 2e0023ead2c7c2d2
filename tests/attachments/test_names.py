"""Names of files are shown and saved under, so they hold nothing that hides, reorders or leads anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.attachments.rules import clean_name, shown_size

TYPES = ("image/png", "image/jpeg", "image/webp", "application/pdf", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    "sent,content_type,name",
    [
        ("Bild.JPG", "image/jpeg", "Bild.jpg"),
        ("Bild.gif", "image/png", "Bild.png"),
        ("photo.png.exe", "image/png", "photo.png.exe.png"),
        (r"C:\Users\max.muster\Desktop\router.log", "text/plain", "router.log"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("invoice\u202efdp.exe", "application/pdf", "invoicefdp.exe.pdf"),
        ("a\u200bb\x00\r\nc\x7f.txt", "text/plain", "abc.txt"),
        ("start.bat", "text/plain", "start.bat.txt"),
        ("index.html", "text/plain", "index.html.txt"),
        (".htaccess", "text/plain", "htaccess.txt"),
        ("", "image/png", "file.png"),
        ("....", "application/pdf", "file.pdf"),
        ('"><script>.png', "image/png", "script.png"),
        ("Gr\u0065\u0308\u00dfe  \u00a0 5.log", "text/plain", "Grëße 5.log"),
        ("x" * 500 + ".png", "image/png", "x" * 80 + ".png"),
    ],
)
def test_names_are_cleaned(sent: str, content_type: str, name: str) -> None:
    assert clean_name(sent, content_type) == name


@given(st.text(max_size=300), st.sampled_from(TYPES))
def test_whatever_is_sent_the_name_is_harmless(sent: str, content_type: str) -> None:
    name = clean_name(sent, content_type)
    assert 4 < len(name) <= 90
    assert name.isprintable()
    assert not set(name) & set('/\\:*?"<>|%')
    assert not name.startswith((".", " "))
    assert clean_name(name, content_type) == name


@pytest.mark.parametrize(
    "size,shown", [(9, "9 bytes"), (12_300, "12 KB"), (1_250_000, "1.2 MB"), (10_000_000, "10 MB")]
)
def test_sizes_read_well(size: int, shown: str) -> None:
    assert shown_size(size) == shown
