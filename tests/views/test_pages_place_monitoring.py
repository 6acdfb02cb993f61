"""Services under way, alarms and messages that were not taken, on the pages of those whom they concern."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from place_room import HOSTILE, OPERATOR, Seat, beside, column, place_room, seeded_place
from placed import Deal, dealing
from world import World

from app.transport.sending import send
from domain.commands import MarkNotificationsRead, ReportTries, Tried
from domain.flexibility.alarms import Priority
from domain.ids import AlarmId, ConsentId, MessageId
from domain.lifecycle import AlarmState
from domain.marketplace.requests import Subscription
from domain.marketplace.service_alarms import ServiceAlarm, ServiceAlarmKind
from domain.marketplace.told import ConsentStatus, InterimReport
from domain.marketplace.words import ConsentState, ServiceState
from domain.parties import SYSTEM
from domain.transport import MessageState, OutgoingMessage
from views import news
from views.pages.place_monitoring import MonitoringPage
from views.state.place_monitoring import counted


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeded_place(tmp_path_factory.mktemp("place"))


@pytest.fixture
def world(seeded: Path, tmp_path: Path) -> Iterator[World]:
    with place_room(seeded, tmp_path) as room:
        yield room


@pytest.fixture
def deal(world: World) -> Deal:
    return dealing(world)


@pytest.fixture
def told(deal: Deal) -> Subscription:
    """A subscription of which the market place was told, with an alarm on it."""
    one = deal.subscribed()
    with deal.world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        for index, state in enumerate((ConsentState.GIVEN, ConsentState.GIVEN, ConsentState.REVOKED)):
            id = ConsentId(f"CN-{index}")
            uow.add(ConsentStatus(id=id, subscription_id=one.id, state=state, at=uow.market))
        uow.add(
            InterimReport(
                id="IR-1",
                subscription_id=one.id,
                state=ServiceState.DEGRADED,
                at=uow.market,
                n_delivered=5,
                n_acknowledged=4,
                n_overdue=3,
                in_time_share=Decimal("0.5"),
            )
        )
        uow.add(
            ServiceAlarm(
                id=AlarmId("AL-1"),
                kind=ServiceAlarmKind.DELIVERIES_OVERDUE,
                subject=one.id,
                provider_id=deal.provider.id,
                requester_id=deal.requester.id,
                priority=Priority.WATCH,
                detail=HOSTILE,
                raised_at=uow.market,
            )
        )
    return one


def test_each_party_sees_its_services_and_who_answers_acknowledges(deal: Deal, told: Subscription) -> None:
    pages = {
        who: MonitoringPage(Seat(deal.world, who).context)
        for who in (OPERATOR, deal.provider.id, deal.requester.id, "provider1")
    }
    assert {who: column(page._services, "id") for who, page in pages.items()} == {
        OPERATOR: [told.id],
        deal.provider.id: [told.id],
        deal.requester.id: [told.id],
        "provider1": [],
    }
    (record,) = pages[OPERATOR]._services.records
    assert (record["service"], record["consents"], record["overdue"]) == ("degraded", "2 given, 1 revoked", 3)
    assert pages["provider1"]._none.visible
    assert pages["provider1"]._calm.visible
    mine = pages[deal.provider.id]
    assert column(mine._alarms, "detail") == [HOSTILE], "the table shows it as text"
    assert mine.acknowledge.disabled
    mine._on_alarm(mine._alarms.records[0])
    mine._on_acknowledge(None)
    assert deal.world.only(ServiceAlarm).acknowledged_by != ""
    assert column(pages[deal.requester.id]._alarms, "state") == ["acknowledged"], "it came by itself"
    assert not any(mine.acknowledge in part.select() for part in pages[deal.requester.id].main()[:-1])


def test_a_service_shows_what_was_told_of_it(deal: Deal, told: Subscription) -> None:
    """Each consent with its state, and each report, to whom the service concerns."""
    for who in (OPERATOR, deal.provider.id, deal.requester.id):
        page = MonitoringPage(Seat(deal.world, who).context)
        assert page.state.service_id == page._services.records[0]["id"], "the first, until one is picked"
        shown = {(record["kind"], record["name"]): record for record in page.told.book.records}
        assert {name: record["state"] for (kind, name), record in shown.items() if kind == "consent"} == {
            "CN-0": "given",
            "CN-1": "given",
            "CN-2": "revoked",
        }
        assert shown["report", "IR-1"]["detail"] == "5 delivered, 4 acknowledged, 3 overdue, 50 % in time"
    stranger = MonitoringPage(Seat(deal.world, "provider1").context)
    stranger._on_service({"id": told.id})
    assert stranger.told.book.records == []


def test_an_alarm_is_put_aside_with_a_reason_and_taken_back(deal: Deal, told: Subscription) -> None:
    page = MonitoringPage(Seat(deal.world, OPERATOR).context)
    shelving = page.shelving
    assert shelving.shelve.disabled, "none is picked"
    page._on_alarm(page._alarms.records[0])
    shelving._on_shelve(None)
    assert shelving.dialog.open
    shelving._on_put(None)
    assert "Write something here." in beside(shelving, "reason")
    assert shelving.dialog.open
    shelving.reason.value = HOSTILE
    shelving.until.value = shelving.until.options["for a day"]
    shelving._on_put(None)
    alarm = deal.world.only(ServiceAlarm)
    assert (alarm.state, alarm.shelve_reason, alarm.shelved_by) == (AlarmState.SHELVED, HOSTILE, OPERATOR)
    assert not shelving.dialog.open
    assert (shelving.shelve.visible, shelving.unshelve.visible) == (False, True)
    assert HOSTILE in column(page._alarms, "until")[0], "the table shows it as text"
    requester = MonitoringPage(Seat(deal.world, deal.requester.id).context)
    assert not any(shelving.unshelve.label == getattr(part, "label", "") for part in requester.main()[1].select())
    shelving._on_unshelve(None)
    alarm = deal.world.only(ServiceAlarm)
    assert (alarm.state, alarm.shelved_until, alarm.shelved_by) == (AlarmState.RAISED, None, "")
    assert shelving.shelve.visible
    assert not shelving.shelve.disabled


@pytest.fixture
def dead(deal: Deal) -> MessageId:
    with deal.world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        id = send(uow, to=deal.provider.id, stream="s", path="/x", body=MarkNotificationsRead())
    tried = Tried(message_id=id, state=MessageState.DEAD, error=HOSTILE)
    deal.world.desk.execute(SYSTEM, ReportTries(tries=(tried,)))
    return id


def test_the_operator_replays_and_gives_up_what_was_not_taken(deal: Deal, dead: MessageId) -> None:
    seat = Seat(deal.world, OPERATOR, message=dead)
    page = MonitoringPage(seat.context)
    assert (column(page._messages, "state"), column(page._messages, "error")) == (["dead"], [HOSTILE])
    assert "Dead letters" in page._strip.view.object
    assert not page.replay.disabled
    page._on_replay(None)
    assert deal.world.only(OutgoingMessage).state is MessageState.WAITING
    assert page.replay.disabled
    page._on_drop(None)
    assert deal.world.only(OutgoingMessage).state is MessageState.WAITING, "it is asked first"
    page._dialog._on_confirm(None)
    assert deal.world.only(OutgoingMessage).state is MessageState.DROPPED
    assert page._taken.visible


def test_players_see_no_messages_and_are_not_told_of_them(deal: Deal) -> None:
    player, operator = Seat(deal.world, deal.provider.id), Seat(deal.world, OPERATOR)
    page = MonitoringPage(player.context)
    assert "Dead letters" not in page._strip.view.object
    with deal.world.store.write(SYSTEM, MarkNotificationsRead()) as uow:
        id = send(uow, to=deal.provider.id, stream="s", path="/x", body=MarkNotificationsRead())
    deal.world.desk.execute(SYSTEM, ReportTries(tries=(Tried(message_id=id, state=MessageState.DEAD),)))
    assert news.MESSAGES in operator.heard
    assert news.MESSAGES not in player.heard


def test_counts_are_told_without_those_that_are_none() -> None:
    assert counted({"given": 1200, "revoked": 0}) == "1,200 given"
    assert counted({}) == "–"
