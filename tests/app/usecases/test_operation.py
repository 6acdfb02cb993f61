"""Clearings that are tried and compared, and who is told when a toolkit fails; with the real engine."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from world import NOON, R2, WHO, World, bid, flat, network

from app.bridge import work
from app.bridge.tries import by_other_rules
from app.bridge.work import KINDS, TOOLKITS
from app.outbox import Dispatcher
from app.queries import handlers
from app.queries import models as q
from app.vitals import Pulse
from domain import commands as c
from domain import events as e
from domain.errors import Refused
from domain.flexibility.grids import Job
from domain.flexibility.market import Award, MarketSession, PriceKind
from domain.flexibility.operation import BookState, ClearingTry, JobRun, ToolkitWatch
from domain.flexibility.rules import ClearingMode, ClearingRules, EnergyPricing, PaymentRule
from domain.flexibility.terms import OfferTerms
from domain.ids import PartyId, SessionId
from domain.lifecycle import JobState, SessionState
from domain.notifications import Notification
from domain.units import energy_mwh


def over_noon(quantity: str) -> tuple[Decimal, ...]:
    return tuple(Decimal(quantity) if 44 <= step < 56 else Decimal(0) for step in range(96))


def traded(world: World) -> MarketSession:
    """An open session with a request and two offers of which the cheaper one cures the grid alone."""
    world.grid()
    cheap, dear = world.asset("esp1", "PV-1"), world.asset("esp2", "PV-2")
    session = world.session()
    world.request(session, quantity_mw=over_noon("1"))
    world.do("esp1", bid(session, [(cheap.id, over_noon("4"))], price_eur_per_mwh=flat("30.00")))
    world.do("esp2", bid(session, [(dear.id, over_noon("2"))], price_eur_per_mwh=flat("90.00")))
    return session


def cleared(world: World) -> MarketSession:
    session = traded(world)
    world.run(world.close(session), work.run)
    return world.only(MarketSession, id=session.id)  # type: ignore[no-any-return]


def rules(session: MarketSession, **changes: object) -> c.TryClearing:
    values = {
        "session_id": session.id,
        "clearing": ClearingMode.NETWORK,
        "payment": PaymentRule.NODAL,
        "energy": EnergyPricing.IGNORED,
    }
    return c.TryClearing(**values | changes)  # type: ignore[arg-type]


def tried(world: World, session: MarketSession, **changes: object) -> ClearingTry:
    """A try of other rules, solved as the worker does."""
    made: ClearingTry = world.do("fmo", rules(session, **changes))
    world.run(world.only(Job, id=made.job_id), work.run)
    return made


def ask(world: World, query: q.Query, who: str = "fmo"):  # type: ignore[no-untyped-def, type-arg]
    return world.desk.query(WHO[who], query)


def figures(world: World, left: str, right: str) -> dict[str, q.ComparedFigure]:
    return {f.key: f for f in ask(world, q.CompareClearings(left=left, right=right)).figures}


def test_a_try_pays_by_other_rules_and_the_market_takes_over_nothing(world: World) -> None:
    session = cleared(world)
    awards, before = world.find(Award), session
    made = tried(world, session)
    assert made.book is BookState.CLOSED
    assert world.find(Award) == awards
    assert world.only(MarketSession, id=session.id) == before
    found = ask(world, q.CompareClearings(left=session.id, right=made.id))
    compared = {figure.key: figure for figure in found.figures}
    assert compared["p_down_mwh"].left == compared["p_down_mwh"].right == compared["curtailed_mwh"].left
    assert compared["p_down_mwh"].left == sum((energy_mwh(award.accepted_mw) for award in awards), Decimal(0))
    assert compared["operator_pays_eur"].left == sum((award.payment_eur for award in awards), Decimal(0))
    assert compared["operator_pays_eur"].difference >= 0  # no accepted offer is paid less than it asked for
    own = next(p for p in found.payments if p.party_id == "esp1")
    assert own.left_eur == sum((award.payment_eur for award in awards), Decimal(0))
    assert own.right_eur is not None
    assert own.difference_eur == own.right_eur - own.left_eur
    assert found.notes == ()


def test_a_try_of_the_market_s_own_rules_gives_its_very_result(world: World) -> None:
    """Nothing but the rules differs: the stored case is the same, byte for byte, and so is the result."""
    session = cleared(world)
    own = tried(world, session, payment=PaymentRule.PAY_AS_BID)
    market, again = (world.only(Job, id=id) for id in (session.job_id, own.job_id))
    assert again.inputs == market.inputs
    left, right = (ask(world, q.GetClearingDay(id=id)) for id in (session.id, own.id))
    assert np.array_equal(left.after.vm_pu, right.after.vm_pu)
    assert all(
        figure.difference in (None, 0)
        for key, figure in figures(world, session.id, own.id).items()
        if key != "solve_seconds"
    )


def test_the_same_try_of_the_same_book_is_there_once(world: World) -> None:
    session = cleared(world)
    first, second = (world.do("fmo", rules(session)) for _ in range(2))
    assert first == second
    assert len(world.find(ClearingTry)) == 1
    world.do("fmo", c.CancelJob(job_id=first.job_id))
    assert world.do("fmo", rules(session)).id != first.id


def test_before_the_gate_the_operator_tries_the_book_as_it_stands(world: World) -> None:
    """Session, offers and requests stay as they are, and others learn nothing of it."""
    session = traded(world)
    made = tried(world, session, clearing=ClearingMode.COPPERPLATE, payment=PaymentRule.PAY_AS_BID)
    assert made.book is BookState.OPEN
    assert world.only(MarketSession, id=session.id).state is SessionState.OPEN
    case = json.loads(world.only(Job, id=made.job_id).inputs)
    assert (len(case["offers"]), case["options"]["clearing"]) == (2, "copperplate")
    for who in ("dso1", "tso", "esp1", "agg1", "retailer1", "brp1"):
        for query in (
            q.ListClearings(),
            q.CompareClearings(left=made.id, right=made.id),
            q.GetClearingDay(id=made.id),
            q.GetRelief(session_id=session.id),
            q.GetHealth(),
            q.CheckAudit(),
        ):
            with pytest.raises(Refused, match="not_permitted"):
                ask(world, query, who)
        assert [job.id for job in ask(world, q.ListJobs(), who) if job.kind == "try"] == []


def test_a_comparison_of_unlike_things_says_so(world: World) -> None:
    session = traded(world)
    early = tried(world, session, payment=PaymentRule.PAY_AS_BID)
    world.run(world.close(session), work.run)
    found = ask(world, q.CompareClearings(left=session.id, right=early.id))
    assert any("Different books" in note for note in found.notes)
    (same,) = ask(world, q.CompareClearings(left=session.id, right=session.id)).notes
    assert same == "Both sides are the same clearing."


def test_what_is_not_done_cannot_be_compared(world: World) -> None:
    session = cleared(world)
    waiting = world.do("fmo", rules(session))
    with pytest.raises(Refused) as refused:
        ask(world, q.CompareClearings(left=session.id, right=waiting.id))
    assert [(f.code, f.field) for f in refused.value.findings] == [("no_result", "right")]
    with pytest.raises(Refused, match="not_found"):
        ask(world, q.GetClearingDay(id="CT-none"))
    rows = ask(world, q.ListClearings(session_id=session.id))
    assert [(row.kind, row.job.state) for row in rows] == [
        (q.ClearingKind.MARKET, JobState.DONE),
        (q.ClearingKind.TRY, JobState.QUEUED),
    ]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"clearing": ClearingMode.CONTINUOUS, "payment": PaymentRule.VCG}, "rules_conflict", "payment"),
        ({"energy": EnergyPricing.PRICED}, "no_prices", "energy"),
        ({"session_id": SessionId("MS-none")}, "not_found", "id"),
    ],
)
def test_a_try_is_refused_beside_its_field(
    world: World, changes: dict[str, object], code: str, field: str
) -> None:
    session = cleared(world)
    assert (code, field) in world.codes("fmo", rules(session, **changes))
    assert world.find(ClearingTry) == ()


def test_rules_that_do_not_know_the_book_s_terms_are_refused(world: World) -> None:
    world.grid()
    asset = world.asset("esp1", "PV-1")
    session = world.session()
    block = OfferTerms(block=True)
    world.do("esp1", bid(session, [(asset.id, over_noon("2"))], terms=block))
    wanted = [("rules_conflict", "clearing")]
    assert world.codes("fmo", rules(session, clearing=ClearingMode.CONTINUOUS)) == wanted
    world.close(session)
    assert world.codes("fmo", rules(session, payment=PaymentRule.VCG)) == wanted
    assert world.find(ClearingTry) == ()
    assert world.codes("fmo", rules(session)) == []


def test_what_was_withdrawn_from_a_continuous_book_is_not_in_an_auction_s() -> None:
    """The engine refuses moments of withdrawal where all orders are cleared together."""
    order = {"id": "OF-1/AS-1", "commodity": "P"}
    gone = {"id": "OF-2/AS-2", "commodity": "P", "withdrawn_at": "2016-07-24T08:00:00Z"}
    stored = json.dumps({"options": {}, "offers": [order, gone], "requests": [{"id": "RQ-1"}]}).encode()

    def tried_by(mode: ClearingMode) -> list[str]:
        told = ClearingRules(clearing=mode, payment=PaymentRule.NODAL, energy=EnergyPricing.IGNORED)
        return [offer["id"] for offer in json.loads(by_other_rules(stored, told, None, {}))["offers"]]

    assert tried_by(ClearingMode.NETWORK) == ["OF-1/AS-1"]
    assert tried_by(ClearingMode.CONTINUOUS) == ["OF-1/AS-1", "OF-2/AS-2"]


def test_priced_energy_takes_the_day_ahead_price(world: World) -> None:
    session = cleared(world)
    world.do(
        "fmo",
        c.UploadPrices(
            kind=PriceKind.DAY_AHEAD,
            delivery_day=session.delivery_day,
            price_eur_per_mwh=flat("55.10"),
            source="test",
        ),
    )
    made = tried(world, session, energy=EnergyPricing.PRICED)
    assert json.loads(world.only(Job, id=made.job_id).inputs)["coupling_price_eur_per_mwh"] == [55.1] * 96
    found = ask(world, q.CompareClearings(left=session.id, right=made.id))
    assert any("energy" in note for note in found.notes)


def test_relief_is_the_price_over_the_effect_on_the_limit(world: World) -> None:
    """Of two offers at one bus the effect is the same, so relief by them costs in the proportion of their prices;
    the first offer's effect is what the power flow shows for a small change."""
    session = traded(world)
    relief = ask(world, q.GetRelief(session_id=session.id)).relief
    at_noon = [n for n, limit in enumerate(relief.limits) if limit.step == NOON and limit.kind == "voltage"]
    assert at_noon
    n = at_noon[0]
    assert relief.effect[n, 0] == pytest.approx(relief.effect[n, 1]) != 0
    low, high = sorted(relief.cost[n])
    assert high / low == pytest.approx(3.0)
    per_milli_pu = -relief.effect[n, 0] * 1000
    assert min(relief.cost[n]) == pytest.approx(30.0 / per_milli_pu)
    assert relief.limits[n].cost_unit == "EUR/(0.001 pu h)"


def fail(world: World, error: str = "The power flow has no solution.") -> Job:
    world.grid()
    (job,) = world.find(Job, state=JobState.QUEUED)
    world.do("system", c.StartJob(job_id=job.id))
    return world.do("system", c.ApplyJob(job_id=job.id, succeeded=False, error=error))  # type: ignore[no-any-return]


def dispatched(world: World, party: str) -> list[Notification]:
    Dispatcher(world.store.dispatch, world.bus.publish).run()
    return list(world.find(Notification, party_id=PartyId(party), event="ToolkitFailed"))


def test_a_failing_toolkit_tells_who_answers_for_it(world: World) -> None:
    world.do("fmo", c.AssignToolkit(toolkit="needs", party_id=PartyId("dso1"), note="Night shift"))
    job = fail(world)
    (told,) = world.told(e.ToolkitFailed)
    assert (told.toolkit, told.party_id, told.job_id) == ("needs", "dso1", job.id)
    (letter,) = dispatched(world, "dso1")
    assert "Needs identification failed (North" in letter.sentence
    assert job.error in letter.sentence
    assert dispatched(world, "fmo") == []


def test_without_anybody_assigned_the_operator_is_told_with_a_link(world: World) -> None:
    fail(world)
    (letter,) = dispatched(world, "fmo")
    assert letter.link == "/fmo/health?toolkit=needs"


def test_a_foreign_grid_s_reason_is_not_told(world: World) -> None:
    world.do("fmo", c.AssignToolkit(toolkit="needs", party_id=PartyId("dso2")))
    job = fail(world)
    (letter,) = dispatched(world, "dso2")
    assert job.error not in letter.sentence
    assert "The market operator knows the reason." in letter.sentence


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"toolkit": "wizardry"}, "unknown_toolkit", "toolkit"),
        ({"party_id": PartyId("nobody")}, "unknown_party", "party_id"),
        ({"party_id": PartyId("gone")}, "unknown_party", "party_id"),
        ({"party_id": PartyId("esp1")}, "out_of_range", "party_id"),
        ({"note": "x\ny"}, "malformed", "note"),
        ({"note": "x" * 401}, "out_of_range", "note"),
    ],
)
def test_assigning_is_refused_beside_its_field(
    world: World, changes: dict[str, object], code: str, field: str
) -> None:
    values: dict[str, object] = {"toolkit": "needs", "party_id": PartyId("dso1"), "note": ""}
    assert world.codes("fmo", c.AssignToolkit(**values | changes)) == [(code, field)]  # type: ignore[arg-type]
    assert world.find(ToolkitWatch) == ()


def test_assigning_again_replaces(world: World) -> None:
    for party in ("dso1", "tso"):
        world.do("fmo", c.AssignToolkit(toolkit="clearing", party_id=PartyId(party)))
    assert world.only(ToolkitWatch, id="clearing").party_id == "tso"


def toolkit(world: World, name: str) -> q.ToolkitRow:
    return next(row for row in ask(world, q.GetHealth()).toolkits if row.toolkit == name)


def test_toolkits_tell_how_their_jobs_went(world: World) -> None:
    assert {row.toolkit for row in ask(world, q.GetHealth()).toolkits} == set(TOOLKITS) < set(KINDS)
    assert toolkit(world, "needs").state == "unused"
    fail(world)
    world.do("dso2", c.UploadNetwork(region_id=R2, document=network()))
    row = toolkit(world, "needs")
    assert (row.state, row.failures_in_a_row, row.n_failed) == ("failing", 1, 1)
    assert row.last_error == "The power flow has no solution."
    world.grid()
    (job,) = world.find(Job, state=JobState.QUEUED)
    world.do("system", c.StartJob(job_id=job.id))
    assert toolkit(world, "needs").state == "running"
    world.at(world.wall.now.replace(year=2016, month=7, day=24, hour=7))
    world.do("system", c.ApplyJob(job_id=job.id, succeeded=True, result=_solved(job)))
    row = toolkit(world, "needs")
    assert (row.state, row.failures_in_a_row, row.n_done) == ("working", 0, 1)
    run = world.only(JobRun, id=job.id)
    assert row.typical_seconds == (run.finished_at - run.started_at).total_seconds() == 1.0


def _solved(job: Job) -> bytes:
    return work.run(job.kind, job.inputs, lambda stage, share: None)


def test_late_gates_are_told_with_how_late(world: World) -> None:
    session = world.session(opened=False)
    world.at(session.opens_at.replace(minute=5))
    (late,) = ask(world, q.GetHealth()).late_gates
    assert (late.gate.session_id, late.late_s) == (session.id, 300.0)


class Runner:
    alive = True


def test_vitals_come_from_the_running_server(world: World) -> None:
    """The query answers with the pulse that the composition root fills; without one it says nothing."""
    assert ask(world, q.GetHealth()).vitals is None
    pulse = Pulse(world.store, world.wall)
    handle = handlers(pulse)[q.GetHealth]
    pulse.expect_every(1.0)
    pulse.watch(Runner())

    def vitals() -> q.Vitals:
        with world.store.read() as uow:
            return handle(uow, WHO["fmo"], q.GetHealth()).vitals  # type: ignore[no-any-return]

    assert vitals().beat_at is None
    assert not vitals().beat_late
    pulse.beat()
    first = vitals()
    assert (first.beat_at, first.beat_late, first.worker_alive) == (world.wall.now, False, True)
    assert first.database_bytes > 10_000
    world.grid()
    later = vitals()
    assert later.n_waiting > first.n_waiting
    assert later.waiting_since is not None
    assert dict(later.versions)["FlexDesk"]
    world.wall.now += timedelta(seconds=6)
    assert vitals().beat_late


def test_a_broken_audit_trail_is_named(world: World) -> None:
    pulse = Pulse(world.store, world.wall)
    world.grid()
    report = pulse.check_audit()
    assert report.holds
    assert report.n_rows > 2
    with world.store.transaction() as connection:
        connection.exec_driver_sql("UPDATE audit SET account = 'mallory' WHERE sequence = 2")
    assert pulse.check_audit().first_broken == 2
    assert pulse.vitals().audit == pulse.check_audit()
