"""Teaser pictures for the articles of the demo community, drawn here: they belong to nobody else."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT, FINE = 1200, 675, 2
DEEP, SEA, MIST, SAND, CORAL, LEAF = "#0b3b45", "#0f6b77", "#d8ecee", "#f3e6d0", "#e4744f", "#3f9d6b"


def _canvas(top: str, bottom: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A ground that goes from one colour to another, drawn finer than it is saved."""
    size = (WIDTH * FINE, HEIGHT * FINE)
    shade = Image.linear_gradient("L").resize(size)
    ground = Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), shade)
    return ground, ImageDraw.Draw(ground)


def _box(*values: float) -> tuple[float, ...]:
    return tuple(value * FINE for value in values)


def _save(picture: Image.Image, path: Path) -> None:
    picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(path, format="PNG")


def draw_fibres(path: Path) -> None:
    """A cable in the ground, opened, with its fibres of light."""
    picture, pen = _canvas("#123f49", "#3a2a20")
    pen.rectangle(_box(0, 190, WIDTH, HEIGHT), fill="#5a4030")
    for number in range(40):
        left, top = (number * 167) % WIDTH, 210 + (number * 97) % 450
        pen.ellipse(_box(left, top, left + 26, top + 14), fill="#4a3426" if number % 2 else "#6b4d3a")
    pen.rounded_rectangle(_box(-40, 300, 560, 400), 50 * FINE, fill="#20272b")
    pen.rounded_rectangle(_box(-40, 318, 590, 382), 32 * FINE, fill="#e08a3c")
    colours = ("#7ee0d6", "#f6d365", "#f28f79", "#a5c8ff", "#c7f0a9", "#ffffff", "#e9b7ff")
    glow = Image.new("RGB", picture.size, "#000000")
    for layer in (ImageDraw.Draw(glow), pen):
        for number, colour in enumerate(colours):
            spread = (number - 3) * 62
            points = [
                ((560 + step * 8) * FINE, (350 + spread * (step / 72) ** 1.6) * FINE) for step in range(73)
            ]
            layer.line(points, fill=colour, width=5 * FINE, joint="curve")
            x, y = points[-1]
            layer.ellipse((x - 12 * FINE, y - 12 * FINE, x + 12 * FINE, y + 12 * FINE), fill=colour)
    soft = glow.filter(ImageFilter.GaussianBlur(18 * FINE))
    picture.paste(Image.blend(picture, soft, 0.35), mask=soft.convert("L"))
    _save(picture, path)


def draw_invoice(path: Path) -> None:
    """Sheets of paper that turn into data."""
    picture, pen = _canvas(SAND, "#e9cfa6")
    for number, (left, top, paper) in enumerate(
        ((250, 150, "#efe3cf"), (200, 115, "#f7efe2"), (150, 80, "#ffffff"))
    ):
        pen.rounded_rectangle(_box(left, top, left + 400, top + 500), 16 * FINE, fill=paper)
        if number == 2:
            pen.rounded_rectangle(_box(left + 40, top + 44, left + 180, top + 74), 8 * FINE, fill=SEA)
            for line in range(7):
                y = top + 130 + line * 42
                pen.rounded_rectangle(
                    _box(left + 40, y, left + 240 - line % 3 * 30, y + 14), 7 * FINE, fill="#d5d9d6"
                )
                pen.rounded_rectangle(_box(left + 290, y, left + 360, y + 14), 7 * FINE, fill="#b9c4c1")
            pen.rounded_rectangle(_box(left + 230, top + 430, left + 360, top + 460), 8 * FINE, fill=CORAL)
    for column in range(9):
        for row in range(9):
            size = 8 + 14 * abs(math.sin(column * 1.3 + row * 2.1))
            x, y = 690 + column * 52, 120 + row * 52
            colour = (SEA, CORAL, LEAF, DEEP)[(column * 3 + row) % 4]
            pen.rounded_rectangle(_box(x, y, x + size, y + size), 4 * FINE, fill=colour)
    _save(picture, path)


def draw_message(path: Path) -> None:
    """A phone that knows of an outage before anybody asks."""
    picture, pen = _canvas("#0e4a55", "#0b2f3d")
    for ring in range(6, 0, -1):
        radius = 90 * ring
        shade = (18 + ring * 3, 96 - ring * 6, 110 - ring * 6)
        pen.ellipse(_box(820 - radius, 330 - radius, 820 + radius, 330 + radius), fill=shade)
    pen.rounded_rectangle(_box(690, 70, 950, 610), 44 * FINE, fill="#0a1f27")
    pen.rounded_rectangle(_box(706, 88, 934, 592), 30 * FINE, fill="#f4f9f9")
    for top, width, colour in ((150, 170, CORAL), (290, 190, LEAF), (430, 150, "#b8d3d6")):
        pen.rounded_rectangle(_box(726, top, 726 + width, top + 100), 20 * FINE, fill=colour)
        for line in range(2):
            pen.rounded_rectangle(
                _box(744, top + 30 + line * 28, 744 + width - 56 - line * 30, top + 42 + line * 28),
                6 * FINE,
                fill="#ffffff",
            )
    points = [(90, 380), (250, 380), (290, 250), (350, 500), (400, 380), (640, 380)]
    pen.line([(x * FINE, y * FINE) for x, y in points], fill="#7ee0d6", width=9 * FINE, joint="curve")
    pen.ellipse(_box(626, 366, 654, 394), fill="#7ee0d6")
    _save(picture, path)


TEASERS: dict[str, tuple[str, str, Callable[[Path], None]]] = {
    "blog-bagger": (
        "Glasfaser.png",
        "Ein offenes Kabel im Erdreich, aus dem leuchtende Fasern kommen",
        draw_fibres,
    ),
    "blog-e-rechnung": ("E-Rechnung.png", "Rechnungen auf Papier, die sich in Daten auflösen", draw_invoice),
    "blog-stoerungs-sms": (
        "Meldung.png",
        "Ein Telefon mit einer Störungsmeldung und einer Entwarnung",
        draw_message,
    ),
}
"""By the id of the article: the name of the file, what is to be seen, and who draws it."""
