"""A step of the EU Market Place's guided demo: a player asks a DSO how much of an exchange its network bears."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from app.demo.place_scene import Actor, Scene
from domain.commands.platform import AskTechnicalValidation
from domain.platform.subscriptions import PlatformSubscription
from domain.platform.validation import AreaPart, BindingLimit, PowerPoint
from domain.platform.validations import TechnicalValidation, ValidationSchedules, ValidationState
from domain.time import MTU, DeliveryDay

FEEDER = "Feeder MV1.101 Line 22"
POWER_MW = Decimal(3)
FIRST_STEP, N_STEPS = 48, 16
"""Quarter hours: from noon to four o'clock."""


def validated(scene: Scene, player: Actor, feeder: str = FEEDER) -> None:
    """The question goes to each DSO of its subscriptions that has a network on its platform, once."""
    for subscription in player.held(PlatformSubscription):
        dso = scene.actor(scene.account(subscription.peer_id))
        schedules = dso.held(ValidationSchedules, party_id=dso.principal.party_id)
        if schedules:
            start = DeliveryDay(day=schedules[0].delivery_day).instant(FIRST_STEP)
            _asked(scene, player, dso, subscription, start, feeder)


def _asked(
    scene: Scene, player: Actor, dso: Actor, subscription: PlatformSubscription, start: datetime, feeder: str
) -> None:
    of = {"subscription_id": subscription.id}
    if not player.held(TechnicalValidation, **of):
        player.do(
            AskTechnicalValidation(
                subscription_id=subscription.id,
                start=start,
                end=start + N_STEPS * MTU,
                curve=(PowerPoint(at=start, power_mw=POWER_MW),),
                load_area=(AreaPart(name=feeder),),
            )
        )
    scene.until(lambda: player.held(TechnicalValidation, **of)[0].state is not ValidationState.ASKED)
    response = player.held(TechnicalValidation, **of)[0].response
    if response is None:
        scene.say(f"{dso.principal.name} has no answer to the technical validation.")
        return
    scene.say(
        f"{dso.principal.name}'s network bears {response.share:.0%} of {POWER_MW} MW less consumption at {feeder}"
        f"{_because(response.binding)}."
    )


def _because(binding: BindingLimit | None) -> str:
    return "" if binding is None else f": the {binding.kind.value} of {binding.element} forbids more"
