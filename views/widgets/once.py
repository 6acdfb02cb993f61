"""A secret that is shown once, in a dialog, with a button that copies it."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

import panel as pn
import panel_material_ui as pmu
import param
from panel.custom import JSComponent

from views.widgets.late import dialog
from views.widgets.markup import html_pane, style_sheet, tag

_SCRIPT = Path(__file__).resolve().parents[2] / "assets" / "js" / "once.js"


class SecretField(JSComponent):
    """The secret, to be read and copied but not changed."""

    secret = param.String(default="")

    _esm = _SCRIPT.read_text(encoding="utf-8")
    _stylesheets = (style_sheet("once.css"),)


class ShownOnce:
    """Put `view` anywhere on the page; `show` opens it. Closed, it has forgotten the secret."""

    def __init__(self) -> None:
        self._words = html_pane("")
        self._field = SecretField(sizing_mode="stretch_width", margin=0)
        done = pmu.Button(label="I have kept it", variant="contained", on_click=self._on_done)
        self.view = dialog(self._words, self._field, pn.Row(pn.HSpacer(), done, sizing_mode="stretch_width"))
        self.view.param.watch(self._on_open, "open")

    @property
    def secret(self) -> str:
        """What is shown now, "" for nothing."""
        return str(self._field.secret)

    def show(self, title: str, words: str, secret: str) -> None:
        """Open it. `words`: what the secret is for, and that it is shown this once."""
        self._field.secret = secret
        self._words.object = tag("p", escape(words), class_="text body")
        self.view.title = title  # shown as text by Material
        self.view.open = True

    def _on_done(self, _event: object) -> None:
        self.view.open = False

    def _on_open(self, event: Any) -> None:
        if not event.new:
            self._field.secret = ""
