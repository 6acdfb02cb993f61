"""The market's clearings beside those only tried."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.book import book_case
from app.bridge import states
from app.bridge.figures import ClearingFigures, clearing_figures, prices_of
from app.bridge.relief import relief_of
from app.queries import models as q
from app.queries.compared import RENEWABLE, Side, compared
from domain.errors import refuse
from domain.flexibility.assets import FlexAsset
from domain.flexibility.grids import Job
from domain.flexibility.market import MarketSession
from domain.flexibility.operation import BookState, ClearingTry
from domain.ids import PartyId, RegionId
from domain.lifecycle import JobState
from domain.parties import Party, Principal, Region
from domain.ports import UnitOfWork

COUPLING = PartyId("coupling")
"""Who delivers the energy at the coupling point, in an engine's payments."""


def list_clearings(uow: UnitOfWork, _principal: Principal, query: q.ListClearings) -> tuple[q.ClearingRow, ...]:
    """Every clearing whose job is stored, in whatever state."""
    wanted = {
        "delivery_day": query.delivery_day,
        "region_id": query.region_id,
    }
    given = {key: value for key, value in wanted.items() if value is not None}
    regions = {region.id: region for region in uow.find(Region)}
    sessions = uow.find(MarketSession, **given)
    tries = uow.find(ClearingTry, **given)
    if query.session_id is not None:
        sessions = tuple(session for session in sessions if session.id == query.session_id)
        tries = tuple(tried for tried in tries if tried.session_id == query.session_id)
    ids = tuple([session.job_id for session in sessions if session.job_id] + [tried.job_id for tried in tries])
    jobs = {job.id: job for job in uow.find_bare(Job, id=ids)} if ids else {}
    rows = [
        *(_own(session, regions, jobs[session.job_id]) for session in sessions if session.job_id is not None),
        *(_tried(tried, regions, jobs[tried.job_id]) for tried in tries),
    ]
    by_time = sorted(rows, key=lambda row: (row.region.name, row.kind is q.ClearingKind.TRY, row.asked_at, row.id))
    return tuple(sorted(by_time, key=lambda row: row.delivery_day, reverse=True))


def _own(session: MarketSession, regions: Mapping[RegionId, Region], job: Job) -> q.ClearingRow:
    return q.ClearingRow(
        id=session.id,
        kind=q.ClearingKind.MARKET,
        session_id=session.id,
        region=regions[session.region_id],
        delivery_day=session.delivery_day,
        rules=session.rules,
        book=BookState.CLOSED,
        asked_at=session.gate_closes_at,
        job=job,
    )


def _tried(tried: ClearingTry, regions: Mapping[RegionId, Region], job: Job) -> q.ClearingRow:
    return q.ClearingRow(
        id=tried.id,
        kind=q.ClearingKind.TRY,
        session_id=tried.session_id,
        region=regions[tried.region_id],
        delivery_day=tried.delivery_day,
        rules=tried.rules,
        book=tried.book,
        asked_at=tried.asked_at,
        job=job,
    )


def _row(uow: UnitOfWork, id: str, field: str) -> tuple[q.ClearingRow, Job]:
    """A clearing that is done, with its stored inputs and result.

    Raises:
        Refused: `not_found`; `no_result` while it runs and where it failed.
    """
    regions = {region.id: region for region in uow.find(Region)}
    sessions, tries = uow.find(MarketSession, id=id), uow.find(ClearingTry, id=id)
    job_id = sessions[0].job_id if sessions else tries[0].job_id if tries else None
    if job_id is None:
        raise refuse("not_found", field, "There is no such clearing.")
    job = uow.get(Job, job_id)
    if job.state is not JobState.DONE:
        raise refuse("no_result", field, f"That clearing is {job.state.value}; choose one that is done.")
    row = _own(sessions[0], regions, job) if sessions else _tried(tries[0], regions, job)
    return row, job


def compare(uow: UnitOfWork, _principal: Principal, query: q.CompareClearings) -> q.Comparison:
    """Both clearings' figures, payments, and what else makes them differ.

    Raises:
        Refused: `not_found`, `no_result`, each on the side that it is about.
    """
    (left, job_l), (right, job_r) = _row(uow, query.left, "left"), _row(uow, query.right, "right")
    sides = clearing_figures(job_l.inputs, job_l.result), clearing_figures(job_r.inputs, job_r.result)
    renewable = frozenset(asset.id for asset in uow.find(FlexAsset, kind=RENEWABLE))
    told = (Side(row=row, figures=of, renewable=renewable) for row, of in zip((left, right), sides, strict=True))
    return q.Comparison(
        left=left,
        right=right,
        notes=tuple(_notes(left, right, *sides)),
        figures=tuple(compared(*told)),
        payments=tuple(_payments(*sides, uow.find(Party))),
    )


def _notes(
    left: q.ClearingRow, right: q.ClearingRow, of_left: ClearingFigures, of_right: ClearingFigures
) -> Iterable[str]:
    """What is not the same beside the rules: a comparison of unlike things must say so."""
    if left.region != right.region:
        yield f"Different regions: {left.region.name} and {right.region.name}."
    if left.delivery_day != right.delivery_day:
        yield f"Different delivery days: {left.delivery_day:%d.%m.%Y} and {right.delivery_day:%d.%m.%Y}."
    if left.session_id == right.session_id and left.book is not right.book:
        yield "Different books: one is the book that the gate closed, the other what stood in it before."
    if left.id == right.id:
        yield "Both sides are the same clearing."
    for row, figures in ((left, of_left), (right, of_right)):
        if figures.facts.status == "not_cleared":
            yield f"{row.rules.words()}: not cleared, {figures.facts.reason}."
    energy = {row.rules.energy for row in (left, right)}
    if len(energy) > 1:
        yield "Only one prices energy at the coupling point: welfare and cost differ by that energy."


def _payments(
    left: ClearingFigures, right: ClearingFigures, parties: Iterable[Party]
) -> Iterable[q.ComparedPayment]:
    names = {COUPLING: "Coupling point (energy)", **{party.id: party.name for party in parties}}
    paid = left.facts.payments_eur, right.facts.payments_eur
    for party in sorted(paid[0].keys() | paid[1].keys()):
        yield q.ComparedPayment(
            party_id=PartyId(party),
            name=names.get(PartyId(party), str(party)),
            left_eur=paid[0].get(party),
            right_eur=paid[1].get(party),
        )


def day(uow: UnitOfWork, _principal: Principal, query: q.GetClearingDay) -> q.ClearingDay:
    """Maps and prices of a clearing. Raises `Refused`: `not_found`, `no_result`."""
    row, job = _row(uow, query.id, "id")
    decoded = states.decode(job.result, row.region.id)
    return q.ClearingDay(
        row=row, grid=decoded.grid, before=decoded.before, after=decoded.after, prices=prices_of(job.result)
    )


def relief(uow: UnitOfWork, _principal: Principal, query: q.GetRelief) -> q.ReliefView:
    """By the session's own rules. Raises `Refused`: `not_found`; why there is no case."""
    session = uow.get(MarketSession, query.session_id)
    return q.ReliefView(relief=relief_of(book_case(uow, session, session.rules)))
