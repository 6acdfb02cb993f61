"""Parts that come into the page when they are first looked at: what nobody opens is neither built in the browser
nor kept up to date there."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmu

from views.widgets.turns import in_turn


def tabs(*named: tuple[str, Any], active: int = 0, fill: bool = False) -> pmu.Tabs:
    """Tabs of (title, content); a content is put in place when its tab is first chosen. `fill` as of `panel`."""
    places = [pn.Column(sizing_mode=content.sizing_mode, margin=0) for _title, content in named]
    view = pmu.Tabs(
        *((title, place) for (title, _content), place in zip(named, places, strict=True)),
        active=active,
        sizing_mode="stretch_both" if fill else "stretch_width",
    )

    def put_in(chosen: int) -> None:
        if not places[chosen].objects:
            places[chosen][:] = [named[chosen][1]]

    put_in(active)
    view.param.watch(in_turn(lambda event: put_in(event.new)), "active")
    return view


def dialog(*parts: Any, title: str = "") -> pmu.Dialog:
    """A closed dialog; its parts are put in when it is first opened."""
    view = pmu.Dialog(title=title, open=False)

    def fill(*_event: Any) -> None:
        if not view.objects:
            view[:] = parts

    view.param.watch(fill, "open")
    return view
