"""DSO localisation: three countries; none, one and several matches; nothing of the list is kept."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from placed import GERMANY, RDP, UDP, UDR, accepted, certified, square
from sqlalchemy import inspect, text
from world import WHO, World

from app.queries.models import place as q
from domain.commands import place as c
from domain.errors import Refused
from domain.ids import PartyId
from domain.marketplace.areas import MatchedBy, Place, PostcodeArea, ServedArea, match_places, match_pods
from domain.marketplace.registrations import Registration
from domain.marketplace.words import CompanyType, Environment

POD = "DE00012312345000000000000000012345"


@pytest.fixture
def europe(world: World) -> tuple[World, str]:
    """DSOs of Germany (Berlin and the north), France (by polygon), Italy (all of it, twice), and who asks."""
    (berlin,) = certified(world, "Berlin Grid")
    world.do(berlin.id, GERMANY)
    (france,) = certified(world, "Lyon Grid")
    lyon = c.SetServedArea(countries=("FR",), polygons=(square("4.5", "45.5"),), pod_patterns=("30???00*",))
    world.do(france.id, lyon)
    for name in ("Roma Grid", "Milano Grid"):
        (italy,) = certified(world, name)
        world.do(italy.id, c.SetServedArea(countries=("IT",), pod_patterns=("IT001E*",)))
    (asks,) = certified(world, "Pool", CompanyType.UNREGULATED, (UDR,))
    return world, asks.id


def located(world: World, who: str, **query: Any) -> q.Localisation:
    answer: q.Localisation = world.desk.query(WHO[who], q.LocateProviders(**query))
    return answer


def names(one: q.Located) -> list[tuple[str, MatchedBy]]:
    return [(match.company_name, match.by) for match in one.matches]


def test_pods_of_three_countries(europe: tuple[World, str]) -> None:
    world, asks = europe
    pods = ("de 0001-2312345.000000000000000012345", "30ABC001234567", "IT001E12345678", "XX999", "DE0001249")
    told = located(world, asks, pods=pods)
    assert [names(one) for one in told.pods] == [
        [("Berlin Grid", MatchedBy.POD)],
        [("Lyon Grid", MatchedBy.POD)],
        [("Milano Grid", MatchedBy.POD), ("Roma Grid", MatchedBy.POD)],
        [],
        [],
    ]
    assert told.unlocated_pods == (3, 4)
    assert [(match.company_name, n) for match, n in told.providers] == [
        ("Berlin Grid", 1),
        ("Lyon Grid", 1),
        ("Milano Grid", 1),
        ("Roma Grid", 1),
    ]


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place(country="DE", postcode="10115"), [("Berlin Grid", MatchedBy.POSTCODE)]),
        (Place(country="DE", postcode="28195"), [("Berlin Grid", MatchedBy.POSTCODE)]),
        (Place(country="DE", postcode="14200"), []),
        (Place(country="DE", postcode="101150"), []),
        (Place(country="DE"), []),
        (Place(country="FR", postcode="10115"), []),
        (Place(lon=Decimal("4.83"), lat=Decimal("45.76")), [("Lyon Grid", MatchedBy.POLYGON)]),
        (Place(country="FR", lon=Decimal("2.35"), lat=Decimal("48.85")), []),
        (Place(country="IT"), [("Milano Grid", MatchedBy.COUNTRY), ("Roma Grid", MatchedBy.COUNTRY)]),
        (Place(country="ES", postcode="28001"), []),
    ],
)
def test_places(europe: tuple[World, str], place: Place, expected: list[tuple[str, MatchedBy]]) -> None:
    world, asks = europe
    told = located(world, asks, places=(place,))
    assert names(told.places[0]) == expected
    assert told.unlocated_places == (() if expected else (0,))


def test_only_certified_providers_of_the_environment_are_found(europe: tuple[World, str]) -> None:
    world, asks = europe
    (sensors,) = certified(world, "Sensors", CompanyType.UNREGULATED, (UDP,))
    world.do(sensors.id, c.SetServedArea(countries=("ES",)))
    (waits,) = accepted(world, "Madrid Grid")
    world.do(waits.id, c.SetServedArea(countries=("ES",)))
    spain = (Place(country="ES"),)
    assert located(world, asks, places=spain).unlocated_places == (0,)
    told = located(world, asks, places=spain, environment=Environment.UNREGULATED)
    assert names(told.places[0]) == [("Sensors", MatchedBy.COUNTRY)]
    assert names(located(world, asks, places=spain, environment=None).places[0]) == names(told.places[0])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ("missing", "pods")),
        ({"pods": ("A1",) * 1001}, ("out_of_range", "pods")),
        ({"pods": ("A1", "<script>")}, ("malformed", "pods[1]")),
        ({"pods": ("A" * 41,)}, ("malformed", "pods[0]")),
        ({"pods": ("A-" * 100_000,)}, ("malformed", "pods[0]")),
        ({"places": (Place(country="QQ"),)}, ("unknown_country", "places[0].country")),
        ({"places": (Place(postcode="10115"),)}, ("missing", "places[0].country")),
        ({"places": (Place(),)}, ("missing", "places[0]")),
        ({"places": (Place(lon=Decimal(4)),)}, ("missing", "places[0].lat")),
        ({"places": (Place(lon=Decimal("NaN"), lat=Decimal(4)),)}, ("not_finite", "places[0].lon")),
        ({"places": (Place(country="DE", postcode="1" * 11),)}, ("malformed", "places[0].postcode")),
    ],
)
def test_lists_that_are_refused(
    europe: tuple[World, str], query: dict[str, Any], expected: tuple[str, str]
) -> None:
    world, asks = europe
    with pytest.raises(Refused) as refused:
        located(world, asks, **query)
    findings = [(finding.code, finding.field) for finding in refused.value.findings]
    assert expected in findings
    assert not any(pod in str(refused.value) for pod in query.get("pods", ()) if len(pod) > 2)


def test_nothing_of_the_list_is_kept(europe: tuple[World, str]) -> None:
    world, asks = europe
    located(world, asks, pods=(POD,))
    with world.store.snapshot() as connection:
        for table in inspect(connection).get_table_names():
            rows = connection.execute(text(f'SELECT * FROM "{table}"')).all()
            assert POD not in repr(rows)
            assert POD[10:] not in repr(rows)


def test_a_pattern_is_a_prefix_with_holes() -> None:
    area = ServedArea(id=PartyId("p"), pod_patterns=("AB??1*", "77*"))
    assert match_pods(area, ["ABCD1", "ABCD", "ABCD2", "ABCD19", "7712", "XAB001"]) == [
        MatchedBy.POD, None, None, MatchedBy.POD, MatchedBy.POD, None
    ]  # fmt: skip
    assert match_pods(ServedArea(id=PartyId("p")), ["ABCD1"]) == [None]


@pytest.mark.parametrize(
    ("first", "last", "postcode", "served"),
    [
        ("110 00", "119 99", "11550", True),
        ("11000", "11999", "115 50", True),
        ("00-950", "", "00950", True),
        ("1012 A", "", "1012AB", True),
        ("11000", "11999", "120 00", False),
        ("11000", "11999", "1150", False),
    ],
)
def test_blanks_and_dashes_do_not_count_in_a_postcode(first: str, last: str, postcode: str, served: bool) -> None:
    part = PostcodeArea(country="CZ", first=first, last=last)
    area = ServedArea(id=PartyId("p"), countries=("CZ",), postcodes=(part,))
    expected = MatchedBy.POSTCODE if served else None
    assert match_places(area, [Place(country="CZ", postcode=postcode)]) == [expected]


def test_ranges_of_postcodes_are_found_whatever_lies_between() -> None:
    """Against looking at each: ranges within ranges, side by side, of several lengths and countries."""
    numbers = random.Random(11)
    parts = []
    for _ in range(300):
        first = numbers.randrange(10**5)
        last = min(first + numbers.choice((0, 1, 30, 900)), 10**5 - 1)
        parts.append(PostcodeArea(country=numbers.choice(("CZ", "DE")), first=f"{first:05}", last=f"{last:05}"))
    parts += [PostcodeArea(country="DE", first=str(n)) for n in (7, 991)]
    area = ServedArea(id=PartyId("p"), countries=("CZ", "DE"), postcodes=tuple(parts))
    places = [Place(country=c, postcode=f"{n:05}") for c in ("CZ", "DE") for n in range(0, 10**5, 37)]
    expected = [any(_covers(part, place) for part in parts) for place in places]
    assert [by is not None for by in match_places(area, places)] == expected
    assert 0 < sum(expected) < len(expected)


def _covers(part: PostcodeArea, place: Place) -> bool:
    if part.last:
        return part.country == place.country and part.first <= place.postcode <= part.last
    return part.country == place.country and place.postcode.startswith(part.first)


def test_coordinates_of_a_country_that_is_not_served_are_a_mistake() -> None:
    area = ServedArea(id=PartyId("p"), countries=("FR",), polygons=(square("4.5", "45.5"),))
    at = {"lon": Decimal("4.83"), "lat": Decimal("45.76")}
    asked = [Place(**at), Place(country="FR", **at), Place(country="DE", **at)]
    assert match_places(area, asked) == [MatchedBy.POLYGON, MatchedBy.POLYGON, None]


def test_a_served_area_is_replaced_as_a_whole(europe: tuple[World, str]) -> None:
    world, asks = europe
    berlin = next(
        one for one in world.find(Registration) if one.player_role is RDP and serves(world, one.id, "DE")
    )
    area = replace(GERMANY, postcodes=(PostcodeArea(country="DE", first="99"),), pod_patterns=())
    assert world.do(berlin.id, area).version == 1
    told = located(world, asks, pods=(POD,), places=(Place(country="DE", postcode="99001"),))
    assert (told.unlocated_pods, told.unlocated_places) == ((0,), ())


def serves(world: World, registration_id: str, country: str) -> bool:
    query = q.GetServedArea(registration_id=registration_id)  # type: ignore[arg-type]
    return country in world.desk.query(WHO["place1"], query).countries
