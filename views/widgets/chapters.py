"""The guided demo's chapters in large type, for a projector."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import param
from panel.custom import JSComponent

_ASSETS = Path(__file__).resolve().parents[2] / "assets"


class ChapterStage(JSComponent):
    """`shown` is what it draws (see `views.state.guide.shown`); `chosen` is the chapter picked, `played` the one
    whose button was pressed."""

    shown = param.Dict(default={})
    chosen = param.String(default="")
    played = param.String(default="")

    _esm = "\n".join(
        (_ASSETS / "js" / f"{name}.js").read_text(encoding="utf-8") for name in ("bar_parts", "guide")
    )
    _stylesheets = ((_ASSETS / "css" / "guide.css").read_text(encoding="utf-8"),)

    def __init__(self, shown: dict[str, Any], **params: Any) -> None:
        super().__init__(shown=shown, **params)
