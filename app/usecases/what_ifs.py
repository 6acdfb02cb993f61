"""What-ifs: checked, stored with their inputs, and computed by a job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal

from app.bridge import cases, networks, what_if
from app.bridge.networks import NetworkFacts
from app.usecases.ownership import own_region
from app.usecases.queue import WHAT_IF, enqueue, supersede
from domain.commands import AskWhatIf
from domain.errors import Finding, raise_if, refuse
from domain.flexibility.grids import Job, Network, Schedule
from domain.flexibility.market import MarketSession
from domain.flexibility.what_if import TrialOffer, UnitChange, WhatIf
from domain.ids import WhatIfId, new_id
from domain.lifecycle import SessionState
from domain.parties import Principal
from domain.ports import UnitOfWork
from domain.time import DeliveryDay
from domain.units import MAX_P_MW, MAX_PRICE_EUR_PER_MWH

MOST = {"lines_out": 10, "changes": 40, "added": 40, "removed": 200}
MAX_SCALE_PERCENT = Decimal(1000)
_SEALED = (SessionState.PLANNED, SessionState.OPEN)


def ask(uow: UnitOfWork, principal: Principal, command: AskWhatIf) -> WhatIf:
    """Queue the computation; one that the DSO has under way for the same day is given up for it.

    Raises:
        Refused: `not_yours`, `no_network`, `no_schedule`, `book_sealed`; findings on every part.
    """
    region = own_region(uow, principal, command.region_id)
    day = command.delivery_day
    stored = uow.find(Network, id=region.id)
    if not stored:
        raise refuse("no_network", "region_id", "Upload the network first.")
    schedules = uow.find(Schedule, region_id=region.id, delivery_day=day)
    if not schedules:
        raise refuse("no_schedule", "delivery_day", "Upload the day's schedules first.")
    network = schedules[0].network_document
    book = _book(uow, command)
    raise_if(
        _Check(command, network, networks.read(network), DeliveryDay(day=day).n_steps, book is not None).findings()
    )
    as_is = book or cases.needs_inputs(network, schedules[0].document, region.id, day)
    inputs = what_if.inputs(
        as_is,
        network,
        command.lines_out,
        command.changes,
        command.added,
        frozenset(command.removed),
        uow.market.astimezone(UTC).isoformat().replace("+00:00", "Z"),
    )
    supersede(uow, kind=WHAT_IF, region_id=region.id, day=day)
    job = enqueue(uow, kind=WHAT_IF, owner_id=principal.party_id, region_id=region.id, day=day, inputs=inputs)
    asked = WhatIf(
        id=WhatIfId(new_id("WI")),
        region_id=region.id,
        owner_id=principal.party_id,
        delivery_day=day,
        session_id=_session(uow, command).id if book else None,  # type: ignore[union-attr]
        lines_out=command.lines_out,
        changes=command.changes,
        added=command.added,
        removed=command.removed,
        asked_at=uow.market,
        asked_by=principal.account,
        job_id=job.id,
    )
    uow.add(asked)
    return asked


def _session(uow: UnitOfWork, command: AskWhatIf) -> MarketSession | None:
    found = uow.find(MarketSession, region_id=command.region_id, delivery_day=command.delivery_day)
    return found[0] if found else None


def _book(uow: UnitOfWork, command: AskWhatIf) -> bytes | None:
    """The case that the day's session was cleared on; None while its book is sealed or where there is none."""
    session = _session(uow, command)
    if session is None or session.state in _SEALED or session.job_id is None:
        return None
    return uow.get(Job, session.job_id).inputs


@dataclass(frozen=True)
class _Check:
    """All findings of a question."""

    command: AskWhatIf
    network: str
    facts: NetworkFacts
    n_steps: int
    has_book: bool

    def findings(self) -> list[Finding]:
        asked = self.command
        parts = {name: getattr(asked, name) for name in MOST}
        found = [
            Finding(code="out_of_range", field=name, sentence=f"At most {MOST[name]} entries are taken.")
            for name, entries in parts.items()
            if len(entries) > MOST[name]
        ]
        if found:
            return found
        if not any(parts.values()):
            return [
                Finding(code="missing", field="changes", sentence="Change something: a line, a unit, an offer.")
            ]
        return [*self._lines(), *self._changes(), *self._added(), *self._removed()]

    def _lines(self) -> Iterator[Finding]:
        known = set(self.facts.branch_ids)
        for i, name in enumerate(self.command.lines_out):
            if name not in known:
                sentence = "The grid has no such line or transformer."
                yield Finding(code="unknown_branch", field=f"lines_out[{i}]", sentence=sentence)

    def _changes(self) -> Iterator[Finding]:
        for i, change in enumerate(self.command.changes):
            at = f"changes[{i}]"
            yield from self._hours(change, at)
            if (change.scale_percent is None) == (change.p_mw is None):
                yield Finding(code="missing", field=f"{at}.p_mw", sentence="Give either a percentage or a power.")
            if change.scale_percent is not None:
                yield from _within(change.scale_percent, Decimal(0), MAX_SCALE_PERCENT, f"{at}.scale_percent", "%")
            if change.p_mw is not None:
                yield from _within(change.p_mw, -MAX_P_MW, MAX_P_MW, f"{at}.p_mw", "MW")

    def _added(self) -> Iterator[Finding]:
        dark = set(what_if.dark_buses(self.network, self.command.lines_out))
        for i, offer in enumerate(self.command.added):
            at = f"added[{i}]"
            yield from self._hours(offer, at)
            unit = self.facts.unit_of.get(offer.unit_id)
            reach = Decimal(0) if unit is None else unit.p_max_mw * (2 if unit.kind == "storage" else 1)
            if unit is not None and unit.bus in dark:
                sentence = f"Bus {unit.bus} loses supply, so nothing can be offered there."
                yield Finding(code="out_of_range", field=f"{at}.unit_id", sentence=sentence)
            if unit is not None and not 0 < offer.quantity_mw <= reach:
                sentence = f"Give more than 0 and at most {reach.normalize():f} MW, what the unit can change."
                yield Finding(code="out_of_range", field=f"{at}.quantity_mw", sentence=sentence)
            yield from _within(
                offer.price_eur_per_mwh,
                -MAX_PRICE_EUR_PER_MWH,
                MAX_PRICE_EUR_PER_MWH,
                f"{at}.price_eur_per_mwh",
                "EUR/MWh",
            )

    def _hours(self, entry: UnitChange | TrialOffer, at: str) -> Iterator[Finding]:
        if entry.unit_id not in self.facts.unit_of:
            yield Finding(code="unknown_unit", field=f"{at}.unit_id", sentence="The grid has no such unit.")
        if not 0 <= entry.first_step <= entry.last_step < self.n_steps:
            sentence = f"Quarter hours run from 0 to {self.n_steps - 1}, the first not after the last."
            yield Finding(code="out_of_range", field=f"{at}.first_step", sentence=sentence)

    def _removed(self) -> Iterator[Finding]:
        if self.command.removed and not self.has_book:
            sentence = "The book is sealed until the gate closes; only offers of your own making can be tried."
            yield Finding(code="book_sealed", field="removed", sentence=sentence)


def _within(value: Decimal, low: Decimal, high: Decimal, field: str, unit: str) -> Iterator[Finding]:
    if not value.is_finite():
        yield Finding(code="not_finite", field=field, sentence="Give a finite number.")
    elif not low <= value <= high:
        sentence = f"Give a number from {low.normalize():f} to {high.normalize():f} {unit}."
        yield Finding(code="out_of_range", field=field, sentence=sentence)
