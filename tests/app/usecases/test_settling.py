"""Metering, statements in versions, invoices and who sees them, on a day that the engine cleared."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from delivered import (
    OTHER_POD,
    POD,
    Market,
    contract,
    delivered_market,
    earlier,
    issue,
    metered,
    report,
    settle,
)
from pypdf import PdfReader
from world import DAY, N_STEPS, START, WHO, World, at_noon, flat

from app.bridge.metering import Metered, document_of
from app.invoicing import invoice_file as made
from app.queries import models as q
from domain import commands as c
from domain import events as e
from domain.errors import Refused
from domain.flexibility.assets import FlexAsset
from domain.flexibility.contracts import DeliveryRule
from domain.flexibility.invoices import Invoice, InvoiceKind, InvoiceLine
from domain.flexibility.market import Activation
from domain.flexibility.metering import MeterReading
from domain.flexibility.reference import BaselineMethod
from domain.flexibility.settlement import Statement
from domain.ids import AssetId, InvoiceId, PartyId, PodId, RegionId, SessionId, StatementId
from domain.lifecycle import ActivationState, StatementState


def ask(world: World, who: str, query: q.Query[Any]) -> Any:
    return world.desk.query(WHO[who], query)


def view(world: World, market: Market) -> q.SettlementView:
    return ask(world, "fmo", q.GetSettlement(session_id=market.session.id))  # type: ignore[no-any-return]


def amounts(world: World, market: Market) -> dict[str, Decimal]:
    return {str(row.party.id): row.statement.amount_eur for row in view(world, market).statements}


def test_delivered_in_full_the_statements_are_the_clearings_payments(after: tuple[World, Market]) -> None:
    world, market = after
    report(world, market)
    settle(world, market)
    result = ask(world, "fmo", q.GetResult(session_id=market.session.id))
    paid = {p: amount for p, amount in result.payments_eur.items() if p != "coupling"}
    assert amounts(world, market) == paid
    assert view(world, market).balance_eur == 0


def test_half_delivered_half_is_paid_and_the_dso_gets_the_rest_back(after: tuple[World, Market]) -> None:
    world, market = after
    report(world, market, "0.5")
    full, dso = market.award_of(market.asset).payment_eur, sum(a.payment_eur for a in market.awards)
    settle(world, market)
    assert amounts(world, market) == {
        "esp1": full / 2,
        "esp2": market.award_of(market.other).payment_eur,
        "dso1": -(dso - full / 2),
    }
    seen = view(world, market)
    assert (seen.balance_eur, seen.to_pay_eur) == (0, dso - full / 2)
    assert seen.awarded_mwh - seen.delivered_mwh == Decimal(3)


def test_the_contract_states_the_rule(world: World) -> None:
    """3 MWh of 6 missing at 10.00 EUR/MWh: 30.00 EUR less than half of the payment."""
    terms = contract(rule=DeliveryRule.PENALTY, penalty_eur_per_mwh=Decimal("10.00"))
    market = delivered_market(world, terms)
    report(world, market, "0.5")
    settle(world, market)
    full = market.award_of(market.asset).payment_eur
    assert amounts(world, market)["esp1"] == full / 2 - Decimal("30.00")
    assert view(world, market).balance_eur == 0


def test_a_contract_cannot_change_a_day_whose_gate_has_closed(after: tuple[World, Market]) -> None:
    world, _ = after
    day_after = DAY + timedelta(days=1)
    assert world.codes("fmo", contract(valid_from=DAY)) == [("deadline_passed", "valid_from")]
    assert world.codes("fmo", contract(valid_from=day_after)) == []
    (agreed,) = [row for row in ask(world, "esp1", q.ListContracts()) if row.contract]
    assert (agreed.contract.valid_from, agreed.party.id) == (day_after, "esp1")


def test_the_gate_closes_contracts_and_forecasts(world: World) -> None:
    world.grid()
    asset = world.asset()
    session = world.session()
    assert world.codes("fmo", contract()) == []
    world.close(session)
    assert world.codes("fmo", contract(tolerance_share=Decimal("0.5"))) == [("gate_closed", "valid_from")]
    forecast = c.UploadForecast(asset_id=asset.id, delivery_day=DAY, p_mw=at_noon("1"))
    assert world.codes("esp1", forecast) == [("gate_closed", "delivery_day")]


def test_settling_again_changes_nothing_and_a_correction_makes_a_version(after: tuple[World, Market]) -> None:
    world, market = after
    report(world, market, "0.5")
    first = settle(world, market)
    assert [s.id for s in settle(world, market)] == [s.id for s in first]
    issue(world, market)
    report(world, market, "0.5")
    assert len(world.find(Statement)) == 3
    report(world, market, "1")
    rows = {row.party.id: row for row in view(world, market).statements}
    assert {p: (row.statement.revision, row.statement.state.value) for p, row in rows.items()} == {
        "esp1": (2, "draft"),
        "dso1": (2, "draft"),
        "esp2": (1, "issued"),
    }
    half = market.award_of(market.asset).payment_eur / 2
    assert rows["esp1"].correction_eur == half
    assert [line.change_eur for line in rows["esp1"].lines] == [half]
    assert [(line.change_eur, line.gone) for line in rows["dso1"].lines] == [(Decimal(0), False), (-half, True)]
    (old, new) = world.find(MeterReading, pod_id=POD)
    assert (old.revision, new.revision) == (1, 2)
    assert old.p_mw != new.p_mw


def test_invoices_have_one_series_and_notes_over_the_difference(after: tuple[World, Market]) -> None:
    world, market = after
    report(world, market, "0.5")
    settle(world, market)
    first = issue(world, market)
    report(world, market, "1")
    notes = issue(world, market)
    assert [invoice.number for invoice in (*first, *notes)] == [1, 2, 3, 4, 5]
    half = market.award_of(market.asset).payment_eur / 2
    assert [(n.party_id, n.kind.value, n.amount_eur) for n in notes] == [
        ("dso1", "debit note", -half),
        ("esp1", "credit note", half),
    ]
    assert {n.corrects for n in notes} == {1, 2}
    summed: dict[str, Decimal] = {}
    for invoice in world.find(Invoice):
        summed[invoice.party_id] = summed.get(invoice.party_id, Decimal(0)) + invoice.amount_eur
    assert summed == amounts(world, market)
    assert sum(summed.values()) == 0
    states = [s.state for s in world.find(Statement, party_id="esp1")]
    assert sorted(states) == [StatementState.ISSUED, StatementState.SUPERSEDED]


def test_a_refused_call_is_not_paid(after: tuple[World, Market]) -> None:
    world, market = after
    report(world, market)
    award = market.award_of(market.asset)
    (call,) = world.find(Activation, award_id=award.id)
    assert world.codes("esp1", c.RefuseActivation(activation_id=call.id, reason="Broken.")) == [
        ("deadline_passed", "activation_id")
    ]


def test_a_refusal_before_delivery_is_settled_as_nothing(after: tuple[World, Market]) -> None:
    world, market = after
    report(world, market)
    with world.store.write(WHO["system"], c.MarkNotificationsRead()) as uow:
        (call,) = uow.find(Activation, award_id=market.award_of(market.asset).id)
        uow.save(replace(call, state=ActivationState.REFUSED, reason="Broken."))
    settle(world, market)
    assert amounts(world, market)["esp1"] == 0
    assert view(world, market).balance_eur == 0


def test_missing_readings_stop_the_validation_until_accepted(after: tuple[World, Market]) -> None:
    world, market = after
    settle(world, market)
    (settled,) = world.told(e.SessionSettled)
    assert settled.n_missing == 2
    validate = c.ValidateStatements(session_id=market.session.id)
    assert world.codes("fmo", validate) == [("open_findings", "accept_findings")]
    assert len(issue(world, market, accept=True)) == 3
    assert amounts(world, market)["esp1"] == 0


def test_comparable_days_are_taken_from_earlier_readings(world: World) -> None:
    """Five working days at 3 MW in the sun: at 2 MW metered, 1 MW of the 2 MW awarded down is delivered."""
    market = delivered_market(world, contract(baseline=BaselineMethod.COMPARABLE_DAYS))
    award = market.award_of(market.asset)
    few = ask(world, "fmo", q.GetDelivery(award_id=award.id))
    assert few.measured.reference.method is BaselineMethod.NOMINATION
    assert "Only 0 of the 5 comparable working days" in few.measured.reference.reason
    sun = tuple(Decimal(3) if value else Decimal(0) for value in award.accepted_mw)
    for n in (3, 4, 5, 6, 7):
        world.do("dso1", c.ReportReading(pod_id=POD, delivery_day=earlier(n), p_mw=sun))
    report(world, market)
    found = ask(world, "esp1", q.GetDelivery(award_id=award.id))
    assert found.measured.reference.method is BaselineMethod.COMPARABLE_DAYS
    assert max(found.delivery.delivered_mw) == Decimal(1)
    nominated = ask(world, "esp1", q.GetDelivery(award_id=award.id, method=BaselineMethod.NOMINATION))
    assert nominated.delivery.delivered_mw == award.accepted_mw


# -- who sees what ------------------------------------------------------------------------------------------------


def test_each_party_sees_its_own_from_issue_on(after: tuple[World, Market]) -> None:
    world, market = after
    report(world, market, "0.5")
    settle(world, market)
    for who in ("esp1", "esp2", "dso1", "dso2", "brp1", "agg1"):
        assert ask(world, who, q.ListStatements()) == ()
    assert len(ask(world, "fmo", q.ListStatements())) == 3
    invoices = {invoice.party_id: invoice for invoice in issue(world, market)}
    for who in ("esp1", "esp2", "dso1"):
        assert {row.party.id for row in ask(world, who, q.ListStatements())} == {who}
        assert {row.party.id for row in ask(world, who, q.ListInvoices())} == {who}
        for party, invoice in invoices.items():
            file = q.GetInvoiceFile(invoice_id=invoice.id, form=q.FileForm.CSV)
            if party == who:
                assert ask(world, who, file).content
            else:
                with pytest.raises(Refused, match="not_found"):
                    ask(world, who, file)
    assert ask(world, "dso2", q.ListStatements()) == ()


def test_meters_and_deliveries_are_their_owners_and_their_dsos(after: tuple[World, Market]) -> None:
    world, market = after
    report(world, market)
    seen = {
        who: {row.reading.pod_id for row in ask(world, who, q.ListReadings(delivery_day=DAY))}
        for who in ("fmo", "dso1", "dso2", "esp1", "esp2")
    }
    assert seen == {
        "fmo": {POD, OTHER_POD},
        "dso1": {POD, OTHER_POD},
        "dso2": set(),
        "esp1": {POD},
        "esp2": {OTHER_POD},
    }
    award = market.award_of(market.asset)
    for who in ("esp2", "dso2", "agg1"):
        with pytest.raises(Refused, match="not_found"):
            ask(world, who, q.GetDelivery(award_id=award.id))
    assert {row.asset.id for row in ask(world, "esp1", q.ListPods())} == {market.asset.id}


def test_a_version_that_was_never_issued_stays_with_the_market_operator(after: tuple[World, Market]) -> None:
    world, market = after
    report(world, market, "0.5")
    settle(world, market)
    report(world, market, "0.7")
    report(world, market, "1")
    issue(world, market)
    (row,) = ask(world, "esp1", q.ListStatements())
    assert (row.statement.revision, row.correction_eur) == (3, None)
    assert all(line.change_eur is None for line in row.lines)


# -- readings -----------------------------------------------------------------------------------------------------


def test_readings_come_after_the_day_from_whom_they_may(world: World) -> None:
    world.grid()
    world.do("dso1", c.MapPod(pod_id=POD, asset_id=world.asset().id, valid_from=DAY))
    reading = c.ReportReading(pod_id=POD, delivery_day=DAY, p_mw=at_noon("1"))
    assert world.codes("dso1", reading) == [("not_delivered", "delivery_day")]
    world.at(START + timedelta(days=3))
    assert world.codes("dso2", reading) == [("not_yours", "pod_id")]
    stranger = c.ReportReading(pod_id=PodId("XXX"), delivery_day=DAY, p_mw=at_noon("1"))
    assert world.codes("fmo", stranger) == [("unknown_pod", "pod_id")]
    short = c.ReportReading(pod_id=POD, delivery_day=DAY, p_mw=(Decimal(1),), q_mvar=(None,) * N_STEPS)
    assert world.codes("fmo", short) == [("wrong_length", "p_mw"), ("missing", "q_mvar")]
    before = c.ReportReading(pod_id=POD, delivery_day=earlier(1), p_mw=flat("1"))
    assert world.codes("dso1", before) == [("unknown_pod", "pod_id")]
    assert world.codes("dso1", reading) == []


def test_an_asset_has_one_point_of_delivery_and_it_one_asset(world: World) -> None:
    world.grid()
    first, second = world.asset("esp1", "PV-1"), world.asset("esp2", "PV-2")

    def mapping(pod: PodId, asset: AssetId, day: date) -> list[tuple[str, str]]:
        return world.codes("dso1", c.MapPod(pod_id=pod, asset_id=asset, valid_from=day))

    assert mapping(POD, first.id, DAY) == []
    assert mapping(POD, first.id, DAY) == []
    assert mapping(POD, second.id, DAY) == [("duplicate", "valid_from")]
    assert mapping(OTHER_POD, first.id, DAY) == [("duplicate", "asset_id")]
    assert mapping(OTHER_POD, first.id, earlier(3)) == [("duplicate", "asset_id")]
    assert mapping(POD, second.id, DAY + timedelta(days=1)) == []
    assert mapping(OTHER_POD, first.id, DAY + timedelta(days=1)) == []
    assert mapping(PodId("=1+1"), first.id, DAY) == [("malformed", "pod_id")]


def test_a_metering_file_tells_every_finding_with_its_row(after: tuple[World, Market]) -> None:
    world, market = after
    good = document_of(DAY, {POD: Metered(p_mw=metered(market, market.asset))})
    header, row = good.splitlines()
    cells = row.split(",")

    def codes(*rows: str) -> list[tuple[str, str]]:
        return world.codes("dso1", c.UploadMetering(delivery_day=DAY, document="\n".join((header, *rows))))

    assert codes(",".join([*cells[:5], "1e400", "nan", *cells[7:]])) == [
        ("not_finite", "row 2, column 6"),
        ("not_finite", "row 2, column 7"),
    ]
    assert codes(row, row) == [("invalid_metering", "row 3")]
    assert codes(",".join(cells[:-1])) == [("wrong_length", "row 2")]
    assert codes(",".join(["=cmd|' /C calc'!A0", *cells[1:]])) == [("malformed", "row 2, column 1")]
    assert codes(",".join([POD, "watts", *cells[2:]])) == [("invalid_metering", "row 2, column 2")]
    assert codes(",".join([POD, "q_mvar", *cells[2:]])) == [("invalid_metering", "row 2")]
    assert codes(",".join([POD, "p_mw", *[""] * N_STEPS])) == [("missing", "row 2")]
    assert codes(row, row.replace(POD, "DE-UNKNOWN")) == [("unknown_pod", "document")]
    assert codes('"') == [("malformed", "document")]
    assert world.codes("dso1", c.UploadMetering(delivery_day=DAY, document="x" * 8_000_001)) == [
        ("too_large", "document")
    ]
    assert world.find(MeterReading) == ()
    assert codes(row) == []
    gap = ",".join([POD, "p_mw", "", *cells[3:]])
    assert codes(gap) == []
    (_, corrected) = world.find(MeterReading)
    assert corrected.p_mw[0] is None


# -- files --------------------------------------------------------------------------------------------------------


def invoice_file(world: World, invoice: Invoice, form: q.FileForm) -> q.InvoiceFile:
    query = q.GetInvoiceFile(invoice_id=invoice.id, form=form)
    return ask(world, str(invoice.party_id), query)  # type: ignore[no-any-return]


def test_the_pdf_names_number_party_and_total_and_is_the_same_again(after: tuple[World, Market]) -> None:
    world, market = after
    report(world, market, "0.5")
    settle(world, market)
    invoice = next(i for i in issue(world, market) if i.party_id == "esp1")
    file = invoice_file(world, invoice, q.FileForm.PDF)
    assert file.name == f"{invoice.name}.pdf"
    assert file.content == invoice_file(world, invoice, q.FileForm.PDF).content
    text = " ".join(PdfReader(io.BytesIO(file.content)).pages[0].extract_text().split())
    for words in (f"Invoice {invoice.name}", "Sun and storage", "25.07.2016", f"{invoice.amount_eur:,.2f}"):
        assert words in text


def test_a_hostile_name_is_text_in_both_files(after: tuple[World, Market]) -> None:
    world, market = after
    with world.store.write(WHO["system"], c.MarkNotificationsRead()) as uow:
        uow.save(replace(uow.get(FlexAsset, market.asset.id), name='=HYPERLINK("http://x") <b>\u4e2d'))
    report(world, market)
    settle(world, market)
    invoice = next(i for i in issue(world, market) if i.party_id == "esp1")
    csv = invoice_file(world, invoice, q.FileForm.CSV).content.decode("utf-8-sig")
    assert "'=HYPERLINK" in csv
    assert csv.splitlines()[-1].endswith(f"{invoice.amount_eur:.2f}")
    text = PdfReader(io.BytesIO(invoice_file(world, invoice, q.FileForm.PDF).content)).pages[0].extract_text()
    assert '=HYPERLINK("http://x") <b>?' in text


def test_a_long_invoice_runs_over_pages() -> None:
    line = InvoiceLine(
        text="A very long name of an asset " * 8, quantity_mwh=Decimal(1), unit="MWh", amount_eur=Decimal("0.01")
    )
    invoice = Invoice(
        id=InvoiceId("IN"),
        number=7,
        kind=InvoiceKind.CREDIT_NOTE,
        statement_id=StatementId("ST"),
        session_id=SessionId("S"),
        region_id=RegionId("R"),
        party_id=PartyId("P"),
        issued_on=DAY,
        lines=(line,) * 120,
        corrects=3,
    )
    content = made("pdf", invoice, party="P", operator="O", region="R", delivery_day=DAY)
    pages = PdfReader(io.BytesIO(content)).pages
    assert len(pages) == 4
    assert "FD-000003" in pages[0].extract_text()
    assert "1.20" in pages[-1].extract_text()
