"""The general agreement at the market place's level: read, kept as a file, accepted once for a company."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models.place import GetAgreement, GetAgreementFile
from domain.commands.place import AcceptGeneralAgreement
from views.pages.context import PageContext
from views.pages.dso_parts import attempt
from views.pages.later import in_turn
from views.widgets import FactList, dialog, text


class GeneralAgreement:
    """Whether the company has accepted it, a button that opens its text, and one that accepts it."""

    def __init__(self, context: PageContext, on_done: Callable[[], None]) -> None:
        self._context, self._on_done = context, on_done
        self._version = ""
        self._words = text("", margin=(4, 12))
        self._text = FactList()
        self._dialog = dialog(self._text.view)
        read = pmu.Button(label="Read it", variant="outlined", on_click=in_turn(self._on_read))
        self.accept = pmu.Button(
            label="Accept it for the company", variant="contained", on_click=in_turn(self._on_accept)
        )
        file = pmu.FileDownload(
            callback=self._file,
            filename="general-agreement.pdf",
            label="As a file (PDF)",
            variant="outlined",
            embed=False,
            auto=True,
        )
        self.view = pn.Column(
            self._words,
            pn.Row(read, file, self.accept, margin=(4, 12, 12, 12)),
            self._dialog,
            sizing_mode="stretch_width",
            margin=0,
        )

    def refresh(self) -> None:
        agreement = self._context.desk.ask(GetAgreement())
        self._version = agreement.version
        said = "is accepted" if agreement.accepted else "is not accepted yet; no subscription stands without it"
        self._words.object = text(f"Version {agreement.version} {said}.").object
        self._text.show(agreement.document.parts)
        self._dialog.title = agreement.document.title
        self.accept.visible = not agreement.accepted

    def _file(self) -> io.BytesIO:
        return io.BytesIO(self._context.desk.ask(GetAgreementFile()).content)

    def _on_read(self, _event: Any) -> None:
        self._dialog.open = True

    def _on_accept(self, _event: Any) -> None:
        command = AcceptGeneralAgreement(version=self._version)
        if attempt(self._context, lambda: self._context.desk.do(command), "The general agreement is accepted."):
            self._on_done()
