"""News of metering, contracts, statements and invoices."""

from __future__ import annotations

from collections.abc import Iterator

from app.letters.names import Letter, asset_of, count, day_name, operators, region_of, session_of
from domain import events as e
from domain.flexibility.contracts import FlexContract, words
from domain.flexibility.settlement import Statement
from domain.ports import UnitOfWork


def mapped(uow: UnitOfWork, event: e.PodMapped) -> Iterator[Letter]:
    sentence = f"The point of delivery {event.pod_id} stands for {asset_of(uow, event.asset_id).name}."
    yield Letter(to=(event.owner_id,), sentence=sentence)


def reported(uow: UnitOfWork, event: e.MeteringReported) -> Iterator[Letter]:
    """Corrections only: first readings are what is expected."""
    if not event.n_corrected:
        return
    region, day = region_of(uow, event.region_id), event.delivery_day
    readings = count(event.n_corrected, "reading")
    verb = "was" if event.n_corrected == 1 else "were"
    sentence = f"{readings} of {day_name(day)} {verb} corrected ({region.name})."
    yield Letter(to=(event.owner_id, *operators(uow)), sentence=sentence, day=day)


def agreed(uow: UnitOfWork, event: e.ContractAgreed) -> Iterator[Letter]:
    contract = uow.get(FlexContract, event.contract_id)
    region = region_of(uow, event.region_id)
    sentence = f"Your contract for {region.name} from {day_name(contract.valid_from)}: {words(contract.terms)}"
    yield Letter(to=(event.party_id,), sentence=sentence, day=contract.valid_from)


def settled(uow: UnitOfWork, event: e.SessionSettled) -> Iterator[Letter]:
    session, region, name = session_of(uow, event.session_id)
    day = session.delivery_day
    statements = count(event.n_statements, "statement")
    waits = "waits" if event.n_statements == 1 else "wait"
    yield Letter(to=operators(uow), sentence=f"{statements} {waits} for validation ({name}).", day=day)
    if event.n_missing:
        sentence = f"Meter readings are missing for {count(event.n_missing, 'award')} ({name}); report them."
        yield Letter(to=(*operators(uow), region.dso_id), sentence=sentence, day=day)


def issued(uow: UnitOfWork, event: e.StatementIssued) -> Iterator[Letter]:
    session, _, name = session_of(uow, event.session_id)
    statement = uow.get(Statement, event.statement_id)
    sentence = f"Your statement is issued ({name}), version {event.revision}: {statement.amount_eur:,.2f} EUR."
    if event.correction_eur is not None:
        sentence = (
            f"Your statement is corrected ({name}), version {event.revision}: {event.correction_eur:+,.2f} EUR,"
            f" now {statement.amount_eur:,.2f} EUR."
        )
    yield Letter(to=(event.party_id,), sentence=sentence, day=session.delivery_day)
