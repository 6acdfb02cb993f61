"""From a request over a proposal to a subscription and out of it, on the pages of both sides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from place_room import HOSTILE, OPERATOR, Seat, beside, column, place_room, seeded_place
from placed import GERMANY, RDP, Deal, certified, dealing, described, offered
from world import World

from domain.commands import place as c
from domain.marketplace.companies import Company
from domain.marketplace.registrations import RegistrationWish
from domain.marketplace.requests import (
    Proposal,
    ProposalState,
    ServiceRequest,
    ServiceRequestState,
    Subscription,
    SubscriptionState,
)
from domain.marketplace.words import Environment
from views.pages.place_own import OwnPage
from views.pages.place_proposals import ProposalsPage
from views.pages.place_requests import RequestsPage
from views.pages.place_subscriptions import SubscriptionsPage
from views.state.place_drafts import draft_of


def wish(account: str) -> RegistrationWish:
    return RegistrationWish(player_role=RDP, account=account, platform_url=f"https://{account}.example/mpp")


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


def test_a_request_is_composed_and_a_provider_that_meets_it_is_asked(deal: Deal) -> None:
    world = deal.world
    page = RequestsPage(Seat(world, deal.requester.id).context)
    compose = page.composer
    compose.wishes.fields["short_description"].value = "Consumption"
    compose._on_publish(None)
    assert "Write something here." in beside(compose, "title")
    assert "Say what the data are for." in beside(compose, "processing_details")
    compose.fields["title"].value = HOSTILE
    compose.fields["processing_details"].value = "A forecast."
    compose._on_publish(None)
    request = world.only(ServiceRequest, title=HOSTILE)
    assert page.state.request_id == request.id
    assert column(page._providers, "meets") == ["1 of 1"]
    assert "<script>" not in page._facts.view.object
    page._on_provider(page._providers.records[0])
    assert page.ask.terms.fields["price_eur"].value == f"{deal.offer.terms.price_eur:f}", "as it is offered"
    page.ask.terms.fields["price_eur"].value = "20"
    page.ask.times["deadline"].value = date(2016, 7, 1)
    page.ask._on_send(None)
    assert "in the past" in beside(page.ask, "deadline")
    page.ask.times["deadline"].value = None
    page.ask._on_send(None)
    assert "Choose a day." in beside(page.ask, "deadline")
    page.ask.times["deadline"].value = date(2016, 8, 1)
    page.ask.times["ends_at"].value = date(2016, 12, 31)
    page.ask._on_send(None)
    proposal: Proposal = world.only(Proposal)
    assert (proposal.terms.price_eur, proposal.deadline.isoformat()) == (
        Decimal(20),
        "2016-08-01T22:00:00+00:00",
    )
    assert proposal.ends_at.isoformat() == "2016-12-31T23:00:00+00:00"
    assert page.ask._asked.visible
    assert column(page._providers, "asked") == ["✓"]


def test_the_catalogue_leads_into_a_request_for_that_offer(deal: Deal) -> None:
    page = RequestsPage(Seat(deal.world, deal.requester.id, offer=deal.offer.id).context)
    assert page.composer.fields["title"].value == deal.offer.title
    page.composer.fields["processing_details"].value = "A forecast."
    page.composer._on_publish(None)
    (request,) = deal.world.find(ServiceRequest, title=deal.offer.title)
    assert [wish.offer_id for wish in request.wishes] == [deal.offer.id]
    assert (
        RequestsPage(Seat(deal.world, deal.requester.id, offer="gone").context).composer.fields["title"].value
        == ""
    )


def test_a_localisation_leads_to_requests_that_only_the_providers_found_are_shown_for(deal: Deal) -> None:
    world = deal.world
    (other,) = certified(world, HOSTILE, registrations=(wish("hostile"),))
    world.do(other.id, GERMANY)
    offered(world, other)
    seat = Seat(world, deal.requester.id, found=f"{other.id},{HOSTILE}", environment=Environment.REGULATED.value)
    page = RequestsPage(seat.context)
    assert page.composer.fields["environment"].value == Environment.REGULATED.value
    page.composer.start(
        environment=Environment.REGULATED,
        service_type=deal.offer.service_type,
        title="Meter data",
        drafts=[draft_of(replace(described(), short_description="Consumption"))],
    )
    page.composer.fields["processing_details"].value = "A forecast."
    page.composer._on_publish(None)
    assert column(page._providers, "id") == [other.id]
    assert page._narrowed.visible
    assert "&lt;b&gt;Bold" in page._found_words.object
    assert "<script>" not in page._found_words.object
    page._on_everybody(None)
    assert set(column(page._providers, "id")) == {other.id, deal.provider.id}
    assert (page.state.found, page._narrowed.visible) == ("", False)


def test_wishes_that_nobody_meets_are_named(deal: Deal) -> None:
    wishes = (described(), described(short_description=HOSTILE, near_real_time=True))
    again = replace(deal.request, title="Two", wishes=wishes)
    request = deal.world.do(
        deal.requester.id,
        c.RequestServices(
            environment=again.environment,
            title="Two",
            data_details="",
            processing_details="A forecast.",
            wishes=wishes,
        ),
    )
    page = RequestsPage(Seat(deal.world, deal.requester.id, request=request.id).context)
    assert column(page._providers, "meets") == ["1 of 2"]
    assert page._unmet.visible
    assert "&lt;b&gt;Bold" in page._unmet.object
    offered(deal.world, deal.provider, described(near_real_time=True), title="Fast")
    assert not page._unmet.visible, "another offer came by itself"


def test_a_request_is_withdrawn_after_it_was_asked(deal: Deal) -> None:
    page = RequestsPage(Seat(deal.world, deal.requester.id, request=deal.request.id).context)
    page._on_withdraw(None)
    assert deal.world.only(ServiceRequest).state is ServiceRequestState.OPEN
    page._dialog._on_confirm(None)
    assert deal.world.only(ServiceRequest).state is ServiceRequestState.WITHDRAWN
    assert page.withdraw.disabled
    assert column(page._providers, "id") == []


def test_terms_are_offered_and_accepted_and_the_subscription_is_on_both_desks(deal: Deal) -> None:
    world, proposal = deal.world, deal.asked()
    theirs = ProposalsPage(Seat(world, deal.provider.id, proposal=proposal.id).context)
    own = ProposalsPage(Seat(world, deal.requester.id, proposal=proposal.id).context)
    subscriptions = {
        who: SubscriptionsPage(Seat(world, who).context)
        for who in (deal.provider.id, deal.requester.id, OPERATOR, "requester1")
    }
    assert column(theirs._requests, "title") == [deal.request.title]
    assert column(theirs._book, "turn") == ["◆ you"]
    assert column(own._book, "turn") == [""]
    assert not own.answer.accept.visible
    theirs.answer.terms.fields["price_eur"].value = "much"
    theirs.answer._on_offer(None)
    assert "as a number" in beside(theirs.answer.terms, "price_eur")
    theirs.answer.terms.fields["price_eur"].value = "33"
    theirs.answer.terms.fields["conditions"].value = HOSTILE
    theirs.answer.agree.value = True
    theirs.answer._on_offer(None)
    assert column(own._book, "state") == ["offered"], "it came by itself"
    assert own.answer.accept.visible
    compared = own.answer._terms.view.object
    assert "33.00 EUR a month" in compared
    assert "differs" in compared
    assert "<script>" not in compared
    own.answer._on_accept(None)
    assert "agreement" in own.answer.problems.view.object.lower(), "it was not accepted"
    assert own.answer.agree.visible
    own.answer.agree.value = True
    seen = own.answer._row
    own.answer._row = replace(seen, proposal=replace(seen.proposal, version=seen.proposal.version - 1))
    own.answer._on_accept(None)
    assert "other terms by now" in own.answer.problems.view.object, "it was not accepted unread"
    own.answer._row = seen
    own.answer._on_accept(None)
    assert world.only(Subscription).state is SubscriptionState.ACTIVE
    assert own.answer.open.href.endswith(f"?subscription={world.only(Subscription).id}")
    assert {who: len(page._book.records) for who, page in subscriptions.items()} == {
        deal.provider.id: 1,
        deal.requester.id: 1,
        OPERATOR: 1,
        "requester1": 0,
    }
    assert all(company.agreed_version for company in world.find(Company))


def test_either_side_declines_with_a_reason(deal: Deal) -> None:
    proposal = deal.asked()
    page = ProposalsPage(Seat(deal.world, deal.provider.id, proposal=proposal.id).context)
    page.answer._on_decline(None)
    assert "Write something here." in beside(page.answer, "reason")
    page.answer.reason.value = HOSTILE
    page.answer._on_decline(None)
    assert deal.world.only(Proposal).state is ProposalState.DECLINED
    assert not page.answer.decline.visible
    assert "<script>" not in page.answer._facts.view.object


def test_what_a_provider_types_stays_when_others_make_news(deal: Deal) -> None:
    proposal = deal.asked()
    page = ProposalsPage(Seat(deal.world, deal.provider.id, proposal=proposal.id).context)
    page.answer.terms.fields["price_eur"].value = "77"
    offered(deal.world, deal.provider, title="Another")
    assert page.answer.terms.fields["price_eur"].value == "77"


def test_a_subscription_is_kept_as_a_file_and_cancelled_with_a_reason(deal: Deal) -> None:
    one = deal.subscribed()
    page = SubscriptionsPage(Seat(deal.world, deal.requester.id, subscription=one.id).context)
    assert deal.offer.descriptions[0].short_description in page._services.object
    assert page._file("pdf").read(5) == b"%PDF-"
    assert one.id in page._file("txt").read().decode()
    page._on_cancel(None)
    page._dialog._on_confirm(None)
    assert "Write something here." in beside(page, "reason")
    page.reason.value = "No customers left."
    page._on_cancel(None)
    page._dialog._on_confirm(None)
    assert deal.world.only(Subscription).state is SubscriptionState.CANCELED
    assert column(page._book, "state") == ["canceled"]
    assert not page._leave.visible


def test_the_operator_sees_subscriptions_but_cancels_none(deal: Deal) -> None:
    one = deal.subscribed()
    page = SubscriptionsPage(Seat(deal.world, OPERATOR, subscription=one.id).context)
    assert column(page._book, "id") == [one.id]
    assert not page._leave.visible


def test_the_general_agreement_is_read_and_accepted_once_for_the_company(deal: Deal) -> None:
    page = OwnPage(Seat(deal.world, deal.provider.id).context)
    assert "not accepted yet" in page.agreement._words.object
    assert "Consent" in page.agreement._text.view.object
    assert page.agreement._file().read(5) == b"%PDF-"
    page.agreement._on_accept(None)
    assert not page.agreement.accept.visible
    assert "is accepted" in page.agreement._words.object
