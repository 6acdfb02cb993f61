"""The integration set-up test: asked for by a command, called beside it, recorded by another one."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from typing import Any

import pytest
from placed import OPERATOR, RDP, accepted, certified
from world import World

from app.transport.probing import Probed
from app.transport.set_up import SetUpTests
from app.usecases.market_place.registrations import LONGEST_CALL
from domain.commands import place as c
from domain.marketplace.registrations import Registration, RegistrationState, RegistrationWish
from domain.parties import SYSTEM


class AtOnce(Executor):
    """Does the work where it is submitted."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **more: Any) -> Future[Any]:
        work(*args, **more)
        return Future()


def listening(world: World, answer: Probed) -> tuple[list[tuple[str, str, bool]], SetUpTests]:
    """What is called from now on, which answers so; and who listens, for as long as it is held."""
    called: list[tuple[str, str, bool]] = []

    def ask(url: str, key: str, *, local: bool) -> Probed:
        called.append((url, key, local))
        return answer

    tests = SetUpTests(
        lambda command: world.desk.execute(SYSTEM, command), world.store.read, local=False, ask=ask, pool=AtOnce()
    )
    world.bus.subscribe(tests.on_events)
    return called, tests


@pytest.mark.parametrize(
    ("passed", "state"), [(True, RegistrationState.TESTED), (False, RegistrationState.ACCEPTED)]
)
def test_the_platform_is_called_with_its_key(world: World, passed: bool, state: RegistrationState) -> None:
    (registration,) = accepted(world)
    called, _tests = listening(world, Probed(passed=passed, sentence="So it was."))
    command = c.TestIntegration(registration_id=registration.id)
    assert world.codes(registration.id, command) == [("missing", "key")]
    world.do(registration.id, c.EnterPlatformKey(secret="fdk_key"))
    world.do(registration.id, command)
    assert called == [("https://north-grid.example/mpp", "fdk_key", False)]
    after = world.only(Registration)
    assert (after.state, after.test_detail) == (state, "So it was.")
    assert after.test_asked_at is not None


def test_whose_platform_may_be_tested(world: World) -> None:
    (registration,) = accepted(world)
    (other,) = certified(world, "South Grid")
    called, _tests = listening(world, Probed(passed=True, sentence=""))
    world.do(registration.id, c.EnterPlatformKey(secret="fdk_key"))
    command = c.TestIntegration(registration_id=registration.id)
    assert world.codes(other.id, command) == [("not_found", "registration_id")]
    assert world.codes("fmo", command) == [("not_permitted", "")]
    assert called == []
    world.do(OPERATOR, command)
    assert len(called) == 1
    world.do(OPERATOR, c.SuspendRegistration(registration_id=registration.id, reason="Late."))
    assert world.codes(OPERATOR, command) == [("wrong_state", "registration_id")]


def test_what_one_address_answered_says_nothing_of_another(world: World) -> None:
    """The platform moves while it is called."""
    (registration,) = accepted(world)
    world.do(registration.id, c.EnterPlatformKey(secret="fdk_key"))

    def moving(_url: str, _key: str, *, local: bool) -> Probed:
        world.do(registration.id, c.SetPlatformAddress(platform_url="https://elsewhere.example"))
        return Probed(passed=not local, sentence="The platform answered.")

    tests = SetUpTests(
        lambda command: world.desk.execute(SYSTEM, command),
        world.store.read,
        local=False,
        ask=moving,
        pool=AtOnce(),
    )
    world.bus.subscribe(tests.on_events)
    world.do(registration.id, c.TestIntegration(registration_id=registration.id))
    after = world.only(Registration)
    assert (after.state, after.platform_url) == (RegistrationState.ACCEPTED, "https://elsewhere.example")
    assert (after.tested_at, after.test_detail) == (None, "")


def test_a_platform_is_called_once_at_a_time(world: World) -> None:
    """Nobody listens here: it gives no answer, or the server stopped."""
    (registration,) = accepted(world)
    world.do(registration.id, c.EnterPlatformKey(secret="fdk_key"))
    command = c.TestIntegration(registration_id=registration.id)
    world.do(registration.id, command)
    assert world.codes(registration.id, command) == [("wrong_state", "registration_id")]
    answered = c.RecordIntegrationTest(
        registration_id=registration.id, platform_url=registration.platform_url, passed=False, detail="No."
    )
    world.do("system", answered)
    world.do(registration.id, command)
    world.wall.now += LONGEST_CALL
    world.do(registration.id, command)


def test_a_registration_without_an_address_is_not_called(world: World) -> None:
    wish = RegistrationWish(player_role=RDP, account="nowhere")
    (registration,) = accepted(world, registrations=(wish,))
    command = c.TestIntegration(registration_id=registration.id)
    assert world.codes(registration.id, command) == [("missing", "platform_url")]
