"""Files as people and attackers send them, made on the spot."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pikepdf
from PIL import Image, PngImagePlugin

CANARY = "Qxzcanary"
"""Stands in everything about a file that is not its picture or its text."""


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


def picture(width: int = 900, height: int = 600, mode: str = "RGB") -> Image.Image:
    return Image.linear_gradient("L").resize((width, height)).convert(mode)


def telling_exif() -> Image.Exif:
    """Author, camera and a place in Bonn."""
    exif = Image.Exif()
    exif[0x010E] = exif[0x013B] = exif[0x8298] = CANARY
    exif[0x0112] = 6  # turned by a quarter
    place = exif.get_ifd(0x8825)
    place[1], place[2], place[3], place[4] = "N", (50.0, 44.0, 2.0), "E", (7.0, 6.0, 9.0)
    place[27] = CANARY.encode()
    return exif


def telling_jpeg() -> bytes:
    xmp = f"<x:xmpmeta xmlns:x='adobe:ns:meta/'>{CANARY}</x:xmpmeta>".encode()
    icc = b"\0" * 128 + CANARY.encode()
    return saved(picture(), "JPEG", exif=telling_exif(), comment=CANARY.encode(), xmp=xmp, icc_profile=icc)


def telling_png() -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_text("Author", CANARY)
    said.add_itxt("XML:com.adobe.xmp", CANARY, zip=True)
    return saved(picture(), "PNG", pnginfo=said, exif=telling_exif(), icc_profile=CANARY.encode() * 9)


def telling_webp() -> bytes:
    return saved(picture(), "WEBP", exif=telling_exif(), xmp=CANARY.encode(), icc_profile=CANARY.encode() * 9)


def moving_gif(frames: int = 30) -> bytes:
    pictures = [Image.new("P", (120, 80), colour) for colour in range(frames)]
    return saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:], comment=CANARY.encode())


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that would unpack to a picture of this size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")


def pdf(change: Any = None) -> bytes:
    """One page, made by somebody; `change` may put something into it."""
    document = pikepdf.new()
    document.add_blank_page(page_size=(300, 200))
    with document.open_metadata() as said:
        said["dc:creator"] = [CANARY]
    document.docinfo["/Author"] = CANARY
    photograph = pikepdf.Stream(document, telling_jpeg())
    for key, value in {
        "/Type": pikepdf.Name.XObject, "/Subtype": pikepdf.Name.Image, "/Width": 900, "/Height": 600,
        "/ColorSpace": pikepdf.Name.DeviceRGB, "/BitsPerComponent": 8, "/Filter": pikepdf.Name.DCTDecode,
    }.items():  # fmt: skip
        photograph[key] = value
    page = document.pages[0]
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=photograph))
    page.Contents = pikepdf.Stream(document, b"q 200 0 0 100 10 10 cm /Im0 Do Q")
    page.Annots = pikepdf.Array(
        [
            document.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.Text,
                    Rect=[0, 0, 9, 9],
                    T=CANARY,
                    Contents="Here it hangs",
                )
            )
        ]
    )
    if change:
        change(document)
    written = io.BytesIO()
    document.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return written.getvalue()


def with_script(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")


def with_launch(document: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")
    link = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9], A=action)
    document.pages[0].Annots = pikepdf.Array([link])


def with_file(document: pikepdf.Pdf) -> None:
    document.attachments["secret.exe"] = b"MZ"
