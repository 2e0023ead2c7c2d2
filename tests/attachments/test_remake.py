"""What is made of a file: nothing but its picture, its pages or its text; and what is refused."""

from __future__ import annotations

import io
import zlib
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from community.attachments.remaking import NotRemade, Remade, remake
from tests.attachments.files import (
    CANARY,
    moving_gif,
    pdf,
    picture,
    png_that_claims,
    saved,
    telling_exif,
    telling_jpeg,
    telling_png,
    telling_webp,
    with_file,
    with_launch,
    with_script,
)


async def made(content: bytes, folder: Path) -> tuple[Remade, bytes, bytes]:
    source, target, small = (folder / name for name in ("source", "target", "small"))
    source.write_bytes(content)
    said = await remake(source, target, small)
    return said, target.read_bytes(), small.read_bytes() if small.exists() else b""


async def refused(content: bytes, folder: Path) -> str:
    with pytest.raises(NotRemade) as refusal:
        await made(content, folder)
    return refusal.value.code


@pytest.mark.parametrize(
    "content,content_type",
    [
        pytest.param(telling_jpeg(), "image/jpeg", id="jpeg"),
        pytest.param(telling_png(), "image/png", id="png"),
        pytest.param(telling_webp(), "image/webp", id="webp"),
        pytest.param(moving_gif(), "image/png", id="gif"),
    ],
)
async def test_pictures_keep_their_pixels_and_nothing_else(
    content: bytes, content_type: str, tmp_path: Path
) -> None:
    assert CANARY.encode() in content or content_type == "image/png"
    said, whole, small = await made(content, tmp_path)
    assert said.content_type == content_type
    for copy in (whole, small):
        assert CANARY.encode() not in copy
        with Image.open(io.BytesIO(copy)) as opened:
            assert not opened.getexif()
            assert not opened.getexif().get_ifd(0x8825)
            assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progression",
                                        "progressive", "loop", "background", "timestamp", "duration"}  # fmt: skip
            assert getattr(opened, "n_frames", 1) == 1
    with Image.open(io.BytesIO(whole)) as opened:
        assert opened.size == (said.width, said.height)
    with Image.open(io.BytesIO(small)) as opened:
        assert opened.format == "WEBP"
        assert opened.size == (said.small_width, said.small_height)
        assert max(opened.size) <= 640


async def test_a_turned_photograph_is_stored_as_it_is_seen(tmp_path: Path) -> None:
    said, _whole, _small = await made(saved(picture(900, 600), "JPEG", exif=telling_exif()), tmp_path)
    assert (said.width, said.height) == (600, 900)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
async def test_every_kind_of_pixels_is_taken(mode: str, tmp_path: Path) -> None:
    image = picture(80, 60, "L").convert(mode) if mode != "I;16" else Image.new("I;16", (80, 60), 40_000)
    said, whole, _small = await made(saved(image, "PNG"), tmp_path)
    with Image.open(io.BytesIO(whole)) as opened:
        opened.load()
        assert opened.size == (80, 60)
        before, after = image.convert("RGB").getpixel((70, 50)), opened.convert("RGB").getpixel((70, 50))
    if mode != "I;16":
        assert before == after
    assert said.is_picture


async def test_what_shines_through_still_does(tmp_path: Path) -> None:
    image = Image.new("P", (40, 40), 3)
    image.putpalette([value for grey in range(256) for value in (grey, grey, grey)])
    _said, whole, _small = await made(saved(image, "PNG", transparency=3), tmp_path)
    with Image.open(io.BytesIO(whole)) as opened:
        assert opened.convert("RGBA").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize("size", [(50_000, 50_000), (21_000, 10), (6_400, 6_400)])
async def test_too_many_pixels_are_refused_before_they_are_unpacked(
    size: tuple[int, int], tmp_path: Path
) -> None:
    assert await refused(png_that_claims(*size), tmp_path) == "pixels"


async def test_a_bomb_of_text_inside_a_picture_is_refused(tmp_path: Path) -> None:
    bomb = zlib.compress(b"\0" * 300_000_000, 9)
    chunk = b"zTXt" + b"Comment\0\0" + bomb
    content = saved(picture(20, 20), "PNG")
    at = content.index(b"IDAT") - 4
    length = (len(chunk) - 4).to_bytes(4, "big")
    content = content[:at] + length + chunk + zlib.crc32(chunk).to_bytes(4, "big") + content[at:]
    assert await refused(content, tmp_path) == "broken"


@pytest.mark.parametrize(
    "tail",
    [
        b"<html><script>alert(1)</script></html>",
        b"PK\x03\x04evil.exe",
        b"%PDF-1.7\n/JavaScript",
        b"<?php system('id'); ?>",
    ],
)
@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
async def test_files_of_two_kinds_become_files_of_one(form: str, tail: bytes, tmp_path: Path) -> None:
    _said, whole, small = await made(saved(picture(60, 40), form) + tail, tmp_path)
    assert tail not in whole + small


@pytest.mark.parametrize(
    "content,code",
    [
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "markup", id="svg"),
        pytest.param(b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x -->\n<svg/>", "markup", id="svg behind xml"),
        pytest.param(b"  <!DOCTYPE html><p>hello", "markup", id="html"),
        pytest.param(b"<sCrIpT>alert(1)</script>", "markup", id="script"),
        pytest.param(b"PK\x03\x04\x14\x00\x00\x00", "kind", id="zip"),
        pytest.param(b"MZ\x90\x00\x03", "kind", id="program"),
        pytest.param(b"\x7fELF\x02\x01\x01", "kind", id="elf"),
        pytest.param("Wörter".encode("utf-16"), "kind", id="utf-16"),
        pytest.param(b"a log\0with a zero", "kind", id="zero"),
        pytest.param(b"GIF89a", "broken", id="half a gif"),
        pytest.param(saved(picture(200, 200), "JPEG")[:900], "broken", id="cut jpeg"),
        pytest.param(b"\xff\xd8\xff\xe0 no picture", "broken", id="no jpeg"),
        pytest.param(b"%PDF-1.7 and nothing", "broken", id="no pdf"),
    ],
)
async def test_what_is_no_picture_pdf_or_text_is_refused(content: bytes, code: str, tmp_path: Path) -> None:
    assert await refused(content, tmp_path) == code


@pytest.mark.parametrize(
    "content,charset",
    [
        ("Größe: 5 €\n\x1b[31mred\x1b[0m\r\n\ttabs".encode(), "utf-8"),
        (b"\xef\xbb\xbfwith a mark", "utf-8"),
        ("Größe: 5 €".encode("cp1252"), "windows-1252"),
        (b"if (a < b && c > d) { }", "utf-8"),
        (b"<?xml version='1.0'?><configuration><port>80</port></configuration>", "utf-8"),
    ],
)
async def test_texts_stay_as_they_are(content: bytes, charset: str, tmp_path: Path) -> None:
    said, whole, small = await made(content, tmp_path)
    assert said == Remade(f"text/plain; charset={charset}")
    assert (whole, small) == (content, b"")


async def test_a_pdf_keeps_its_pages_and_tells_nobody(tmp_path: Path) -> None:
    said, whole, _small = await made(pdf(), tmp_path)
    assert said == Remade("application/pdf")
    with pikepdf.open(io.BytesIO(whole)) as document:
        assert len(document.pages) == 1
        assert "/Info" not in document.trailer
        assert "/Metadata" not in document.Root
        photograph = document.pages[0].Resources.XObject.Im0
        with Image.open(io.BytesIO(photograph.read_raw_bytes())) as opened:
            opened.load()
            assert opened.size == (900, 600)
            assert not opened.getexif()
        remark = document.pages[0].Annots[0]
        assert str(remark.Contents) == "Here it hangs"
        assert "/T" not in remark
        unpacked = io.BytesIO()
        document.save(unpacked, object_stream_mode=pikepdf.ObjectStreamMode.disable,
                      stream_decode_level=pikepdf.StreamDecodeLevel.generalized)  # fmt: skip
    assert CANARY.encode() not in unpacked.getvalue()


@pytest.mark.parametrize("change", [with_script, with_launch, with_file])
async def test_a_pdf_that_acts_is_refused_also_where_it_is_packed(change: object, tmp_path: Path) -> None:
    assert await refused(pdf(change), tmp_path) == "active"


async def test_a_pdf_that_acts_is_refused_under_another_spelling(tmp_path: Path) -> None:
    content = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction"
        b"<</S/#4aavaScript/#4a#53(app.alert\\(1\\))>>>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R/Size 4>>\n%%EOF"
    )
    assert await refused(content, tmp_path) == "active"


async def test_a_pdf_whose_catalogue_stands_in_its_trailer_is_looked_at_too(tmp_path: Path) -> None:
    content = (
        b"%PDF-1.4\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\n"
        b"trailer<</Size 4/Root<</Type/Catalog/Pages 2 0 R/OpenAction"
        b"<</S/JavaScript/JS(app.alert\\(1\\))>>>>>>\n%%EOF"
    )
    assert await refused(content, tmp_path) == "active"


async def test_a_pdf_with_a_password_is_refused(tmp_path: Path) -> None:
    with pikepdf.open(io.BytesIO(pdf())) as document:
        written = io.BytesIO()
        document.save(written, encryption=pikepdf.Encryption(user="secret", owner="secret"))
    assert await refused(written.getvalue(), tmp_path) == "locked"


async def test_a_file_behind_a_pdf_is_not_taken_along(tmp_path: Path) -> None:
    _said, whole, _small = await made(pdf() + b"PK\x03\x04" + b"evil" * 20, tmp_path)
    assert b"evil" not in whole


async def test_a_child_that_takes_too_long_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("community.attachments.remaking.LONGEST", 0.01)
    assert await refused(saved(picture(), "PNG"), tmp_path) == "slow"
