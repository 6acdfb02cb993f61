"""Points of delivery: one, many, bad lines, whose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from value_world import ValueWorld, value_world

from app.platform.values import pods as files
from app.platform.values.lines import BadLines
from app.queries.models.platform import GetPod, ListPods
from domain.commands.platform import ChangePod, RegisterPod, UploadPods
from domain.errors import Refused
from domain.ids import PartyId, PodId
from domain.paging import Slice
from domain.platform.pods import Pod

HEAD = "pod_id,country,postcode,city,street"
FIRST = Slice(order=(("id", False),), limit=10, counted=True)


def one(pod_id: str = "DE-0001", **changes: object) -> RegisterPod:
    said = {"country": "DE", "postcode": "27570", "city": "Bremerhaven", "street": "Am Hafen", "customer_id": None}
    return RegisterPod(pod_id=PodId(pod_id), **said | changes)  # type: ignore[arg-type]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[ValueWorld]:
    with value_world(tmp_path) as made:
        yield made


def test_register_again_and_change(world: ValueWorld) -> None:
    made = world.do("meters", one())
    assert made == Pod(id=PodId("DE-0001"), country="DE", postcode="27570", city="Bremerhaven", street="Am Hafen")
    assert world.do("meters", one()) == made
    assert world.codes("meters", one(city="Bremen")) == [("duplicate", "pod_id")]
    moved = world.do("meters", ChangePod(**vars(one(city="Bremen", customer_id=PartyId("house")))))
    assert (moved.city, moved.customer_id, moved.version) == ("Bremen", "house", 1)
    assert world.find(Pod) == (moved,)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"country": "XX"}, ("unknown_place", "country")),
        ({"country": "de"}, ("unknown_place", "country")),
        ({"postcode": "2"}, ("malformed", "postcode")),
        ({"city": " "}, ("missing", "city")),
        ({"street": "a\nb"}, ("malformed", "street")),
        ({"customer_id": "nobody"}, ("unknown_party", "customer_id")),
        ({"customer_id": "meters"}, ("unknown_party", "customer_id")),
    ],
)
def test_what_is_refused(world: ValueWorld, changes: dict[str, object], refusal: tuple[str, str]) -> None:
    assert world.codes("meters", one(**changes)) == [refusal]
    assert world.codes("meters", one("a b")) == [("malformed", "pod_id")]
    assert world.codes("meters", ChangePod(**vars(one("DE-9999")))) == [("not_found", "id")]
    assert world.find(Pod) == ()


@pytest.mark.parametrize("who", ["pool", "house", "market-place", "peer1"])
def test_only_providers_have_points_of_delivery(world: ValueWorld, who: str) -> None:
    for command in (one(), ChangePod(**vars(one())), UploadPods(document=HEAD)):
        assert world.codes(who, command) == [("not_permitted", "")]


BAD = f"""{HEAD},customer_id
DE-0001,DE,27570,Bremerhaven,Am Hafen,house
DE-0002,DE,27570,Bremerhaven
DE-0003,DE,27570,"Bremer ""haven"" 2","Am Hafen, 3",

DE-0004,QQ,27570,Bremerhaven,Am Hafen,
DE-0001,DE,27570,Bremerhaven,Am Hafen,
DE-0005,DE,27570,"Bremerhaven,Am Hafen,
DE-0006,DE,27570,Bremerhaven,Am Hafen,nobody
DE-0007,DE,27570,Bremerhaven,Am Hafen,
"""
LINES = [
    ("wrong_length", "line 3"),
    ("unknown_place", "line 6, country"),
    ("duplicate", "line 7, pod_id"),
    ("malformed", "line 8"),
    ("unknown_party", "line 9, customer_id"),
]


def test_a_bad_line_keeps_the_whole_file_out(world: ValueWorld) -> None:
    assert world.codes("meters", UploadPods(document=BAD)) == LINES
    assert world.find(Pod) == ()


def test_the_good_lines_when_asked(world: ValueWorld) -> None:
    made = world.do("meters", UploadPods(document=BAD, good_only=True))
    assert (made.n_stored, made.n_same, made.n_bad) == (3, 0, 5)
    assert [bad.line for bad in made.bad] == [3, 6, 7, 8, 9]
    assert [pod.id for pod in world.find(Pod)] == ["DE-0001", "DE-0003", "DE-0007"]
    assert world.find(Pod, id="DE-0003")[0].city == 'Bremer "haven" 2'
    again = world.do("meters", UploadPods(document=BAD, good_only=True))
    assert (again.n_stored, again.n_same, again.n_bad) == (0, 3, 5)
    elsewhere = f"{HEAD}\nDE-0007,DE,27570,Bremen,Am Hafen\n"
    assert world.codes("meters", UploadPods(document=elsewhere)) == [("duplicate", "line 2, pod_id")]


@pytest.mark.parametrize(
    ("document", "code"),
    [("", "malformed"), ("pod_id,city\n", "malformed"), (HEAD, "missing"), ("x" * 32_000_001, "too_large")],
)
def test_no_such_file(world: ValueWorld, document: str, code: str) -> None:
    for good_only in (False, True):
        assert world.codes("meters", UploadPods(document=document, good_only=good_only))[0][0] == code


def test_more_than_one_statement_takes(world: ValueWorld) -> None:
    rows = "\n".join(f"DE-{n:06},DE,27570,Bremerhaven,Am Hafen {n % 40}" for n in range(40_000))
    upload = UploadPods(document=f"{HEAD}\n{rows}\n")
    assert world.do("meters", upload).n_stored == 40_000
    assert world.do("meters", upload).n_same == 40_000


def test_written_as_it_is_read() -> None:
    with pytest.raises(Refused):
        files.read("", BadLines())
    bad = BadLines()
    pods = [pod for _, pod in files.read(BAD, bad)]
    text = "".join(files.write(iter(pods)))
    assert [pod for _, pod in files.read(text, BadLines())] == pods


def test_a_customer_sees_its_own(world: ValueWorld) -> None:
    world.do("meters", UploadPods(document=BAD, good_only=True))
    assert world.ask("meters", ListPods(part=FIRST)).total == 3
    assert [pod.id for pod in world.ask("house", ListPods(part=FIRST))] == ["DE-0001"]
    assert [pod.id for pod in world.ask("flat", ListPods(part=FIRST))] == []
    world.do("meters", ChangePod(**vars(one("DE-0007", customer_id=PartyId("house")))))
    assert [pod.id for pod in world.ask("house", ListPods(part=FIRST))] == ["DE-0001", "DE-0007"]
    assert world.ask("house", GetPod(pod_id=PodId("DE-0007"))).city == "Bremerhaven"
    assert world.codes("flat", GetPod(pod_id=PodId("DE-0007"))) == [("not_found", "pod_id")]
    assert world.codes("pool", ListPods(part=FIRST)) == [("not_permitted", "")]
