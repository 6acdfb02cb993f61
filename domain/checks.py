"""Checks of what participants send, as pure functions of plain inputs. Each names every finding at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from domain.commands import PublishRequest, SubmitOffer
from domain.errors import Finding
from domain.flexibility.assets import FlexAsset
from domain.flexibility.market import MarketSession, OfferLine
from domain.flexibility.terms import terms_findings
from domain.ids import AssetId
from domain.lifecycle import SessionState
from domain.parties import Party
from domain.texts import text_findings
from domain.time import MARKET_ZONE, DeliveryDay, instant_findings
from domain.units import MAX_PRICE_EUR_PER_MWH, Series, number_findings, prices_findings, quantity_findings

MAX_LINES = 200
MAX_BUSES = 500
LOCKED = (SessionState.CLEARING, SessionState.CLEARED, SessionState.NOT_CLEARED, SessionState.PUBLISHED)
"""States in which a session's inputs no longer change: its gate has closed and its book is known."""


def day_findings(
    day: date, market: datetime, field: str = "delivery_day", *, first: int = 0, last: int = 730
) -> list[Finding]:
    """A delivery day must lie from `first` to `last` days after the market clock's local day."""
    ahead = (day - market.astimezone(MARKET_ZONE).date()).days
    if ahead < first:
        return [Finding(code="deadline_passed", field=field, sentence=f"It is too late for {day:%d.%m.%Y}.")]
    if ahead > last:
        return [Finding(code="out_of_range", field=field, sentence=f"At most {last} days ahead are allowed.")]
    return []


def accepts_offers(session: MarketSession, market: datetime) -> bool:
    """From the opening, which the FMO may bring forward, until the gate closes."""
    return session.state is SessionState.OPEN and market < session.gate_closes_at


def accepts_requests(session: MarketSession, market: datetime) -> bool:
    return session.state in (SessionState.PLANNED, SessionState.OPEN) and market < session.gate_closes_at


def gate_findings(accepts: bool, session: MarketSession) -> list[Finding]:
    if accepts:
        return []
    sentence = f"The session is {session.state.value} and its gate does not take this now."
    return [Finding(code="gate_closed", field="session_id", sentence=sentence)]


# -- offers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class OfferContext:
    """What an offer is checked against.

    `assets`: those of the offer's lines that exist; `headroom_mw`: [n_steps] in the offer's direction and
    commodity per asset whose headroom is known; `taken_mw`: [n_steps] per asset, what own submitted offers of
    the session, direction and commodity take.
    """

    party: Party
    session: MarketSession
    market: datetime
    assets: Mapping[AssetId, FlexAsset]
    headroom_mw: Mapping[AssetId, Series]
    taken_mw: Mapping[AssetId, Series]


def offer_findings(command: SubmitOffer, context: OfferContext) -> list[Finding]:
    """Everything that is wrong with an offer; empty when it would be taken."""
    session, units = context.session, command.commodity.units
    n_steps = DeliveryDay(day=session.delivery_day).n_steps
    found = gate_findings(accepts_offers(session, context.market), session)
    if not 1 <= len(command.lines) <= MAX_LINES:
        sentence = f"An offer has 1 to {MAX_LINES} assets; this one has {len(command.lines)}."
        return [*found, Finding(code="out_of_range", field="lines", sentence=sentence)]
    seen: set[AssetId] = set()
    for index, line in enumerate(command.lines):
        found += _line_findings(f"lines[{index}]", line, context, units.power, seen)
        seen.add(line.asset_id)
    found += prices_findings(command.price_eur_per_mwh, "price_eur_per_mwh", n_steps, units.price)
    found += terms_findings(command.terms, session.rules, command.commodity, len(command.lines))
    return found + _brp_findings(command.lines, context)


def _line_findings(
    field: str, line: OfferLine, context: OfferContext, unit: str, seen: set[AssetId]
) -> list[Finding]:
    found = _asset_findings(f"{field}.asset_id", line.asset_id, context)
    if line.asset_id in seen:
        sentence = "The asset is in the offer twice."
        found.append(Finding(code="duplicate", field=f"{field}.asset_id", sentence=sentence))
    n_steps = DeliveryDay(day=context.session.delivery_day).n_steps
    quantity = quantity_findings(line.quantity_mw, f"{field}.quantity_mw", n_steps, unit)
    if not quantity and line.asset_id in context.headroom_mw:
        quantity = _headroom_findings(f"{field}.quantity_mw", line, context, unit)
    return found + quantity


def _asset_findings(field: str, asset_id: AssetId, context: OfferContext) -> list[Finding]:
    asset = context.assets.get(asset_id)
    if asset is None:
        return [Finding(code="unknown_asset", field=field, sentence="There is no such asset.")]
    if asset.owner_id != context.party.id:
        return [Finding(code="not_yours", field=field, sentence="The asset belongs to another participant.")]
    found = []
    if asset.region_id != context.session.region_id:
        sentence = f"{asset.name} is not in the session's region."
        found.append(Finding(code="unknown_asset", field=field, sentence=sentence))
    if not asset.may_offer:
        sentence = f"{asset.name} is {asset.state.value}; the DSO has to confirm it first."
        found.append(Finding(code="asset_not_confirmed", field=field, sentence=sentence))
    return found


def _headroom_findings(field: str, line: OfferLine, context: OfferContext, unit: str) -> list[Finding]:
    label = DeliveryDay(day=context.session.delivery_day).label
    taken = context.taken_mw.get(line.asset_id)
    return [
        Finding(
            code="beyond_asset",
            field=f"{field}[{step}]",
            sentence=f"{asked} {unit} at {label(step)}; {max(left, Decimal(0))} {unit} are left to offer.",
        )
        for step, (asked, left) in enumerate(
            zip(line.quantity_mw, remaining(context.headroom_mw[line.asset_id], taken), strict=True)
        )
        if asked > left
    ][:5]


def _brp_findings(lines: Sequence[OfferLine], context: OfferContext) -> list[Finding]:
    if not context.party.independent:
        return []
    known = [context.assets[line.asset_id] for line in lines if line.asset_id in context.assets]
    brps = {asset.brp_id for asset in known if asset.owner_id == context.party.id}
    if len(brps) <= 1:
        return []
    sentence = f"The assets belong to {len(brps)} balance responsible parties; only one is allowed."
    return [Finding(code="mixed_brp", field="lines", sentence=sentence)]


def remaining(headroom_mw: Series, taken_mw: Series | None) -> Series:
    """What is left of a headroom, [n_steps]; below zero where more is taken than there is."""
    if taken_mw is None:
        return headroom_mw
    return tuple(most - used for most, used in zip(headroom_mw, taken_mw, strict=True))


# -- requests ---------------------------------------------------------------------------------------------


def request_findings(
    command: PublishRequest, session: MarketSession, market: datetime, bus_ids: frozenset[str]
) -> list[Finding]:
    """Everything that is wrong with a request; `bus_ids` are the buses of the DSO's network."""
    n_steps = DeliveryDay(day=session.delivery_day).n_steps
    found = gate_findings(accepts_requests(session, market), session)
    found += text_findings(command.congestion_point, "congestion_point")
    found += _bus_findings(command.buses, bus_ids)
    units = command.commodity.units
    found += quantity_findings(command.quantity_mw, "quantity_mw", n_steps, units.power)
    found += number_findings(
        command.price_cap_eur_per_mwh,
        "price_cap_eur_per_mwh",
        unit=units.price,
        places=2,
        low=Decimal(0),
        high=MAX_PRICE_EUR_PER_MWH,
    )
    return found + _deadline_findings(command.deadline, session, market)


def _bus_findings(buses: Sequence[str], bus_ids: frozenset[str]) -> list[Finding]:
    if not 1 <= len(buses) <= MAX_BUSES:
        sentence = f"A request names 1 to {MAX_BUSES} buses; this one names {len(buses)}."
        return [Finding(code="out_of_range", field="buses", sentence=sentence)]
    found = []
    for index, bus in enumerate(buses):
        if bus not in bus_ids:
            sentence = "The bus is not in your grid."
            found.append(Finding(code="unknown_bus", field=f"buses[{index}]", sentence=sentence))
        elif bus in buses[:index]:
            found.append(Finding(code="duplicate", field=f"buses[{index}]", sentence="The bus is named twice."))
    return found


def _deadline_findings(deadline: datetime, session: MarketSession, market: datetime) -> list[Finding]:
    found = instant_findings(deadline, "deadline")
    if found:
        return found
    if deadline <= market:
        return [Finding(code="deadline_passed", field="deadline", sentence="The deadline is in the past.")]
    if deadline > session.gate_closes_at:
        closes = session.gate_closes_at.astimezone(MARKET_ZONE)
        sentence = f"The deadline is after the gate closes on {closes:%d.%m.%Y at %H:%M}."
        return [Finding(code="out_of_range", field="deadline", sentence=sentence)]
    return []


# -- sessions ---------------------------------------------------------------------------------------------

LONGEST_SESSION = timedelta(days=7)


def session_findings(
    day: date, opens_at: datetime, gate_closes_at: datetime, publishes_at: datetime, market: datetime
) -> list[Finding]:
    """A session opens, closes in the future, and publishes before its delivery day, in that order."""
    times = {"opens_at": opens_at, "gate_closes_at": gate_closes_at, "publishes_at": publishes_at}
    found = day_findings(day, market, first=1)
    for field, instant in times.items():
        found += instant_findings(instant, field)
    if found:
        return found
    rules = (
        (gate_closes_at > market, "deadline_passed", "gate_closes_at", "The gate would close in the past."),
        (gate_closes_at > opens_at, "out_of_range", "gate_closes_at", "The gate closes after the opening."),
        (
            gate_closes_at - opens_at <= LONGEST_SESSION,
            "out_of_range",
            "opens_at",
            f"A session is open for at most {LONGEST_SESSION.days} days.",
        ),
        (publishes_at > gate_closes_at, "out_of_range", "publishes_at", "Results follow after the gate closes."),
        (
            publishes_at <= DeliveryDay(day=day).start,
            "out_of_range",
            "publishes_at",
            "Results are published before the delivery day starts.",
        ),
    )
    return [Finding(code=code, field=field, sentence=text) for holds, code, field, text in rules if not holds]
