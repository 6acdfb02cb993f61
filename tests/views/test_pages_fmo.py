"""The market operator's state and words: what is asked, what is said, and what a click does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import fakes
import pytest

from app.queries.models import UnmetRow
from domain.commands import CancelJob, ClockAction, MoveClock, MoveToGate, PassGate, RetryClearing, UploadPrices
from domain.errors import Refused
from domain.flexibility.assets import Direction
from domain.flexibility.commodity import Commodity
from domain.flexibility.market import GateKind, PriceKind
from domain.lifecycle import JobState, OfferState, SessionState
from domain.notifications import Notification
from domain.time import DeliveryDay
from views.pages.context import BoundDesk
from views.pages.merit import merit_of
from views.pages.notes import notes_markup
from views.pages.session_result import proof_markup, verdict
from views.pages.session_steps import session_steps
from views.state import records
from views.state.common import count, local, number, sentence, short, utc
from views.state.fmo_overview import Overview, volumes
from views.state.fmo_session import SessionRoom
from views.state.sessions import next_gate

DAY = DeliveryDay(day=fakes.DAY)
HEADER = "start_utc,price_eur_per_mwh\n"


def bound(desk: fakes.FakeDesk, account: str = "fmo") -> BoundDesk:
    return BoundDesk(desk, fakes.principal(account))


def room_of(desk: fakes.FakeDesk, session_id: str = "MS-north") -> SessionRoom:
    room = SessionRoom(bound(desk))
    room.id = session_id
    room.refresh()
    return room


def price_file(rows: list[str], day: date = fakes.DAY) -> bytes:
    starts = (DeliveryDay(day=day).instant(step) for step in range(len(rows)))
    return (
        HEADER + "\n".join(f"{at:%Y-%m-%dT%H:%MZ},{row}" for at, row in zip(starts, rows, strict=True))
    ).encode()


class TestOverview:
    def test_shows_the_day_of_the_sessions_and_its_sums(self) -> None:
        state = Overview(bound(fakes.FakeDesk()))
        state.refresh()
        assert state.day == "2016-07-25"
        assert [row.region.id for row in state.sessions] == ["north", "south"]
        assert volumes(state.sessions) == {
            "sessions": 2,
            "trading": 2,
            "requests": 1,
            "offers": 2,
            "requested_mwh": Decimal(2),
            "offered_mwh": Decimal(4),
            "awarded_mwh": Decimal(0),
        }

    @pytest.mark.parametrize("linked", ["2030-01-01", "no day", "../../etc"])
    def test_a_day_without_sessions_in_the_link_falls_back(self, linked: str) -> None:
        state = Overview(bound(fakes.FakeDesk()))
        state.day = linked
        state.refresh()
        assert state.day == "2016-07-25"

    def test_without_sessions_there_is_no_day_and_no_error(self) -> None:
        state = Overview(bound(fakes.FakeDesk(sessions={})))
        state.refresh()
        assert (state.day, state.sessions, state.prices) == ("", (), ())

    def test_moving_the_clock_is_the_desk_s_command(self) -> None:
        desk = fakes.FakeDesk()
        Overview(bound(desk)).move_clock(ClockAction.RUN, 60.0)
        assert desk.done == [("fmo", MoveClock(action=ClockAction.RUN, speed=60.0))]

    def test_the_clock_moves_to_the_gate_that_is_shown(self) -> None:
        desk = fakes.FakeDesk()
        state = Overview(bound(desk))
        state.move_to(state.shell().next_gate)
        assert desk.done == [("fmo", MoveToGate(gate_id="GA-north-close"))]

    def test_only_status_reports_are_reports(self) -> None:
        desk = fakes.FakeDesk()
        desk.notifications.append(replace(desk.notifications[0], id="NO-9", event="SessionStatusReported"))
        state = Overview(bound(desk))
        state.refresh()
        assert [note.id for note in state.reports] == ["NO-9"]


class TestPriceFile:
    def test_a_good_file_is_uploaded_exactly(self) -> None:
        desk = fakes.FakeDesk()
        state = Overview(bound(desk))
        state.refresh()
        state.upload(PriceKind.BALANCING, "day.csv", price_file(["-12.34"] * 96))
        (_, command) = desk.done[0]
        assert isinstance(command, UploadPrices)
        assert command.price_eur_per_mwh == (Decimal("-12.34"),) * 96
        assert (command.kind, command.delivery_day, command.source) == (
            PriceKind.BALANCING,
            fakes.DAY,
            "file day.csv",
        )

    @pytest.mark.parametrize(
        ("content", "code", "field"),
        [
            (b"\xff\xfe\x00", "malformed", "file"),
            (b"", "missing", "file"),
            (b"a,b\n1,2\n", "malformed", "row 1"),
            (price_file(["1"] * 95), "wrong_length", "document"),
            (price_file(["1"] * 7 + ["cheap"] + ["1"] * 88), "not_finite", "row 9, column 2"),
            (price_file([""] + ["1"] * 95), "not_finite", "row 2, column 2"),
            (HEADER.encode() + b"x" * 100_001, "too_large", "document"),
        ],
    )
    def test_a_bad_file_is_refused_by_row(self, content: bytes, code: str, field: str) -> None:
        desk = fakes.FakeDesk()
        state = Overview(bound(desk))
        state.refresh()
        with pytest.raises(Refused) as caught:
            state.upload(PriceKind.DAY_AHEAD, "day.csv", content)
        (finding,) = caught.value.findings
        assert (finding.code, finding.field) == (code, field)
        assert desk.done == []

    @pytest.mark.parametrize("day", [date(1999, 1, 1), fakes.DAY + timedelta(days=1)])
    def test_prices_of_another_day_are_not_taken_for_this_one(self, day: date) -> None:
        desk = fakes.FakeDesk()
        state = Overview(bound(desk))
        state.refresh()
        with pytest.raises(Refused) as caught:
            state.upload(PriceKind.DAY_AHEAD, "day.csv", price_file(["1"] * 96, day))
        assert {(f.code, f.field) for f in caught.value.findings[:1]} == {("malformed", "row 2, column 1")}
        assert desk.done == []

    @pytest.mark.parametrize("kind", [PriceKind.DAY_AHEAD, PriceKind.BALANCING])
    def test_what_is_downloaded_can_be_uploaded_again(self, kind: PriceKind) -> None:
        desk = fakes.FakeDesk()
        state = Overview(bound(desk))
        state.refresh()
        state.upload(kind, "day.csv", state.prices_csv(kind))
        (_, command) = desk.done[0]
        stored = next(series for series in desk.prices if series.kind is kind)
        assert command.price_eur_per_mwh == stored.price_eur_per_mwh

    def test_a_market_without_prices_downloads_as_the_header(self) -> None:
        state = Overview(bound(fakes.FakeDesk(prices=[])))
        state.refresh()
        assert state.prices_csv(PriceKind.BALANCING) == HEADER.encode()


class TestSteps:
    @pytest.mark.parametrize(
        ("state", "marks"),
        [
            (SessionState.PLANNED, ["later"] * 5),
            (SessionState.OPEN, ["now", "later", "later", "later", "later"]),
            (SessionState.CLEARING, ["done", "done", "now", "later", "later"]),
            (SessionState.NOT_CLEARED, ["done", "done", "failed", "later", "later"]),
            (SessionState.CLEARED, ["done", "done", "done", "now", "later"]),
            (SessionState.PUBLISHED, ["done", "done", "done", "done", "now"]),
        ],
    )
    def test_every_state_has_its_marks(self, state: SessionState, marks: list[str]) -> None:
        desk = fakes.FakeDesk(sessions={"north": fakes.session_of("north", state)})
        (row,) = desk.query(fakes.principal("fmo"), fakes.q.ListSessions())
        assert [step.state for step in session_steps(row).steps] == marks

    def test_the_countdown_runs_to_the_gate_and_not_to_a_status_report(self) -> None:
        session = fakes.session_of("north", SessionState.OPEN)
        gate = next_gate(fakes.gates_of(session))
        assert gate is not None
        assert gate.kind is GateKind.CLOSE

    def test_times_are_local_with_utc_on_hover(self) -> None:
        (row, _) = fakes.FakeDesk().query(fakes.principal("fmo"), fakes.q.ListSessions())
        gate = session_steps(row).steps[1]
        assert (gate.note, gate.hover) == ("Sun 24 Jul 12:00", "2016-07-24 10:00 UTC")


class TestRoom:
    def test_an_unknown_session_is_said_to_be_unknown(self) -> None:
        assert room_of(fakes.FakeDesk(), "MS-<script>").row is None

    def test_without_an_id_the_first_session_is_shown(self) -> None:
        assert room_of(fakes.FakeDesk(), "").id == "MS-north"

    @pytest.mark.parametrize(
        ("state", "kind"),
        [
            (SessionState.PLANNED, None),
            (SessionState.OPEN, GateKind.CLOSE),
            (SessionState.CLEARING, None),
            (SessionState.NOT_CLEARED, None),
            (SessionState.CLEARED, GateKind.PUBLISH),
            (SessionState.PUBLISHED, None),
        ],
    )
    def test_only_the_gate_that_moves_the_session_on_is_offered(
        self, state: SessionState, kind: GateKind | None
    ) -> None:
        desk = fakes.FakeDesk()
        desk.sessions["north"] = fakes.session_of("north", state)
        gate = room_of(desk).gate_to_pass()  # the fake's opening gate is done already
        assert (gate.kind if gate else None) == kind

    def test_actions_are_the_desk_s_commands(self) -> None:
        desk = fakes.FakeDesk(jobs=[fakes.job_of()])
        room = room_of(desk)
        room.pass_gate(room.gate_to_pass())
        room.retry()
        room.cancel_job()
        assert [command for _, command in desk.done] == [
            PassGate(gate_id="GA-north-close"),
            RetryClearing(session_id="MS-north"),
            CancelJob(job_id="JB-1"),
        ]

    def test_the_result_and_the_after_state_come_with_the_clearing(self) -> None:
        desk = fakes.FakeDesk()
        room = room_of(desk)
        assert room.result is None
        assert room.grid.after is None
        fakes.cleared(desk)
        room.refresh()
        assert room.result.status == "cleared"
        assert room.grid.after is not None
        assert float(room.grid.after.vm_pu.max()) < 1.055

    def test_the_large_grid_state_is_asked_for_once_per_state(self) -> None:
        desk = fakes.FakeDesk()
        asked: list[type] = []
        plain = desk.query
        desk.query = lambda who, query: (asked.append(type(query)), plain(who, query))[1]
        room = room_of(desk)
        room.refresh()
        room.refresh()
        assert asked.count(fakes.q.GetGrid) == 1

    def test_a_job_of_another_session_is_not_this_one_s(self) -> None:
        desk = fakes.FakeDesk(jobs=[replace(fakes.job_of(), session_id="MS-south")])
        assert room_of(desk).job is None


class TestRecords:
    def test_an_offer_line_has_exact_numbers(self) -> None:
        room = room_of(fakes.FakeDesk())
        record = records.offer_record(room.offers[1], room.assets)
        assert record["peak_mw"] == Decimal("0.5")
        assert record["energy_mwh"] == Decimal(2)
        assert record["price"] == "55.50"
        assert record["accepted_mwh"] is None
        assert record["state"] == "submitted"

    def test_a_price_that_changes_over_the_day_is_a_range_over_the_steps_offered(self) -> None:
        prices = (Decimal(10), Decimal(20), Decimal("30.5"), Decimal(99))
        offered = (Decimal(0), Decimal(1), Decimal(1), Decimal(0))
        assert records.price_text(prices, offered) == "20.00 to 30.50"
        assert records.price_text(prices, (Decimal(0),) * 4) == "–"

    def test_hours_end_after_the_last_quarter_hour(self) -> None:
        late = tuple(Decimal(step >= 92) for step in range(96))
        assert records.span_text(fakes.NOON, DAY) == "11:00–15:00"
        assert records.span_text(late, DAY) == "23:00–24:00"
        assert records.span_text(fakes.ZERO, DAY) == "–"

    def test_payments_end_in_their_sum(self) -> None:
        payments = {"esp1": Decimal("80.00"), "dso1": Decimal("-83.75"), "coupling": Decimal("3.75")}
        parties = {party.id: party for party in fakes.PARTIES}
        awards = room_of(fakes.cleared(fakes.FakeDesk())).result.awards
        helped = replace(awards[0], award=replace(awards[0].award, make_whole_eur=Decimal("1.25")))
        lines = records.payment_records(payments, parties, [helped])
        names = ["Sonne <b>& Wind</b>", "Coupling point (energy)", "Netze Nord", "Sum"]
        assert [line["party"] for line in lines] == names
        assert [line["make_whole_eur"] for line in lines] == [Decimal("1.25"), None, None, Decimal("1.25")]
        assert lines[-1]["payment_eur"] == Decimal("0.00")

    def test_unmet_needs_are_named_with_place_time_and_size(self) -> None:
        row = UnmetRow(element="B5", kind="voltage", step=52, value=1.0571, limit=1.055, reason="no_offer")
        assert records.unmet_record(row, DAY) == {
            "element": "B5",
            "kind": "voltage",
            "at": "13:00",
            "value": "1.0571 pu",
            "limit": "1.0550 pu",
            "reason": "no offer reaches it",
        }

    def test_the_merit_order_is_of_one_step_and_direction(self) -> None:
        desk = fakes.cleared(fakes.FakeDesk())
        room = room_of(desk)
        noon = merit_of(room.offers, room.requests, room.result.awards, Commodity.P, Direction.DOWN, 50)
        assert sorted(noon.price_eur_per_mwh) == [40.0, 55.5]
        assert noon.p_mw.tolist() == noon.awarded_p_mw.tolist() == [0.5, 0.5]
        assert noon.required_p_mw == 0.5
        night = merit_of(room.offers, room.requests, (), Commodity.P, Direction.DOWN, 0)
        up = merit_of(room.offers, room.requests, (), Commodity.P, Direction.UP, 50)
        assert len(night.p_mw) == len(up.p_mw) == 0
        assert night.required_p_mw is up.required_p_mw is None

    def test_active_and_reactive_power_never_share_a_merit_order(self) -> None:
        reactive = replace(fakes.offer_of("esp2", "3.00"), commodity=Commodity.Q)
        room = room_of(fakes.FakeDesk(offers=[fakes.offer_of("esp1", "40.00"), reactive]))
        order = merit_of(room.offers, room.requests, (), Commodity.Q, Direction.DOWN, 50)
        assert order.price_eur_per_mwh.tolist() == [3.0]
        assert order.required_p_mw is None, "the request is of P"
        assert (order.power_unit, order.price_unit) == ("Mvar", "EUR/Mvarh")
        asked = [replace(fakes.request_of(), commodity=Commodity.Q)]
        assert records.busiest((), asked, 96) == (Commodity.Q, Direction.DOWN, 44)
        small = replace(fakes.request_of(), quantity_mw=tuple(q / 100 for q in fakes.NOON), direction=Direction.UP)
        assert records.busiest((), [*asked, small], 96) == (Commodity.P, Direction.UP, 44), "MW are no Mvar"

    def test_withdrawn_offers_leave_the_merit_order(self) -> None:
        desk = fakes.FakeDesk(offers=[fakes.offer_of("esp1", "40.00", OfferState.WITHDRAWN)])
        room = room_of(desk)
        assert len(merit_of(room.offers, (), (), Commodity.P, Direction.DOWN, 50).p_mw) == 0

    def test_the_busiest_step_is_where_most_is_asked(self) -> None:
        peak = tuple(Decimal("0.9") if step == 30 else Decimal(0) for step in range(96))
        early = replace(fakes.request_of(), quantity_mw=peak, direction=Direction.UP)
        assert records.busiest((), [fakes.request_of(), early], 96) == (Commodity.P, Direction.UP, 30)
        assert records.busiest((), [fakes.request_of()], 96) == (Commodity.P, Direction.DOWN, 44)
        assert records.busiest((), (), 96) == (Commodity.P, Direction.DOWN, 48)

    def test_a_job_says_why_it_failed(self) -> None:
        job = replace(fakes.job_of(JobState.FAILED), error="The worker process ended.")
        record = records.job_record(job, {}, {"north": "Rural north"})
        assert (record["region"], record["stage"], record["state"]) == (
            "Rural north",
            "The worker process ended.",
            "failed",
        )


class TestWords:
    def test_the_proof_says_clean_or_what_is_worst(self) -> None:
        clean = room_of(fakes.cleared(fakes.FakeDesk())).result
        violated = room_of(fakes.cleared(fakes.FakeDesk(clean=False))).result
        assert verdict(clean.proof).startswith("✓ clean")
        assert verdict(violated.proof) == "▲ B5 at 13:00: 1.0571 pu"
        assert "c" * 64 in proof_markup(clean, {})
        assert "no proof" in verdict(None)

    def test_the_proof_s_text_is_escaped(self) -> None:
        result = room_of(fakes.cleared(fakes.FakeDesk(clean=False))).result
        hostile = replace(result, proof=replace(result.proof, worst="<img src=x onerror=alert(1)>"))
        assert "<img" not in proof_markup(hostile, {})

    def test_notifications_are_escaped_and_link_only_to_our_pages(self) -> None:
        note = Notification(
            id="NO-1",
            party_id="fmo",
            event="X",
            sentence="<b>x</b>",
            link="/fmo/session?id=MS-1",
            market_at=fakes.NOW,
        )
        markup = notes_markup([note], "none")
        assert "&lt;b&gt;x&lt;/b&gt;" in markup
        assert 'href="/fmo/session?id=MS-1"' in markup
        assert 'title="2016-07-24 08:00 UTC"' in markup
        for link in ("javascript:alert(1)", "//evil.example/", "https://evil.example/", '/"onclick="x', ""):
            assert "href" not in notes_markup([replace(note, link=link)], "none")
        assert "none" in notes_markup([], "none")

    def test_numbers_times_and_ids(self) -> None:
        assert number(Decimal("12345.678")) == "12,345.68"
        assert number(None) == "–"
        assert count(1, "offer") == "1 offer"
        assert count(0, "offer") == "0 offers"
        assert local(fakes.NOW) == "Sun 24 Jul 10:00"
        assert utc(fakes.NOW + timedelta(minutes=15)) == "2016-07-24 08:15 UTC"
        assert short("FO-1f9c02ab77de") == "FO-…77de"
        assert short("fmo") == "fmo"

    def test_a_refusal_without_fields_is_one_text(self) -> None:
        refused = Refused(
            [*fakes.refuse("stale", "a", "One.").findings, *fakes.refuse("stale", "b", "Two.").findings]
        )
        assert sentence(refused) == "One. Two."
