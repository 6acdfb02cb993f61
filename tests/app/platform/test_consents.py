"""Consents from the ask to their end, on both sides' platforms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
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
    agreement,
    allowed,
    days,
    subscription,
)
from two_platforms import TwoPlatforms, asking, enveloped, two_platforms

from app.codec import loads
from app.platform.due import DUE
from app.platform.naming import customer_name, names_of, pods_named
from domain.commands import platform as pc
from domain.ids import ConsentAskId, ConsentId, PartyId, PodId, ServiceDescriptionId, SubscriptionId
from domain.marketplace.words import ConsentState
from domain.notifications import Notification
from domain.parties import SYSTEM
from domain.platform.consents import (
    LONGEST,
    MOST_OPEN,
    MOST_PODS,
    Consent,
    ConsentAsk,
    ConsentedPod,
    ConsentWay,
    PseudonymKey,
    ToldConsent,
)
from domain.platform.messages import AcknowledgementMessage, AnswerMessage, AskMessage, RevocationMessage
from domain.platform.pods import Pod
from domain.platform.subscriptions import SubscriptionStanding
from domain.transport import OutgoingMessage


@pytest.fixture
def two(tmp_path: Path) -> Iterator[TwoPlatforms]:
    with two_platforms(tmp_path) as made:
        yield made


def states(two: TwoPlatforms) -> list[str]:
    """What the market place was told."""
    return [notice.state.value for notice in two.provider.told]


# -- asking ---------------------------------------------------------------------------------------------------


def test_each_customer_is_asked_once_for_its_own_and_unknown_pods_are_reported(two: TwoPlatforms) -> None:
    ask = two.asked(("AT001", "AT002", "AT003", "AT004", "AT999"))
    consents = {each.customer_id: each for each in two.provider.find(Consent)}
    assert {who: each.pod_ids for who, each in consents.items()} == {
        "house": ("AT001", "AT002"),
        "flat": ("AT003",),
    }
    house = consents[PartyId("house")]
    assert (house.requester_id, house.provider_id, house.way) == (REQUESTER, PROVIDER, ConsentWay.LIST)
    assert (house.processing_details, house.period) == (READING, days(-30, 300))
    assert (house.state, house.answer_until) == (ConsentState.ASKED, NOW + 30 * DAY)
    answered = two.requester.only(ConsentAsk, id=ask.id)
    assert (answered.n_asked, answered.answered_at, answered.reason) == (2, NOW, "")
    refusals = [(each.pod_id, each.code) for each in answered.refused]
    assert refusals == [("AT004", "unknown_pod"), ("AT999", "unknown_pod")]
    assert states(two) == ["asked", "asked"]


def test_the_subscriptions_words_are_used_where_the_ask_has_none(two: TwoPlatforms) -> None:
    ask = two.requester.do(REQUESTER, asking(data_details="", processing_details=""))
    assert (ask.data_details, ask.processing_details) == ("Quarter hours of consumption.", READING)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"subscription_id": "S-9"}, ("not_found", "subscription_id")),
        ({"description_id": "D-9"}, ("not_found", "description_id")),
        ({"description_id": FREE_SERVICE}, ("not_offered", "description_id")),
        ({"pod_ids": ()}, ("out_of_range", "pod_ids")),
        ({"pod_ids": ("AT001", "AT001")}, ("duplicate", "pod_ids[1]")),
        ({"pod_ids": ("AT\n001",)}, ("malformed", "pod_ids[0]")),
        ({"pod_ids": tuple(f"P{n}" for n in range(MOST_PODS + 1))}, ("out_of_range", "pod_ids")),
        ({"ends_at": NOW}, ("expired", "ends_at")),
        ({"ends_at": NOW - 40 * DAY}, ("out_of_range", "ends_at")),
        ({"ends_at": NOW + LONGEST}, ("out_of_range", "ends_at")),
        ({"starts_at": NOW.replace(tzinfo=None)}, ("naive_time", "starts_at")),
        ({"processing_details": "a\u202eb"}, ("malformed", "processing_details")),
        ({"processing_details": "x" * 4001}, ("out_of_range", "processing_details")),
        ({"data_details": "\x00"}, ("malformed", "data_details")),
    ],
)
def test_what_a_requester_may_not_ask(
    two: TwoPlatforms, changes: dict[str, Any], refusal: tuple[str, str]
) -> None:
    assert two.requester.codes(REQUESTER, asking(**changes)) == [refusal]
    assert not two.requester.outgoing()


def test_nobody_asks_under_a_subscription_that_is_canceled(two: TwoPlatforms) -> None:
    two.requester.change(subscription(), state=SubscriptionStanding.CANCELED)
    assert two.requester.codes(REQUESTER, asking()) == [("not_in_force", "subscription_id")]


@pytest.mark.parametrize("who", [PROVIDER, "market-place", "system", OTHER])
def test_only_requesters_ask(two: TwoPlatforms, who: str) -> None:
    assert two.requester.codes(who, asking()) == [("not_permitted", "")]


def test_a_provider_asks_nobody_and_says_why(two: TwoPlatforms) -> None:
    """What the requester's platform should have refused is answered, not left lying as a dead letter."""
    two.provider.change(subscription(), state=SubscriptionStanding.CANCELED)
    ask = two.asked()
    answered = two.requester.only(ConsentAsk, id=ask.id)
    assert (answered.n_asked, answered.reason) == (0, "subscription_id: The subscription is not in force.")
    assert not two.provider.find(Consent)


def message(**changes: Any) -> AskMessage:
    values = vars(asking()) | {"ask_id": ConsentAskId("CA-1")}
    return AskMessage(**values | changes)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"description_id": ServiceDescriptionId("D-9")}, "description_id"),
        ({"description_id": FREE_SERVICE}, "description_id"),
        ({"pod_ids": ()}, "pod_ids"),
        ({"ends_at": NOW - DAY}, "ends_at"),
        ({"processing_details": "<b>\a"}, "processing_details"),
    ],
)
def test_a_hostile_ask_is_answered_with_the_reason(two: TwoPlatforms, changes: dict[str, Any], field: str) -> None:
    two.provider.do(REQUESTER, pc.TakeConsentAsk(**enveloped(), message=message(**changes)))
    (answer,) = two.provider.outgoing()
    said = loads(answer.body)
    assert said["n_asked"] == 0
    assert said["reason"].startswith(f"{field}: ")
    assert not two.provider.find(Consent)


def test_a_peer_asks_only_under_its_own_subscription_as_its_requester(two: TwoPlatforms) -> None:
    take = pc.TakeConsentAsk(**enveloped(), message=message())
    assert two.provider.codes(OTHER, take) == [("not_found", "subscription_id")]
    assert two.requester.codes(PROVIDER, take) == [("not_permitted", "subscription_id")]
    assert two.provider.codes("house", take) == [("not_permitted", "")]


def test_the_same_is_not_asked_twice_but_another_purpose_or_time_is(two: TwoPlatforms) -> None:
    two.asked()
    again = two.asked()
    assert [each.code for each in two.requester.only(ConsentAsk, id=again.id).refused] == ["overlapping"] * 2
    two.asked(processing_details="Advertisements.")
    two.asked(starts_at=NOW + 300 * DAY, ends_at=NOW + 400 * DAY)
    assert len(two.provider.find(Consent)) == 3


def test_nobody_is_buried_under_asks(two: TwoPlatforms) -> None:
    for n in range(MOST_OPEN):
        two.asked(("AT001",), processing_details=f"Purpose {n}.")
    more = two.asked(("AT001", "AT003"), processing_details="One more.")
    told = two.requester.only(ConsentAsk, id=more.id)
    assert (told.n_asked, [(each.pod_id, each.code) for each in told.refused]) == (1, [("AT001", "overlapping")])
    assert len(two.provider.find(Consent, customer_id="house")) == MOST_OPEN
    first = two.provider.find(Consent, customer_id="house")[0]
    two.provider.do("house", pc.RefuseConsent(consent_id=first.id))
    assert two.requester.only(ConsentAsk, id=two.asked(("AT001",), processing_details="Again.").id).n_asked == 1


def test_what_stands_is_not_asked_again_but_the_rest_is(two: TwoPlatforms) -> None:
    two.given(("AT001",))
    ask = two.asked(("AT001", "AT002"))
    (left,) = two.provider.find(Consent, ask_id=ask.id)
    assert left.pod_ids == ("AT002",)
    refused = two.requester.only(ConsentAsk, id=ask.id).refused
    assert [(each.pod_id, each.code) for each in refused] == [("AT001", "overlapping")]


# -- giving and refusing --------------------------------------------------------------------------------------


def test_given_in_full_and_acknowledged(two: TwoPlatforms) -> None:
    made = two.given()
    stored = two.provider.only(Consent)
    assert stored == made
    assert (made.state, made.given_at, made.acknowledged_at) == (ConsentState.ACKNOWLEDGED, NOW, NOW)
    told = two.requester.only(ToldConsent)
    assert (told.id, told.pod_names, told.state) == (made.id, ("AT001", "AT002"), ConsentState.ACKNOWLEDGED)
    assert states(two) == ["asked", "given", "acknowledged"]
    two.provider.put(agreement())
    assert set(allowed(two.provider.platform.store, agreement())) == {"AT001", "AT002"}


def test_given_for_some_pods_and_a_shorter_time(two: TwoPlatforms) -> None:
    two.asked()
    consent = two.provider.only(Consent)
    give = pc.GiveConsent(
        consent_id=consent.id, pod_ids=(PodId("AT002"),), starts_at=NOW - 5 * DAY, ends_at=NOW + 20 * DAY
    )
    two.provider.do("house", give)
    two.provider.put(agreement())
    assert allowed(two.provider.platform.store, agreement()) == {"AT002": (days(-5, 20),)}
    two.carry()
    told = two.requester.only(ToldConsent)
    assert (told.pod_names, told.starts_at, told.ends_at) == (("AT002",), NOW - 5 * DAY, NOW + 20 * DAY)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"pod_ids": ("AT003",)}, ("unknown_pod", "pod_ids[0]")),
        ({"pod_ids": ("AT001", "AT001")}, ("duplicate", "pod_ids[1]")),
        ({"starts_at": NOW - 31 * DAY}, ("out_of_range", "starts_at")),
        ({"ends_at": NOW + 301 * DAY}, ("out_of_range", "ends_at")),
        ({"ends_at": NOW}, ("expired", "ends_at")),
        ({"ends_at": NOW.replace(tzinfo=None)}, ("naive_time", "ends_at")),
        ({"consent_id": "CN-9"}, ("not_found", "consent_id")),
    ],
)
def test_more_than_was_asked_cannot_be_given(
    two: TwoPlatforms, changes: dict[str, Any], refusal: tuple[str, str]
) -> None:
    two.asked()
    consent = two.provider.only(Consent)
    give = pc.GiveConsent(**{"consent_id": consent.id, **changes})  # type: ignore[arg-type]
    assert two.provider.codes("house", give) == [refusal]
    assert two.provider.only(Consent) == consent
    assert not two.provider.find(ConsentedPod)


@pytest.mark.parametrize("kind", [pc.GiveConsent, pc.RefuseConsent, pc.RevokeConsent])
def test_nobody_answers_for_another_customer(two: TwoPlatforms, kind: Any) -> None:
    two.asked()
    command = kind(consent_id=two.provider.only(Consent).id)
    assert two.provider.codes("flat", command) == [("not_found", "consent_id")]
    for who in (PROVIDER, REQUESTER, "market-place", "system"):
        assert two.provider.codes(who, command) == [("not_permitted", "")]


def test_what_was_answered_or_is_too_late_is_not_answered_again(two: TwoPlatforms) -> None:
    two.asked()
    consent = two.provider.only(Consent)
    give, refuse = pc.GiveConsent(consent_id=consent.id), pc.RefuseConsent(consent_id=consent.id)
    two.provider.at(consent.answer_until)
    assert two.provider.codes("house", give) == [("expired", "consent_id")]
    two.provider.at(NOW)
    two.provider.do("house", refuse)
    for command in (give, refuse, pc.RevokeConsent(consent_id=consent.id)):
        assert two.provider.codes("house", command) == [("wrong_state", "consent_id")]
    two.carry()
    assert states(two) == ["asked", "refused"]
    assert not two.requester.find(ToldConsent)


def test_a_pod_that_changed_hands_is_not_given_by_the_one_before(two: TwoPlatforms) -> None:
    two.asked()
    moved(two, "AT002")
    give = pc.GiveConsent(consent_id=two.provider.only(Consent).id)
    assert two.provider.codes("house", give) == [("not_yours", "pod_ids[1]")]


def moved(two: TwoPlatforms, pod_id: str, to: str = "flat") -> None:
    pod = two.provider.only(Pod, id=pod_id)
    change = {key: value for key, value in vars(pod).items() if key not in ("id", "version")}
    two.provider.do(PROVIDER, pc.ChangePod(pod_id=pod.id, **change | {"customer_id": PartyId(to)}))


def test_with_the_customer_its_consent_leaves(two: TwoPlatforms) -> None:
    made = two.given()
    two.provider.put(agreement())
    moved(two, "AT001")
    assert set(allowed(two.provider.platform.store, agreement())) == {"AT002"}
    two.carry()
    assert two.requester.only(ToldConsent).pod_names == ("AT002",)
    moved(two, "AT002")
    assert two.provider.only(Consent, id=made.id).state is ConsentState.REVOKED


def test_two_open_asks_cannot_both_be_given(two: TwoPlatforms) -> None:
    """Asks that met on the way: the second one would be the same consent twice."""
    two.asked(("AT001",))
    first = two.provider.only(Consent)
    two.provider.put(replace(first, id=ConsentId("CN-2")))
    two.provider.do("house", pc.GiveConsent(consent_id=first.id))
    assert two.provider.codes("house", pc.GiveConsent(consent_id=ConsentId("CN-2"))) == [
        ("overlapping", "pod_ids[0]")
    ]


# -- ending ---------------------------------------------------------------------------------------------------


def test_revoked_in_whole_nothing_goes_out_and_everybody_is_told(two: TwoPlatforms) -> None:
    made = two.given()
    two.provider.put(agreement())
    revoked = two.provider.do("house", pc.RevokeConsent(consent_id=made.id))
    assert not allowed(two.provider.platform.store, agreement())
    assert (revoked.state, revoked.ended_at) == (ConsentState.REVOKED, NOW)
    two.carry()
    told = two.requester.only(ToldConsent)
    assert (told.state, told.pod_names, told.ended_at) == (ConsentState.REVOKED, (), NOW)
    assert states(two) == ["asked", "given", "acknowledged", "revoked"]
    again = pc.RevokeConsent(consent_id=made.id)
    assert two.provider.codes("house", again) == [("wrong_state", "consent_id")]
    two.asked()
    assert len(two.provider.find(Consent)) == 2


def test_revoked_for_some_pods_the_others_stay(two: TwoPlatforms) -> None:
    made = two.given()
    two.provider.put(agreement())
    some = pc.RevokeConsent(consent_id=made.id, pod_ids=(PodId("AT001"),))
    two.provider.do("house", some)
    assert set(allowed(two.provider.platform.store, agreement())) == {"AT002"}
    assert two.provider.codes("house", some) == [("unknown_pod", "pod_ids[0]")]
    two.carry()
    told = two.requester.only(ToldConsent)
    assert (told.state, told.pod_names) == (ConsentState.ACKNOWLEDGED, ("AT002",))
    assert states(two) == ["asked", "given", "acknowledged"]
    two.provider.do("house", pc.RevokeConsent(consent_id=made.id, pod_ids=(PodId("AT002"),)))
    two.carry()
    assert two.requester.only(ToldConsent).state is ConsentState.REVOKED
    assert states(two)[-1] == "revoked"


def test_time_ends_asks_and_consents(two: TwoPlatforms) -> None:
    two.given(("AT001",))
    two.asked(("AT003",))
    assert due(two) == []
    two.at(NOW + 30 * DAY)
    assert expired(two) == 1
    assert two.provider.only(Consent, customer_id="flat").state is ConsentState.EXPIRED
    two.at(NOW + 300 * DAY)
    assert expired(two) == 1
    assert {each.state for each in two.provider.find(Consent)} == {ConsentState.EXPIRED}
    assert due(two) == []
    assert not two.provider.find(ConsentedPod, stands=True)
    two.carry()
    assert two.requester.only(ToldConsent).state is ConsentState.EXPIRED
    assert two.provider.codes(PROVIDER, pc.ExpireConsents()) == [("not_permitted", "")]


def due(two: TwoPlatforms) -> list[Any]:
    with two.provider.platform.read() as uow:
        return [command for row in DUE for command in row(uow) if isinstance(command, pc.ExpireConsents)]


def expired(two: TwoPlatforms) -> int:
    (command,) = due(two)
    n: int = two.provider.platform.desk.execute(SYSTEM, command)  # type: ignore[assignment]
    return n


# -- links ----------------------------------------------------------------------------------------------------


def test_links_are_kept_hashed_and_end_with_the_answer(two: TwoPlatforms) -> None:
    two.asked()
    consent = two.provider.only(Consent)
    links = pc.MakeConsentLinks(consent_ids=(consent.id,))
    (link,) = two.provider.do(PROVIDER, links)
    stored = two.provider.only(Consent)
    assert len(link.token) >= 43
    assert link.token not in repr(stored) + repr(link)
    assert stored.link_sha256 not in ("", link.token)
    assert stored.link_until == link.until == two.provider.wall.now + timedelta(days=14)
    (other,) = two.provider.do(PROVIDER, links)
    assert two.provider.only(Consent).link_sha256 != stored.link_sha256
    assert other.token != link.token
    two.provider.do("house", pc.GiveConsent(consent_id=consent.id))
    assert two.provider.only(Consent).link_sha256 == ""
    assert two.provider.codes(PROVIDER, links) == [("wrong_state", "consent_ids[0]")]


def test_links_are_for_the_own_asks(two: TwoPlatforms) -> None:
    two.asked()
    consent = two.provider.only(Consent)
    two.provider.change(consent, provider_id=PartyId("another"))
    links = pc.MakeConsentLinks(consent_ids=(consent.id,))
    assert two.provider.codes(PROVIDER, links) == [("not_found", "consent_ids[0]")]
    twice = pc.MakeConsentLinks(consent_ids=(consent.id, consent.id))
    assert two.provider.codes(PROVIDER, twice) == [("out_of_range", "consent_ids")]
    assert two.provider.codes("house", links) == [("not_permitted", "")]


# -- the requester's side -------------------------------------------------------------------------------------


def test_messages_that_come_twice_are_applied_once(two: TwoPlatforms) -> None:
    two.requester.do(REQUESTER, asking(("AT001",)))
    two.carry(again=True)
    consent = two.provider.only(Consent)
    two.provider.do("house", pc.GiveConsent(consent_id=consent.id))
    two.carry(again=True)
    two.provider.do("house", pc.RevokeConsent(consent_id=consent.id))
    two.carry(again=True)
    told = two.requester.only(ToldConsent)
    assert (told.state, told.version) == (ConsentState.REVOKED, 1)


def test_nobody_is_told_under_anothers_subscription(two: TwoPlatforms) -> None:
    acknowledgement = AcknowledgementMessage(
        consent_id=ConsentId("CN-1"),
        subscription_id=SUB,
        description_id=SERVICE,
        customer="CUS-1",
        pod_ids=("AT001",),
        processing_details=READING,
        starts_at=NOW,
        ends_at=NOW + DAY,
        acknowledged_at=NOW,
    )
    revocation = RevocationMessage(
        consent_id=ConsentId("CN-1"),
        subscription_id=SUB,
        customer="CUS-1",
        pod_ids=("AT001",),
        state=ConsentState.REVOKED,
        revoked_at=NOW,
    )
    take, end = (
        pc.TakeConsentAcknowledgement(**enveloped(), message=acknowledgement),
        pc.TakeConsentRevocation(**enveloped(), message=revocation),
    )
    assert two.requester.codes(OTHER, take) == [("not_found", "subscription_id")]
    assert two.provider.codes(REQUESTER, take) == [("not_permitted", "subscription_id")]
    assert two.requester.codes(REQUESTER, take) == [("not_permitted", "")]
    assert two.requester.codes(PROVIDER, end) == [("not_found", "consent_id")]
    assert two.requester.codes(OTHER, end) == [("not_found", "subscription_id")]
    unasked = pc.TakeConsentAnswer(**enveloped(), message=replace(two_answer(), ask_id=ConsentAskId("CA-9")))
    assert two.requester.codes(PROVIDER, unasked) == [("not_found", "ask_id")]
    assert not two.requester.find(ToldConsent)


def two_answer() -> AnswerMessage:
    return AnswerMessage(ask_id=ConsentAskId("CA-1"), subscription_id=SUB, answered_at=NOW, n_asked=1)


# -- names ----------------------------------------------------------------------------------------------------


def test_pods_that_the_requester_did_not_name_have_pseudonyms_of_their_subscription(two: TwoPlatforms) -> None:
    two.asked(("AT001",))
    by_list = two.provider.only(Consent)
    signed_in = replace(by_list, id=ConsentId("CN-2"), way=ConsentWay.SIGN_IN)
    pods = (PodId("AT001"), PodId("AT002"))
    with two.provider.platform.store.write(SYSTEM, asking()) as uow:
        first, second = names_of(uow, signed_in, pods), names_of(uow, signed_in, pods)
        elsewhere = names_of(uow, replace(signed_in, subscription_id=SubscriptionId("S-2")), pods)
        customers = {customer_name(uow, SubscriptionId(s), PartyId("house")) for s in ("S-1", "S-1", "S-2")}
    assert first == second
    assert first[pods[0]] == "AT001"
    assert first[pods[1]].startswith("PSN-")
    assert "AT002" not in first[pods[1]]
    assert elsewhere[pods[1]] != first[pods[1]]
    assert elsewhere[pods[0]] != "AT001"
    assert len(customers) == 2
    assert not any("house" in each for each in customers)
    sealed = two.provider.only(PseudonymKey).sealed
    assert sealed.count(".") == 4


def test_a_pseudonym_means_something_in_its_own_subscription_only(two: TwoPlatforms) -> None:
    two.asked(("AT001",))
    signed_in = two.provider.only(Consent)
    two.provider.change(signed_in, way=ConsentWay.SIGN_IN)
    two.provider.do("house", pc.GiveConsent(consent_id=signed_in.id))
    name = two.provider.only(ConsentedPod).name
    assert name.startswith("PSN-")
    with two.provider.platform.read() as uow:
        assert pods_named(uow, SUB, (name, "AT002", "AT9")) == {name: "AT001", "AT002": "AT002"}
        assert pods_named(uow, SubscriptionId("S-2"), (name,)) == {}


def test_no_pod_goes_to_the_market_place(two: TwoPlatforms) -> None:
    two.given()
    two.provider.do("house", pc.RevokeConsent(consent_id=two.provider.only(Consent).id))
    told = [each.body for each in two.provider.find(OutgoingMessage, addressee_id="market-place")]
    assert len(told) == 4
    assert not any(secret in body for body in told for secret in ("AT00", "house", READING))


def test_letters_tell_those_whom_it_concerns(two: TwoPlatforms) -> None:
    made = two.given()
    two.provider.do("house", pc.RevokeConsent(consent_id=made.id, pod_ids=(PodId("AT001"),)))
    two.provider.do("house", pc.RevokeConsent(consent_id=made.id))
    two.asked(("AT003",))
    two.provider.do("flat", pc.RefuseConsent(consent_id=two.provider.only(Consent, customer_id="flat").id))
    two.at(NOW + 31 * DAY)
    two.carry()
    for side in (two.provider, two.requester):
        side.platform.dispatcher.run()
    house = [each.sentence for each in two.provider.find(Notification, party_id="house")]
    assert "West pool asks for your consent to get data of 2 points of delivery." in house
    assert "West pool gets no more data of 1 point of delivery." in house
    assert len(two.provider.find(Notification, party_id=PROVIDER)) == 4
    told = {each.sentence for each in two.requester.find(Notification, party_id=REQUESTER)}
    assert "1 customer asked; nobody for 0 points of delivery." in told
    assert f"A customer revoked its consent ({made.id}), 0 points of delivery left." in told
