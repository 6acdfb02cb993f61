"""Problems of a form: beside the field where there is one, in a list above the button for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmu

from views.widgets.markup import html_pane, style_sheet, tag

_READ_OUT = style_sheet("toggles.css")


@dataclass(frozen=True)
class Problem:
    """What is wrong: the field's name ("" for the whole form) and a sentence that says what to change."""

    field: str
    sentence: str


class ProblemList:
    """Shows problems beside fields. Put `beside(field, widget)` into the form and `view` above its button.

    fields : name -> widget; a widget with `error_state` is also marked red
    """

    def __init__(self, fields: Mapping[str, Any]) -> None:
        self._fields = dict(fields)
        self._beside = {name: html_pane("", visible=False, margin=(0, 12, 4, 12)) for name in fields}
        self.view: pn.pane.HTML = html_pane("", visible=False, margin=(0, 12))

    def beside(self, field: str) -> pn.Column:
        """The field's widget with room for its problems under it."""
        return pn.Column(self._fields[field], self._beside[field], sizing_mode="stretch_width", margin=0)

    def show(self, problems: Sequence[Problem]) -> None:
        """Show these problems and no others; an empty list clears the form."""
        for name, pane in self._beside.items():
            sentences = [p.sentence for p in problems if p.field == name]
            pane.object = _sentences(sentences)
            pane.visible = bool(sentences)
            if "error_state" in self._fields[name].param:
                self._fields[name].error_state = bool(sentences)
        rest = [p.sentence for p in problems if p.field not in self._beside]
        self.view.object = _sentences(rest)
        self.view.visible = bool(rest)


def toggles(label: str, **options: Any) -> pmu.RadioButtonGroup:
    """A choice of a few as buttons side by side; the label is read out, the words on the buttons are seen."""
    return pmu.RadioButtonGroup(label=label, stylesheets=[_READ_OUT], **options)


def _sentences(sentences: Sequence[str]) -> str:
    items = "".join(tag("li", escape(sentence)) for sentence in sentences)
    return tag("ul", items, class_="problems", role="alert") if items else ""
