"""Small HTML made of escaped text, with the product's own style sheet in its shadow root."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import panel as pn

_FOLDER = Path(__file__).resolve().parents[2] / "assets" / "css"


def style_sheet(name: str) -> str:
    """One of the product's own style sheets, for a shadow root."""
    return (_FOLDER / name).read_text(encoding="utf-8")


CSS = style_sheet("widgets.css")


def tag(name: str, content: str, **attributes: str) -> str:
    """`<name class="...">content</name>`; content is markup (escape text first), attributes are escaped.

    A trailing underscore is dropped from attribute names: `class_` gives class.
    """
    given = "".join(f' {key.rstrip("_")}="{escape(value, quote=True)}"' for key, value in attributes.items())
    return f"<{name}{given}>{content}</{name}>"


def html_pane(markup: str, **options: Any) -> pn.pane.HTML:
    """A pane of markup made by `tag`, and of nothing else."""
    return pn.pane.HTML(markup, stylesheets=[CSS], **{"margin": 0, "sizing_mode": "stretch_width", **options})
