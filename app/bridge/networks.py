"""A DSO's network, the `flexdesk.grid/1` document: the case format's grid block with name, units and outages.

{"schema": "flexdesk.grid/1", "name": "...", "buses": [...], "branches": [...], "shunts": [...],
 "coupling": {"bus": "...", "vm_pu": 1.0},
 "units": [{"id", "bus", "kind": "generator|load|storage", "type", "p_max_mw", "s_max_mva", "energy_mwh"}],
 "outages": ["free text of planned work that the topology already has in it"]}
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Any

from app.bridge import jsontext
from app.bridge.numbers import watts
from domain.errors import CODES, Finding, Kind, Refused, raise_if
from engine.grid.case import Grid, read_grid
from engine.grid.zones import congestion_zones
from engine.status import Finding as EngineFinding

SCHEMA = "flexdesk.grid/1"
MAX_OUTAGES = 50
MAX_FINDINGS = 50
MAX_OUTAGE_CHARS = 300


@dataclass(frozen=True, kw_only=True)
class UnitFacts:
    """A generator, load or storage of the network. `p_max_mw` > 0 in the unit's own sense (a storage charges and
    discharges up to it); the other ratings are None where the document does not say."""

    unit_id: str
    bus: str
    kind: str
    type: str
    p_max_mw: Decimal
    s_max_mva: Decimal | None
    energy_mwh: Decimal | None


@dataclass(frozen=True, kw_only=True)
class NetworkFacts:
    """What the market needs to know of a network; `sha256` is of the document's text.

    `units` in the document's order; `zone_of_bus` names the feeder of every bus.
    """

    name: str
    bus_ids: tuple[str, ...]
    branch_ids: tuple[str, ...]
    units: tuple[UnitFacts, ...]
    coupling_bus: str
    outages: tuple[str, ...]
    zone_of_bus: Mapping[str, str]
    sha256: str
    unit_of: Mapping[str, UnitFacts] = field(repr=False)
    grid: Grid = field(repr=False, compare=False)
    block: Mapping[str, Any] = field(repr=False, compare=False)
    """The grid block as it stands in the document, without units and outages."""


def sha256_of(document: str) -> str:
    """Hexadecimal SHA-256 of a document's text in UTF-8; a lone surrogate counts as a question mark."""
    return hashlib.sha256(document.encode("utf-8", "replace")).hexdigest()


def read(document: str) -> NetworkFacts:
    """The facts of a network document, fully checked; cached.

    Raises:
        Refused: every finding, `field` being the JSON path.
    """
    return _read(document)


@lru_cache(maxsize=16)
def _read(document: str) -> NetworkFacts:
    value = jsontext.loads(document, "document")
    if not isinstance(value, dict):
        raise Refused([Finding(code="invalid_network", field="document", sentence="A JSON object is needed.")])
    findings = _header_findings(value) + _rating_findings(value.get("units"))
    grid, more = read_grid({key: part for key, part in value.items() if key != "outages"}, path="grid")
    raise_if(findings + translate(more, "invalid_network"))
    if grid is None:
        raise RuntimeError("the grid reader gave neither a grid nor a finding")
    units = tuple(_unit(unit) for unit in grid.units)
    return NetworkFacts(
        name=str(value.get("name", "")),
        bus_ids=tuple(bus.id for bus in grid.buses),
        branch_ids=tuple(branch.id for branch in grid.branches),
        units=units,
        coupling_bus=grid.coupling_bus,
        outages=tuple(value.get("outages", ())),
        zone_of_bus=congestion_zones(grid),
        sha256=sha256_of(document),
        unit_of={unit.unit_id: unit for unit in units},
        grid=grid,
        block={key: part for key, part in value.items() if key not in ("units", "outages", "schema", "name")},
    )


def places(facts: NetworkFacts) -> dict[str, tuple[float, float]]:
    """Bus -> (lon, lat) in degrees; empty where the document does not place every bus."""
    given = {bus.id: (bus.lon, bus.lat) for bus in facts.grid.buses}
    placed = {bus: (lon, lat) for bus, (lon, lat) in given.items() if lon is not None and lat is not None}
    return placed if len(placed) == len(given) else {}


def translate(findings: Iterable[EngineFinding], other: str) -> list[Finding]:
    """The engine's findings as the domain's; a code the domain does not register becomes `other`."""
    return [
        Finding(code=f.code if _is_input(f.code) else other, field=f.path, sentence=f.sentence) for f in findings
    ]


def _is_input(code: str) -> bool:
    return code in CODES and CODES[code].kind is Kind.INVALID


def _header_findings(value: Mapping[str, Any]) -> list[Finding]:
    found = []
    if value.get("schema") != SCHEMA:
        sentence = f'The document has to say "schema": "{SCHEMA}".'
        found.append(Finding(code="invalid_network", field="schema", sentence=sentence))
    name = value.get("name", "")
    if not isinstance(name, str) or len(name) > MAX_OUTAGE_CHARS or not name.isprintable():
        found.append(Finding(code="invalid_network", field="name", sentence="A short printable text is needed."))
    outages = value.get("outages", [])
    texts = isinstance(outages, list) and all(
        isinstance(text, str) and len(text) <= MAX_OUTAGE_CHARS and text.isprintable() for text in outages
    )
    if not texts or len(outages) > MAX_OUTAGES:
        sentence = (
            f"A list of at most {MAX_OUTAGES} printable texts of up to {MAX_OUTAGE_CHARS} characters is needed."
        )
        found.append(Finding(code="invalid_network", field="outages", sentence=sentence))
    if not value.get("units"):
        sentence = "The network needs its generators, loads and storages under `units`."
        found.append(Finding(code="missing", field="units", sentence=sentence))
    return found


def _rating_findings(units: Any) -> list[Finding]:
    """A market's unit needs its rating, which the grid block alone leaves open."""
    listed = units if isinstance(units, list) else []
    return [
        Finding(code="missing", field=f"grid.units[{i}].p_max_mw", sentence="A unit needs its rated active power.")
        for i, unit in enumerate(listed)
        if isinstance(unit, dict) and unit.get("p_max_mw") is None
    ][:MAX_FINDINGS]


def _unit(unit: Any) -> UnitFacts:
    return UnitFacts(
        unit_id=unit.id,
        bus=unit.bus,
        kind=unit.kind,
        type=unit.type or unit.kind,
        p_max_mw=watts(unit.p_max_mw),
        s_max_mva=_optional(unit.s_max_mva),
        energy_mwh=_optional(unit.energy_mwh),
    )


def _optional(value: float | None) -> Decimal | None:
    return None if value is None else watts(value)
