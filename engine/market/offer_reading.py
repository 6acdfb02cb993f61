"""Reading of offers and requests from a market case's document, with every finding at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.grid.case import BUSES_MAX, read_bus
from engine.market.baseline import POWER_MAX_MW
from engine.market.offers import COUPLING_PARTY, Offer, Request, Storage
from engine.reading import EPOCH, Floats, Reader

OFFERS_MAX = 20_000
REQUESTS_MAX = 20_000
ENERGY_MAX_MWH = 1e7

_SHARED_FIELDS = ("id", "party", "bus", "commodity", "submitted_at", "withdrawn_at")
_SERIES_FIELDS = {
    "P": ("quantity_mw", "price_eur_per_mwh"),
    "Q": ("quantity_mvar", "price_eur_per_mvarh"),
}
_TERMS = (
    *(
        "min_acceptance",
        "block",
        "max_energy_mwh",
        "ramp_mw_per_step",
        "s_max_mva",
        "exclusive_group",
        "linked_to",
    ),
)
_STORAGE_FIELDS = (
    *("p_charge_max_mw", "p_discharge_max_mw", "energy_mwh", "energy_start_mwh", "energy_end_mwh"),
    *("efficiency_charge", "efficiency_discharge"),
)
OFFER_FIELDS = {
    "P": (*_SHARED_FIELDS, "asset", "direction", *_SERIES_FIELDS["P"], *_TERMS),
    "Q": (*_SHARED_FIELDS, "asset", "direction", *_SERIES_FIELDS["Q"], *_TERMS),
    "storage": (*_SHARED_FIELDS, "asset", "price_eur_per_mwh", "s_max_mva", *_STORAGE_FIELDS),
}
_REQUEST_SHARED = (
    *("id", "party", "buses", "commodity", "direction", "conditional", "submitted_at", "withdrawn_at"),
)
REQUEST_FIELDS = {commodity: (*_REQUEST_SHARED, *series) for commodity, series in _SERIES_FIELDS.items()}


@dataclass(frozen=True, slots=True)
class Frame:
    """What reading an offer needs to know of the rest: buses by id, steps, their length and the price cap."""

    known: Mapping[str, Any]
    n_steps: int
    hours: float
    cap: float


def read_offers(reader: Reader, value: Any, frame: Frame) -> list[Offer]:
    """All offers with findings on each and on what they name."""
    offers = [
        _read_offer(reader, item, f"offers[{i}]", frame)
        for i, item in enumerate(reader.items(value, "offers", OFFERS_MAX))
    ]
    reader.unique((offer.id for offer in offers), "offers")
    _check_links(reader, offers)
    _check_assets(reader, offers)
    return offers


def _read_offer(reader: Reader, item: Any, at: str, frame: Frame) -> Offer:
    commodity = _commodity(reader, item, at, tuple(OFFER_FIELDS))
    entry = reader.mapping(item, at, OFFER_FIELDS[commodity])
    party = reader.text(entry.get("party"), f"{at}.party")
    if party == COUPLING_PARTY:
        reader.add(f"{at}.party", "reserved_name", f"No party can be named '{COUPLING_PARTY}'.")
    shared: dict[str, Any] = {
        "id": reader.text(entry.get("id"), f"{at}.id"),
        "party": party,
        "bus": read_bus(reader, entry.get("bus"), f"{at}.bus", frame.known),
        "commodity": commodity,
        "asset": _optional_text(reader, entry, at, "asset"),
        **_moments(reader, entry, at, required=commodity != "storage"),
        "s_max_mva": reader.optional_number(entry.get("s_max_mva"), f"{at}.s_max_mva", 0.0, above=0.0),
    }
    if commodity == "storage":
        storage = _read_storage(reader, entry, at, frame)
        price = reader.series(
            entry.get("price_eur_per_mwh"), f"{at}.price_eur_per_mwh", frame.n_steps, -frame.cap, frame.cap
        )
        quantity = np.full(frame.n_steps, storage.p_discharge_max_mw)
        return Offer(**shared, direction="up", quantity=quantity, price=price, storage=storage)
    quantity, price = _read_series(reader, entry, at, commodity, frame, -frame.cap)
    direction = reader.choice(entry.get("direction"), f"{at}.direction", ("up", "down"))
    return Offer(**shared, direction=direction, quantity=quantity, price=price, **_read_terms(reader, entry, at))


def _read_terms(reader: Reader, entry: Mapping[str, Any], at: str) -> dict[str, Any]:
    terms = {
        "min_acceptance": reader.number(entry.get("min_acceptance") or 0.0, f"{at}.min_acceptance", 0.0, 1.0),
        "block": _flag(reader, entry, at, "block"),
        "max_energy_mwh": reader.optional_number(entry.get("max_energy_mwh"), f"{at}.max_energy_mwh", 0.0),
        "ramp_mw_per_step": reader.optional_number(entry.get("ramp_mw_per_step"), f"{at}.ramp_mw_per_step", 0.0),
        "exclusive_group": _optional_text(reader, entry, at, "exclusive_group"),
        "linked_to": _optional_text(reader, entry, at, "linked_to"),
    }
    if terms["block"] and terms["min_acceptance"] not in (0.0, 1.0):
        reader.add(f"{at}.min_acceptance", "contradiction", "A block is taken wholly or not at all.")
    if terms["block"] and (terms["max_energy_mwh"] is not None or terms["ramp_mw_per_step"] is not None):
        reader.add(
            f"{at}.block", "contradiction", "A block has no energy budget and no ramp: its steps are fixed."
        )
    return terms


def _read_storage(reader: Reader, entry: Mapping[str, Any], at: str, frame: Frame) -> Storage:
    power = (0.0, POWER_MAX_MW)
    energy = reader.number(entry.get("energy_mwh"), f"{at}.energy_mwh", 0.0, ENERGY_MAX_MWH)
    most = energy if energy == energy else ENERGY_MAX_MWH
    storage = Storage(
        p_charge_max_mw=reader.number(entry.get("p_charge_max_mw"), f"{at}.p_charge_max_mw", *power),
        p_discharge_max_mw=reader.number(entry.get("p_discharge_max_mw"), f"{at}.p_discharge_max_mw", *power),
        energy_mwh=energy,
        energy_start_mwh=reader.number(entry.get("energy_start_mwh", 0.0), f"{at}.energy_start_mwh", 0.0, most),
        energy_end_mwh=reader.number(
            entry.get("energy_end_mwh", entry.get("energy_start_mwh", 0.0)), f"{at}.energy_end_mwh", 0.0, most
        ),
        efficiency_charge=_efficiency(reader, entry, at, "efficiency_charge"),
        efficiency_discharge=_efficiency(reader, entry, at, "efficiency_discharge"),
    )
    horizon = frame.n_steps * frame.hours
    gain = storage.energy_end_mwh - storage.energy_start_mwh
    most_in = horizon * storage.efficiency_charge * storage.p_charge_max_mw
    most_out = horizon * storage.p_discharge_max_mw / storage.efficiency_discharge
    if gain > most_in + 1e-9 or -gain > most_out + 1e-9:
        reader.add(f"{at}.energy_end_mwh", "out_of_reach", "The end level cannot be reached from the start level.")
    return storage


def _efficiency(reader: Reader, entry: Mapping[str, Any], at: str, field: str) -> float:
    value = reader.number(entry.get(field, 1.0), f"{at}.{field}", 0.01, 1.0)
    return value if value == value else 1.0


def _read_series(
    reader: Reader, entry: Mapping[str, Any], at: str, commodity: str, frame: Frame, lowest: float
) -> tuple[Floats, Floats]:
    quantity, price = _SERIES_FIELDS[commodity]
    return (
        reader.series(entry.get(quantity), f"{at}.{quantity}", frame.n_steps, 0.0, POWER_MAX_MW),
        reader.series(entry.get(price), f"{at}.{price}", frame.n_steps, lowest, frame.cap),
    )


def read_requests(reader: Reader, value: Any, frame: Frame) -> list[Request]:
    """All requests with findings on each."""
    requests = []
    for i, item in enumerate(reader.items(value, "requests", REQUESTS_MAX)):
        at = f"requests[{i}]"
        commodity = _commodity(reader, item, at, tuple(REQUEST_FIELDS))
        entry = reader.mapping(item, at, REQUEST_FIELDS[commodity])
        buses = reader.items(entry.get("buses"), f"{at}.buses", BUSES_MAX)
        if isinstance(entry.get("buses"), list | tuple) and not buses:
            reader.add(f"{at}.buses", "missing", "A request needs at least one bus.")
        named = tuple(read_bus(reader, bus, f"{at}.buses[{k}]", frame.known) for k, bus in enumerate(buses))
        if len(set(named)) < len(named):
            reader.add(f"{at}.buses", "duplicate_id", "A bus is named twice.")
        quantity, price = _read_series(reader, entry, at, commodity, frame, 0.0)
        requests.append(
            Request(
                id=reader.text(entry.get("id"), f"{at}.id"),
                party=reader.text(entry.get("party"), f"{at}.party"),
                buses=named,
                commodity=commodity,
                direction=reader.choice(entry.get("direction"), f"{at}.direction", ("up", "down")),
                quantity=quantity,
                price=price,
                conditional=_flag(reader, entry, at, "conditional"),
                **_moments(reader, entry, at, required=False),
            )
        )
    reader.unique((request.id for request in requests), "requests")
    return requests


def _commodity(reader: Reader, item: Any, at: str, allowed: tuple[str, ...]) -> str:
    value = item.get("commodity", "P") if isinstance(item, Mapping) else "P"
    return reader.choice(value, f"{at}.commodity", allowed)


def _moments(reader: Reader, entry: Mapping[str, Any], at: str, *, required: bool) -> dict[str, Any]:
    """When an order came and when its rest was taken back, which is not before it came."""
    came, gone = entry.get("submitted_at"), entry.get("withdrawn_at")
    submitted_at = EPOCH if came is None and not required else reader.instant(came, f"{at}.submitted_at")
    withdrawn_at = None if gone is None else reader.instant(gone, f"{at}.withdrawn_at")
    if withdrawn_at is not None and withdrawn_at < submitted_at:
        reader.add(f"{at}.withdrawn_at", "contradiction", "An order is not withdrawn before it is submitted.")
    return {"submitted_at": submitted_at, "withdrawn_at": withdrawn_at}


def _optional_text(reader: Reader, entry: Mapping[str, Any], at: str, field: str) -> str | None:
    value = entry.get(field)
    return None if value is None else reader.text(value, f"{at}.{field}")


def _flag(reader: Reader, entry: Mapping[str, Any], at: str, field: str) -> bool:
    value = entry.get(field)
    if value is not None and not isinstance(value, bool):
        reader.add(f"{at}.{field}", "not_a_flag", "This must be true or false.")
    return value is True


def _check_links(reader: Reader, offers: list[Offer]) -> None:
    """Links name another offer of P or Q and come back to nobody."""
    at = {offer.id: i for i, offer in enumerate(offers)}
    for i, offer in enumerate(offers):
        if offer.linked_to is None:
            continue
        target = at.get(offer.linked_to)
        if target is None or offers[target].storage is not None:
            reader.add(
                f"offers[{i}].linked_to", "unknown_offer", f"There is no offer '{offer.linked_to}' to link to."
            )
            continue
        seen = {i}
        here: int | None = target
        while here is not None and here not in seen:
            seen.add(here)
            here = at.get(offers[here].linked_to or "")
        if here == i:
            reader.add(f"offers[{i}].linked_to", "circular", "The links of this offer lead back to it.")


def _check_assets(reader: Reader, offers: list[Offer]) -> None:
    """An apparent-power limit belongs to an asset at one bus and has one value."""
    first: dict[str, Offer] = {}
    for i, offer in enumerate(offers):
        if offer.s_max_mva is None:
            continue
        if offer.asset is None:
            reader.add(
                f"offers[{i}].asset", "missing", "A limit of apparent power needs the asset that shares it."
            )
            continue
        other = first.setdefault(offer.asset, offer)
        if (other.s_max_mva, other.bus) != (offer.s_max_mva, offer.bus):
            reader.add(
                f"offers[{i}].s_max_mva",
                "contradiction",
                f"Offer '{other.id}' gives the asset '{offer.asset}' another limit or bus.",
            )
