"""The form that registers an asset behind a unit of a DSO's grid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from app.queries.models import ListParties, ListRegions, ListUnits, UnitRow
from domain.commands import RegisterAsset
from domain.errors import Refused, refuse
from domain.flexibility.assets import AssetKind
from domain.ids import PartyId
from domain.parties import Role
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.state.dso_drafts import parse_decimal
from views.state.spans import by_field
from views.state.supply_register import KIND_WORDS, free_units, suggestion, unit_label
from views.widgets import ProblemList
from views.widgets.forms import Problem

FIELDS = (
    "region_id",
    "unit_id",
    "name",
    "kind",
    "p_min_mw",
    "p_max_mw",
    "s_max_mva",
    "flexible_share",
    "brp_id",
    "customer_id",
)
_RULES = {field: field for field in FIELDS} | {"region": "region_id", "unit": "unit_id"}


class RegisterForm:
    """Choosing a unit prefills the rest; every finding stands beside its field."""

    def __init__(self, context: PageContext, on_done: Callable[[Any], None]) -> None:
        self._context, self._on_done = context, on_done
        self._units: dict[str, UnitRow] = {}
        wide = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}
        self.region = pmu.Select(label="Region", options={}, **wide)
        self.unit = pmu.Select(label="Unit without an asset", options={}, searchable=True, **wide)
        self.name = pmu.TextInput(label="Name", max_length=80, **wide)
        self.kind = pmu.Select(label="Kind", options={}, **wide)
        self.p_min = pmu.TextInput(label="Least injection, MW", **wide)
        self.p_max = pmu.TextInput(label="Most injection, MW", **wide)
        self.s_max = pmu.TextInput(label="Rating, MVA (optional)", **wide)
        self.share = pmu.TextInput(label="Flexible share, 0 to 1", **wide)
        self.brp = pmu.Select(label="Balance responsible party", options={}, **wide)
        self.customer = pmu.TextInput(label="Customer number (optional)", max_length=40, **wide)
        self.problems = ProblemList(
            {
                "region_id": self.region,
                "unit_id": self.unit,
                "name": self.name,
                "kind": self.kind,
                "p_min_mw": self.p_min,
                "p_max_mw": self.p_max,
                "s_max_mva": self.s_max,
                "flexible_share": self.share,
                "brp_id": self.brp,
                "customer_id": self.customer,
            }
        )
        self.button = pmu.Button(
            label="Register", variant="contained", icon="add", on_click=in_turn(self._on_register), margin=(8, 12)
        )
        self.region.param.watch(self._on_region, "value")
        self.unit.param.watch(self._on_unit, "value")
        beside = self.problems.beside
        self.view = pn.Column(
            beside("region_id"),
            beside("unit_id"),
            beside("name"),
            pn.Row(beside("kind"), beside("flexible_share"), sizing_mode="stretch_width", margin=0),
            pn.Row(beside("p_min_mw"), beside("p_max_mw"), sizing_mode="stretch_width", margin=0),
            pn.Row(beside("s_max_mva"), beside("brp_id"), sizing_mode="stretch_width", margin=0),
            beside("customer_id"),
            self.problems.view,
            self.button,
            sizing_mode="stretch_width",
        )
        self.refresh()

    def refresh(self) -> None:
        """Regions, balance responsible parties and free units anew; what has been typed stays."""
        door = self._context.desk
        regions = door.ask(ListRegions())
        parties = door.ask(ListParties())
        brps = {"None": ""} | {p.name: p.id for p in parties if p.role is Role.BRP and p.active}
        me = next((p for p in parties if p.id == self._context.principal.party_id), None)
        names = {region.name: region.id for region in regions}
        kept = self.region.value if self.region.value in names.values() else next(iter(names.values()), None)
        if not self.brp.options:
            self.brp.param.update(options=brps, value=me.brp_id if me and me.brp_id in brps.values() else "")
        self.region.param.update(options=names, value=kept)
        self._load_units()

    def _load_units(self) -> None:
        region_id = self.region.value
        try:
            units = self._context.desk.ask(ListUnits(region_id=region_id)) if region_id else ()
        except Refused as refused:
            self.problems.show([Problem(*found) for found in by_field(refused.findings, _RULES)])
            units = ()
        free = free_units(units)
        self._units = {unit.unit_id: unit for unit in free}
        options = {unit_label(unit): unit.unit_id for unit in free}
        kept = self.unit.value if self.unit.value in self._units else next(iter(self._units), None)
        self.unit.param.update(options=options, value=kept)
        self.button.disabled = not free

    def command(self) -> RegisterAsset:
        """The command. Raises `Refused` with every field that cannot be read."""
        findings = []
        read: dict[str, Any] = {}
        wanted = {"p_min_mw": self.p_min, "p_max_mw": self.p_max, "flexible_share": self.share}
        if self.s_max.value.strip():
            wanted["s_max_mva"] = self.s_max
        for field, widget in wanted.items():
            try:
                read[field] = parse_decimal(widget.value, field, "a number")
            except Refused as refused:
                findings += refused.findings
        if findings:
            raise Refused(findings)
        if not self.unit.value or not self.region.value:
            raise refuse("missing", "unit_id", "Choose a unit.")
        return RegisterAsset(
            region_id=self.region.value,
            unit_id=self.unit.value,
            name=self.name.value,
            kind=AssetKind(self.kind.value),
            brp_id=self.brp.value or None,
            customer_id=PartyId(self.customer.value.strip()) if self.customer.value.strip() else None,
            **read,
        )

    def _on_region(self, _event: Any) -> None:
        self._load_units()

    def _on_unit(self, event: Any) -> None:
        unit = self._units.get(event.new)
        if unit is None:
            return
        hint = suggestion(unit)
        self.kind.param.update(
            options={KIND_WORDS[kind]: kind.value for kind in hint.kinds}, value=hint.kind.value
        )
        self.name.value, self.s_max.value = hint.name, hint.s_max_mva
        self.p_min.value, self.p_max.value = hint.p_min_mw, hint.p_max_mw
        self.share.param.update(value=hint.flexible_share, visible=unit.kind == "load")
        self.problems.show([])

    def _on_register(self, _event: Any) -> None:
        self.button.disabled = True
        try:
            asset = self._context.desk.do(self.command())
        except Refused as refused:
            self.problems.show([Problem(*found) for found in by_field(refused.findings, _RULES)])
            self.button.disabled = False
            return
        self.problems.show([])
        self._context.notify("Registered. The DSO has to confirm it before you can offer it.", "success")
        self._on_done(asset)
