"""Makes a harmless file of what somebody sent. A program of its own, started for each file and thrown away after it.

Decoders of pictures and PDF are where hostile files strike, so they run here: with little memory, little time, no
secrets, and nothing of the site but two paths. It imports nothing of the community and is started by its path.

    remake.py SOURCE TARGET SMALL     writes TARGET, of pictures also SMALL, and one line of JSON
"""

from __future__ import annotations

import codecs
import json
import re
import sys
from pathlib import Path
from typing import Any

MOST_MEMORY = 1 << 30
MOST_SECONDS = 10
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 20_000
SMALL = 640
"""Pixels of the longer side of the copy that stands in a page; twice what is shown, for fine screens."""
CHUNK = 1 << 16

SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
)
MARKUP = re.compile(
    rb"<(?:!doctype\s+(?:html|svg)|html|svg|script|body|iframe|[a-z0-9]+:svg)\b", re.IGNORECASE
)
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
"""Characters that no text holds. Escape is there because coloured logs have it."""


class Refused(Exception):  # noqa: N818 - it says what happens to the file
    """The file is not taken; the argument is the code of a sentence."""


def remake(source: Path, target: Path, small: Path) -> dict[str, Any]:
    with source.open("rb") as file:
        head = file.read(1024)
    if not head:
        raise Refused("empty")
    kind = next((name for signature, name in SIGNATURES if head.startswith(signature)), "")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        kind = "WEBP"
    if kind:
        return remake_picture(source, target, small, kind)
    if head.startswith(b"%PDF-"):
        return remake_pdf(source, target)
    return copy_text(source, target)


# --- pictures ---------------------------------------------------------------------------------------------


def remake_picture(source: Path, target: Path, small: Path, kind: str) -> dict[str, Any]:
    """Nothing but the pixels of the first frame is taken over: what else the file held is in neither copy."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = None  # The limits here are stricter, and looked at before anything is decoded.
    with Image.open(source, formats=[kind]) as opened:
        width, height = opened.size
        if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
            raise Refused("pixels")
        turned = ImageOps.exif_transpose(opened)
        pixels = _plain(turned)
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)
    del pixels, turned
    made = {"PNG": "image/png", "GIF": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}[kind]
    options: dict[str, Any] = {
        "image/png": {"format": "PNG", "compress_level": 6},
        "image/jpeg": {"format": "JPEG", "quality": 88, "progressive": True},
        "image/webp": {"format": "WEBP", "quality": 88},
    }[made]
    clean.save(target, **options)
    size = clean.size
    clean.thumbnail((SMALL, SMALL))
    clean.save(small, format="WEBP", quality=78)
    return {
        "content_type": made,
        "width": size[0],
        "height": size[1],
        "small_width": clean.size[0],
        "small_height": clean.size[1],
    }


def _plain(image: Any) -> Any:
    """The picture in one of the four ways that all formats here can hold."""
    if image.mode in ("RGB", "RGBA", "L"):
        has_key = image.mode != "RGBA" and "transparency" in image.info
        return image.convert("RGBA") if has_key else image
    if image.mode.startswith(("I", "F")):
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("LA", "PA", "La", "RGBa") or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("L" if image.mode == "1" else "RGB")


# --- PDF --------------------------------------------------------------------------------------------------

ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/XFA", "/RichMediaContent", "/AF"})
ACTIVE_NAMES = frozenset(
    """/JavaScript /Launch /EmbeddedFile /RichMedia /Rendition /ImportData /SubmitForm /GoToR /GoToE /Movie /Sound
    /FileAttachment /Trans3D /3D /SetOCGState3D""".split()  # noqa: SIM905 - a list of words reads best as words
)
TELLING_KEYS = ("/Metadata", "/PieceInfo", "/LastModified", "/Author", "/Creator", "/Producer")


def remake_pdf(source: Path, target: Path) -> dict[str, Any]:
    """Written anew without who made it, when and with what; refused if anything in it acts."""
    import pikepdf

    try:
        document = pikepdf.open(source, suppress_warnings=True)
    except pikepdf.PasswordError:
        raise Refused("locked") from None
    with document:
        if document.is_encrypted:
            raise Refused("locked")
        if not len(document.pages):
            raise Refused("broken")
        # The catalogue may stand in the trailer itself, which is none of the objects.
        for each in (document.trailer, *document.objects):
            _search(each, 0)
        for each in (document.trailer, *document.objects):
            _forget(each)
        if "/Info" in document.trailer:
            del document.trailer["/Info"]
        document.save(target, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return {"content_type": "application/pdf"}


def _search(thing: Any, depth: int) -> None:
    """Look for what acts, in all that stands inside one object; objects it points to come by themselves."""
    import pikepdf

    if depth > 40:
        raise Refused("broken")
    if isinstance(thing, pikepdf.Stream | pikepdf.Dictionary):
        for key, value in thing.items():
            if key in ACTIVE_KEYS:
                raise Refused("active")
            if (
                key in ("/S", "/Type", "/Subtype")
                and isinstance(value, pikepdf.Name)
                and str(value) in ACTIVE_NAMES
            ):
                raise Refused("active")
            if isinstance(value, pikepdf.Object) and not value.is_indirect:
                _search(value, depth + 1)
    elif isinstance(thing, pikepdf.Array):
        for value in thing:
            if isinstance(value, pikepdf.Object) and not value.is_indirect:
                _search(value, depth + 1)


def _forget(thing: Any) -> None:
    """Take out who and when: of documents and pages, of remarks in them, of photographs in them."""
    import pikepdf

    if isinstance(thing, pikepdf.Array):
        for value in thing:
            if isinstance(value, pikepdf.Dictionary) and not value.is_indirect:
                _forget(value)
        return
    if not isinstance(thing, pikepdf.Stream | pikepdf.Dictionary):
        return
    for key in TELLING_KEYS:
        if key in thing:
            del thing[key]
    is_remark = "/Rect" in thing and thing.get("/Subtype") not in (None, pikepdf.Name.Widget)
    if is_remark and "/T" in thing:
        del thing["/T"]
    if isinstance(thing, pikepdf.Stream):
        filters = thing.get("/Filter")
        if filters == pikepdf.Name.DCTDecode or filters == pikepdf.Array([pikepdf.Name.DCTDecode]):
            parameters: Any = thing.get("/DecodeParms")
            picture = without_remarks(thing.read_raw_bytes())
            thing.write(picture, filter=pikepdf.Name.DCTDecode, decode_parms=parameters)
        return
    for value in thing.values():
        if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            _forget(value)


def without_remarks(picture: bytes) -> bytes:
    """A JPEG without the segments that cameras and programs write about it; the pixels stay as they are."""
    kept, place = [picture[:2]], 2
    while place + 4 <= len(picture) and picture[place] == 0xFF:
        marker, length = picture[place + 1], int.from_bytes(picture[place + 2 : place + 4], "big")
        if marker == 0xDA or length < 2:
            break
        # APP0 and APP14 say how the colours are to be read.
        if not (marker == 0xFE or (0xE1 <= marker <= 0xEF and marker != 0xEE)):
            kept.append(picture[place : place + 2 + length])
        place += 2 + length
    end = picture.rfind(b"\xff\xd9")
    kept.append(picture[place : end + 2 if end >= place else len(picture)])
    return b"".join(kept)


# --- text -------------------------------------------------------------------------------------------------


def copy_text(source: Path, target: Path) -> dict[str, Any]:
    """A text stays as it is, byte for byte, if it is one."""
    with source.open("rb") as file:
        # Behind a byte order mark, blanks, an XML declaration and comments stands what it is.
        if MARKUP.search(file.read(4096)):
            raise Refused("markup")
    for encoding, charset in (("utf-8-sig", "utf-8"), ("cp1252", "windows-1252")):
        if _is_text(source, encoding):
            with source.open("rb") as read, target.open("wb") as written:
                while chunk := read.read(CHUNK):
                    written.write(chunk)
            return {"content_type": f"text/plain; charset={charset}"}
    raise Refused("kind")


def _is_text(source: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with source.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                if CONTROLS.search(decoder.decode(chunk)):
                    return False
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
    return True


def limit() -> None:
    """Before anything of the file is read: no more memory, time or room than an honest file needs."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 28, 1 << 28))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(arguments: list[str]) -> int:
    limit()
    source, target, small = map(Path, arguments)
    try:
        said = remake(source, target, small)
    except Refused as refused:
        said = {"refused": refused.args[0]}
    except MemoryError:
        said = {"refused": "pixels"}
    except OSError as trouble:
        # Pillow says so of damaged pictures as well; only the system's own errors have a number.
        said = {"failed": trouble.errno} if trouble.errno else {"refused": "broken"}
    except Exception:  # whatever a decoder raises about a file that somebody made
        said = {"refused": "broken"}
    print(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
