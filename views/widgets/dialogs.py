"""Ask before something that cannot be taken back."""

from __future__ import annotations

from collections.abc import Callable
from html import escape

import panel as pn
import panel_material_ui as pmu

from views.widgets.late import dialog
from views.widgets.markup import html_pane, tag


class ConfirmDialog:
    """A dialog with one question. Put `view` anywhere on the page; `ask` opens it.

    It closes before the action runs, so that a slow action does not leave it open for a second click.
    """

    def __init__(self) -> None:
        self._on_yes: Callable[[], None] | None = None
        self._question = html_pane("")
        self._yes = pmu.Button(label="Yes", variant="contained", on_click=self._on_confirm)
        no = pmu.Button(label="Cancel", variant="outlined", on_click=self._on_cancel)
        buttons = pn.Row(pn.HSpacer(), no, self._yes, sizing_mode="stretch_width")
        self.view = dialog(self._question, buttons)

    def ask(self, title: str, consequence: str, yes: str, on_yes: Callable[[], None]) -> None:
        """Open it.

        title : the question; consequence : what will happen, in a sentence;
        yes : the button's verb ("Withdraw offer"), never just "OK"
        """
        self._on_yes = on_yes
        self.view.title = title  # shown as text by Material
        self._question.object = tag("p", escape(consequence), class_="text body")
        self._yes.label = yes
        self.view.open = True

    def _on_confirm(self, _event: object) -> None:
        self.view.open = False
        action, self._on_yes = self._on_yes, None
        if action is not None:
            action()

    def _on_cancel(self, _event: object) -> None:
        self.view.open = False
        self._on_yes = None
