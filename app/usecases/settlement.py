"""Settlement: contracts, statements of a session in versions, their validation and issue with invoices."""

from __future__ import annotations

from dataclasses import replace

from app.settling import session_lines
from domain.checks import LOCKED, day_findings
from domain.commands import AgreeContract, IssueStatements, SettleSession, ValidateStatements
from domain.errors import Finding, raise_if, refuse
from domain.events import ContractAgreed, SessionSettled, StatementIssued, StatementsValidated
from domain.flexibility.assets import FlexAsset
from domain.flexibility.contracts import FlexContract, Terms, terms_findings
from domain.flexibility.invoices import Invoice, invoice_kind, invoice_lines
from domain.flexibility.market import MarketSession
from domain.flexibility.settlement import Statement, StatementLine
from domain.ids import ContractId, InvoiceId, PartyId, StatementId, new_id
from domain.lifecycle import STATEMENT, SessionState, StatementState, advance
from domain.parties import Party, Principal, Region, Role
from domain.ports import UnitOfWork
from domain.time import MARKET_ZONE, DeliveryDay
from domain.units import total

OFFERING = (Role.ESP, Role.AGGREGATOR)
NOT_METERED = ("no point of delivery", "reading missing")


def agree_contract(uow: UnitOfWork, _principal: Principal, command: AgreeContract) -> FlexContract:
    """The terms of a party in a region from a day on; days whose gate has closed keep theirs.

    Raises:
        Refused: `not_found` region; `unknown_party`; findings on day and terms; `gate_closed`.
    """
    region = uow.get(Region, command.region_id)
    party = uow.find(Party, id=command.party_id)
    found = day_findings(command.valid_from, uow.market, "valid_from")
    if not party or party[0].role not in OFFERING:
        sentence = "A contract is with a participant that offers flexibility."
        found.append(Finding(code="unknown_party", field="party_id", sentence=sentence))
    found += terms_findings(_terms(command))
    raise_if(found)
    for session in uow.find(MarketSession, region_id=region.id):
        closed = session.state in LOCKED or uow.market >= session.gate_closes_at
        if closed and session.delivery_day >= command.valid_from:
            sentence = f"The gate of {session.delivery_day:%d.%m.%Y} has closed; choose a later day."
            raise refuse("gate_closed", "valid_from", sentence)
    stored = uow.find(FlexContract, region_id=region.id, party_id=command.party_id, valid_from=command.valid_from)
    terms = _terms(command)
    if stored and stored[0].terms == terms:
        return stored[0]
    contract = FlexContract(
        id=stored[0].id if stored else ContractId(new_id("FC")),
        region_id=region.id,
        party_id=command.party_id,
        valid_from=command.valid_from,
        baseline=terms.baseline,
        rule=terms.rule,
        tolerance_share=terms.tolerance_share,
        penalty_eur_per_mwh=terms.penalty_eur_per_mwh,
        agreed_at=uow.market,
        version=stored[0].version if stored else 0,
    )
    (uow.save if stored else uow.add)(contract)
    uow.record(ContractAgreed(contract_id=contract.id, region_id=region.id, party_id=contract.party_id))
    return contract


def _terms(command: AgreeContract) -> Terms:
    return Terms(
        baseline=command.baseline,
        rule=command.rule,
        tolerance_share=command.tolerance_share,
        penalty_eur_per_mwh=command.penalty_eur_per_mwh,
    )


def settle_session(uow: UnitOfWork, _principal: Principal, command: SettleSession) -> tuple[Statement, ...]:
    """Statements of every party from what is known now: a new version where it differs from the last.

    Raises:
        Refused: `wrong_state` before publication; `not_delivered` before the delivery day is over.
    """
    session = uow.get(MarketSession, command.session_id)
    if session.state is not SessionState.PUBLISHED:
        sentence = f"The session is {session.state.value}; a published result is settled."
        raise refuse("wrong_state", "session_id", sentence)
    if uow.market < DeliveryDay(day=session.delivery_day).end:
        sentence = f"{session.delivery_day:%d.%m.%Y} is not over; it is settled after delivery."
        raise refuse("not_delivered", "session_id", sentence)
    return _settle(uow, session)


def settle_again(uow: UnitOfWork, session: MarketSession) -> None:
    """After a reading has come: the session's statements anew, where it was settled before."""
    if uow.find(Statement, session_id=session.id):
        _settle(uow, session)


def _settle(uow: UnitOfWork, session: MarketSession) -> tuple[Statement, ...]:
    lines = session_lines(uow, session)
    versions = _versions(uow, session)
    found = []
    for party, of_party in lines.items():
        before = versions.get(party, [])
        if before and before[-1].lines == of_party:
            found.append(before[-1])
            continue
        for old in before:
            if old.state in (StatementState.DRAFT, StatementState.VALIDATED):
                uow.save(replace(old, state=advance(STATEMENT, old.state, "supersede")))
        statement = Statement(
            id=StatementId(new_id("ST")),
            session_id=session.id,
            region_id=session.region_id,
            party_id=party,
            revision=len(before) + 1,
            lines=of_party,
            computed_at=uow.market,
        )
        uow.add(statement)
        found.append(statement)
    changed = [s for s in found if s.id not in {old.id for of in versions.values() for old in of}]
    if changed:
        missing = [line for of_party in lines.values() for line in of_party if _unmetered(line)]
        uow.record(
            SessionSettled(
                session_id=session.id,
                region_id=session.region_id,
                n_statements=len(changed),
                n_missing=len(missing),
            )
        )
    return tuple(found)


def _unmetered(line: StatementLine) -> bool:
    return any(remark.kind in NOT_METERED for remark in line.remarks)


def _versions(uow: UnitOfWork, session: MarketSession) -> dict[PartyId, list[Statement]]:
    """All versions by party, oldest first."""
    versions: dict[PartyId, list[Statement]] = {}
    for statement in sorted(uow.find(Statement, session_id=session.id), key=lambda s: s.revision):
        versions.setdefault(statement.party_id, []).append(statement)
    return versions


def validate_statements(
    uow: UnitOfWork, _principal: Principal, command: ValidateStatements
) -> tuple[Statement, ...]:
    """The session's drafts are found right.

    Raises:
        Refused: `wrong_state` without a draft; `open_findings` when some stop it and are not accepted.
    """
    session = uow.get(MarketSession, command.session_id)
    drafts = _in_state(uow, session, StatementState.DRAFT, "Settle the session first; there is no draft.")
    stopping = [r for s in drafts for line in s.lines for r in line.remarks if r.blocking]
    if stopping and not command.accept_findings:
        sentence = f"{len(stopping)} findings stop the validation; mend them or accept them."
        raise refuse("open_findings", "accept_findings", sentence)
    validated = tuple(replace(s, state=advance(STATEMENT, s.state, "validate")) for s in drafts)
    for statement in validated:
        uow.save(statement)
    uow.record(
        StatementsValidated(session_id=session.id, region_id=session.region_id, n_statements=len(validated))
    )
    return validated


def _in_state(
    uow: UnitOfWork, session: MarketSession, state: StatementState, otherwise: str
) -> tuple[Statement, ...]:
    found = uow.find(Statement, session_id=session.id, state=state)
    if not found:
        raise refuse("wrong_state", "session_id", otherwise)
    return tuple(sorted(found, key=lambda statement: statement.party_id))


def issue_statements(uow: UnitOfWork, _principal: Principal, command: IssueStatements) -> tuple[Invoice, ...]:
    """Validated statements are issued to their parties with their invoices; those issued before are superseded.

    Raises:
        Refused: `wrong_state` without a validated statement.
    """
    session = uow.get(MarketSession, command.session_id)
    sentence = "Validate the statements first; none waits to be issued."
    validated = _in_state(uow, session, StatementState.VALIDATED, sentence)
    number = max((invoice.number for invoice in uow.find_bare(Invoice)), default=0)
    invoices: list[Invoice] = []
    for statement in validated:
        before = uow.find(
            Statement, session_id=session.id, party_id=statement.party_id, state=StatementState.ISSUED
        )
        for old in before:
            uow.save(replace(old, state=advance(STATEMENT, old.state, "supersede")))
        issued = replace(statement, state=advance(STATEMENT, statement.state, "issue"), issued_at=uow.market)
        uow.save(issued)
        invoice = _invoice(uow, before[0] if before else None, issued, number + len(invoices) + 1)
        if invoice.lines or not before:
            uow.add(invoice)
            invoices.append(invoice)
        uow.record(
            StatementIssued(
                statement_id=issued.id,
                session_id=session.id,
                region_id=session.region_id,
                party_id=issued.party_id,
                revision=issued.revision,
                correction_eur=total([issued.amount_eur, -before[0].amount_eur]) if before else None,
            )
        )
    return tuple(invoices)


def _invoice(uow: UnitOfWork, before: Statement | None, issued: Statement, number: int) -> Invoice:
    """The statement's invoice, or a note over what it changes; the number is the next in one series."""
    ids = tuple({line.asset_id for s in (before, issued) if s for line in s.lines if line.asset_id})
    names = {asset.id: asset.name for asset in uow.find(FlexAsset, id=ids)}
    lines = invoice_lines(before, issued, names)
    earlier = uow.find(Invoice, session_id=issued.session_id, party_id=issued.party_id)
    return Invoice(
        id=InvoiceId(new_id("IN")),
        number=number,
        kind=invoice_kind(before, total([line.amount_eur for line in lines])),
        statement_id=issued.id,
        session_id=issued.session_id,
        region_id=issued.region_id,
        party_id=issued.party_id,
        issued_on=uow.market.astimezone(MARKET_ZONE).date(),
        lines=lines,
        corrects=min((invoice.number for invoice in earlier), default=None),
    )
