"""The strip of key figures at the top of a desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

import panel as pn

from views.widgets.markup import html_pane, tag

Severity = Literal["normal", "watch", "alarm", "critical", "good"]
_SYMBOL: dict[Severity, str] = {"normal": "", "good": "", "watch": "◆", "alarm": "△", "critical": "▲"}


@dataclass(frozen=True)
class KeyFigure:
    """A figure: "Highest loading", "118.2", "%"; `note` says where or since when.

    severity adds a symbol and a colour; leave it "normal" unless something is wrong.
    """

    label: str
    value: str
    unit: str = ""
    note: str = ""
    severity: Severity = "normal"


class KeyFigures:
    """Key figures side by side, equally wide. `show` replaces them in place; lay out `view`."""

    def __init__(self, figures: Sequence[KeyFigure]) -> None:
        self.view: pn.pane.HTML = html_pane("", margin=4)
        self.show(figures)

    def show(self, figures: Sequence[KeyFigure]) -> None:
        """Show these figures."""
        self.view.object = tag("div", "".join(_figure(f) for f in figures), class_="figures")


def _figure(f: KeyFigure) -> str:
    symbol = tag("span", _SYMBOL[f.severity], class_="symbol") if _SYMBOL[f.severity] else ""
    unit = tag("span", escape(f.unit), class_="unit") if f.unit else ""
    value = tag("div", f"{symbol}{escape(f.value)}{unit}", class_="value")
    note = tag("div", escape(f.note) or "&nbsp;", class_="note", title=f.note)
    label = tag("div", escape(f.label), class_="label")
    return tag("div", label + value + note, class_=f"figure {f.severity}")
