"""A secret that is shown once, in a dialog, with a button that copies it."""

from __future__ import annotations

from html import escape

import panel as pn
import panel_material_ui as pmu

from views.widgets.late import dialog
from views.widgets.markup import html_pane, tag

_COPY = """
const said = (words) => { button.label = words }
const byHand = () => said("Select and copy it by hand")
if (navigator.clipboard) navigator.clipboard.writeText(shown.value).then(() => said("Copied"), byHand)
else byHand()
"""


class ShownOnce:
    """Put `view` anywhere on the page; `show` opens it. Closed, it has forgotten the secret."""

    def __init__(self) -> None:
        self._words = html_pane("")
        self._secret = pmu.TextInput(
            label="Secret", value="", sizing_mode="stretch_width", margin=(8, 0), size="small"
        )
        copy = pmu.Button(label="Copy", variant="outlined", icon="content_copy")
        copy.js_on_click(args={"shown": self._secret, "button": copy}, code=_COPY)
        self._copy = copy
        done = pmu.Button(label="I have kept it", variant="contained", on_click=self._on_done)
        buttons = pn.Row(pn.HSpacer(), copy, done, sizing_mode="stretch_width")
        self.view = dialog(self._words, self._secret, buttons)
        self.view.param.watch(self._on_open, "open")

    @property
    def secret(self) -> str:
        """What is shown now, "" for nothing."""
        return str(self._secret.value)

    def show(self, title: str, words: str, secret: str) -> None:
        """Open it. `words`: what the secret is for, and that it is shown this once."""
        self._secret.value = secret
        self._copy.label = "Copy"
        self._words.object = tag("p", escape(words), class_="text body")
        self.view.title = title
        self.view.open = True

    def _on_done(self, _event: object) -> None:
        self.view.open = False

    def _on_open(self, event: object) -> None:
        if not event.new:  # type: ignore[attr-defined]
            self._secret.value = ""
