"""Every entity of the domain has a table and comes back from it as it went in."""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert
from stored_samples import CONFIRM, DSO, T0, asset, code_of

import domain
from app.persistence import Store
from app.persistence.columns import EUR, MW, to_whole
from app.persistence.ledgers import accounts
from app.persistence.registry import EntityTable
from app.persistence.tables import ENTITIES, platform_metadata
from domain.errors import Refused
from domain.flexibility.assets import Direction
from domain.flexibility.grids import Job
from domain.flexibility.market import Award, FlexOffer, OfferLine
from domain.flexibility.settlement import Statement
from domain.ids import (
    AssetId,
    AwardId,
    JobId,
    KeyId,
    OfferId,
    PartyId,
    RegionId,
    SessionId,
    StatementId,
    SubscriptionId,
)
from domain.marketplace.services import Player, ServiceTerms, SubscriptionContent
from domain.marketplace.words import Environment, PlatformRole
from domain.parties import ApiKey, Party, Role
from domain.platform.subscriptions import PlatformSubscription

PARENTS = {
    "parties.id": "esp1",
    "accounts.account": "op",
    "regions.id": "r1",
    "sessions.id": "s1",
    "assets.id": "a1",
    "offers.id": "o1",
    "awards.id": "w1",
    "statements.id": "st1",
    "platform_subscriptions.id": "bs1",
    "api_keys.id": "k1",
}


def entity_classes() -> Iterator[type[Any]]:
    """Dataclasses of the domain with an id and a version."""
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        for kind in vars(importlib.import_module(module.name)).values():
            own = isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.name
            if own and {"id", "version"} <= {field.name for field in fields(kind)}:
                yield kind


def test_every_entity_has_a_table_with_all_its_fields() -> None:
    kinds = set(entity_classes())
    assert {"Party", "FlexOffer", "Job", "Notification"} <= {kind.__name__ for kind in kinds}
    assert set(ENTITIES) == kinds
    for kind, entry in ENTITIES.items():
        assert list(entry.specs) == [field.name for field in fields(kind)]


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
_SIMPLE: dict[Any, st.SearchStrategy[Any]] = {
    str: _TEXT,
    int: st.integers(0, 2**31),
    bool: st.booleans(),
    float: st.floats(0, 1),
    bytes: st.binary(max_size=20),
    date: st.dates(date(1970, 1, 1)),
    datetime: st.datetimes(timezones=st.just(UTC)),
}


def values(name: str, hint: Any) -> st.SearchStrategy[Any]:
    """Whatever a field may hold by its type; Decimals with the decimals of the unit in the field's name."""
    hint = getattr(hint, "__supertype__", hint)
    if hint in _SIMPLE:
        return _SIMPLE[hint]
    if hint is Decimal:
        places = 2 if "_eur" in name else 6
        return st.integers(-(10**12), 10**12).map(lambda whole: Decimal(whole).scaleb(-places))
    if get_origin(hint) is tuple:
        return st.lists(values(name, get_args(hint)[0]), max_size=4).map(tuple)
    if get_origin(hint) in (Union, UnionType):
        (inner,) = (arg for arg in get_args(hint) if arg is not NoneType)
        return st.none() | values(name, inner)
    if issubclass(hint, Enum):
        return st.sampled_from(hint)
    return instances(hint)


def instances(kind: type[Any]) -> st.SearchStrategy[Any]:
    hints = get_type_hints(kind)
    return st.builds(kind, **{field.name: values(field.name, hints[field.name]) for field in fields(kind)})


def at_home(entity: Any, entry: EntityTable) -> Any:
    """The entity with references to rows that are there and an id of its own."""
    links = {name: PARENTS.get(spec.references) for name, spec in entry.specs.items() if spec.references}
    kept = {name: to for name, to in links.items() if getattr(entity, name) is not None}
    return replace(entity, **{"id": f"new {entity.id}"} | kept)


class RollBackError(Exception):
    pass


@pytest.mark.parametrize("kind", ENTITIES, ids=lambda kind: kind.__name__)
@settings(max_examples=15, deadline=None, derandomize=True)
@given(data=st.data())
def test_entity_comes_back_as_it_went_in(
    shared_store: Store, shared_platform: Store, kind: type[Any], data: st.DataObject
) -> None:
    entity = at_home(data.draw(instances(kind)), ENTITIES[kind])
    platform = ENTITIES[kind].table.metadata is platform_metadata
    store, parents = (shared_platform, _platform_parents) if platform else (shared_store, _parents)
    with pytest.raises(RollBackError), store.write(DSO, CONFIRM) as uow:  # noqa: PT012
        parents(uow)
        uow.add(entity)
        stored = uow.get(kind, entity.id)
        assert stored == entity
        uow.save(entity)
        assert uow.get(kind, entity.id) == replace(entity, version=entity.version + 1)
        for name, spec in ENTITIES[kind].specs.items():
            if spec.findable and name != "version":
                assert entity.id in {found.id for found in uow.find(kind, **{name: getattr(entity, name)})}
        raise RollBackError


def _platform_parents(uow: Any) -> None:
    uow.add(Party(id=PartyId("esp1"), name="North meters", role=Role.PROVIDER))
    player = Player(id=PartyId("esp1"), name="North meters")
    content = SubscriptionContent(
        id=SubscriptionId("bs1"),
        environment=Environment.REGULATED,
        provider=player,
        requester=player,
        validated_at=T0,
        starts_at=T0,
        ends_at=None,
        data_details="",
        processing_details="",
        descriptions=(),
        terms=ServiceTerms(),
    )
    side = PlatformRole.PROVIDER
    uow.add(PlatformSubscription(id=content.id, side=side, peer_id=player.id, content=content))
    account = {"account": "op", "password_hash": "x", "party_id": "esp1", "role": "provider", "active": 1}
    uow._connection.execute(insert(accounts).values(account))
    uow.add(
        ApiKey(
            id=KeyId("k1"),
            party_id=PartyId("esp1"),
            account="op",
            name="peer",
            scopes=(),
            created_at=T0,
            issued_at=T0,
            expires_at=T0,
        )
    )


def _parents(uow: Any) -> None:
    account = {"account": "op", "password_hash": "x", "party_id": "esp1", "role": "esp", "active": 1}
    uow._connection.execute(insert(accounts).values(account))
    offer = FlexOffer(
        id=OfferId("o1"),
        party_id=PartyId("esp1"),
        session_id=SessionId("s1"),
        region_id=RegionId("r1"),
        direction=Direction.DOWN,
        lines=(OfferLine(asset_id=AssetId("a1"), quantity_mw=(Decimal("0.1"),)),),
        price_eur_per_mwh=(Decimal("40.5"),),
        submitted_at=T0,
    )
    uow.add(offer)
    uow.add(
        Statement(
            id=StatementId("st1"),
            session_id=SessionId("s1"),
            region_id=RegionId("r1"),
            party_id=PartyId("esp1"),
            revision=2**40,
            lines=(),
            computed_at=T0,
        )
    )
    uow.add(
        Award(
            id=AwardId("w1"),
            session_id=SessionId("s1"),
            region_id=RegionId("r1"),
            offer_id=offer.id,
            asset_id=AssetId("a1"),
            party_id=PartyId("esp1"),
            direction=Direction.DOWN,
            accepted_mw=(Decimal("0.1"),),
            price_eur_per_mwh=(Decimal("40.5"),),
            payment_eur=Decimal("1.01"),
        )
    )


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("NaN", "not_finite"),
        ("sNaN", "not_finite"),
        ("Infinity", "not_finite"),
        ("0.0000001", "too_many_decimals"),
        ("1.0000000000000000000000000000000000000001", "too_many_decimals"),
        ("1E+30", "out_of_range"),
        ("9223372036854.775808", "out_of_range"),
    ],
)
def test_power_that_cannot_be_kept_exactly_is_refused(shared_store: Store, value: str, code: str) -> None:
    with pytest.raises(Refused) as error, shared_store.write(DSO, CONFIRM) as uow:
        uow.add(replace(asset("a2", "pv 2"), p_max_mw=Decimal(value)))
    assert (code_of(error.value), error.value.findings[0].field) == (code, "p_max_mw")


def test_whole_parts() -> None:
    assert to_whole(Decimal("1.5"), MW.places, "p_mw") == 1_500_000
    assert to_whole(Decimal("-0.010"), EUR.places, "payment_eur") == -1
    assert to_whole(Decimal("9223372036854.775807"), MW.places, "p_mw") == 2**63 - 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"progress": math.nan}, "not_finite"),
        ({"progress": 1.5}, "out_of_range"),
        ({"error": "a\x00b"}, "malformed"),
        ({"error": "\ud800"}, "malformed"),
        ({"submitted_at": T0.replace(tzinfo=None)}, "naive_time"),
    ],
)
def test_what_a_database_would_twist_is_refused(shared_store: Store, change: dict[str, Any], code: str) -> None:
    job = Job(
        id=JobId("j1"),
        kind="needs",
        owner_id=PartyId("dso1"),
        region_id=RegionId("r1"),
        delivery_day=T0.date(),
        session_id=None,
        submitted_at=T0,
        inputs=b"",
    )
    with pytest.raises(Refused) as error, shared_store.write(DSO, CONFIRM) as uow:
        uow.add(replace(job, **change))
    assert code_of(error.value) == code


def test_series_with_a_bad_value_names_its_step(shared_store: Store) -> None:
    line = OfferLine(asset_id=AssetId("a1"), quantity_mw=(Decimal(1), Decimal("NaN")))
    with pytest.raises(Refused) as error, shared_store.write(DSO, CONFIRM) as uow:  # noqa: PT012
        _parents(uow)
        uow.save(replace(uow.get(FlexOffer, "o1"), lines=(line,)))
    assert error.value.findings[0].field == "lines[0].quantity_mw[1]"
