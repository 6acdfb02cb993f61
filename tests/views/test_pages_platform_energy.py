"""The page of a platform's energy service: offers, acquisitions, call-ups, and their forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from platform_room import ATTACK, NOW, Room, platform_room
from platform_things import DAY, services, subscription

from domain.flexibility.assets import Direction
from domain.ids import AcquisitionId, CallUpId, FlexibilityId, PartyId, ServiceActivationId, ServiceAgreementId
from domain.marketplace.words import ActivationStatus, PlatformRole, Quantity, ServiceType, TimeStep
from domain.platform.activations import DataSelection, ServiceAgreement
from domain.platform.energy_service import Acquisition, CallUp, CallUpState, Flexibility, FlexibilityState, Told
from views import news
from views.pages.platform_energy import PAGES

START = NOW + timedelta(hours=6)
QUARTER = timedelta(minutes=15)
SERVICE = replace(services()[0], service_type=ServiceType.ENERGY_SERVICE, consent_mandatory=False)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with platform_room(tmp_path / "platform.db") as opened:
        yield opened


def page(room: Room, who: str, **address: Any) -> Any:
    return room.open(who, PAGES[0], **address).owner


def agreed(room: Room, side: PlatformRole) -> str:
    held = subscription("S-1", side, descriptions=(SERVICE,))
    made = ServiceAgreement(
        id=ServiceAgreementId("A-1"),
        side=side,
        activation_id=ServiceActivationId("Q-1"),
        subscription_id=held.id,
        description_id=SERVICE.id,
        pod_ids=(),
        pod_names=(),
        selection=DataSelection(quantity=Quantity.POWER, time_step=TimeStep.MINUTES_15),
        data_details="",
        processing_details="",
        validated_at=NOW - DAY,
        starts_at=NOW - DAY,
        ends_at=NOW + 40 * DAY,
    )
    room.add(held, made)
    return held.id


def offer(provider: str, **changes: Any) -> Flexibility:
    made = Flexibility(
        id=FlexibilityId("FX-1"),
        provider_id=PartyId(provider),
        area=f"North {ATTACK}",
        direction=Direction.UP,
        starts_at=START,
        power_mw=(Decimal("0.9"), Decimal("0.5")),
        price_eur_per_mwh=Decimal("58.50"),
        acquire_until=START - QUARTER,
        made_from=f"96 values {ATTACK}",
        offered_at=NOW,
    )
    return replace(made, **changes)


def acquired(side: PlatformRole, **changes: Any) -> Acquisition:
    made = Acquisition(
        id=AcquisitionId("AQ-1"),
        flexibility_id=FlexibilityId("FX-1"),
        subscription_id=subscription("S-1").id,
        side=side,
        peer_id=PartyId("pool"),
        power_mw=Decimal("0.4"),
        asked_at=NOW,
        status=ActivationStatus.OK,
    )
    return replace(made, **changes)


def called(side: PlatformRole, **changes: Any) -> CallUp:
    made = CallUp(
        id=CallUpId("CU-1"),
        acquisition_id=AcquisitionId("AQ-1"),
        flexibility_id=FlexibilityId("FX-1"),
        subscription_id=subscription("S-1").id,
        side=side,
        peer_id=PartyId("pool"),
        starts_at=START,
        ends_at=START + QUARTER,
        power_mw=Decimal("0.3"),
        asked_at=NOW,
    )
    return replace(made, **changes)


def told(room: Room) -> None:
    room.add(Told(id="FX-1/S-1", flexibility_id=FlexibilityId("FX-1"), subscription_id=subscription("S-1").id))


def test_without_any_the_page_says_where_they_come_from(room: Room) -> None:
    for who in ("provider1", "requester1"):
        shown = page(room, who)
        assert shown._none.visible
        assert not shown._chart_panel.visible
        assert shown._chosen._send.disabled


def test_a_provider_offers_by_the_form_and_sees_it(room: Room) -> None:
    agreed(room, PlatformRole.PROVIDER)
    shown = page(room, "provider1")
    form = shown._form
    form.fields["area"].value = "North"
    form.fields["power_mw"].value = "zero"
    form._act(form._send)
    assert "Give a number" in form.problems._beside["power_mw"].object
    assert shown._offers.records == []
    form.fields["power_mw"].value, form.fields["price_eur_per_mwh"].value = "250,5", "61.5"
    form.fields["made_from"].value = "Two days of meter data"
    form.fields["first"].value, form.fields["last"].value = 68, 71
    form._act(form._send)
    (row,) = shown._offers.records
    assert (row["energy_kwh"], row["price"], row["state"]) == (250.5, 61.5, "open")
    assert room.said[-1][0] == "success"
    assert [figure.value for figure in shown_figures(shown)][:1] == ["1"]
    form.fields["last"].value = 60
    form._act(form._send)
    assert "ends before" in form.problems._beside["last"].object


def shown_figures(shown: Any) -> Any:
    from views.pages.platform_energy import figures
    from views.state.platform_energy import energy_facts

    return figures(energy_facts(shown._context.desk))


def test_a_requester_acquires_and_calls_up(room: Room) -> None:
    agreed(room, PlatformRole.REQUESTER)
    room.add(offer("pool"))
    told(room)
    shown = page(room, "requester1")
    chosen = shown._chosen
    chosen.fields["power_mw"].value = "-1"
    chosen._act(chosen._acquire)
    assert chosen.problems._beside["power_mw"].visible
    chosen.fields["power_mw"].value = "400"
    chosen._act(chosen._acquire)
    (line,) = shown._acquired.records
    assert (line["state"], line["power_kw"]) == ("waits", 400.0)
    shown._on_pick("acquisition", line)
    assert shown._last._send.disabled, "nothing is called up before the answer"
    with room.platform.read() as uow:
        (made,) = uow.find(Acquisition)
    room.change(made, status=ActivationStatus.OK)
    shown.draw()
    assert not shown._last._send.disabled
    shown._last.fields["power_mw"].value = "300"
    shown._last._act(shown._last._call)
    (call,) = shown._called.records
    assert (call["state"], call["energy_kwh"]) == ("requested", 150.0)


def test_a_provider_answers_a_call_up_once(room: Room) -> None:
    agreed(room, PlatformRole.PROVIDER)
    room.add(offer("provider1"), acquired(PlatformRole.PROVIDER), called(PlatformRole.PROVIDER))
    shown = page(room, "provider1", call_up="CU-1")
    assert [figure.value for figure in shown_figures(shown)][-1] == "1"
    shown._last._act(lambda: shown._last._answer(False))
    assert shown._last.problems._beside["reason"].visible
    shown._last._act(lambda: shown._last._answer(True))
    (row,) = shown._called.records
    assert row["state"] == CallUpState.ACKNOWLEDGED.value
    assert shown._last._yes.disabled
    assert "acknowledged" in shown._last._words.object


def test_the_chart_shows_what_is_offered_acquired_and_called_up(room: Room) -> None:
    agreed(room, PlatformRole.PROVIDER)
    room.add(offer("provider1"), acquired(PlatformRole.PROVIDER), called(PlatformRole.PROVIDER))
    shown = page(room, "provider1")
    data = shown._chart.source.data
    drawn = {key: [v for v in np.asarray(data[key], float) if v == v] for key in ("offered", "acquired", "called")}
    assert drawn == {"offered": [900.0, 500.0], "acquired": [400.0, 400.0], "called": [300.0]}


def test_withdrawn_is_not_withdrawn_again_and_news_redraw(room: Room) -> None:
    agreed(room, PlatformRole.PROVIDER)
    context = room.context("provider1")
    shown: Any = PAGES[0].build(context).owner
    room.add(offer("provider1"))
    context.live.tell(news.PLATFORM)
    assert [row["state"] for row in shown._offers.records] == ["open"]
    shown._chosen._act(shown._chosen._withdraw)
    assert [row["state"] for row in shown._offers.records] == [FlexibilityState.WITHDRAWN.value]
    assert shown._chosen._send.disabled


def test_what_others_typed_is_text(room: Room) -> None:
    agreed(room, PlatformRole.REQUESTER)
    room.add(offer("pool"))
    told(room)
    shown = page(room, "requester1")
    assert ATTACK not in str(shown._chosen._words.object)
    assert [row["provider"] for row in shown._offers.records] == [f"Other pool {ATTACK}"], "tables set text"
