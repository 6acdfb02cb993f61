"""The published requests of a DSO's day; the picked own one can be withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import WithdrawRequest
from domain.flexibility.market import FlexRequest
from domain.ids import RequestId
from domain.lifecycle import RequestState
from domain.units import energy_mwh
from views.pages.context import PageContext
from views.pages.dso_parts import align_right, attempt, utc_on_hover, whole_on_hover
from views.pages.later import in_turn
from views.plots.book import Column
from views.state.common import local, power_words, request_state, review_words, short, utc
from views.state.dso_facts import Place
from views.state.dso_room import ZONE_PREFIX, RoomState
from views.state.spans import active_span, active_span_utc
from views.widgets import Book, ConfirmDialog, csv_button, panel, text
from views.widgets.tables import Record

OWN_COLUMNS = (
    Column("state", "State", "state", width_px=132),
    Column("tso", "TSO's answer", min_px=92),
    Column("buyer", "Buyer", width_px=76),
    Column("zone", "Zone", min_px=60),
    Column("power", "Power", width_px=76),
    Column("direction", "Direction", width_px=82),
    Column("span", "From–to", width_px=106),
    Column("peak_mw", "Peak, MW|Mvar", "mw", width_px=120),
    Column("energy_mwh", "Energy, MWh|Mvarh", "mw", width_px=144),
    Column("unmet_mwh", "Unmet, MWh|Mvarh", "mw", width_px=144),
    Column("cap", "Cap, EUR/MWh|Mvarh", "price", width_px=156),
    Column("deadline", "Deadline", "time", width_px=106),
    Column("published", "Published", "time", width_px=106),
    *(Column(f"{key}_utc", "UTC") for key in ("span", "deadline", "published")),
)


def own_record(request: FlexRequest, here: Place) -> dict[str, Any]:
    """A published request as a row; balance responsible parties buy in the region too."""
    own = request.dso_id == here.region.dso_id
    return {
        "state": request_state(request),
        "buyer": "you" if own else request.dso_id,
        "tso": review_words(request),
        "zone": request.congestion_point.removeprefix(ZONE_PREFIX),
        "power": power_words(request.commodity),
        "direction": request.direction.value,
        "span": active_span(here.delivery, request.quantity_mw),
        "span_utc": active_span_utc(here.delivery, request.quantity_mw),
        "peak_mw": max(request.quantity_mw, default=0),
        "energy_mwh": energy_mwh(request.quantity_mw),
        "unmet_mwh": energy_mwh(request.unmet_mw) if request.unmet_mw else None,
        "cap": request.price_cap_eur_per_mwh,
        "deadline": local(request.deadline, "%d %b %H:%M"),
        "deadline_utc": utc(request.deadline),
        "published": local(request.published_at, "%d %b %H:%M"),
        "published_utc": utc(request.published_at),
        "id": short(request.id),
        "request_id": request.id,
        "withdrawable": own and request.state is RequestState.PUBLISHED,
    }


class OwnRequests:
    """The book, and the button that withdraws what is chosen in it (`state.request`)."""

    def __init__(self, context: PageContext, state: RoomState, refresh: Callable[[], None]) -> None:
        self._context, self._state, self._refresh = context, state, refresh
        self._requests: Sequence[FlexRequest] = ()
        self.book = Book(OWN_COLUMNS, height_px=186, on_pick=self._on_pick)
        utc_on_hover(self.book, "span", "deadline", "published")
        whole_on_hover(self.book, "tso")
        align_right(self.book)
        self._none = text("Nothing published for this day yet.", "muted", margin=(4, 12, 12, 12))
        self.dialog = ConfirmDialog()
        self._take_back = in_turn(self._withdraw_now)
        self._withdraw = pmu.Button(
            label="Withdraw", variant="outlined", disabled=True, on_click=in_turn(self._on_withdraw), margin=(0, 8)
        )

    def view(self, *choices: Any) -> pn.viewable.Viewable:
        """The panel, with choices of the page in its head."""
        csv = csv_button("requests.csv", self.book.csv)
        tools = [pn.HSpacer(), *choices, csv, self._withdraw]
        return panel("Published requests", self._none, self.book.view, tools=tools)

    def show(self, here: Place, requests: Sequence[FlexRequest]) -> None:
        self._requests = requests
        records = [own_record(request, here) for request in requests]
        self.book.show(records)
        self.book.view.visible, self._none.visible = bool(records), not records
        self._allow(self.book.mark("request_id", self._state.request))

    def _allow(self, picked: Record | None) -> None:
        self._withdraw.disabled = picked is None or not picked["withdrawable"]

    def _on_pick(self, record: Record) -> None:
        self._state.request = record["request_id"]
        self._allow(record)

    def _on_withdraw(self, _event: Any) -> None:
        request = next((r for r in self._requests if r.id == self._state.request), None)
        if request is not None:
            consequence = f"The request at {request.congestion_point} leaves the market. Offers stay as they are."
            self.dialog.ask("Withdraw this request?", consequence, "Withdraw request", self._take_back)

    def _withdraw_now(self) -> None:
        picked, self._state.request = self._state.request, ""
        if picked:
            command = WithdrawRequest(request_id=RequestId(picked))
            attempt(self._context, lambda: self._context.desk.do(command), "The request is withdrawn.")
        self._refresh()
