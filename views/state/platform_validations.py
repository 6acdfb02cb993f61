"""Technical validations as their pages see them: the list, a picked one's curve and answer, and a new question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

import numpy as np
import param
from numpy.typing import NDArray

from app.queries.models.platform import (
    GetTechnicalValidation,
    ListSubscriptions,
    ListTechnicalValidations,
    SubscriptionView,
)
from domain.commands.platform import AskTechnicalValidation
from domain.errors import Finding, Refused
from domain.ids import SubscriptionId
from domain.marketplace.words import PlatformRole
from domain.paging import Slice, falling
from domain.platform.validation import (
    AreaPart,
    BindingLimit,
    LimitKind,
    PowerPoint,
    SystemOperator,
    TechnicalValidationResponse,
)
from domain.platform.validations import TechnicalValidation, ValidationState
from domain.time import DeliveryDay, market_day
from views.state.common import MISSING, local, number, utc
from views.state.door import Door

Floats = NDArray[np.float64]
SHOWN = 200
_KW = Decimal("0.001")
_KIND_WORDS: Mapping[LimitKind, str] = {
    LimitKind.VOLTAGE: "voltage",
    LimitKind.LOADING: "loading",
    LimitKind.IMPORT: "import",
    LimitKind.EXPORT: "export",
    LimitKind.APPARENT: "apparent power",
    LimitKind.NO_SOLUTION: "no operating point",
}


class ValidationsState(param.Parameterized):
    """What the address keeps."""

    validation = param.String(default="")
    subscription = param.String(default="")
    day = param.String(default="")


@dataclass(frozen=True, kw_only=True)
class ValidationsFacts:
    """The newest ones, the one that is looked at, and the subscriptions that they are asked under."""

    validations: tuple[TechnicalValidation, ...]
    chosen: TechnicalValidation | None
    subscriptions: tuple[SubscriptionView, ...]

    def peer(self, validation: TechnicalValidation) -> str:
        """The other side's name."""
        found = (s.peer for s in self.subscriptions if s.content.id == validation.subscription_id)
        return next(found, str(validation.peer_id))


def validations_facts(door: Door, chosen: str) -> ValidationsFacts:
    part = Slice(order=falling("asked_at", "id"), limit=SHOWN)
    found = tuple(door.ask(ListTechnicalValidations(part=part)))
    picked = next((each for each in found if chosen in (each.id, each.request_id)), None)
    if picked is None and chosen:
        picked = _asked_for(door, chosen)
    return ValidationsFacts(
        validations=found,
        chosen=picked or (found[0] if found else None),
        subscriptions=door.ask(ListSubscriptions()),
    )


def _asked_for(door: Door, id: str) -> TechnicalValidation | None:
    try:
        return door.ask(GetTechnicalValidation(validation_id=id))
    except Refused:
        return None


def record(validation: TechnicalValidation, peer: str) -> dict[str, Any]:
    request, response = validation.request, validation.response
    return {
        "id": validation.id,
        "state": validation.state.value,
        "share": share_words(response.share) if response else MISSING,
        "span": f"{local(request.start)}–{local(request.end, '%H:%M')}",
        "span_utc": f"{utc(request.start)} to {utc(request.end)}",
        "peak": f"{number(max((point.power_mw for point in request.curve), key=abs), 3)} MW",
        "area": area_words(request.load_area),
        "peer": peer,
        "asked": local(validation.asked_at, "%d %b %H:%M"),
        "asked_utc": utc(validation.asked_at),
    }


def share_words(share: Decimal) -> str:
    """A share in percent, such as `62.5 %`."""
    percent = (share * 100).quantize(Decimal("0.0001")).normalize()
    return f"{percent:f} %"


def area_words(area: Sequence[AreaPart]) -> str:
    """The load area; shares only where there are several parts."""
    if len(area) == 1:
        return area[0].name
    return ", ".join(f"{part.name} {share_words(part.share)}" for part in area)


def curve_of(validation: TechnicalValidation) -> tuple[DeliveryDay, Floats, Floats | None]:
    """The day, the proposed power and what of it is allowed, [n_steps] MW; nothing outside of the exchange."""
    request, response = validation.request, validation.response
    day = DeliveryDay(day=market_day(request.start))
    proposed = np.full(day.n_steps, np.nan)
    for step in range(day.n_steps):
        at = max(day.instant(step), request.start)
        if at < min(request.end, day.instant(step + 1)):
            proposed[step] = float(request.power_mw(at))
    return day, proposed, None if response is None else proposed * float(response.share)


def binding_words(response: TechnicalValidationResponse) -> str:
    """What forbids more, in a sentence."""
    binding = response.binding
    if binding is None:
        return "Nothing forbids any of it."
    whose = (
        "The DSO's network" if binding.operator is SystemOperator.DSO else "The TSO's limit at the coupling point"
    )
    return f"{whose} binds: {limit_words(binding)}"


def limit_words(binding: BindingLimit) -> str:
    """Such as `loading of Line 7, Mon 25 Jul 12:00: limit 100, without the exchange 81.2, with all of it 133`."""
    unit = binding.kind.unit
    values = [
        f"{name} {number(value, 3)}"
        for name, value in (
            ("limit", binding.limit),
            ("without the exchange", binding.base),
            ("with the allowed share", binding.value),
            ("with all of it", binding.whole),
        )
        if value is not None
    ]
    unit_words = f" (in {unit})" if unit and values else ""
    told = f": {', '.join(values)}{unit_words}." if values else "."
    return f"{_KIND_WORDS[binding.kind]} of {binding.element}, {local(binding.at)}{told}"


def asked_of(facts: ValidationsFacts) -> dict[str, str]:
    """The DSOs that can be asked: name and subscription -> its id."""
    return {
        f"{view.peer} ({view.content.id})": view.content.id
        for view in facts.subscriptions
        if view.in_force and view.side is PlatformRole.REQUESTER
    }


def waits(validation: TechnicalValidation) -> bool:
    return validation.state in (ValidationState.ASKED, ValidationState.QUEUED, ValidationState.RUNNING)


def area_of(text: str) -> tuple[AreaPart, ...]:
    """A load area as it is typed: a name each line, with its share in percent behind the last `;` where there are
    several.

    Raises:
        Refused: `missing`, `malformed`.
    """
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines:
        raise _refusal("missing", "load_area", "Name a bus or a feeder of the DSO's network.")
    return tuple(_part(line, len(lines)) for line in lines)


def _part(line: str, n_lines: int) -> AreaPart:
    name, mark, share = line.rpartition(";")
    if not mark:
        if n_lines > 1:
            raise _refusal("missing", "load_area", f"Give the share of {line}, such as {line}; 50")
        return AreaPart(name=line)
    try:
        return AreaPart(name=name.strip(), share=Decimal(share.strip().removesuffix("%").strip()) / 100)
    except InvalidOperation:
        raise _refusal("malformed", "load_area", f"{share.strip()} is no share in percent.") from None


def most_of(text: str) -> Decimal:
    """The largest power of the chart, MW. Raises `Refused` (`malformed`)."""
    try:
        most = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        most = Decimal("NaN")
    if not most.is_finite() or not 0 < most <= 10_000:
        raise _refusal("malformed", "most", "Give a power in MW above 0, at most 10,000.")
    return most


def question(
    subscription_id: str, day: date, drawn_mw: Sequence[float], sign: int, area: str
) -> AskTechnicalValidation:
    """From the first to the last quarter hour that is drawn; what is zero in between stays zero.

    drawn_mw : [n_steps], MW, 0 or more; sign : 1 for more injection, -1 for less

    Raises:
        Refused: `missing` for a subscription, `zero_quantity` for an empty chart; as `area_of`.
    """
    if not subscription_id:
        raise _refusal("missing", "subscription_id", "Choose a subscription that is in force.")
    delivery = DeliveryDay(day=day)
    power = [sign * Decimal(repr(float(value))).quantize(_KW, ROUND_HALF_EVEN) for value in drawn_mw]
    steps = [step for step, value in enumerate(power) if value]
    if not steps:
        raise _refusal("zero_quantity", "curve", "Draw the power that you propose.")
    first, last = steps[0], steps[-1]
    curve = tuple(
        PowerPoint(at=delivery.instant(step), power_mw=power[step] + 0) for step in range(first, last + 1)
    )
    return AskTechnicalValidation(
        subscription_id=SubscriptionId(subscription_id),
        start=delivery.instant(first),
        end=delivery.instant(last + 1),
        curve=curve,
        load_area=area_of(area),
    )


def shown_day(text: str, now: datetime) -> date:
    """The day of the address, else tomorrow."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return market_day(now) + timedelta(days=1)


def _refusal(code: str, field: str, sentence: str) -> Refused:
    return Refused([Finding(code=code, field=field, sentence=sentence)])
