"""Activation of services: asked for, confirmed with OK, KO or Partial, agreed, refreshed, ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from consent_world import (
    DAY,
    FREE_SERVICE,
    NOW,
    OTHER,
    PROVIDER,
    READING,
    REQUESTER,
    SERVICE,
    SUB,
    allowed,
    description,
    subscription,
)
from two_platforms import TwoPlatforms, envelope, enveloped, two_platforms

from app.codec import from_data, loads
from app.platform.due import DUE
from domain.commands import platform as pc
from domain.ids import PodId, ServiceActivationId, ServiceAgreementId, ServiceDescriptionId
from domain.marketplace.words import (
    ActivationStatus,
    AggregationLevel,
    AggregationMethod,
    Environment,
    PlatformRole,
    Quantity,
    ServiceType,
    TimeStep,
)
from domain.parties import SYSTEM
from domain.platform.activations import (
    AgreementState,
    DataSelection,
    ServiceActivation,
    ServiceAgreement,
    selection_findings,
)
from domain.platform.consents import Consent, ConsentWay, ToldConsent
from domain.platform.messages import ConfirmationMessage, RequestMessage
from domain.platform.pods import Pod
from domain.platform.subscriptions import PlatformSubscription, SubscriptionStanding
from domain.transport import OutgoingMessage

CITY, TOOL = ServiceDescriptionId("D-3"), ServiceDescriptionId("D-4")
INDIVIDUAL = DataSelection(quantity=Quantity.CONSUMPTION, time_step=TimeStep.MINUTES_15)
BY_CITY = replace(
    INDIVIDUAL,
    aggregation_level=AggregationLevel.CITY,
    aggregation_method=AggregationMethod.SUM,
    localisation=("AT/Wien",),
)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TwoPlatforms]:
    with two_platforms(tmp_path) as made:
        services(made)
        yield made


def services(two: TwoPlatforms, environment: Environment = Environment.REGULATED) -> None:
    """The subscription has services of all types."""
    more = (
        description(
            id=CITY,
            service_type=ServiceType.AGGREGATED_DATA,
            aggregation_level=AggregationLevel.CITY,
            aggregation_method=AggregationMethod.SUM,
            consent_mandatory=False,
        ),
        description(id=TOOL, service_type=ServiceType.ENERGY_SERVICE, consent_mandatory=False),
    )
    for side in (two.provider, two.requester):
        stored = side.only(PlatformSubscription)
        known = subscription().content.descriptions
        content = replace(stored.content, environment=environment, descriptions=(*known, *more))
        side.change(stored, content=content)


def requesting(pods: tuple[str, ...] = ("AT001", "AT002"), **changes: Any) -> pc.RequestActivation:
    values: dict[str, Any] = {
        "subscription_id": SUB,
        "description_id": SERVICE,
        "selection": INDIVIDUAL,
        "pod_ids": pods,
        "ends_at": NOW + 100 * DAY,
    }
    return pc.RequestActivation(**values | changes)


def activated(two: TwoPlatforms, pods: tuple[str, ...] = ("AT001", "AT002"), **changes: Any) -> ServiceActivation:
    """As the requester knows it after the provider's answer."""
    asked = two.requester.do(REQUESTER, requesting(pods, **changes))
    two.carry()
    made: ServiceActivation = two.requester.only(ServiceActivation, id=asked.id)
    return made


def why(activation: ServiceActivation) -> list[tuple[str, str]]:
    return [(each.pod_id, each.code) for each in activation.refused]


def going_out(two: TwoPlatforms) -> set[str]:
    with two.provider.platform.read() as uow:
        agreements = uow.find(ServiceAgreement)
    return {pod for each in agreements for pod in allowed(two.provider.platform.store, each)}


# -- OK, KO, Partial ------------------------------------------------------------------------------------------


def test_all_consented_is_ok_and_both_have_the_agreement(two: TwoPlatforms) -> None:
    two.given()
    activation = activated(two)
    assert (activation.status, activation.confirmed, activation.refused) == (
        ActivationStatus.OK,
        ("AT001", "AT002"),
        (),
    )
    ours, theirs = two.provider.only(ServiceAgreement), two.requester.only(ServiceAgreement)
    assert ours.id == theirs.id == activation.agreement_id
    assert (ours.side, theirs.side) == (PlatformRole.PROVIDER, PlatformRole.REQUESTER)
    assert ours.pod_ids == theirs.pod_ids == ("AT001", "AT002")
    assert (ours.starts_at, ours.ends_at, ours.validated_at) == (NOW, NOW + 100 * DAY, NOW)
    assert (theirs.selection, theirs.processing_details) == (INDIVIDUAL, READING)
    assert going_out(two) == {"AT001", "AT002"}
    told = two.provider.told[-1]
    assert (told.status, told.starts_at, told.ends_at, told.ended_at) == (
        ActivationStatus.OK,
        NOW,
        NOW + 100 * DAY,
        None,
    )


def test_without_consent_it_is_ko_and_nothing_is_agreed(two: TwoPlatforms) -> None:
    activation = activated(two)
    assert activation.status is ActivationStatus.KO
    assert why(activation) == [("AT001", "no_consent"), ("AT002", "no_consent")]
    assert not two.provider.find(ServiceAgreement)
    assert not two.requester.find(ServiceAgreement)
    assert two.provider.told[-1].status is ActivationStatus.KO


def test_partial_says_which_and_why_the_others_not_and_is_completed_later(two: TwoPlatforms) -> None:
    two.given(("AT001",))
    first = activated(two, ("AT001", "AT003", "AT999"))
    assert (first.status, first.confirmed) == (ActivationStatus.PARTIAL, ("AT001",))
    assert why(first) == [("AT003", "no_consent"), ("AT999", "unknown_pod")]
    assert going_out(two) == {"AT001"}
    two.given(("AT003",), "flat")
    assert going_out(two) == {"AT001"}
    second = activated(two, ("AT001", "AT003"), refreshes=first.agreement_id)
    assert (second.status, second.agreement_id) == (ActivationStatus.OK, first.agreement_id)
    assert going_out(two) == {"AT001", "AT003"}
    third = activated(two, ("AT001", "AT003"))
    assert why(third) == [("AT001", "overlapping"), ("AT003", "overlapping")]


@pytest.mark.parametrize("kind", ["revoked", "other purpose", "later", "over"])
def test_a_consent_that_does_not_stand_for_this_is_none(two: TwoPlatforms, kind: str) -> None:
    purpose = {"processing_details": "Advertisements."} if kind == "other purpose" else {}
    later = {"starts_at": NOW + 101 * DAY} if kind == "later" else {}
    made = two.given(**purpose, **later)
    if kind == "revoked":
        two.provider.do("house", pc.RevokeConsent(consent_id=made.id))
    if kind == "over":
        two.at(NOW + 300 * DAY)
    ends = {"ends_at": NOW + 400 * DAY} if kind == "over" else {}
    assert activated(two, **ends).status is ActivationStatus.KO


def test_a_refreshment_replaces_the_pods_and_a_refused_one_nothing(two: TwoPlatforms) -> None:
    two.given()
    two.given(("AT003",), "flat")
    first = activated(two, ("AT001", "AT002"))
    second = activated(two, ("AT002", "AT003"), refreshes=first.agreement_id)
    for side in (two.provider, two.requester):
        agreement = side.only(ServiceAgreement)
        assert agreement.pod_ids == ("AT002", "AT003")
        assert agreement.activation_id == second.id
    assert going_out(two) == {"AT002", "AT003"}
    third = activated(two, ("AT004",), refreshes=first.agreement_id)
    assert third.status is ActivationStatus.KO
    assert two.provider.only(ServiceAgreement).pod_ids == ("AT002", "AT003")


def test_an_agreement_that_is_ended_meanwhile_is_not_opened_again_by_a_refreshment(two: TwoPlatforms) -> None:
    two.given()
    first = activated(two, ("AT001", "AT002"))
    two.requester.do(REQUESTER, requesting(("AT001",), refreshes=first.agreement_id))
    two._handed(two.requester, two.provider, REQUESTER, False)
    two.requester.do(REQUESTER, pc.EndAgreement(agreement_id=first.agreement_id, reason="Enough."))
    two.carry()
    for side in (two.provider, two.requester):
        assert side.only(ServiceAgreement).state is AgreementState.ENDED


# -- what a request may be ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"subscription_id": "S-9"}, ("not_found", "subscription_id")),
        ({"description_id": "D-9"}, ("not_found", "description_id")),
        ({"selection": replace(INDIVIDUAL, time_step=TimeStep.HOUR)}, ("not_offered", "selection.time_step")),
        ({"selection": replace(INDIVIDUAL, quantity=Quantity.POWER)}, ("not_offered", "selection.quantity")),
        (
            {"selection": replace(INDIVIDUAL, aggregation_level=AggregationLevel.CITY)},
            ("not_offered", "selection.aggregation_level"),
        ),
        (
            {"selection": replace(INDIVIDUAL, aggregation_method=AggregationMethod.MEAN)},
            ("not_offered", "selection.aggregation_method"),
        ),
        (
            {"selection": replace(INDIVIDUAL, period_start=NOW, period_end=NOW)},
            ("out_of_range", "selection.period_end"),
        ),
        (
            {"selection": replace(INDIVIDUAL, period_start=NOW.replace(tzinfo=None))},
            ("naive_time", "selection.period_start"),
        ),
        ({"selection": replace(INDIVIDUAL, localisation=("a\nb",))}, ("malformed", "selection.localisation[0]")),
        (
            {"selection": replace(INDIVIDUAL, localisation=("x",) * 101)},
            ("out_of_range", "selection.localisation"),
        ),
        (
            {"selection": replace(INDIVIDUAL, localisation=("Wien",))},
            ("unknown_place", "selection.localisation[0]"),
        ),
        ({"pod_ids": ()}, ("missing", "pod_ids")),
        ({"pod_ids": ("AT001", "AT001")}, ("duplicate", "pod_ids[1]")),
        ({"pod_ids": ("<b>\u202e",)}, ("malformed", "pod_ids[0]")),
        ({"ends_at": NOW - DAY}, ("out_of_range", "ends_at")),
        ({"starts_at": NOW - 9 * DAY, "ends_at": NOW}, ("expired", "ends_at")),
        ({"processing_details": "x" * 4001}, ("out_of_range", "processing_details")),
        ({"refreshes": "SA-9"}, ("not_in_force", "refreshes")),
    ],
)
def test_what_a_requester_may_not_ask(
    two: TwoPlatforms, changes: dict[str, Any], refusal: tuple[str, str]
) -> None:
    assert two.requester.codes(REQUESTER, requesting(**changes)) == [refusal]
    assert not two.requester.outgoing()


def test_values_lie_in_the_time_that_is_offered() -> None:
    offered = description(period_start=NOW, period_end=NOW + DAY)
    inside = replace(INDIVIDUAL, period_start=NOW, period_end=NOW + DAY)
    outside = replace(INDIVIDUAL, period_start=NOW - DAY, period_end=NOW + 2 * DAY)
    assert not selection_findings(offered, inside)
    found = [(each.code, each.field) for each in selection_findings(offered, outside)]
    assert found == [("not_offered", "selection.period_start"), ("not_offered", "selection.period_end")]


def message(**changes: Any) -> RequestMessage:
    values: dict[str, Any] = {
        "activation_id": ServiceActivationId("SQ-1"),
        "subscription_id": SUB,
        "description_id": SERVICE,
        "selection": INDIVIDUAL,
        "processing_details": READING,
        "starts_at": NOW,
        "ends_at": NOW + DAY,
        "pod_ids": ("AT001",),
    }
    return RequestMessage(**values | changes)


def take(environment: Environment = Environment.REGULATED, **changes: Any) -> pc.TakeActivationRequest:
    return pc.TakeActivationRequest(**enveloped(), environment=environment, message=message(**changes))


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (take(Environment.UNREGULATED), "environment: The subscription is regulated."),
        (take(description_id=ServiceDescriptionId("D-9")), "description_id: "),
        (take(selection=replace(INDIVIDUAL, time_step=TimeStep.HOUR)), "selection.time_step: PT1H is asked"),
        (take(pod_ids=()), "pod_ids: "),
        (take(ends_at=NOW - DAY), "ends_at: "),
        (take(refreshes=ServiceAgreementId("SA-9")), "refreshes: "),
    ],
)
def test_a_hostile_request_is_answered_with_ko(
    two: TwoPlatforms, command: pc.TakeActivationRequest, said: str
) -> None:
    two.given(("AT001",))
    two.provider.do(REQUESTER, command)
    activation = two.provider.only(ServiceActivation)
    assert activation.status is ActivationStatus.KO
    assert activation.reason.startswith(said)
    assert not two.provider.find(ServiceAgreement)


def test_directions_are_enforced(two: TwoPlatforms) -> None:
    assert two.provider.codes(OTHER, take()) == [("not_found", "subscription_id")]
    assert two.requester.codes(PROVIDER, take()) == [("not_permitted", "subscription_id")]
    assert two.requester.codes(PROVIDER, requesting()) == [("not_permitted", "")]
    for who in (PROVIDER, "house", "market-place", "system"):
        assert two.provider.codes(who, requesting()) == [("not_permitted", "")]
        assert two.provider.codes(who, take()) == [("not_permitted", "")]


def test_a_canceled_subscription_activates_nothing(two: TwoPlatforms) -> None:
    two.given(("AT001",))
    two.provider.change(two.provider.only(PlatformSubscription), state=SubscriptionStanding.CANCELED)
    two.provider.do(REQUESTER, take())
    assert two.provider.only(ServiceActivation).reason == "subscription_id: The subscription is not in force."


def test_agreements_end_with_their_subscription(two: TwoPlatforms) -> None:
    """On both sides, each told by the market place, which is told of the activation's end in turn."""
    two.given()
    made = activated(two)
    for world, side in ((two.provider, PlatformRole.PROVIDER), (two.requester, PlatformRole.REQUESTER)):
        before = len(world.find(OutgoingMessage, addressee_id="market-place"))
        cancel = pc.CancelService(
            **enveloped(), side=side, subscription_id=made.subscription_id, canceled_at=NOW, reason="Over"
        )
        world.do("market-place", cancel)
        agreement = world.only(ServiceAgreement)
        assert (agreement.state, agreement.ended_at) == (AgreementState.ENDED, NOW)
        told = len(world.find(OutgoingMessage, addressee_id="market-place")) - before
        assert told == (1 if side is PlatformRole.PROVIDER else 0)


def test_nobody_refreshes_anothers_agreement(two: TwoPlatforms) -> None:
    two.given()
    made = activated(two, description_id=FREE_SERVICE)
    assert two.requester.codes(REQUESTER, requesting(refreshes=made.agreement_id)) == [
        ("not_in_force", "refreshes")
    ]
    two.provider.do(REQUESTER, take(refreshes=made.agreement_id))
    assert two.provider.only(ServiceActivation, id="SQ-1").status is ActivationStatus.KO


# -- aggregates and services ----------------------------------------------------------------------------------


def test_an_aggregate_of_a_place_takes_its_pods_and_tells_none(two: TwoPlatforms) -> None:
    activation = activated(two, (), description_id=CITY, selection=BY_CITY)
    assert (activation.status, activation.confirmed, activation.refused) == (ActivationStatus.OK, (), ())
    ours, theirs = two.provider.only(ServiceAgreement), two.requester.only(ServiceAgreement)
    assert ours.pod_ids == ("AT001", "AT002", "AT003", "AT004")
    assert theirs.pod_ids == ()
    assert "AT00" not in repr(two.provider.find(OutgoingMessage, addressee_id=REQUESTER))
    nowhere = activated(two, (), description_id=CITY, selection=replace(BY_CITY, localisation=("AT/Graz",)))
    assert nowhere.status is ActivationStatus.KO


@pytest.mark.parametrize(
    ("places", "pods"),
    [
        (("AT",), ("AT001", "AT002", "AT003", "AT004")),
        (("AT/Wien/Ring 1",), ("AT001", "AT002", "AT003")),
        (("AT/Wien/Ring 2", "AT/Graz"), ("AT004",)),
    ],
)
def test_places_are_countries_cities_and_streets(
    two: TwoPlatforms, places: tuple[str, ...], pods: tuple[str, ...]
) -> None:
    two.provider.change(two.provider.only(Pod, id="AT004"), street="Ring 2")
    activated(two, (), description_id=CITY, selection=replace(BY_CITY, localisation=places))
    assert two.provider.only(ServiceAgreement).pod_ids == pods


def test_only_places_that_are_offered_and_all_of_them_where_none_is_named(two: TwoPlatforms) -> None:
    empty = requesting((), description_id=CITY, selection=replace(BY_CITY, localisation=()))
    assert two.requester.codes(REQUESTER, empty) == [("missing", "selection.localisation")]
    for side in (two.provider, two.requester):
        known = side.only(PlatformSubscription)
        offered = tuple(replace(each, localisation=("AT/Wien",)) for each in known.content.descriptions)
        side.change(known, content=replace(known.content, descriptions=offered))
    for place in ("AT", "AT/Graz", "AT/Wiener Neustadt", "DE/Wien"):
        beyond = requesting((), description_id=CITY, selection=replace(BY_CITY, localisation=(place,)))
        assert two.requester.codes(REQUESTER, beyond) == [("not_offered", "selection.localisation[0]")]
    whole = activated(two, (), description_id=CITY, selection=replace(BY_CITY, localisation=()))
    assert whole.status is ActivationStatus.OK
    assert len(two.provider.only(ServiceAgreement).pod_ids) == 4


def test_an_agreement_that_was_ended_is_not_revived_by_what_was_on_its_way(two: TwoPlatforms) -> None:
    two.given()
    first = activated(two)
    two.requester.do(REQUESTER, requesting(refreshes=first.agreement_id))
    for message in two.requester.outgoing():
        two.requester.taken(message)
        said = from_data(RequestMessage, loads(message.body))
        take = pc.TakeActivationRequest(**envelope(message), environment=Environment.REGULATED, message=said)
        two.provider.do(REQUESTER, take)
    two.requester.do(REQUESTER, pc.EndAgreement(agreement_id=first.agreement_id, reason="Enough."))
    two.carry()
    assert two.requester.only(ServiceAgreement).state is AgreementState.ENDED
    assert two.provider.only(ServiceAgreement).state is AgreementState.ENDED


def test_people_decide_on_services_of_unregulated_providers(two: TwoPlatforms) -> None:
    services(two, Environment.UNREGULATED)
    waiting = activated(two, (), description_id=TOOL)
    assert waiting.status is None
    decide = pc.DecideActivation(activation_id=waiting.id, accept=True)
    assert two.provider.codes("house", decide) == [("not_permitted", "")]
    two.provider.do(PROVIDER, decide)
    two.carry()
    assert two.requester.only(ServiceActivation).status is ActivationStatus.OK
    assert two.requester.only(ServiceAgreement).pod_ids == ()
    assert two.provider.codes(PROVIDER, decide) == [("wrong_state", "activation_id")]
    paths = {each.path for each in two.requester.find(OutgoingMessage)}
    assert paths == {"/b2b/v1/activations/usp-requests"}
    no = activated(two, (), description_id=TOOL)
    refusing = pc.DecideActivation(activation_id=no.id, accept=False)
    assert two.provider.codes(PROVIDER, refusing) == [("missing", "reason")]
    two.provider.do(PROVIDER, replace(refusing, reason="No staff."))
    two.carry()
    refused = two.requester.only(ServiceActivation, id=no.id)
    assert (refused.status, refused.reason) == (ActivationStatus.KO, "No staff.")
    assert two.provider.codes(PROVIDER, replace(decide, activation_id=ServiceActivationId("SQ-9"))) == [
        ("not_found", "activation_id")
    ]


def test_regulated_answers_do_not_fit_unregulated_subscriptions(two: TwoPlatforms) -> None:
    asked = two.requester.do(REQUESTER, requesting())
    said = ConfirmationMessage(
        activation_id=asked.id, subscription_id=SUB, status=ActivationStatus.OK, confirmed_at=NOW
    )
    wrong = pc.TakeActivationConfirmation(**enveloped(), environment=Environment.UNREGULATED, message=said)
    assert two.requester.codes(PROVIDER, wrong) == [("wrong_environment", "environment")]
    right = replace(wrong, **enveloped(), environment=Environment.REGULATED)
    assert two.requester.codes(OTHER, right) == [("not_found", "subscription_id")]
    assert two.requester.codes(PROVIDER, right) == []
    assert two.requester.codes(PROVIDER, replace(right, **enveloped())) == [("wrong_state", "activation_id")]
    strange = replace(said, activation_id=ServiceActivationId("SQ-9"))
    assert two.requester.codes(PROVIDER, replace(right, **enveloped(), message=strange)) == [
        ("not_found", "activation_id")
    ]


# -- the end --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["provider", "requester"])
def test_either_side_ends_it_and_nothing_goes_out(two: TwoPlatforms, by: str) -> None:
    two.given()
    made = activated(two)
    side, who = (two.provider, PROVIDER) if by == "provider" else (two.requester, REQUESTER)
    assert made.agreement_id is not None
    over = pc.EndAgreement(agreement_id=made.agreement_id, reason="Moved.")
    assert side.codes(who, replace(over, reason=" ")) == [("missing", "reason")]
    side.do(who, over)
    two.carry()
    assert not going_out(two)
    for each in (two.provider, two.requester):
        agreement = each.only(ServiceAgreement)
        assert (agreement.state, agreement.ended_at) == (AgreementState.ENDED, NOW)
    assert (two.provider.told[-1].status, two.provider.told[-1].ended_at) == (ActivationStatus.OK, NOW)
    assert side.codes(who, over) == [("wrong_state", "agreement_id")]
    strange = replace(over, agreement_id=ServiceAgreementId("SA-9"))
    assert side.codes(who, strange) == [("not_found", "agreement_id")]
    assert side.codes("market-place", over) == [("not_permitted", "")]
    assert two.requester.codes(REQUESTER, requesting(refreshes=made.agreement_id)) == [
        ("not_in_force", "refreshes")
    ]


def test_agreements_end_with_their_time_on_both_sides(two: TwoPlatforms) -> None:
    two.given()
    activated(two)
    two.at(NOW + 100 * DAY)
    assert not going_out(two)
    for side in (two.provider, two.requester):
        with side.platform.read() as uow:
            due = [each for row in DUE for each in row(uow) if isinstance(each, pc.ExpireAgreements)]
        assert len(due) == 1
        assert side.platform.desk.execute(SYSTEM, due[0]) == 1
        assert side.only(ServiceAgreement).state is AgreementState.ENDED
        with side.platform.read() as uow:
            assert not [each for row in DUE for each in row(uow) if isinstance(each, pc.ExpireAgreements)]
    assert two.provider.codes(PROVIDER, pc.ExpireAgreements()) == [("not_permitted", "")]


def test_an_ask_for_what_was_signed_in_goes_by_pseudonym(two: TwoPlatforms) -> None:
    """What the requester never named it activates by the name that it was told."""
    two.asked(("AT001",))
    consent = two.provider.only(Consent)
    two.provider.change(consent, way=ConsentWay.SIGN_IN)
    two.provider.do("house", pc.GiveConsent(consent_id=consent.id))
    two.carry()
    (name,) = two.requester.only(ToldConsent).pod_names
    activation = activated(two, (name,))
    assert activation.status is ActivationStatus.OK
    assert two.provider.only(ServiceAgreement).names == {PodId("AT001"): name}
    assert two.requester.only(ServiceAgreement).pod_ids == (name,)
    assert going_out(two) == {"AT001"}


def test_messages_that_come_twice_are_applied_once(two: TwoPlatforms) -> None:
    two.given()
    two.requester.do(REQUESTER, requesting())
    two.carry(again=True)
    assert len(two.provider.find(ServiceAgreement)) == len(two.requester.find(ServiceAgreement)) == 1
    assert two.requester.only(ServiceAgreement).version == 0
