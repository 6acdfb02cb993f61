"""A registration gives the market place a key for its platform; it is sealed, and goes where the platform is."""

from __future__ import annotations

import pytest
from placed import OPERATOR, RDP, accepted
from world import World

from domain.commands import place as c
from domain.errors import Refused
from domain.marketplace.registrations import RegistrationWish
from domain.transport import Correspondent

KEY = c.EnterPlatformKey(secret="fdk_the-key-of-the-platform")


@pytest.fixture(autouse=True)
def vault(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(world.store._vault, "_secret", lambda: b"s" * 48)


def refused(world: World, who: str, command: object) -> set[tuple[str, str]]:
    with pytest.raises(Refused) as error:
        world.do(who, command)
    return {(finding.code, finding.field) for finding in error.value.findings}


def test_the_key_is_sealed_and_follows_the_address(world: World) -> None:
    (registration,) = accepted(world)
    assert world.do(registration.id, KEY) == registration.id
    with world.store.read() as uow:
        known = uow.get(Correspondent, registration.id)
        assert (known.url, uow.vault.open(known.sealed_key, known.id)) == (registration.platform_url, KEY.secret)
    assert KEY.secret not in known.sealed_key
    world.do(registration.id, c.SetPlatformAddress(platform_url="https://moved.example"))
    moved = world.only(Correspondent, id=registration.id)
    assert (moved.url, moved.sealed_key) == ("https://moved.example", known.sealed_key)


def test_only_registrations_with_an_address_enter_a_key(world: World) -> None:
    assert refused(world, OPERATOR, KEY) == {("not_permitted", "")}
    assert refused(world, "dso1", KEY) == {("not_permitted", "")}
    nowhere = (RegistrationWish(player_role=RDP, account="nowhere", platform_url=""),)
    (registration,) = accepted(world, registrations=nowhere)
    assert refused(world, registration.id, KEY) == {("missing", "platform_url")}
    world.do(registration.id, c.SetPlatformAddress(platform_url="https://here.example"))
    assert refused(world, registration.id, c.EnterPlatformKey(secret="")) == {("missing", "key")}
    assert refused(world, registration.id, c.EnterPlatformKey(secret="two words")) == {("malformed", "secret")}


def test_who_is_out_enters_no_key(world: World) -> None:
    (registration,) = accepted(world)
    world.do(OPERATOR, c.SuspendRegistration(registration_id=registration.id, reason="no answer"))
    assert refused(world, registration.id, KEY) == {("signed_out", "")}
