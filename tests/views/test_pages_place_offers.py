"""A provider's offers and the catalogue that requesters see, over the real desk and database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from place_room import HOSTILE, OPERATOR, Seat, beside, column, place_room, placed, provider, seeded_place
from placed import RDP, UDP, USP, aggregated, described, offered
from world import World

from domain.commands import place as c
from domain.errors import Finding
from domain.marketplace.offers import ServiceOffer, ServiceOfferState
from domain.marketplace.services import ServiceTerms
from domain.marketplace.words import AggregationLevel, AggregationMethod, CompanyType, Quantity, ServiceType
from views.pages.place_catalogue import CataloguePage
from views.pages.place_offers import OffersPage
from views.state import place_drafts as drafts
from views.state import place_words
from views.state.place_offers import search_of
from views.state.place_pick import CatalogueFilter


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return seeded_place(tmp_path_factory.mktemp("place"))


@pytest.fixture
def world(seeded: Path, tmp_path: Path) -> Iterator[World]:
    with place_room(seeded, tmp_path) as room:
        yield room


def typed(page: OffersPage, title: str = "Meter data", **fields: Any) -> None:
    """Fill the form in as a person does, field by field."""
    page.form.title.value = title
    page.form.services.fields["short_description"].value = "Quarter-hourly consumption"
    for name, value in fields.items():
        page.form.services.fields[name].value = value


# -- the provider ---------------------------------------------------------------------------------------------


def test_a_provider_publishes_what_it_has_typed_in_full(world: World) -> None:
    one = provider(world)
    page = OffersPage(Seat(world, one.id).context)
    assert page._none.visible
    typed(
        page,
        usage_details="Sign first.",
        quantity=Quantity.GENERATION.value,
        first_day=date(2016, 1, 1),
        last_day=date(2016, 12, 31),
        places="DE/Bremen; DE",
        time_step="PT30M",
        near_real_time=True,
    )
    page.form.terms.fields["price_eur"].value = "12,50"
    page.form.terms.fields["share_percent"].value = "99.5"
    page.form.services._on_add(None)
    page.form.services.fields["short_description"].value = "A second one"
    page.form._on_publish(None)
    offer: ServiceOffer = world.only(ServiceOffer)
    first, second = offer.descriptions
    assert (first.quantity, first.localisation, first.time_step.value) == (
        Quantity.GENERATION,
        ("DE/Bremen", "DE"),
        "PT30M",
    )
    assert first.period_start.isoformat() == "2015-12-31T23:00:00+00:00"
    assert first.period_end.isoformat() == "2016-12-31T23:00:00+00:00", "the last day is covered"
    assert place_words.period_words(first.period_start, first.period_end) == "from 01 Jan 2016 to 31 Dec 2016"
    assert second.short_description == "A second one"
    assert (offer.terms.price_eur, offer.terms.availability_share) == (Decimal("12.50"), Decimal("0.995"))
    assert column(page._book, "state") == ["published"]
    assert page.form.save.visible
    assert [drafts.description_of(drafts.draft_of(one)) for one in offer.descriptions] == [
        drafts.description_of(draft) for draft in page.form.services.drafts
    ]


def test_each_finding_stands_at_its_field_of_its_service(world: World) -> None:
    one = provider(world)
    page = OffersPage(Seat(world, one.id).context)
    page.form.services.fields["short_description"].value = "Fine"
    page.form.services._on_add(None)
    page.form.services.fields["places"].value = "DE, Berlin"
    page.form.services._on_pick({"id": "0"})
    page.form.terms.fields["price_eur"].value = "-1"
    page.form._on_publish(None)
    assert "Write something here." in beside(page.form, "title")
    assert "negative" in beside(page.form.terms, "price_eur").lower() or beside(page.form.terms, "price_eur")
    services = page.form.services
    assert services._which.object.count("Service 2 of 2") == 1, "the service with the fault is shown"
    assert "Write something here." in beside(services, "short_description")
    assert "two letters" in beside(services, "places")
    services._on_pick({"id": "0"})
    assert beside(services, "short_description") == ""
    assert world.find(ServiceOffer) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [("price_eur", "much"), ("price_eur", ""), ("max_delay_minutes", "1.5"), ("interim_hours", "NaN")],
)
def test_terms_that_are_no_numbers_are_told_at_their_fields(world: World, name: str, value: str) -> None:
    one = provider(world)
    page = OffersPage(Seat(world, one.id).context)
    typed(page)
    page.form.terms.fields[name].value = value
    page.form._on_publish(None)
    assert beside(page.form.terms, name) != ""
    assert world.find(ServiceOffer) == ()


def test_an_offer_is_changed_and_withdrawn_and_its_services_keep_their_ids(world: World) -> None:
    one = provider(world)
    before = offered(world, one, described(), described(short_description="Second"))
    page = OffersPage(Seat(world, one.id, offer=before.id).context)
    assert page.form.title.value == before.title
    page.form.title.value = HOSTILE
    page.form._on_save(None)
    after = world.only(ServiceOffer)
    assert after.title == HOSTILE
    assert [one.id for one in after.descriptions] == [one.id for one in before.descriptions]
    assert "<script>" not in page._title.object
    page._on_withdraw(None)
    assert world.only(ServiceOffer).state is ServiceOfferState.PUBLISHED, "it is asked first"
    page._dialog._on_confirm(None)
    assert world.only(ServiceOffer).state is ServiceOfferState.WITHDRAWN
    assert page.form.again.visible
    page.form._on_publish(None)
    assert sorted(column(page._book, "state")) == ["published", "withdrawn"]


def test_what_is_typed_stays_when_news_come(world: World) -> None:
    one, other = provider(world), provider(world, "South Grid", registrations=(wish("south"),))
    page = OffersPage(Seat(world, one.id).context)
    typed(page, "Half typed")
    offered(world, other)
    assert page.form.title.value == "Half typed"
    assert column(page._book, "title") == []


def wish(account: str) -> Any:
    return placed.RegistrationWish(player_role=RDP, account=account, platform_url=f"https://{account}.example/mpp")


def test_a_provider_without_a_certificate_reads_that_nobody_sees_its_offers(world: World) -> None:
    (one,) = placed.accepted(world)
    offered(world, one)
    page = OffersPage(Seat(world, one.id).context)
    assert column(page._book, "state") == ["not seen"]
    assert page._hint.visible
    assert "pass the set-up test" in page._hint.object
    placed.platform_tested(world, one)
    world.do(OPERATOR, c.CertifyRegistration(registration_id=one.id))
    assert column(page._book, "state") == ["published"]
    assert not page._hint.visible


def test_only_aggregated_data_have_a_level_and_a_method(world: World) -> None:
    one = provider(world)
    page = OffersPage(Seat(world, one.id).context)
    assert not page.form.services._aggregation.visible
    page.form.kind.value = ServiceType.AGGREGATED_DATA.value
    assert page.form.services._aggregation.visible
    typed(page)
    page.form._on_publish(None)
    (description,) = world.only(ServiceOffer).descriptions
    assert description.service_type is ServiceType.AGGREGATED_DATA
    assert description.aggregation_level is AggregationLevel.CITY
    assert description.aggregation_method is AggregationMethod.SUM


def test_a_role_offers_its_own_types_of_service_only(world: World) -> None:
    (one,) = placed.certified(world, "Peak", CompanyType.UNREGULATED, (USP,))
    page = OffersPage(Seat(world, one.id).context)
    assert list(page.form.kind.options.values()) == [ServiceType.ENERGY_SERVICE.value]


# -- the catalogue --------------------------------------------------------------------------------------------


@pytest.fixture
def filled(world: World) -> dict[str, ServiceOffer]:
    north = provider(world, "North Grid")
    (south,) = placed.certified(world, HOSTILE, CompanyType.RESEARCH, (UDP,), registrations=(research(),))
    hostile = described(short_description=HOSTILE, consent_mandatory=False)
    return {
        "north": offered(world, north, title="Meter data", terms=ServiceTerms(price_eur=Decimal(25))),
        "city": offered(world, north, aggregated(localisation=("DE/Bremen",)), title="City profiles"),
        "weather": offered(world, south, hostile, title=HOSTILE, text=HOSTILE),
    }


def research() -> Any:
    return placed.RegistrationWish(player_role=UDP, account="cloud", platform_url="https://cloud.example/mpp")


@pytest.mark.parametrize(
    ("name", "value", "left"),
    [
        ("text", "city profiles", {"city"}),
        ("text", "nowhere", set()),
        ("service_type", ServiceType.AGGREGATED_DATA.value, {"city"}),
        ("environment", "unregulated", {"weather"}),
        ("time_step", "PT1H", {"city"}),
        ("aggregation_level", "city", {"city"}),
        ("country", "de", {"north", "city"}),
        ("consent", "yes", {"north"}),
        ("quantity", "power", set()),
        ("flow", "yes", set()),
        ("flow", "no", {"north", "city", "weather"}),
        ("most_eur", "24,99", set()),
        ("most_eur", "25", {"north", "city", "weather"}),
    ],
)
def test_each_filter_leaves_what_fits(
    world: World, filled: dict[str, ServiceOffer], name: str, value: str, left: set[str]
) -> None:
    page = CataloguePage(Seat(world, "requester1").context)
    assert len(page._book.records) == 3
    page.fields[name].value = value
    assert set(column(page._book, "id")) == {filled[key].id for key in left}
    assert page._none.visible is not bool(left)
    page._on_clear(None)
    assert len(page._book.records) == 3


def test_a_link_carries_filters_the_picked_offer_and_the_comparison(
    world: World, filled: dict[str, ServiceOffer]
) -> None:
    ids = f"{filled['north'].id},{filled['weather'].id},gone"
    seat = Seat(world, "requester1", q="", type="nonsense", offer=filled["weather"].id, compare=ids)
    page = CataloguePage(seat.context)
    assert len(page._book.records) == 3, "a choice that there is not is none"
    shown = page.detail._services.object + page.detail._facts.view.object + page.detail._title.object
    assert "&lt;b&gt;Bold" in shown
    compared = page._comparison.view.object
    assert "differs" in compared
    assert "25" in compared
    assert "<script>" not in shown + compared
    assert page.detail.ask.href == f"/requester/requests?offer={filled['weather'].id}"
    page._on_empty(None)
    assert page._comparison.view.object == ""


def test_offers_go_into_the_comparison_and_out_and_leave_it_when_withdrawn(
    world: World, filled: dict[str, ServiceOffer]
) -> None:
    page = CataloguePage(Seat(world, "requester1").context)
    for name in ("north", "weather"):
        page._on_pick({"id": filled[name].id})
        page._on_compare(filled[name].id)
    assert column(page._book, "compared").count("✓") == 2
    assert page._comparison.view.object != ""
    gone = filled["weather"]
    assert gone.id in page.compared
    world.do(gone.provider_id, c.WithdrawServiceOffer(offer_id=gone.id))
    assert page._comparison.view.object == "", "it came by itself"
    assert gone.id not in column(page._book, "id")


def test_the_operator_looks_but_does_not_ask(world: World, filled: dict[str, ServiceOffer]) -> None:
    page = CataloguePage(Seat(world, OPERATOR, offer=filled["north"].id).context)
    assert not page.detail.ask.visible


def test_words_that_are_too_long_are_told_at_their_field(world: World) -> None:
    page = CataloguePage(Seat(world, "requester1").context)
    page.fields["text"].value = "x" * 201
    assert "At most 200 characters" in beside(page, "text")
    page.fields["text"].value, page.fields["most_eur"].value = "", "cheap"
    assert "as a number" in beside(page, "most_eur")
    assert page._none.visible


# -- pure -----------------------------------------------------------------------------------------------------


def test_findings_are_sorted_by_service_and_form() -> None:
    found = [
        Finding(code="missing", field="descriptions[1].localisation[0]", sentence="A"),
        Finding(code="missing", field="descriptions", sentence="B"),
        Finding(code="missing", field="terms.price_eur", sentence="C"),
        Finding(code="missing", field="descriptions[x].text", sentence="D"),
    ]
    single, rest = drafts.by_draft(found, {"terms.price_eur": "price_eur"})
    assert single == {1: [("places", "A")]}
    assert rest == [("", "B"), ("price_eur", "C"), ("", "D")]


def test_a_choice_has_the_words_of_its_own_kind() -> None:
    assert place_words.words(AggregationMethod.NONE) == "None"
    assert place_words.words(AggregationLevel.NONE) == "None: each point of delivery"
    assert place_words.delay_words(2880) == "2 days"
    assert place_words.delay_words(90) == "90 minutes"
    assert place_words.share_words(Decimal("0.9950")) == "99.5 % of deliveries"
    assert search_of(CatalogueFilter(consent="no")).consent_mandatory is False
