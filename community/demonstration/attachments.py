"""Files of the demo community, drawn and written here: the log of a router and pictures of its pages and lights."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from anyio.to_thread import run_sync
from PIL import Image, ImageDraw, ImageFont

from community.attachments.actions import Received, attach_file, describe_unposted, post_attachments
from community.attachments.storage import incoming
from community.core.db import fetch_one
from community.demonstration.teaser_pictures import TEASERS
from community.threads.history import Brought

NIGHTLY, SPEED = "inet-pppoe-naechtlich", "inet-wlan-tempo"
INK, PAPER, LINE, RED, GREEN = "#1b2a33", "#f7f9fa", "#ccd6db", "#c0392b", "#1e8449"


async def fill_attachments(threads: Mapping[str, Brought]) -> None:
    """Attach files to the questions that speak of them, the way members do it."""
    await _attach(threads[NIGHTLY], "ont-ereignisse.log", _write_log)
    await _attach(threads[NIGHTLY], "LEDs um 3-40 Uhr.png", _draw_lights)
    await _attach(threads[SPEED], "Messung.png", _draw_speed)
    for article, (name, alt, draw) in TEASERS.items():
        if article in threads:
            await _attach(threads[article], name, draw, alt=alt)


async def _attach(thread: Brought, name: str, make: Callable[[Path], None], *, alt: str = "") -> None:
    author = await fetch_one("SELECT author_id FROM posts WHERE id = :id", {"id": thread.opening_id})
    if author is None:
        raise LookupError(name)
    path = incoming() / secrets.token_hex(16)
    await run_sync(lambda: path.parent.mkdir(parents=True, exist_ok=True))
    try:
        await run_sync(make, path)
        size = (await run_sync(path.stat)).st_size
        received = Received(name, path, size, digest="")
        row = await attach_file(received, place="ask", by=author["author_id"])
    finally:
        await run_sync(lambda: path.unlink(missing_ok=True))
    if alt:
        await describe_unposted({row.id: alt}, by=author["author_id"])
    await post_attachments(thread.opening_id, [row.id], by=author["author_id"])


def _write_log(path: Path) -> None:
    path.write_text("\n".join(_events()) + "\n", encoding="utf-8")


def _events() -> Iterator[str]:
    for number, day in enumerate(("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")):
        yield f"{day} 03:39:5{number} gpon  warn  RX power -27.{number} dBm"
        yield f"{day} 03:40:1{number % 5} gpon  err   LOS detected"
        yield f"{day} 03:40:1{number % 5 + 3} pppd  info  LCP terminated by peer"
        yield f"{day} 03:44:3{number} gpon  info  O5 operation state"
        yield f"{day} 03:44:5{number} pppd  info  session up, MTU 1492"


def _draw_lights(path: Path) -> None:
    image = Image.new("RGB", (960, 420), INK)
    pen = ImageDraw.Draw(image)
    pen.rounded_rectangle((60, 60, 900, 360), 28, fill="#2c3e48", outline="#4a5f6b", width=3)
    for number, (label, colour) in enumerate(
        (("POWER", GREEN), ("PON", "#57656d"), ("LOS", RED), ("LAN 1", GREEN), ("LAN 2", "#57656d"))
    ):
        left = 140 + number * 150
        pen.ellipse((left, 150, left + 56, 206), fill=colour, outline="#0d1418", width=3)
        pen.text((left + 28, 240), label, fill="#dfe7ea", font=ImageFont.load_default(26), anchor="mt")
    image.save(path, format="PNG")


def _draw_speed(path: Path) -> None:
    image = Image.new("RGB", (1000, 560), PAPER)
    pen = ImageDraw.Draw(image)
    pen.text((50, 40), "Messung am Laptop", fill=INK, font=ImageFont.load_default(40))
    for number, (label, value, colour) in enumerate(
        (
            ("WLAN, 5 GHz, am Tresen", 281, RED),
            ("WLAN, neben dem Router", 612, "#b9770e"),
            ("Kabel am Router", 941, GREEN),
        )
    ):
        top = 150 + number * 130
        pen.text((50, top), label, fill=INK, font=ImageFont.load_default(28))
        pen.rounded_rectangle((50, top + 44, 850, top + 84), 12, fill=LINE)
        pen.rounded_rectangle((50, top + 44, 50 + int(value * 0.8), top + 84), 12, fill=colour)
        pen.text((950, top + 48), f"{value}", fill=INK, font=ImageFont.load_default(30), anchor="rt")
    image.save(path, format="PNG")
