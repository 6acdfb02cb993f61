"""From a wish list to a subscription and out of it, with everything that stands in its way."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from placed import (
    GERMANY,
    OPERATOR,
    RDP,
    UDR,
    USP,
    Deal,
    accepted,
    aggregated,
    asking,
    certified,
    dealing,
    described,
    offered,
    platform_tested,
    requested,
    wishing,
)
from world import START, WHO, World

from app.outbox import Dispatcher
from app.queries.models import place as q
from domain.commands import place as c
from domain.errors import Refused
from domain.ids import ProposalId, ServiceDescriptionId, ServiceOfferId, ServiceRequestId, SubscriptionId
from domain.marketplace.agreements import GENERAL_VERSION
from domain.marketplace.companies import Company
from domain.marketplace.registrations import Registration
from domain.marketplace.requests import (
    Proposal,
    ProposalLine,
    ProposalState,
    ServiceRequest,
    ServiceRequestState,
    Subscription,
    SubscriptionState,
)
from domain.marketplace.services import ServiceDescription, ServiceTerms
from domain.marketplace.words import (
    CompanyType,
    Environment,
    PlatformRole,
    Quantity,
    ServiceType,
    TimeStep,
)
from domain.notifications import Notification
from domain.transport import OutgoingMessage

U = CompanyType.UNREGULATED


@pytest.fixture
def deal(world: World) -> Deal:
    return dealing(world)


def matches(deal: Deal, **more: Any) -> q.Matches:
    query = q.ListMatches(request_id=deal.request.id, **more)
    answer: q.Matches = deal.world.desk.query(WHO[deal.requester.id], query)
    return answer


def test_the_whole_way(deal: Deal) -> None:
    """Request, match, terms asked and offered, accepted; both platforms are told; both sides have the papers."""
    world = deal.world
    (row,) = matches(deal).wishes
    assert [(one.provider_name, one.offer.id) for one in row.matches] == [("North Grid", deal.offer.id)]
    proposal = deal.asked(terms=ServiceTerms(price_eur=Decimal("20.00")))
    deal.agreed()
    dearer = ServiceTerms(price_eur=Decimal("22.50"))
    deal.offered(proposal, dearer)
    subscription = world.do(deal.requester.id, c.AcceptProposal(proposal_id=proposal.id))
    content = subscription.content
    assert (content.terms, content.descriptions, content.environment) == (
        dearer,
        deal.offer.descriptions,
        Environment.REGULATED,
    )
    assert (content.provider.name, content.requester.name) == ("North Grid", "Pool")
    messages = world.find(OutgoingMessage)
    assert {(one.addressee_id, one.path, one.stream) for one in messages} == {
        (deal.provider.id, "/eu-mp/v1/service-offer/confirmed/provider", subscription.id),
        (deal.requester.id, "/eu-mp/v1/service-offer/confirmed/requester", subscription.id),
    }
    words = {json.loads(one.body)["introduction"] for one in messages}
    assert len(words) == 1
    assert len(words.pop()) >= 32
    assert world.only(Proposal).subscription_id == subscription.id


def test_the_introduction_is_in_no_trail(deal: Deal) -> None:
    deal.subscribed()
    introduction = json.loads(deal.world.find(OutgoingMessage)[0].body)["introduction"]
    assert introduction not in repr(deal.world.find(Subscription))
    assert introduction not in repr(deal.world.events)


def test_a_company_does_not_subscribe_to_what_it_offers_itself(deal: Deal) -> None:
    """Its platform would be told of both sides, and take one of them for a repeat of the other."""
    meters, desk = certified(deal.world, "South Grid", CompanyType.REGULATED, (RDP, UDR))
    own = replace(
        deal,
        provider=meters,
        requester=desk,
        offer=offered(deal.world, meters),
        request=requested(deal.world, desk),
    )
    assert {one.offer.id for row in matches(own).wishes for one in row.matches} == {deal.offer.id}
    with pytest.raises(Refused) as caught:
        own.asked()
    (finding,) = caught.value.findings
    assert (finding.code, finding.field) == ("own_offer", "lines[0].offer_id")
    assert replace(own, offer=deal.offer, provider=deal.provider).asked().provider_id == deal.provider.id


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        (described(time_step=TimeStep.HOUR), "time_step"),
        (described(quantity=Quantity.POWER), "quantity"),
        (aggregated(), "service_type"),
        (described(near_real_time=True), "near_real_time"),
        (described(consent_mandatory=False), "consent_mandatory"),
        (described(localisation=("FR",)), "localisation"),
        (described(localisation=("DE/Berlin", "FR/Lyon")), "localisation"),
        (described(offer_id=ServiceOfferId("SO-other")), "offer_id"),
        (described(period_start=START - timedelta(days=800)), "period_start"),
    ],
)
def test_what_does_not_meet_a_wish_is_neither_matched_nor_asked_for(
    deal: Deal, wish: ServiceDescription, field: str
) -> None:
    world = deal.world
    world.do(deal.provider.id, GERMANY)
    first = deal.offer.descriptions[0]
    bounded = replace(first, period_start=START - timedelta(days=400))
    edit = c.EditServiceOffer(
        offer_id=deal.offer.id, title="X", text="", descriptions=(bounded,), terms=deal.offer.terms
    )
    offer = world.do(deal.provider.id, edit)
    request = requested(world, deal.requester, wish)
    told = world.desk.query(WHO[deal.requester.id], q.ListMatches(request_id=request.id))
    assert told.unmet == (request.wishes[0].id,)
    assert told.providers == ()
    fields = [(code, at) for code, at in world.codes(deal.requester.id, asking(request, offer))]
    assert ("not_matching", f"lines[0].{field}") in fields
    assert {code for code, _ in fields} == {"not_matching"}


def test_matches_of_several_providers_and_only_of_those_that_were_located(deal: Deal) -> None:
    world = deal.world
    (south,) = certified(world, "South Grid")
    offered(world, south, aggregated(), terms=ServiceTerms(price_eur=Decimal(5)))
    offered(world, south, described(), terms=ServiceTerms(price_eur=Decimal(5)))
    (later,) = accepted(world, "Later Grid")
    offered(world, later, described(), terms=ServiceTerms(price_eur=Decimal(1)))
    request = requested(world, deal.requester, described(), aggregated(), described(quantity=Quantity.POWER))

    def told(**more: Any) -> q.Matches:
        query = q.ListMatches(request_id=request.id, **more)
        answer: q.Matches = world.desk.query(WHO[deal.requester.id], query)
        return answer

    names = [[match.provider_name for match in row.matches] for row in told().wishes]
    assert names == [["South Grid", "North Grid"], ["South Grid"], []]
    assert [(one.provider_name, len(one.wish_ids)) for one in told().providers] == [
        ("South Grid", 2),
        ("North Grid", 1),
    ]
    assert told().unmet == (request.wishes[2].id,)
    located = told(provider_ids=(deal.provider.id,))
    assert [one.provider_name for one in located.providers] == ["North Grid"]


def test_one_subscription_takes_all_matching_services_of_its_provider(deal: Deal) -> None:
    world = deal.world
    second = offered(world, deal.provider, aggregated())
    request = requested(world, deal.requester, described(), aggregated())
    lines = tuple(
        ProposalLine(wish_id=wish.id, offer_id=offer.id, description_id=offer.descriptions[0].id)
        for wish, offer in zip(request.wishes, (deal.offer, second), strict=True)
    )
    deal.request = request
    subscription = deal.subscribed(lines=lines)
    types = [one.service_type for one in subscription.content.descriptions]
    assert types == [ServiceType.INDIVIDUAL_DATA, ServiceType.AGGREGATED_DATA]
    (south,) = certified(world, "South Grid")
    third = offered(world, south)
    mixed = (replace(lines[1]), replace(lines[0], offer_id=third.id, description_id=third.descriptions[0].id))
    assert world.codes(deal.requester.id, asking(request, third, lines=mixed)) == [("not_matching", "lines")]


def test_the_environments_are_kept_apart(deal: Deal) -> None:
    world = deal.world
    unregulated = requested(world, deal.requester, environment=Environment.UNREGULATED)
    told = world.desk.query(WHO[deal.requester.id], q.ListMatches(request_id=unregulated.id))
    assert told.providers == ()
    assert world.codes(deal.requester.id, asking(unregulated, deal.offer)) == [
        ("wrong_environment", "lines[0].offer_id")
    ]
    service = described(service_type=ServiceType.ENERGY_SERVICE, consent_mandatory=False)
    assert world.codes(deal.requester.id, wishing(service)) == [("wrong_environment", "wishes[0].service_type")]


def test_roles_are_kept_apart(deal: Deal) -> None:
    world = deal.world
    assert world.codes(deal.provider.id, wishing()) == [("not_permitted", "")]
    assert world.codes(deal.provider.id, asking(deal.request, deal.offer)) == [("not_permitted", "")]
    proposal = deal.asked()
    terms = c.OfferTerms(proposal_id=proposal.id, terms=proposal.asked_terms)
    assert world.codes(deal.requester.id, terms) == [("not_permitted", "")]
    assert world.codes(deal.provider.id, c.AcceptProposal(proposal_id=proposal.id)) == [("not_permitted", "")]
    assert world.codes(OPERATOR, c.AcceptProposal(proposal_id=proposal.id)) == [("not_permitted", "")]


def test_who_is_not_certified_gets_no_proposal(deal: Deal) -> None:
    world = deal.world
    (newcomer,) = accepted(world, "Newcomer", U, (UDR,))
    request = requested(world, newcomer)
    assert world.codes(newcomer.id, asking(request, deal.offer)) == [("not_certified", "registration_id")]
    proposal = deal.asked()
    deal.agreed()
    deal.offered(proposal)
    world.do(OPERATOR, c.SuspendRegistration(registration_id=deal.provider.id, reason="Late."))
    accept = c.AcceptProposal(proposal_id=proposal.id)
    assert world.codes(deal.requester.id, accept) == [("not_certified", "proposal_id")]
    again = asking(deal.request, deal.offer)
    assert world.codes(deal.requester.id, again) == [("not_found", "lines[0].offer_id")]


def test_the_general_agreement_comes_first_and_once(deal: Deal) -> None:
    world = deal.world
    proposal = deal.asked()
    terms = c.OfferTerms(proposal_id=proposal.id, terms=proposal.asked_terms)
    assert world.codes(deal.provider.id, terms) == [("agreement_missing", "proposal_id")]
    accept = c.AcceptGeneralAgreement(version=GENERAL_VERSION)
    world.do(deal.provider.id, accept)
    world.do(deal.provider.id, terms)
    assert world.codes(deal.requester.id, c.AcceptProposal(proposal_id=proposal.id)) == [
        ("agreement_missing", "proposal_id")
    ]
    assert world.codes(deal.requester.id, replace(accept, version="0")) == [("stale", "version")]
    world.do(deal.requester.id, accept)
    version = world.only(Company, id=deal.requester.company_id).version
    world.do(deal.requester.id, accept)
    assert world.only(Company, id=deal.requester.company_id).version == version
    world.do(deal.requester.id, c.AcceptProposal(proposal_id=proposal.id))


def test_a_deadline_that_has_passed(deal: Deal) -> None:
    world = deal.world
    deal.agreed()
    proposal = deal.asked(deadline=START + timedelta(hours=2))
    late = deal.asked  # a second one stands only after the first is over
    with pytest.raises(Refused, match="duplicate"):
        late()
    world.at(START + timedelta(hours=2))
    terms = c.OfferTerms(proposal_id=proposal.id, terms=proposal.asked_terms)
    assert world.codes(deal.provider.id, terms) == [("deadline_passed", "proposal_id")]
    (row,) = world.desk.query(WHO[deal.provider.id], q.ListProposals())
    assert (row.expired, row.turn) == (True, False)
    second = deal.offered(deal.asked(deadline=START + timedelta(hours=3)))
    world.at(START + timedelta(hours=3))
    accept = c.AcceptProposal(proposal_id=second.id)
    assert world.codes(deal.requester.id, accept) == [("deadline_passed", "proposal_id")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"deadline": START}, ("deadline_passed", "deadline")),
        ({"deadline": START + timedelta(days=91)}, ("out_of_range", "deadline")),
        ({"ends_at": START}, ("unordered", "ends_at")),
        ({"starts_at": datetime(2016, 7, 24)}, ("naive_time", "starts_at")),  # noqa: DTZ001
        ({"starts_at": START + timedelta(days=9000), "ends_at": None}, ("out_of_range", "starts_at")),
        ({"lines": ()}, ("out_of_range", "lines")),
        ({"terms": ServiceTerms(price_eur=Decimal("-1"))}, ("negative", "terms.price_eur")),
    ],
)
def test_proposals_that_are_refused(deal: Deal, changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert expected in deal.world.codes(deal.requester.id, asking(deal.request, deal.offer, **changes))


def test_lines_that_name_nothing(deal: Deal) -> None:
    world = deal.world
    (line,) = asking(deal.request, deal.offer).lines
    for change, field in (
        ({"wish_id": ServiceDescriptionId("SD-0")}, "wish_id"),
        ({"description_id": ServiceDescriptionId("SD-0")}, "description_id"),
        ({"offer_id": ServiceOfferId("SO-0")}, "offer_id"),
    ):
        command = asking(deal.request, deal.offer, lines=(replace(line, **change),))  # type: ignore[arg-type]
        assert world.codes(deal.requester.id, command) == [("not_found", f"lines[0].{field}")]
    twice = asking(deal.request, deal.offer, lines=(line, line))
    assert world.codes(deal.requester.id, twice) == [("duplicate", "lines")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"title": "\u200bx"}, ("malformed", "title")),
        ({"processing_details": " "}, ("missing", "processing_details")),
        ({"data_details": "a" * 4001}, ("out_of_range", "data_details")),
        ({"wishes": ()}, ("out_of_range", "wishes")),
        ({"wishes": (described(),) * 21}, ("out_of_range", "wishes")),
    ],
)
def test_requests_that_are_refused(deal: Deal, changes: dict[str, Any], expected: tuple[str, str]) -> None:
    assert expected in deal.world.codes(deal.requester.id, replace(wishing(), **changes))


def test_an_offer_that_changed_meanwhile_is_not_subscribed_to(deal: Deal) -> None:
    world = deal.world
    deal.agreed()
    proposal = deal.offered(deal.asked())
    (first,) = deal.offer.descriptions
    edit = c.EditServiceOffer(
        offer_id=deal.offer.id,
        title="X",
        text="",
        descriptions=(replace(first, time_step=TimeStep.HOUR),),
        terms=deal.offer.terms,
    )
    world.do(deal.provider.id, edit)
    accept = c.AcceptProposal(proposal_id=proposal.id)
    assert world.codes(deal.requester.id, accept) == [("not_matching", "lines[0].time_step")]
    world.do(deal.provider.id, c.WithdrawServiceOffer(offer_id=deal.offer.id))
    assert world.codes(deal.requester.id, accept) == [("not_found", "lines[0].offer_id")]


def test_terms_are_accepted_as_they_were_read(deal: Deal) -> None:
    """Neither other terms nor other words of the offer come between reading and accepting."""
    world = deal.world
    deal.agreed()
    read = deal.offered(deal.asked())
    dearer = deal.offered(read, ServiceTerms(price_eur=Decimal("9999.00")))
    accept = c.AcceptProposal(proposal_id=read.id, version=read.version)
    assert world.codes(deal.requester.id, accept) == [("stale", "version")]
    world.at(START + timedelta(minutes=1))
    (one,) = deal.offer.descriptions
    worded = (replace(one, usage_details="For members of our club."),)
    edit = c.EditServiceOffer(
        offer_id=deal.offer.id, title="X", text="", descriptions=worded, terms=deal.offer.terms
    )
    world.do(deal.provider.id, edit)
    again = replace(accept, version=dearer.version)
    assert world.codes(deal.requester.id, again) == [("stale", "proposal_id")]
    cheaper = deal.offered(read, ServiceTerms(price_eur=Decimal("20.00")))
    made = world.do(deal.requester.id, replace(accept, version=cheaper.version))
    assert (made.content.terms.price_eur, made.content.descriptions) == (Decimal("20.00"), worded)


def test_what_would_be_over_already_is_neither_offered_nor_accepted(deal: Deal) -> None:
    deal.agreed()
    proposal = deal.offered(deal.asked(ends_at=START + timedelta(days=1)))
    deal.world.at(START + timedelta(days=2))
    terms = c.OfferTerms(proposal_id=proposal.id, terms=proposal.terms)
    over = [("deadline_passed", "proposal_id")]
    assert deal.world.codes(deal.provider.id, terms) == over
    assert deal.world.codes(deal.requester.id, c.AcceptProposal(proposal_id=proposal.id)) == over


def test_a_later_edit_changes_no_subscription(deal: Deal) -> None:
    subscription = deal.subscribed()
    (first,) = deal.offer.descriptions
    edit = c.EditServiceOffer(
        offer_id=deal.offer.id,
        title="X",
        text="",
        descriptions=(replace(first, short_description="Another"),),
        terms=ServiceTerms(price_eur=Decimal(99)),
    )
    deal.world.do(deal.provider.id, edit)
    assert deal.world.only(Subscription) == subscription


def test_who_moves_is_followed_once_its_platform_is_certified_there(deal: Deal) -> None:
    subscription, world = deal.subscribed(), deal.world
    known = set(world.find(OutgoingMessage))
    world.do(deal.provider.id, c.SetPlatformAddress(platform_url="https://moved.example"))
    assert set(world.find(OutgoingMessage)) == known, "not before it is tested there"
    moved = platform_tested(world, world.only(Registration, id=deal.provider.id))
    world.do(OPERATOR, c.CertifyRegistration(registration_id=moved.id))
    (told,) = set(world.find(OutgoingMessage)) - known
    assert (told.addressee_id, told.stream) == (deal.requester.id, subscription.id)
    body = json.loads(told.body)
    assert body["introduction"] == ""
    assert body["subscription"]["provider"]["platform_url"] == "https://moved.example"
    assert world.only(Subscription).content == subscription.content


@pytest.mark.parametrize("side", ["provider", "requester"])
def test_either_side_cancels_and_both_platforms_are_told(deal: Deal, side: str) -> None:
    world = deal.world
    subscription = deal.subscribed()
    by = getattr(deal, side).id
    cancel = c.CancelSubscription(subscription_id=subscription.id, reason="No longer needed.")
    assert world.codes(by, replace(cancel, reason="a\nb")) == [("malformed", "reason")]
    canceled = world.do(by, cancel)
    assert (canceled.state, canceled.canceled_by) == (SubscriptionState.CANCELED, by)
    told = [one for one in world.find(OutgoingMessage) if "canceled" in one.path]
    assert {(one.addressee_id, one.path.rpartition("/")[2], one.sequence) for one in told} == {
        (deal.provider.id, "provider", 2),
        (deal.requester.id, "requester", 2),
    }
    assert world.codes(by, cancel) == [("wrong_state", "subscription_id")]


def test_strangers_find_nothing(deal: Deal) -> None:
    world = deal.world
    subscription = deal.subscribed()
    proposal = world.only(Proposal)
    (pool,) = certified(world, "Stranger", U, (UDR,))
    (grid,) = certified(world, "Strange Grid")
    for who in (pool.id, grid.id):
        cancel = c.CancelSubscription(subscription_id=subscription.id, reason="Mine.")
        assert world.codes(who, cancel) == [("not_found", "subscription_id")]
        decline = c.DeclineProposal(proposal_id=proposal.id, reason="Mine.")
        assert world.codes(who, decline) == [("not_found", "proposal_id")]
        assert world.desk.query(WHO[who], q.ListSubscriptions()) == ()
        assert world.desk.query(WHO[who], q.ListProposals()) == ()
        with pytest.raises(Refused, match="not_found"):
            world.desk.query(WHO[who], q.GetAgreement(subscription_id=subscription.id))
    accept = c.AcceptProposal(proposal_id=proposal.id)
    assert world.codes(pool.id, accept) == [("not_found", "proposal_id")]
    assert world.codes(pool.id, asking(deal.request, deal.offer)) == [("not_found", "request_id")]
    assert world.codes(pool.id, c.WithdrawServiceRequest(request_id=deal.request.id)) == [
        ("not_found", "request_id")
    ]
    with pytest.raises(Refused, match="not_found"):
        world.desk.query(WHO[pool.id], q.GetServiceRequest(request_id=deal.request.id))
    with pytest.raises(Refused, match="not_found"):
        world.desk.query(WHO[pool.id], q.ListMatches(request_id=deal.request.id))


def test_unknown_ids(deal: Deal) -> None:
    world, who = deal.world, deal.requester.id
    for command in (
        c.AcceptProposal(proposal_id=ProposalId("PR-0")),
        c.DeclineProposal(proposal_id=ProposalId("PR-0"), reason="No."),
        c.CancelSubscription(subscription_id=SubscriptionId("SS-0"), reason="No."),
        c.WithdrawServiceRequest(request_id=ServiceRequestId("SR-0")),
    ):
        ((code, _),) = world.codes(who, command)
        assert code == "not_found"


def test_a_declined_proposal_is_over_and_another_one_may_be_asked(deal: Deal) -> None:
    world = deal.world
    deal.agreed()
    proposal = deal.asked()
    world.do(deal.provider.id, c.DeclineProposal(proposal_id=proposal.id, reason="Too cheap."))
    terms = c.OfferTerms(proposal_id=proposal.id, terms=proposal.asked_terms)
    assert world.codes(deal.provider.id, terms) == [("wrong_state", "proposal_id")]
    assert deal.asked().state is ProposalState.ASKED
    early = c.AcceptProposal(proposal_id=world.find(Proposal, state=ProposalState.ASKED)[0].id)
    assert world.codes(deal.requester.id, early) == [("wrong_state", "proposal_id")]


def test_a_withdrawn_request_ends_its_proposals(deal: Deal) -> None:
    world = deal.world
    deal.asked()
    withdraw = c.WithdrawServiceRequest(request_id=deal.request.id)
    assert world.do(deal.requester.id, withdraw).state is ServiceRequestState.WITHDRAWN
    assert world.only(Proposal).state is ProposalState.DECLINED
    assert world.codes(deal.requester.id, asking(deal.request, deal.offer)) == [("wrong_state", "request_id")]
    assert world.codes(deal.requester.id, withdraw) == [("wrong_state", "request_id")]


@pytest.mark.parametrize("side", ["provider", "requester"])
def test_who_quits_leaves_nothing_standing(deal: Deal, side: str) -> None:
    world = deal.world
    deal.subscribed()
    deal.asked()
    world.do(getattr(deal, side).id, c.QuitMarketPlace(reason="Sold."))
    assert world.only(Subscription).state is SubscriptionState.CANCELED
    assert {one.state for one in world.find(Proposal)} == {ProposalState.ACCEPTED, ProposalState.DECLINED}
    if side == "requester":
        assert world.only(ServiceRequest).state is ServiceRequestState.WITHDRAWN


def test_what_lists_show(deal: Deal) -> None:
    world = deal.world
    deal.subscribed()
    second = deal.asked()
    (seen,) = world.desk.query(WHO[deal.provider.id], q.ListServiceRequests())
    assert (seen.requester_name, seen.own, seen.n_proposals, seen.n_subscriptions) == ("Pool", False, 1, 1)
    turns = {
        who: [row.turn for row in world.desk.query(WHO[who], q.ListProposals(standing=True))]
        for who in (deal.provider.id, deal.requester.id, OPERATOR)
    }
    assert turns == {deal.provider.id: [True], deal.requester.id: [False], OPERATOR: [False]}
    (row,) = world.desk.query(WHO[deal.requester.id], q.ListProposals(standing=True))
    assert (row.proposal.id, row.services, row.provider_name) == (
        second.id,
        ("Quarter-hourly consumption",),
        "North Grid",
    )
    (mine,) = world.desk.query(WHO[deal.requester.id], q.ListSubscriptions(active=True))
    assert (mine.side, mine.ended, mine.provider_name) == (PlatformRole.REQUESTER, False, "North Grid")
    (all_,) = world.desk.query(WHO[OPERATOR], q.ListSubscriptions())
    assert all_.side is None
    world.at(START + timedelta(days=365))
    assert world.desk.query(WHO[deal.requester.id], q.ListSubscriptions(active=True)) == ()


def test_providers_see_only_requests_that_they_meet(deal: Deal) -> None:
    world = deal.world
    (pool,) = certified(world, "Flex", U, (USP,))
    assert world.desk.query(WHO[pool.id], q.ListServiceRequests()) == ()
    requested(world, deal.requester, described(quantity=Quantity.POWER))
    assert len(world.desk.query(WHO[deal.provider.id], q.ListServiceRequests())) == 1
    assert len(world.desk.query(WHO[OPERATOR], q.ListServiceRequests())) == 2


def test_agreements_are_papers_with_all_that_was_agreed(deal: Deal) -> None:
    world = deal.world
    general = world.desk.query(WHO[deal.requester.id], q.GetAgreement())
    assert (general.accepted, general.version) == (False, GENERAL_VERSION)
    subscription = deal.subscribed()
    assert "Pool accepted version" in world.desk.query(WHO[deal.requester.id], q.GetAgreement()).document.text
    more = ("Period covered: open to open", "Delivery: afterwards")
    text = world.desk.query(
        WHO[deal.provider.id], q.GetAgreementFile(subscription_id=subscription.id, form="txt")
    ).content.decode()
    for word in (
        subscription.id,
        "North Grid",
        "Pool",
        "25.00 EUR",
        "PT15M",
        "mandatory",
        "Forecasts of load.",
        *more,
    ):
        assert word in text
    files = [
        world.desk.query(WHO[who], q.GetAgreementFile(subscription_id=subscription.id))
        for who in (deal.provider.id, deal.requester.id, OPERATOR)
    ]
    assert files[0].content.startswith(b"%PDF-")
    assert len({one.content for one in files}) == 1
    with pytest.raises(Refused, match="out_of_range"):
        world.desk.query(WHO[deal.provider.id], q.GetAgreementFile(form="html"))


def test_long_and_hostile_texts_are_drawn_as_text(deal: Deal) -> None:
    world = deal.world
    hostile = "<b>x</b> " * 100 + "w" * 800 + " \u4e2d"
    deal.request = requested(world, deal.requester, data_details=hostile, processing_details="a\n" * 300 + "b")
    subscription = deal.subscribed()
    query = q.GetAgreementFile(subscription_id=subscription.id)
    assert world.desk.query(WHO[deal.provider.id], query).content.count(b"/Type /Page") >= 2


def test_news_reach_the_other_side(deal: Deal) -> None:
    world = deal.world
    subscription = deal.subscribed()
    cancel = c.CancelSubscription(subscription_id=subscription.id, reason="Sold.")
    world.do(deal.requester.id, cancel)
    deal.asked()
    world.do(deal.provider.id, c.WithdrawServiceOffer(offer_id=deal.offer.id))
    Dispatcher(world.store.dispatch, world.bus.publish).run()
    told = {(one.event, one.party_id) for one in world.find(Notification)}
    assert {
        ("ProposalAsked", deal.provider.id),
        ("TermsOffered", deal.requester.id),
        ("ServiceSubscribed", deal.provider.id),
        ("ServiceSubscribed", deal.requester.id),
        ("ServiceSubscriptionCanceled", deal.provider.id),
        ("ServiceOfferWithdrawn", deal.requester.id),
    } <= told
    assert ("ServiceSubscriptionCanceled", deal.requester.id) not in told


def test_a_description_says_which_requests_asked_for_it(world: World) -> None:
    deal = dealing(world)
    (other,) = certified(world, "Other", CompanyType.UNREGULATED, (UDR,))

    def asked_by(who: str) -> dict[ServiceDescriptionId, tuple[ServiceRequestId, ...]]:
        return dict(world.desk.query(WHO[who], q.GetServiceOffer(offer_id=deal.offer.id)).asked_by)

    assert asked_by(deal.provider.id) == {}
    for _ in range(2):
        proposal = deal.asked()
        world.do(deal.requester.id, c.DeclineProposal(proposal_id=proposal.id, reason="No."))
    by = {deal.offer.descriptions[0].id: (deal.request.id,)}
    assert asked_by(deal.provider.id) == asked_by(deal.requester.id) == asked_by(OPERATOR) == by
    assert asked_by(other.id) == {}, "what others ask for is nobody's business"
