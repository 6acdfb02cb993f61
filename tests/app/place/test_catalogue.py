"""The catalogue: what may be offered by whom, who sees it, how it is searched and compared."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from placed import (
    GERMANY,
    OPERATOR,
    RDP,
    UDP,
    UDR,
    USP,
    accepted,
    aggregated,
    certified,
    described,
    offered,
    platform_tested,
    publication,
)
from world import WHO, World

from app.queries.models import place as q
from domain.commands import place as c
from domain.errors import Refused
from domain.ids import ServiceDescriptionId, ServiceOfferId
from domain.marketplace.offers import ServiceOffer, ServiceOfferState
from domain.marketplace.registrations import Registration
from domain.marketplace.services import ServiceTerms
from domain.marketplace.words import (
    AggregationLevel,
    AggregationMethod,
    CompanyType,
    Environment,
    PlayerRole,
    Quantity,
    ServiceType,
    TimeStep,
)

U = CompanyType.UNREGULATED
JULY = datetime(2016, 7, 1, tzinfo=UTC)


def service(**changes: Any) -> Any:
    values: dict[str, Any] = {
        "service_type": ServiceType.ENERGY_SERVICE,
        "short_description": "Flexibility of households",
        "consent_mandatory": False,
    }
    return described(**values | changes)


def found(world: World, who: str, **filters: Any) -> list[str]:
    return [row.offer.title for row in world.desk.query(WHO[who], q.SearchServices(**filters))]


def test_an_offer_is_seen_when_its_provider_is_certified(world: World) -> None:
    (meters,) = accepted(world)
    (asks,) = certified(world, "Pool", U, (UDR,))
    offer = offered(world, meters)
    assert (offer.environment, offer.descriptions[0].offer_id) == (Environment.REGULATED, offer.id)
    assert offer.descriptions[0].id.startswith("SD-")
    assert found(world, asks.id) == []
    with pytest.raises(Refused, match="not_found"):
        world.desk.query(WHO[asks.id], q.GetServiceOffer(offer_id=offer.id))
    assert found(world, meters.id, own=True) == found(world, OPERATOR) == ["Meter data"]
    platform_tested(world, meters)
    world.do(OPERATOR, c.CertifyRegistration(registration_id=meters.id))
    assert found(world, asks.id) == ["Meter data"]
    assert world.desk.query(WHO[asks.id], q.GetServiceOffer(offer_id=offer.id)).provider_name == "North Grid"
    world.do(OPERATOR, c.SuspendRegistration(registration_id=meters.id, reason="Late."))
    assert found(world, asks.id) == []


@pytest.mark.parametrize(
    ("company_type", "role", "allowed"),
    [
        (CompanyType.REGULATED, RDP, {ServiceType.INDIVIDUAL_DATA, ServiceType.AGGREGATED_DATA}),
        (U, UDP, {ServiceType.INDIVIDUAL_DATA, ServiceType.AGGREGATED_DATA}),
        (U, USP, {ServiceType.ENERGY_SERVICE}),
    ],
)
def test_which_role_offers_what(
    world: World, company_type: CompanyType, role: PlayerRole, allowed: set[ServiceType]
) -> None:
    (provider,) = accepted(world, "X", company_type, (role,))
    for description in (described(), aggregated(), service()):
        codes = world.codes(provider.id, publication(description))
        expected = [] if description.service_type in allowed else [("role_conflict", "service_type")]
        assert codes == expected
    environments = {offer.environment for offer in world.find(ServiceOffer)}
    assert environments == {Environment.REGULATED if role is RDP else Environment.UNREGULATED}


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        (described(aggregation_level=AggregationLevel.CITY), ("terms_conflict", "aggregation_level")),
        (described(aggregation_method=AggregationMethod.SUM), ("terms_conflict", "aggregation_method")),
        (aggregated(aggregation_level=AggregationLevel.NONE), ("terms_conflict", "aggregation_level")),
        (aggregated(aggregation_method=AggregationMethod.NONE), ("terms_conflict", "aggregation_method")),
        (described(consent_mandatory=False), ("terms_conflict", "consent_mandatory")),
        (described(near_real_time=True, time_step=TimeStep.DAY), ("terms_conflict", "time_step")),
        (described(period_start=JULY, period_end=JULY), ("unordered", "period_end")),
        (described(period_start=datetime(2016, 7, 1)), ("naive_time", "period_start")),  # noqa: DTZ001
        (described(short_description="<b>\x00"), ("malformed", "short_description")),
        (described(short_description="a" * 201), ("out_of_range", "short_description")),
        (described(usage_details="\u202e"), ("malformed", "usage_details")),
        (described(localisation=("Germany",)), ("unknown_country", "localisation[0]")),
        (described(localisation=("DE/00012345678",)), ("malformed", "localisation[0]")),
        (described(localisation=("DE",) * 51), ("out_of_range", "localisation")),
    ],
)
def test_descriptions_that_do_not_hold_together(world: World, description: Any, expected: tuple[str, str]) -> None:
    (meters,) = accepted(world)
    sound = aggregated() if description.service_type is ServiceType.AGGREGATED_DATA else described()
    code, field = expected
    assert world.codes(meters.id, publication(sound, description)) == [(code, f"descriptions[1].{field}")]


def test_energy_services_have_no_aggregation_and_data_no_other_type(world: World) -> None:
    (pool,) = accepted(world, "Pool", U, (USP,))
    wrong = service(aggregation_level=AggregationLevel.CITY)
    assert world.codes(pool.id, publication(wrong)) == [("terms_conflict", "descriptions[0].aggregation_level")]
    mixed = publication(service(), described())
    assert world.codes(pool.id, mixed) == [("terms_conflict", "descriptions[1].service_type")]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"price_eur": Decimal("NaN")}, ("not_finite", "terms.price_eur")),
        ({"price_eur": Decimal("-1")}, ("negative", "terms.price_eur")),
        ({"price_eur": Decimal("0.001")}, ("too_many_decimals", "terms.price_eur")),
        ({"availability_share": Decimal("1.1")}, ("out_of_range", "terms.availability_share")),
        ({"max_delay_minutes": 0}, ("out_of_range", "terms.max_delay_minutes")),
        ({"interim_hours": 10_000}, ("out_of_range", "terms.interim_hours")),
        ({"conditions": "a" * 4001}, ("out_of_range", "terms.conditions")),
    ],
)
def test_terms_that_are_refused(world: World, changes: dict[str, Any], expected: tuple[str, str]) -> None:
    (meters,) = accepted(world)
    assert world.codes(meters.id, publication(terms=ServiceTerms(**changes))) == [expected]


def test_too_many_or_no_descriptions(world: World) -> None:
    (meters,) = accepted(world)
    for descriptions in ((), (described(),) * 21):
        command = replace(publication(), descriptions=descriptions)
        assert world.codes(meters.id, command) == [("out_of_range", "descriptions")]


def test_places_beyond_the_served_area_are_not_offered(world: World) -> None:
    (meters,) = accepted(world)
    world.do(meters.id, GERMANY)
    assert world.codes(meters.id, publication(described(localisation=("DE/Berlin", "FR")))) == [
        ("out_of_range", "descriptions[0].localisation")
    ]
    assert world.codes(meters.id, publication(described(localisation=("DE/Berlin",)))) == []


def test_requesters_offer_nothing(world: World) -> None:
    (asks,) = certified(world, "Pool", U, (UDR,))
    assert world.codes(asks.id, publication()) == [("not_permitted", "")]


def test_edited_descriptions_keep_their_ids(world: World) -> None:
    (meters,) = certified(world)
    offer = offered(world, meters, described(), described(short_description="Second"))
    first, second = offer.descriptions
    stranger = described(id=ServiceDescriptionId("SD-of-others"), short_description="New")
    command = c.EditServiceOffer(
        offer_id=offer.id,
        title="Better",
        text="",
        descriptions=(replace(second, time_step=TimeStep.HOUR), second, stranger),
        terms=offer.terms,
    )
    changed = world.do(meters.id, command)
    ids = [one.id for one in changed.descriptions]
    assert ids[0] == second.id
    assert len({*ids, first.id, "SD-of-others"}) == 5
    assert (changed.version, changed.descriptions[0].time_step) == (1, TimeStep.HOUR)
    wrong = replace(command, descriptions=(aggregated(),))
    assert world.codes(meters.id, wrong) == [("terms_conflict", "descriptions[0].service_type")]


def test_another_provider_cannot_touch_it(world: World) -> None:
    (meters,) = certified(world)
    (other,) = certified(world, "South Grid")
    offer = offered(world, meters)
    edit = c.EditServiceOffer(
        offer_id=offer.id, title="Mine", text="", descriptions=offer.descriptions, terms=offer.terms
    )
    for command in (edit, c.WithdrawServiceOffer(offer_id=offer.id)):
        assert world.codes(other.id, command) == [("not_found", "offer_id")]
    assert world.codes(meters.id, c.WithdrawServiceOffer(offer_id=ServiceOfferId("SO-0"))) == [
        ("not_found", "offer_id")
    ]
    world.do(meters.id, c.WithdrawServiceOffer(offer_id=offer.id))
    assert world.codes(meters.id, edit) == [("wrong_state", "offer_id")]
    assert found(world, other.id) == []


def test_offers_of_who_quits_are_withdrawn(world: World) -> None:
    (meters,) = certified(world)
    offered(world, meters)
    world.do(meters.id, c.QuitMarketPlace(reason="Sold."))
    assert world.only(ServiceOffer).state is ServiceOfferState.WITHDRAWN


@pytest.fixture
def full(world: World) -> tuple[World, Registration]:
    (meters,) = certified(world)
    world.do(meters.id, GERMANY)
    offered(
        world,
        meters,
        described(localisation=("DE",)),
        described(quantity=Quantity.POWER, near_real_time=True, time_step=TimeStep.MINUTES_10),
        title="German meters",
        terms=ServiceTerms(price_eur=Decimal(10)),
    )
    (french,) = certified(world, "Réseau Sud")
    offered(world, french, aggregated(localisation=("FR/Lyon",)), title="French cities")
    (pool,) = certified(world, "Pool", U, (USP,))
    offered(world, pool, service(localisation=("FR",)), title="Flexibility")
    (asks,) = certified(world, "Asker", U, (UDR,))
    return world, asks


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, {"German meters", "French cities", "Flexibility"}),
        ({"service_type": ServiceType.AGGREGATED_DATA}, {"French cities"}),
        ({"environment": Environment.UNREGULATED}, {"Flexibility"}),
        ({"country": "FR"}, {"French cities", "Flexibility"}),
        ({"country": "DE"}, {"German meters"}),
        ({"quantity": Quantity.POWER, "time_step": TimeStep.MINUTES_10}, {"German meters"}),
        ({"quantity": Quantity.POWER, "time_step": TimeStep.MINUTES_15}, set()),
        ({"near_real_time": True}, {"German meters"}),
        ({"consent_mandatory": False}, {"French cities", "Flexibility"}),
        ({"aggregation_method": AggregationMethod.SUM}, {"French cities"}),
        ({"aggregation_level": AggregationLevel.STREET}, set()),
        ({"most_price_eur": Decimal(10)}, {"German meters"}),
        ({"text": "RÉSEAU lyon"}, {"French cities"}),
        ({"text": "households"}, {"Flexibility"}),
        ({"text": "%' OR 1=1"}, set()),
    ],
)
def test_search(full: tuple[World, Registration], filters: dict[str, Any], expected: set[str]) -> None:
    world, asks = full
    assert set(found(world, asks.id, **filters)) == expected


@pytest.mark.parametrize("price", ["NaN", "sNaN", "-Infinity"])
def test_a_price_that_is_no_number_is_refused(full: tuple[World, Registration], price: str) -> None:
    world, _ = full
    with pytest.raises(Refused, match="not_finite"):
        world.desk.query(WHO[OPERATOR], q.SearchServices(most_price_eur=Decimal(price)))


def test_a_description_fits_all_filters_at_once(full: tuple[World, Registration]) -> None:
    world, asks = full
    query = q.SearchServices(quantity=Quantity.POWER)
    (row,) = world.desk.query(WHO[asks.id], query)
    assert row.fitting == (row.offer.descriptions[1].id,)
    with pytest.raises(Refused, match="out_of_range"):
        found(world, asks.id, text="a" * 201)


def test_comparison(full: tuple[World, Registration]) -> None:
    world, asks = full
    ids = tuple(row.offer.id for row in world.desk.query(WHO[asks.id], q.SearchServices()))
    told = world.desk.query(WHO[asks.id], q.CompareServices(offer_ids=ids))
    lines = {line.name: line for line in told.lines}
    by_title = dict(zip([row.offer.title for row in told.offers], lines["Time step"].values, strict=True))
    assert by_title == {"German meters": "PT15M; PT10M", "French cities": "PT1H", "Flexibility": "PT15M"}
    assert lines["Price, EUR a month"].differs
    assert not lines["Interim message, hours"].differs
    for wrong, code in ((ids[:1], "out_of_range"), ((ids[0], ids[0]), "duplicate")):
        with pytest.raises(Refused, match=code):
            world.desk.query(WHO[asks.id], q.CompareServices(offer_ids=wrong))
    with pytest.raises(Refused, match="not_found"):
        world.desk.query(WHO[asks.id], q.CompareServices(offer_ids=(ids[0], ServiceOfferId("SO-0"))))
