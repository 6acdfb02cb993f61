"""A player asks, the DSO's platform computes and answers: messages carried by hand between two databases."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from validation_room import DAY, NETWORK, NOW, SCHEDULE, SUBSCRIPTION, Room, opened_room, subscription

from app.platform.usecases.technical_validations import REQUESTS
from app.policy import may_execute
from domain.commands.platform import (
    ApplyTechnicalValidation,
    AskTechnicalValidation,
    SetCouplingLimits,
    StartTechnicalValidation,
    TakeTechnicalRequest,
    TakeTechnicalResponse,
    UploadValidationNetwork,
    UploadValidationSchedules,
)
from domain.ids import PartyId, SubscriptionId, TechnicalValidationId
from domain.marketplace.words import Environment, PlatformRole
from domain.parties import Party, Role
from domain.platform.validation import AreaPart, PowerPoint, SystemOperator, TechnicalValidationRequest
from domain.platform.validations import (
    MOST_WAITING,
    TechnicalValidation,
    ValidationAnswered,
    ValidationAsked,
    ValidationRefusal,
    ValidationState,
)

D = Decimal
START = datetime(2016, 7, 25, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def asking(*powers: str, area: str = "Solar park", id: SubscriptionId = SUBSCRIPTION) -> AskTechnicalValidation:
    return AskTechnicalValidation(
        subscription_id=id,
        start=START,
        end=START + len(powers) * HOUR,
        curve=tuple(PowerPoint(at=START + k * HOUR, power_mw=D(power)) for k, power in enumerate(powers)),
        load_area=(AreaPart(name=area),),
    )


@pytest.fixture
def dso(tmp_path: Path) -> Iterator[Room]:
    provider = PlatformRole.PROVIDER
    subscriptions = [
        subscription(provider, "dso", "pool"),
        subscription(provider, "dso", "other", SubscriptionId("SUB-2")),
        subscription(provider, "dso", "pool", SubscriptionId("SUB-OVER"), ends_at=NOW),
        subscription(provider, "dso", "pool", SubscriptionId("SUB-FREE"), environment=Environment.UNREGULATED),
        subscription(PlatformRole.REQUESTER, "pool", "own", SubscriptionId("SUB-BACK")),
    ]
    with opened_room(tmp_path / "dso.db", subscriptions=subscriptions) as room:
        room.do("dso", UploadValidationNetwork(document=NETWORK))
        room.do("dso", UploadValidationSchedules(delivery_day=DAY, document=SCHEDULE))
        yield room


@pytest.fixture
def player(tmp_path: Path) -> Iterator[Room]:
    """The platform of the pool, on which the DSO is a peer."""
    parties = (
        Party(id=PartyId("pool"), name="West pool", role=Role.REQUESTER),
        Party(id=PartyId("own"), name="East pool", role=Role.REQUESTER),
        Party(id=PartyId("dso"), name="North grid", role=Role.PEER),
        Party(id=PartyId("other"), name="South grid", role=Role.PEER),
    )
    side = PlatformRole.REQUESTER
    subscriptions = [
        subscription(side, "dso", "pool"),
        subscription(side, "other", "own", SubscriptionId("SUB-9")),
    ]
    with opened_room(tmp_path / "player.db", parties, subscriptions) as room:
        yield room


def only(room: Room) -> TechnicalValidation:
    with room.platform.read() as uow:
        (found,) = uow.find(TechnicalValidation)
    return found


def taking(room: Room) -> TakeTechnicalRequest:
    asked = room.sent(ValidationAsked)[-1]
    return TakeTechnicalRequest(subscription_id=asked.subscription_id, request=asked.request)


def answering(room: Room) -> TakeTechnicalResponse:
    return TakeTechnicalResponse(**vars(room.sent(ValidationAnswered)[-1]))


def test_from_the_question_to_the_answer(dso: Room, player: Room) -> None:
    player.do("pool", asking("8", "8"))
    dso.do("pool", taking(player))
    assert only(dso).state is ValidationState.QUEUED
    assert dso.platform.validating.run_inline() == 1
    player.do("dso", answering(dso))
    here, there = only(dso), only(player)
    assert here.response == there.response
    assert there.response is not None
    assert 0 < there.response.share < 1
    assert there.response.tso_share == 1
    binding = there.response.binding
    assert binding is not None
    assert binding.operator is SystemOperator.DSO
    assert (here.state, there.state) == (ValidationState.ANSWERED, ValidationState.ANSWERED)
    assert there.answered_at == NOW


def test_the_limits_of_the_tso_count(dso: Room, player: Room) -> None:
    """The three buses import little at night, so that an export of 3 MW passes a limit of 1 MW."""
    limits = SetCouplingLimits(import_max_mw=None, export_max_mw=D(1), s_max_mva=None, source="Agreement")
    dso.do("dso", limits)
    player.do("pool", asking("3"))
    dso.do("pool", taking(player))
    dso.platform.validating.run_inline()
    response = only(dso).response
    assert response is not None
    assert response.tso_share < response.dso_share
    assert response.share == response.tso_share
    assert response.binding is not None
    assert response.binding.operator is SystemOperator.TSO


def test_the_same_question_is_computed_once(dso: Room, player: Room) -> None:
    player.do("pool", asking("3"))
    dso.do("pool", taking(player))
    dso.do("pool", taking(player))
    only(dso)
    assert dso.platform.validating.run_inline() == 1
    dso.do("pool", taking(player))
    assert dso.platform.validating.run_inline() == 0
    assert len(dso.sent(ValidationAnswered)) == 1
    player.do("dso", answering(dso))
    player.do("dso", answering(dso))
    assert only(player).version == 1


def test_it_is_computed_on_what_stood_when_it_came(dso: Room, player: Room) -> None:
    """Also when the platform is killed in the middle of it."""
    player.do("pool", asking("3"))
    dso.do("pool", taking(player))
    limits = SetCouplingLimits(import_max_mw=None, export_max_mw=D(0), s_max_mva=None, source="Agreement")
    dso.do("dso", limits)
    dso.do("system", StartTechnicalValidation(validation_id=only(dso).id))
    assert dso.platform.validating.run_inline() == 1
    response = only(dso).response
    assert response is not None
    assert response.tso_share == 1


def test_another_question_by_the_same_id_is_refused(dso: Room, player: Room) -> None:
    player.do("pool", asking("3"))
    dso.do("pool", taking(player))
    other = replace(taking(player), request=replace(taking(player).request, load_area=(AreaPart(name="Town"),)))
    assert dso.refused("pool", other) == [("duplicate", "request.id")]
    theirs = replace(other, subscription_id=SubscriptionId("SUB-2"))
    dso.do("other", theirs)
    with dso.platform.read() as uow:
        assert uow.count(TechnicalValidation) == 2


@pytest.mark.parametrize(
    ("who", "id", "finding"),
    [
        ("other", SUBSCRIPTION, ("not_found", "subscription_id")),
        ("pool", SubscriptionId("SUB-2"), ("not_found", "subscription_id")),
        ("pool", SubscriptionId("SUB-0"), ("not_found", "subscription_id")),
        ("pool", SubscriptionId("SUB-OVER"), ("wrong_state", "subscription_id")),
        ("pool", SubscriptionId("SUB-FREE"), ("not_permitted", "subscription_id")),
        ("pool", SubscriptionId("SUB-BACK"), ("not_permitted", "subscription_id")),
        ("dso", SUBSCRIPTION, ("not_permitted", "")),
        ("own", SUBSCRIPTION, ("not_permitted", "")),
        ("house", SUBSCRIPTION, ("not_permitted", "")),
        ("market-place", SUBSCRIPTION, ("not_permitted", "")),
    ],
)
def test_who_may_not_ask(dso: Room, player: Room, who: str, id: SubscriptionId, finding: tuple[str, str]) -> None:
    player.do("pool", asking("3"))
    assert dso.refused(who, replace(taking(player), subscription_id=id)) == [finding]


def test_what_is_no_question_is_refused_with_its_field(dso: Room, player: Room) -> None:
    player.do("pool", asking("3"))
    good = taking(player)
    bad = replace(good.request, curve=(PowerPoint(at=START, power_mw=D("Infinity")),), load_area=())
    assert dso.refused("pool", replace(good, request=bad)) == [
        ("not_finite", "request.curve[0].power_mw"),
        ("out_of_range", "request.load_area"),
    ]
    nameless = replace(good.request, id=TechnicalValidationId(""))
    assert dso.refused("pool", replace(good, request=nameless)) == [("missing", "request.id")]
    assert player.refused("pool", replace(asking("3"), end=START)) == [("out_of_range", "end")]
    late = [START + HOUR]
    player.wall[:] = late
    assert player.refused("pool", asking("3")) == [("deadline_passed", "start")]


@pytest.mark.parametrize(
    ("area", "hours", "code", "field"),
    [
        ("Nowhere", 0, "unknown_area", "request.load_area[0].name"),
        ("Solar park", 24, "no_schedule", "request.start"),
        ("Solar park", -24, "deadline_passed", "request.start"),
    ],
)
def test_what_the_dso_cannot_compute_is_answered_with_refusals(
    dso: Room, player: Room, area: str, hours: int, code: str, field: str
) -> None:
    """A message that is refused itself would stop its stream."""
    player.do("pool", asking("3", area=area))
    command = taking(player)
    moved = timedelta(hours=hours)
    curve = tuple(replace(point, at=point.at + moved) for point in command.request.curve)
    request = replace(command.request, start=START + moved, end=command.request.end + moved, curve=curve)
    dso.do("pool", replace(command, request=request))
    assert dso.platform.validating.run_inline() == 0
    player.do("dso", answering(dso))
    found = only(player)
    assert found.state is ValidationState.FAILED
    assert [(refusal.code, refusal.field) for refusal in found.refusals] == [(code, field)]


def test_a_network_without_a_solution_is_said_so(dso: Room, player: Room) -> None:
    player.do("pool", asking("3"))
    dso.do("pool", taking(player))
    id = only(dso).id
    dso.do("system", StartTechnicalValidation(validation_id=id))
    dso.do("system", ApplyTechnicalValidation(validation_id=id, succeeded=False, error="No solution."))
    player.do("dso", answering(dso))
    assert only(player).refusals == (ValidationRefusal(code="no_result", field="", sentence="No solution."),)
    again = ApplyTechnicalValidation(validation_id=id, succeeded=False, error="No solution.")
    assert dso.refused("system", again) == [("wrong_state", "validation_id")]


def test_only_so_many_wait(dso: Room, player: Room) -> None:
    player.do("pool", asking("3"))
    command = taking(player)

    def by(number: int) -> TakeTechnicalRequest:
        id = TechnicalValidationId(f"Q-{number}")
        return replace(command, request=replace(command.request, id=id))

    for number in range(MOST_WAITING):
        dso.do("pool", by(number))
    assert dso.refused("pool", by(MOST_WAITING)) == [("throttled", "")]
    dso.do("other", replace(by(0), subscription_id=SubscriptionId("SUB-2")))


def test_an_answer_is_looked_at(dso: Room, player: Room) -> None:
    player.do("pool", asking("3"))
    dso.do("pool", taking(player))
    dso.platform.validating.run_inline()
    good = answering(dso)
    assert good.response is not None
    assert player.refused("other", good) == [("not_found", "request_id")]
    too_much = replace(good, response=replace(good.response, share=D("1.5")))
    assert player.refused("dso", too_much) == [("out_of_range", "response.share")]
    foreign = replace(good, response=replace(good.response, request_id=TechnicalValidationId("TFR-0")))
    assert player.refused("dso", foreign) == [("terms_conflict", "response.request_id")]
    assert player.refused("dso", replace(good, response=None)) == [("terms_conflict", "refusals")]
    why = ValidationRefusal(code="busy", field="", sentence="Later.")
    assert player.refused("dso", replace(good, refusals=(why,))) == [("terms_conflict", "refusals")]
    assert player.refused("dso", replace(good, refusals=(why,) * 51)) != []
    player.do("dso", good)
    other = replace(good, response=replace(good.response, share=D("0.1")))
    assert player.refused("dso", other) == [("duplicate", "request_id")]
    assert only(player).response == good.response


def test_requesters_ask_and_only_for_themselves(player: Room) -> None:
    assert player.refused("pool", asking("3", id=SubscriptionId("SUB-9"))) == [("not_found", "subscription_id")]
    assert player.refused("dso", asking("3")) == [("not_permitted", "")]
    for command in (AskTechnicalValidation, TakeTechnicalRequest, TakeTechnicalResponse):
        assert not may_execute(Role.CUSTOMER, command)
    assert REQUESTS.startswith("/b2b/v1/")


def test_who_asked_is_told(dso: Room, player: Room) -> None:
    player.do("pool", asking("3"))
    dso.do("pool", taking(player))
    dso.platform.validating.run_inline()
    player.do("dso", answering(dso))
    for room in (dso, player):
        room.platform.dispatcher.run()
    assert dso.told() == []
    (told,) = player.told()
    assert told.party_id == "pool"
    assert "may be delivered (North grid, exchange from 25.07. at 03:00)" in told.sentence


def test_it_runs_by_itself_in_a_process_of_its_own(dso: Room, player: Room) -> None:
    dso.platform.validating.start()
    try:
        player.do("pool", asking("3"))
        dso.do("pool", taking(player))
        dso.answered_within(60)
    finally:
        dso.platform.validating.stop()
    assert only(dso).response is not None


def test_an_asked_question_carries_all_of_it(player: Room) -> None:
    player.do("pool", asking("3", "-2"))
    (sent,) = player.sent(ValidationAsked)
    found = only(player)
    assert sent.request == found.request
    assert isinstance(sent.request, TechnicalValidationRequest)
    assert (found.state, found.peer_id, found.subscription_id) == (ValidationState.ASKED, "dso", SUBSCRIPTION)
