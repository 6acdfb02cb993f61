"""Metering, contracts, statements and invoices, each as far as the asker may see it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.invoicing import invoice_file
from app.queries import models as q
from app.queries.parts import part_of, rows_of
from app.queries.visibility import OFFERING, sees_result, session_for, visible_regions
from app.settling import Day, calls_of, payments_of
from domain.errors import refuse
from domain.flexibility.assets import FlexAsset
from domain.flexibility.commodity import Commodity
from domain.flexibility.contracts import STANDARD, FlexContract, in_force, words
from domain.flexibility.delivery import deliveries
from domain.flexibility.invoices import Invoice, line_text
from domain.flexibility.market import Award, MarketSession
from domain.flexibility.metering import AssetForecast, MeterReading, PodMapping, latest, mapped
from domain.flexibility.settlement import COUPLING, LineKind, Statement, StatementLine, differences
from domain.ids import AssetId, PartyId, RegionId, SessionId, StatementId
from domain.lifecycle import StatementState
from domain.parties import Party, Principal, Region, Role
from domain.ports import UnitOfWork
from domain.time import MARKET_ZONE, DeliveryDay
from domain.units import total

ZERO = Decimal(0)


# -- metering and contracts -----------------------------------------------------------------------------------


def list_pods(uow: UnitOfWork, principal: Principal, query: q.ListPods) -> tuple[q.PodRow, ...]:
    assets = _visible_assets(uow, principal, query.region_id)
    mappings = [m for m in uow.find(PodMapping) if m.asset_id in assets]
    return tuple(
        q.PodRow(mapping=mapping, asset=assets[mapping.asset_id])
        for mapping in sorted(mappings, key=lambda m: (m.pod_id, m.valid_from))
    )


def list_readings(uow: UnitOfWork, principal: Principal, query: q.ListReadings) -> tuple[q.ReadingRow, ...]:
    """By code and revision; a reading belongs to the asset that its point of delivery stands for on the day."""
    assets = _visible_assets(uow, principal)
    pods = {pod: m.asset_id for pod, m in mapped(uow.find(PodMapping), query.delivery_day).items()}
    seen = {pod: assets[asset_id] for pod, asset_id in pods.items() if asset_id in assets}
    wanted = tuple(pod for pod in seen if query.pod_id in (None, pod))
    where = {"delivery_day": query.delivery_day, "pod_id": wanted}
    if query.part is None:
        readings = uow.find(MeterReading, **where)
        found = q.Part(sorted(readings, key=lambda r: (r.pod_id, r.revision)))
    else:
        found = part_of(uow, MeterReading, query.part, where)
        shown = tuple({reading.pod_id for reading in found})
        readings = uow.find(MeterReading, delivery_day=query.delivery_day, pod_id=shown)
    newest = {reading.id for reading in latest(readings).values()}
    return rows_of(
        found,
        lambda reading: q.ReadingRow(reading=reading, asset=seen[reading.pod_id], latest=reading.id in newest),
    )


def list_forecasts(uow: UnitOfWork, principal: Principal, query: q.ListForecasts) -> tuple[AssetForecast, ...]:
    assets = _visible_assets(uow, principal)
    return tuple(f for f in uow.find(AssetForecast, delivery_day=query.delivery_day) if f.asset_id in assets)


def _visible_assets(
    uow: UnitOfWork, principal: Principal, region_id: RegionId | None = None
) -> dict[AssetId, FlexAsset]:
    """The FMO all, a DSO those in its regions, everyone else its own."""
    regions = {region.id for region in visible_regions(uow, principal) if region_id in (None, region.id)}
    own = {} if principal.role in (Role.FMO, Role.DSO) else {"owner_id": principal.party_id}
    return {asset.id: asset for asset in uow.find(FlexAsset, region_id=tuple(regions), **own)}


def list_contracts(uow: UnitOfWork, principal: Principal, _query: q.ListContracts) -> tuple[q.ContractRow, ...]:
    """Every contract; for a party without one in force on the market's day, the standard terms."""
    today = uow.market.astimezone(MARKET_ZONE).date()
    own = {"id": principal.party_id} if principal.role in OFFERING else {}
    rows: list[q.ContractRow] = []
    for region in visible_regions(uow, principal):
        contracts = uow.find(FlexContract, region_id=region.id)
        for party in uow.find(Party, role=OFFERING, **own):
            rows += _contract_rows(region, party, contracts, today)
    return tuple(rows)


def _contract_rows(
    region: Region, party: Party, contracts: Iterable[FlexContract], today: date
) -> list[q.ContractRow]:
    agreed = sorted((c for c in contracts if c.party_id == party.id), key=lambda c: c.valid_from)
    found: list[FlexContract | None] = list(agreed)
    if in_force(agreed, party.id, today) is None:
        found.insert(0, None)
    return [
        q.ContractRow(region=region, party=party, contract=contract, terms=terms, words=words(terms))
        for contract in found
        for terms in (contract.terms if contract else STANDARD,)
    ]


# -- statements -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _Around:
    """What the rows of statements name."""

    parties: Mapping[PartyId, Party]
    regions: Mapping[RegionId, Region]
    sessions: Mapping[SessionId, MarketSession]
    assets: Mapping[AssetId, FlexAsset]
    invoices: Mapping[StatementId, Invoice]


def list_statements(uow: UnitOfWork, principal: Principal, query: q.ListStatements) -> tuple[q.StatementRow, ...]:
    asked = {"session_id": query.session_id} if query.session_id else {}
    seen = _visible_statements(uow, principal, asked)
    rows = _statement_rows(uow, seen)
    newest = sorted(rows, key=lambda row: (row.session.delivery_day, row.statement.revision), reverse=True)
    return tuple(newest)


def _visible_statements(
    uow: UnitOfWork, principal: Principal, asked: Mapping[str, object]
) -> tuple[Statement, ...]:
    """The FMO every version; others their own from issue on."""
    if principal.role is Role.FMO:
        return uow.find(Statement, **asked)
    own = uow.find(Statement, party_id=principal.party_id, **asked)
    return tuple(statement for statement in own if statement.issued_at is not None)


def _statement_rows(uow: UnitOfWork, seen: Iterable[Statement]) -> list[q.StatementRow]:
    """Each with its difference to the version before it among those seen."""
    seen = sorted(seen, key=lambda s: (s.session_id, s.party_id, s.revision))
    around = _around(uow, seen)
    before: dict[tuple[SessionId, PartyId], Statement] = {}
    rows = []
    for statement in seen:
        of = (statement.session_id, statement.party_id)
        rows.append(_statement_row(statement, before.get(of), around))
        before[of] = statement
    return rows


def _around(uow: UnitOfWork, statements: Iterable[Statement]) -> _Around:
    statements = tuple(statements)
    sessions = uow.find(MarketSession, id=tuple({s.session_id for s in statements}))
    assets = {line.asset_id for s in statements for line in s.lines if line.asset_id}
    invoices = uow.find(Invoice, statement_id=tuple(s.id for s in statements))
    return _Around(
        parties={party.id: party for party in uow.find(Party)},
        regions={region.id: region for region in uow.find(Region)},
        sessions={session.id: session for session in sessions},
        assets={asset.id: asset for asset in uow.find(FlexAsset, id=tuple(assets))},
        invoices={invoice.statement_id: invoice for invoice in invoices},
    )


def _statement_row(statement: Statement, before: Statement | None, around: _Around) -> q.StatementRow:
    changed = {d.line.key: d for d in differences(before, statement)}
    names = {id: asset.name for id, asset in around.assets.items()}
    there = {line.key for line in statement.lines}

    def row(line: StatementLine, *, gone: bool) -> q.LineRow:
        change = changed.get(line.key)
        return q.LineRow(
            line=replace(line, amount_eur=ZERO, cleared_eur=ZERO, deduction_eur=ZERO) if gone else line,
            text=line_text(line, names),
            asset=around.assets.get(line.asset_id) if line.asset_id else None,
            change_eur=None if before is None else change.amount_eur if change else ZERO,
            gone=gone,
        )

    gone = [d.line for key, d in changed.items() if key not in there]
    return q.StatementRow(
        statement=statement,
        party=around.parties[statement.party_id],
        region=around.regions[statement.region_id],
        session=around.sessions[statement.session_id],
        lines=tuple([row(line, gone=False) for line in statement.lines] + [row(line, gone=True) for line in gone]),
        correction_eur=None if before is None else statement.amount_eur - before.amount_eur,
        invoice=around.invoices.get(statement.id),
    )


def get_settlement(uow: UnitOfWork, principal: Principal, query: q.GetSettlement) -> q.SettlementView:
    """The last version of every party's statement, and their sum.

    Raises:
        Refused: `not_found`.
    """
    session = session_for(uow, principal, query.session_id)
    rows = _statement_rows(uow, uow.find(Statement, session_id=session.id))
    standing = {row.party.id: row for row in rows if row.statement.state is not StatementState.SUPERSEDED}
    standing |= {row.party.id: row for row in rows if row.statement.revision == _last(rows, row.party.id)}
    shown = tuple(sorted(standing.values(), key=lambda row: (row.party.role is Role.DSO, row.party.name)))
    awards = uow.find(Award, session_id=session.id)
    coupling = payments_of(uow, session).get(COUPLING, ZERO) if sees_result(principal, session) else ZERO
    lines = [line for row in shown for line in row.statement.lines if line.kind is LineKind.AWARD]
    day = Day(uow, session.region_id, session.delivery_day)
    awarded = {award.asset_id for award in awards}
    metered = {asset for asset in awarded if asset in day.pods and (day.pods[asset], day.day) in day.readings}
    return q.SettlementView(
        session=session,
        region=uow.get(Region, session.region_id),
        over=uow.market >= DeliveryDay(day=session.delivery_day).end,
        n_assets=len(awarded),
        n_metered=len(metered),
        statements=shown,
        awarded_mwh=total([line.awarded_mwh for line in lines if line.commodity is Commodity.P]),
        delivered_mwh=total([line.delivered_mwh for line in lines if line.commodity is Commodity.P]),
        awarded_mvarh=total([line.awarded_mwh for line in lines if line.commodity is Commodity.Q]),
        delivered_mvarh=total([line.delivered_mwh for line in lines if line.commodity is Commodity.Q]),
        cleared_eur=total([line.cleared_eur for line in lines]),
        to_pay_eur=total([line.amount_eur for line in lines]),
        coupling_eur=coupling,
        balance_eur=total([*(row.statement.amount_eur for row in shown), coupling if shown else ZERO]),
    )


def _last(rows: Iterable[q.StatementRow], party_id: PartyId) -> int:
    return max(row.statement.revision for row in rows if row.party.id == party_id)


def get_delivery(uow: UnitOfWork, principal: Principal, query: q.GetDelivery) -> q.DeliveryView:
    """An award's day by the contract's method or another.

    Raises:
        Refused: `not_found`, also for an award that the asker may not see.
    """
    award = uow.get(Award, query.award_id)
    session = session_for(uow, principal, award.session_id)
    others = principal.role in OFFERING and award.party_id != principal.party_id
    if others or not sees_result(principal, session):
        raise refuse("not_found", "award_id", "There is no such award, or it is not yours to see.")
    day = Day(uow, session.region_id, session.delivery_day)
    terms = day.terms(award.party_id)
    asset = uow.get(FlexAsset, award.asset_id)
    measured = day.measured(asset, award.commodity, query.method or terms.baseline)
    alike = {"session_id": session.id, "party_id": award.party_id, "asset_id": asset.id}
    awards = uow.find(Award, commodity=award.commodity, **alike)
    found = {d.award.id: d for d in deliveries(measured, awards, calls_of(uow, awards), terms)}
    return q.DeliveryView(
        session=session,
        party=uow.get(Party, award.party_id),
        measured=measured,
        delivery=found[award.id],
        agreed=terms.baseline,
    )


# -- invoices -------------------------------------------------------------------------------------------------


def list_invoices(uow: UnitOfWork, principal: Principal, query: q.ListInvoices) -> tuple[q.InvoiceRow, ...]:
    asked = {"session_id": query.session_id} if query.session_id else {}
    own = {} if principal.role is Role.FMO else {"party_id": principal.party_id}
    found = sorted(uow.find(Invoice, **asked, **own), key=lambda invoice: invoice.number, reverse=True)
    return tuple(_invoice_row(uow, invoice) for invoice in found)


def _invoice_row(uow: UnitOfWork, invoice: Invoice) -> q.InvoiceRow:
    return q.InvoiceRow(
        invoice=invoice,
        party=uow.get(Party, invoice.party_id),
        region=uow.get(Region, invoice.region_id),
        session=uow.get(MarketSession, invoice.session_id),
    )


def get_invoice_file(uow: UnitOfWork, principal: Principal, query: q.GetInvoiceFile) -> q.InvoiceFile:
    """An invoice as a file. Raises `Refused`: `not_found`, also for another's."""
    invoice = uow.get(Invoice, query.invoice_id)
    if principal.role is not Role.FMO and invoice.party_id != principal.party_id:
        raise refuse("not_found", "invoice_id", "There is no such invoice, or it is not yours to see.")
    row = _invoice_row(uow, invoice)
    operators = uow.find(Party, role=Role.FMO)
    content = invoice_file(
        query.form.value,
        invoice,
        party=row.party.name,
        operator=operators[0].name if operators else "",
        region=row.region.name,
        delivery_day=row.session.delivery_day,
    )
    return q.InvoiceFile(
        name=f"{invoice.name}.{query.form.value}", media_type=_MEDIA_TYPES[query.form], content=content
    )


_MEDIA_TYPES = {q.FileForm.CSV: "text/csv; charset=utf-8", q.FileForm.PDF: "application/pdf"}
