"""A customer's consents, sorted as it reads them: asked, in force, over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import param

from app.queries.models.platform import ConsentView, ListConsents, ListPods
from domain.ids import PodId
from domain.paging import Slice, falling
from domain.platform.consents import OPEN
from domain.platform.pods import Pod
from views.state.consent_words import Known
from views.state.door import Door

SHOWN = 200
"""Of each sort: whoever asks often cannot crowd out what stands, and is to be ended."""


class ConsentsState(param.Parameterized):
    """What the address keeps: the consent that a link is about."""

    consent = param.String(default="")


@dataclass(frozen=True, kw_only=True)
class OwnConsents:
    """`missing`: the address names one that is not among the customer's."""

    asked: tuple[Known, ...]
    standing: tuple[Known, ...]
    over: tuple[Known, ...]
    pods: Mapping[PodId, Pod]
    missing: bool


def own_consents(door: Door, named: str) -> OwnConsents:
    """The named one comes first in its group."""
    newest = Slice(order=falling("asked_at", "id"), limit=SHOWN)
    asks = [ListConsents(part=newest, state=state) for state in OPEN] + [ListConsents(part=newest)]
    found = list({view.consent.id: known(view) for ask in asks for view in door.ask(ask)}.values())
    found.sort(key=lambda each: each.consent.id != named)
    pods = door.ask(ListPods(part=Slice(order=(("id", False),), limit=1000)))
    return OwnConsents(
        asked=tuple(each for each in found if each.open),
        standing=tuple(each for each in found if each.stands),
        over=tuple(each for each in found if not each.open and not each.stands),
        pods={pod.id: pod for pod in pods},
        missing=bool(named) and not any(each.consent.id == named for each in found),
    )


def known(view: ConsentView) -> Known:
    return Known(consent=view.consent, requester=view.requester, service=view.service, standing=view.standing)
