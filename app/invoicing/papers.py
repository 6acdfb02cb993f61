"""Agreements as PDF on A4: headings and paragraphs, drawn as text, never as markup, and without a clock."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfgen.canvas import Canvas

from app.invoicing.pdf import BOLD, BOTTOM, LEFT, PLAIN, RIGHT, TOP, drawable, fonts

LINE = 5 * mm
SIZE = 9


def text_pdf(name: str, title: str, parts: Sequence[tuple[str, str]]) -> bytes:
    """The document's bytes, the same for the same text. `parts`: (heading, text)."""
    fonts()
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle(name)
    canvas.setAuthor("FlexDesk")
    y, page = TOP, 1
    for font, size, text in _lines(title, parts):
        if y < BOTTOM:
            _foot(canvas, name, page)
            canvas.showPage()
            y, page = TOP, page + 1
        canvas.setFont(font, size)
        canvas.drawString(LEFT, y, text)
        y -= LINE if size == SIZE else 2 * LINE
    _foot(canvas, name, page)
    canvas.save()
    return out.getvalue()


def _foot(canvas: Canvas, name: str, page: int) -> None:
    canvas.setFont(PLAIN, 8)
    canvas.drawRightString(RIGHT, 15 * mm, f"{name}, page {page}")


def _lines(title: str, parts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, float, str]]:
    """(font, size, text) of each line from the top."""
    yield BOLD, 14, drawable(title, BOLD)
    for heading, text in parts:
        yield BOLD, SIZE, drawable(heading, BOLD)
        for paragraph in text.split("\n"):
            for line in wrapped(drawable(paragraph, PLAIN)):
                yield PLAIN, SIZE, line
        yield PLAIN, SIZE, ""


def wrapped(text: str) -> Iterator[str]:
    """The text in lines that fit between the margins; a word that is too long is cut."""
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if _fits(longer):
            line = longer
            continue
        if line:
            yield line
        while not _fits(word):
            cut = next(n for n in range(len(word) - 1, 0, -1) if _fits(word[:n]))
            yield word[:cut]
            word = word[cut:]
        line = word
    yield line


def _fits(text: str) -> bool:
    return bool(pdfmetrics.stringWidth(text, PLAIN, SIZE) <= RIGHT - LEFT)
