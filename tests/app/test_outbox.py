"""Who is told of what: every event has its row, each letter goes out once, and the book stays sealed."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from canned import cleared, publish
from test_every_command import ACCEPTED
from world import DAY, OPENS, R1, UNITS, World, at_noon, bid, flat, network, plan, schedule

from app import letters
from app.letters import LETTERS
from app.outbox import Dispatcher
from domain import commands as c
from domain import events as e
from domain.events.place import PlaceEvent
from domain.events.platform import PlatformEvent
from domain.flexibility.grids import Job
from domain.flexibility.market import Activation, Gate, GateKind, PriceKind
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.lifecycle import JobState
from domain.notifications import MOST_TRIES, DeadLetter, Notification
from domain.parties import SYSTEM, Party

SELLERS = {"esp1", "esp2", "agg1"}


def dispatcher(world: World) -> Dispatcher:
    return Dispatcher(world.store.dispatch, world.bus.publish)


def news(world: World, event: type[e.Event]) -> dict[str, str]:
    """Who was told of an event of this class, and the sentence."""
    return {n.party_id: n.sentence for n in world.find(Notification, event=event.__name__)}


@pytest.fixture
def day(world: World) -> World:
    """A market day with everything that people are told of."""
    world.grid()
    world.do("system", c.StartJob(job_id=world.only(Job).id))
    with cleared():
        world.do("system", c.ApplyJob(job_id=world.only(Job).id, succeeded=True))
        prices = c.UploadPrices(
            kind=PriceKind.DAY_AHEAD, delivery_day=DAY, price_eur_per_mwh=flat("50"), source="CSV"
        )
        world.do("fmo", prices)
        asset, other = world.asset(), world.asset("esp2", "PV-2")
        refused = world.asset("agg1", "PV-3", confirmed=False, brp_id="brp1")
        world.do("dso1", c.RefuseAsset(asset_id=refused.id, reason="No meter."))
        world.do("esp1", c.UploadBaseline(asset_id=asset.id, delivery_day=DAY, p_mw=at_noon("4")))
        session = world.session()
        rules = c.SetClearingRules(
            session_id=session.id,
            clearing=ClearingMode.NETWORK,
            payment=PaymentRule.NODAL,
            energy=EnergyPricing.PRICED,
        )
        world.do("fmo", rules)
        world.request(session)
        world.do("dso1", c.WithdrawRequest(request_id=world.request(session, congestion_point="Mill").id))
        world.offer("esp1", session, asset, "2")
        world.do("esp2", c.WithdrawOffer(offer_id=world.offer("esp2", session, other, "1").id))
        world.do("esp2", bid(session, [(other.id, at_noon("1"))]))
        world.at(OPENS + timedelta(hours=1))
        world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.INTERIM).id))
        world.do("fmo", c.CancelJob(job_id=world.close(session).id))
        publish(world, session)
        world.do("fmo", c.RetryClearing(session_id=session.id))
        world.run(world.only(Job, session_id=session.id, state=JobState.QUEUED), lambda *_: b"")
        (later,) = world.find(Gate, kind=GateKind.PUBLISH, done=False)
        world.do("system", c.PassGate(gate_id=later.id))
    ours, theirs = world.find(Activation)
    if ours.party_id != "esp1":
        ours, theirs = theirs, ours
    world.do("esp1", c.AcknowledgeActivation(activation_id=ours.id))
    world.do("esp2", c.RefuseActivation(activation_id=theirs.id, reason="It broke."))
    later_day = DAY + timedelta(days=1)
    coming = c.UploadSchedules(region_id=R1, delivery_day=later_day, document=schedule(later_day))
    world.do("dso1", coming)
    world.do("dso1", c.UploadNetwork(region_id=R1, document=network(units=UNITS[:-1])))
    dispatcher(world).run()
    return world


def test_every_event_has_its_row() -> None:
    assert set(LETTERS) == {
        kind for base in (e.Event, PlaceEvent, PlatformEvent) for kind in base.__subclasses__()
    } - {PlaceEvent, PlatformEvent}


AUDIENCE: dict[type[e.Event], set[str]] = {
    e.NetworkUploaded: {"fmo", "tso"},
    e.GridStateComputed: {"fmo", "dso1"},
    e.SchedulesDropped: {"dso1"},
    e.PricesUploaded: {"dso1", "dso2", "tso", "retailer1", "brp1", "brp2", *SELLERS},
    e.AssetRegistered: {"dso1"},
    e.AssetConfirmed: {"esp1", "esp2"},
    e.AssetRefused: {"agg1"},
    e.BaselineUploaded: {"dso1"},
    e.SessionPlanned: {"dso1", "tso", *SELLERS},
    e.ClearingRulesSet: {"dso1", "tso", *SELLERS},
    e.SessionOpened: {"fmo", "dso1", *SELLERS},
    e.SessionStatusReported: {"fmo", "dso1", *SELLERS},
    e.GateClosed: {"fmo", "dso1", *SELLERS},
    e.ClearingFailed: {"fmo", "dso1"},
    e.ClearingRestarted: {"fmo", "dso1"},
    e.PublicationMissed: {"fmo", "dso1", "tso", "esp1", "esp2"},
    e.SessionCleared: {"fmo"},
    e.SessionPublished: {"fmo", "dso1", "tso"},
    e.OfferResultPublished: {"esp1", "esp2"},
    e.RequestPublished: {"fmo", "tso", *SELLERS},
    e.RequestWithdrawn: {"fmo", "tso", *SELLERS},
    e.OfferSubmitted: {"fmo"},
    e.OfferWithdrawn: {"fmo"},
    e.ActivationAcknowledged: {"fmo", "dso1"},
    e.ActivationRefused: {"fmo", "dso1"},
    e.SchedulesUploaded: set(),
    e.GatePassed: set(),
    e.JobChanged: set(),
    e.ClockMoved: set(),
    e.NotificationsRead: set(),
    e.Notified: set(),
}


BY_COMMAND: dict[type[e.Event], tuple[type[c.Command], set[str]]] = {
    e.AssetConfirmedConditionally: (c.ConfirmConditionally, {"esp1"}),
    e.ZonesChanged: (c.DefineZone, set()),
    e.CongestedRegionRegistered: (c.RegisterCongestedRegion, {"fmo", "tso", *SELLERS}),
    e.CongestedRegionClosed: (c.CloseCongestedRegion, {"fmo", "tso", *SELLERS}),
    e.RequestReviewed: (c.ReviewRequest, {"fmo", "dso1", *SELLERS}),
    e.ToolkitAssigned: (c.AssignToolkit, {"dso1"}),
    e.ChapterChanged: (c.PlayChapter, set()),
    e.AlarmsFollowed: (c.AcknowledgeAlarm, set()),
    e.AlarmAcknowledged: (c.AcknowledgeAlarm, set()),
    e.AlarmShelved: (c.ShelveAlarm, set()),
    e.AlarmUnshelved: (c.UnshelveAlarm, set()),
    e.OfferOpenToCall: (c.OfferFlexibility, {"dso1"}),
    e.OfferCalled: (c.CallOffer, {"fmo", "esp1"}),
    e.CallWithdrawn: (c.WithdrawCall, {"fmo", "esp1"}),
    e.AnswerTakenBack: (c.TakeBackAnswer, {"fmo", "dso1"}),
    e.CallTimeEnded: (c.EndCallTime, {"esp1"}),
    e.PodMapped: (c.MapPod, {"esp1"}),
    e.ForecastUploaded: (c.UploadForecast, set()),
    e.ContractAgreed: (c.AgreeContract, {"esp1"}),
    e.ApplicationReceived: (c.Apply, {"fmo"}),
    e.ApplicationRefused: (c.RefuseApplication, set()),
    e.RoleAssigned: (c.AssignRole, {"esp2"}),
    e.PartySuspended: (c.SuspendParty, {"fmo"}),
    e.PartyReinstated: (c.ReinstateParty, {"gone"}),
    e.PasswordChanged: (c.ChangePassword, {"esp1"}),
    e.PasswordReset: (c.ResetPassword, {"esp1"}),
    e.LoginsEnded: (c.EndLogin, set()),
    e.ApiKeyIssued: (c.CreateApiKey, {"esp1"}),
    e.ApiKeyRevoked: (c.RevokeApiKey, {"esp1"}),
}
ELSEWHERE: dict[type[e.Event], str] = {
    e.FlexibilityDeclined: "test_direct_calls",
    e.BookMatched: "test_trading",
    e.TradesMade: "test_trading",
    e.ToolkitFailed: "test_operation",
    e.MeteringReported: "test_settling",
    e.SessionSettled: "test_settling",
    e.StatementsValidated: "test_settling",
    e.StatementIssued: "test_settling",
    e.ApplicationAccepted: "test_participants",
    e.MessageDied: "test_dead_letters",
}
"""Where the tests are of letters that need more than a command."""


def test_the_right_ones_are_told_of_each_event(day: World) -> None:
    of_the_market = {kind for kind in LETTERS if not issubclass(kind, PlaceEvent | PlatformEvent)}
    assert {*AUDIENCE, *BY_COMMAND, *ELSEWHERE} == of_the_market
    assert {event: set(news(day, event)) for event in AUDIENCE} == AUDIENCE


@pytest.mark.parametrize("event", BY_COMMAND, ids=lambda event: event.__name__)
def test_the_right_ones_are_told_of_what_a_command_did(world: World, event: type[e.Event]) -> None:
    command, told = BY_COMMAND[event]
    who, message = ACCEPTED[command](world)
    world.do(who, message)
    dispatcher(world).run()
    assert world.told(event)
    assert set(news(world, event)) == told


def test_sentences_name_people_and_places(day: World) -> None:
    offers = {n.sentence for n in day.find(Notification, event="OfferSubmitted")}
    assert offers == {
        "Sun and storage offers 0.500 MWh down (North, 25.07.2016).",
        "Wind and load offers 0.250 MWh down (North, 25.07.2016).",
    }
    rules = "Network clearing, paid nodal prices, energy at the day-ahead price"
    assert news(day, e.ClearingRulesSet)["esp1"] == f"The rules have changed (North, 25.07.2016): {rules}."
    withdrawn = "North grid no longer asks for up to 1.000 MW down at Mill on 25.07.2016."
    assert news(day, e.RequestWithdrawn)["esp1"] == withdrawn
    assert news(day, e.AssetRefused)["agg1"] == "North grid refused Asset PV-3: No meter."
    missed = "Publication was due and there is no result (North, 25.07.2016): The clearing was cancelled."
    assert news(day, e.PublicationMissed)["fmo"] == missed
    refused = "Wind and load will not deliver the award of Asset PV-2 on 25.07.2016. It broke."
    assert news(day, e.ActivationRefused)["dso1"] == refused
    result = "Your offers (North, 25.07.2016): 1 wholly or partly accepted, 0 rejected."
    assert news(day, e.OfferResultPublished)["esp1"] == result


def test_before_the_gate_nobody_but_the_operator_learns_of_offers(day: World) -> None:
    status = news(day, e.SessionStatusReported)
    assert "2 offers" in status["fmo"]
    assert not any("offer" in sentence for party, sentence in status.items() if party != "fmo")
    assert "offer" not in news(day, e.GateClosed)["esp1"]


def test_links_lead_to_the_readers_own_desk_and_day(day: World) -> None:
    links = {n.party_id: n.link for n in day.find(Notification, event="PublicationMissed")}
    assert links["fmo"] == "/fmo?day=2016-07-25"
    assert links["esp1"] == "/supply?day=2016-07-25"


def test_each_event_is_told_once(day: World) -> None:
    before = day.find(Notification)
    assert dispatcher(day).run() == 0
    assert day.find(Notification) == before


def test_two_dispatchers_at_once_tell_once(world: World) -> None:
    world.do("fmo", plan())
    start = threading.Barrier(2)
    done: list[int] = []

    def run() -> None:
        start.wait()
        done.append(dispatcher(world).run())

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [0, 1]
    assert set(news(world, e.SessionPlanned)) == AUDIENCE[e.SessionPlanned]
    assert len(world.find(Notification)) == len(AUDIENCE[e.SessionPlanned])


def test_more_than_a_batch_goes_out_in_one_run(world: World) -> None:
    for _ in range(130):
        world.do("fmo", c.MoveClock(action=c.ClockAction.PAUSE))
    world.do("fmo", plan())
    assert dispatcher(world).run() == 131
    assert len(news(world, e.SessionPlanned)) > 0


def broken(_uow: object, _event: object) -> tuple[letters.Letter, ...]:
    raise LookupError("nothing <there>")


def dead(world: World) -> tuple[DeadLetter, ...]:
    with world.store.read() as uow:
        return uow.letters.dead()


def test_a_letter_that_cannot_be_written_does_not_hold_up_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(LETTERS, e.SessionPlanned, broken)  # type: ignore[arg-type]
    world.session()
    dispatcher(world).run()
    assert news(world, e.SessionPlanned) == {}
    assert set(news(world, e.SessionOpened)) == AUDIENCE[e.SessionOpened]
    assert "nobody could be told" in caplog.text
    assert dead(world) == (), "it is tried again"


def test_a_letter_that_failed_once_goes_out_with_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(LETTERS, e.SessionPlanned, broken)  # type: ignore[arg-type]
        world.do("fmo", plan())
        assert dispatcher(world).run() == 0
    assert dispatcher(world).run() == 1
    assert set(news(world, e.SessionPlanned)) == AUDIENCE[e.SessionPlanned]


def test_a_dead_letter_waits_for_the_operator_and_is_told_once_when_it_is_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setitem(LETTERS, e.SessionPlanned, broken)  # type: ignore[arg-type]
        world.do("fmo", plan())
        for _ in range(MOST_TRIES):
            dispatcher(world).run()
        (letter,) = dead(world)
        assert (letter.event, letter.error) == ("SessionPlanned", "LookupError: nothing <there>")
        assert world.store.measured().n_waiting == 0
        assert dispatcher(world).run() == 0
    assert dispatcher(world).run() == 0, "it is not tried any more"
    again = c.SendLetterAgain(letter_id=letter.id)
    assert world.codes("esp1", again) == [("not_permitted", "")]
    world.do("fmo", again)
    assert world.codes("fmo", again) == [("not_found", "letter_id")]
    assert dispatcher(world).run() == 1
    assert set(news(world, e.SessionPlanned)) == AUDIENCE[e.SessionPlanned]
    assert dead(world) == ()


def test_many_letters_that_fail_end_the_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LETTERS, e.ClockMoved, broken)  # type: ignore[arg-type]
    for _ in range(130):
        world.do("fmo", c.MoveClock(action=c.ClockAction.PAUSE))
    assert dispatcher(world).run() == 0
    assert 100 <= len(dead(world)) <= 130


def test_a_participant_that_was_shut_out_is_told_nothing(world: World) -> None:
    world.grid()
    world.asset()
    with world.store.write(SYSTEM, plan()) as uow:
        uow.save(replace(uow.get(Party, "esp1"), active=False))
    dispatcher(world).run()
    assert news(world, e.AssetConfirmed) == {}


def test_a_failed_computation_of_needs_is_told_to_its_owner(world: World) -> None:
    world.grid()
    job = world.only(Job)
    world.do("system", c.StartJob(job_id=job.id))
    world.do("system", c.ApplyJob(job_id=job.id, succeeded=False, error="The power flow has no solution."))
    dispatcher(world).run()
    assert news(world, e.JobChanged) == {
        "dso1": "The grid state of North on 25.07.2016 was not computed: The power flow has no solution."
    }
