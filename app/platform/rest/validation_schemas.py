"""Bodies and answers about technical validations."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from app.rest.fields import Day, Exact, Id, In, Instant, Out, Text
from app.rest.schemas import Paging
from domain.platform.validation import MAX_PARTS, MAX_POINTS
from domain.platform.validations import MOST_REFUSALS, ValidationState

Element = Annotated[Text, Field(max_length=200)]
Sentence = Annotated[str, Field(max_length=1000)]


class PowerPointIn(In):
    """A power in MW that holds from an instant to the next one; positive: more injection or less consumption."""

    at: Instant
    power_mw: Exact


class AreaPartIn(In):
    """A bus or feeder of the DSO's network and its share of the exchange."""

    name: Element
    share: Exact


class ExchangeIn(In):
    """What is proposed: a power curve and where it is delivered."""

    start: Instant
    end: Instant
    curve: Annotated[list[PowerPointIn], Field(max_length=MAX_POINTS)]
    load_area: Annotated[list[AreaPartIn], Field(max_length=MAX_PARTS)]


class AskIn(ExchangeIn):
    """What to ask the DSO of a subscription."""

    subscription_id: Id


class TechnicalRequestIn(ExchangeIn):
    """The power curve and the load area, under the player's own id."""

    model_config = ConfigDict(title="TECH-FLEX-REQ")

    id: Id


class AskedIn(In):
    """A TECH-FLEX-REQ, and by which subscription it is asked."""

    subscription_id: Id
    request: TechnicalRequestIn


class BindingIn(In):
    """What forbids a larger share; numbers in the unit of its kind."""

    operator: Annotated[str, Field(pattern="^(dso|tso)$")]
    element: Element
    kind: Annotated[str, Field(pattern="^(voltage|loading|import|export|apparent|no_solution)$")]
    at: Instant
    limit: Exact | None
    base: Exact | None
    value: Exact | None
    whole: Exact | None


class ResponseIn(In):
    """Curtailment factors in 0..1: by the DSO's limits, by the TSO's, and by both."""

    model_config = ConfigDict(title="TECH-FLEX-RESP")

    request_id: Id
    share: Exact
    dso_share: Exact
    tso_share: Exact
    binding: BindingIn | None
    dso_binding: BindingIn | None
    tso_binding: BindingIn | None


class RefusalIn(In):
    code: Element
    field: Annotated[str, Field(max_length=200)]
    sentence: Sentence


class AnsweredIn(In):
    """A TECH-FLEX-RESP, or why there is none."""

    subscription_id: Id
    request_id: Id
    response: ResponseIn | None
    refusals: Annotated[list[RefusalIn], Field(max_length=MOST_REFUSALS)]


class PowerPointOut(Out):
    at: Instant
    power_mw: Exact


class AreaPartOut(Out):
    name: str
    share: Exact


class RequestOut(Out):
    model_config = ConfigDict(title="TECH-FLEX-REQ, as it was asked", from_attributes=True, frozen=True)

    id: str
    start: Instant
    end: Instant
    curve: list[PowerPointOut]
    load_area: list[AreaPartOut]


class BindingOut(Out):
    """`base`, `value`, `whole`: without the exchange, with the allowed share of it, and with all of it."""

    operator: str
    element: str
    kind: str
    unit: str
    at: Instant
    limit: Exact | None
    base: Exact | None
    value: Exact | None
    whole: Exact | None

    @classmethod
    def of(cls, binding: Any) -> BindingOut | None:
        if binding is None:
            return None
        return cls.model_validate({**vars(binding), "unit": binding.kind.unit})


class ResponseOut(Out):
    """`share` is what counts; a binding limit is null where its share is 1."""

    model_config = ConfigDict(title="TECH-FLEX-RESP, as it was answered", from_attributes=True, frozen=True)

    request_id: str
    share: Exact
    dso_share: Exact
    tso_share: Exact
    binding: BindingOut | None
    dso_binding: BindingOut | None
    tso_binding: BindingOut | None


class RefusalOut(Out):
    code: str
    field: str
    sentence: str


class ValidationOut(Out):
    """`side`: ours, `provider` for the DSO. `refusals`: why there is no response. Hashes are of what it was
    computed on, empty on the side that asked."""

    id: str
    side: str
    request_id: str
    subscription_id: str
    party_id: str
    peer_id: str
    state: str
    asked_at: Instant
    answered_at: Instant | None
    request: RequestOut
    response: ResponseOut | None
    refusals: list[RefusalOut]
    network_sha256: str
    schedule_sha256: str

    @classmethod
    def of(cls, validation: Any) -> ValidationOut:
        response = validation.response
        if response is not None:
            limits = {name: BindingOut.of(getattr(response, name)) for name in _BINDINGS}
            response = ResponseOut.model_validate({**vars(response), **limits})
        return cls.model_validate({**vars(validation), "response": response})


_BINDINGS = ("binding", "dso_binding", "tso_binding")


class ValidationFilter(Paging):
    subscription_id: Id | None = None
    state: ValidationState | None = None


class LimitsIn(In):
    """What the TSO allows at the coupling point; null where it says nothing. `source`: where it says so."""

    import_max_mw: Exact | None
    export_max_mw: Exact | None
    s_max_mva: Exact | None
    source: Text


class LimitsOut(Out):
    import_max_mw: Exact | None
    export_max_mw: Exact | None
    s_max_mva: Exact | None
    source: str
    set_at: Instant

    @classmethod
    def of(cls, point: Any) -> LimitsOut:
        return cls.model_validate({**vars(point.limits), "source": point.source, "set_at": point.set_at})


class NetworkFileOut(Out):
    sha256: str
    uploaded_at: Instant


class SchedulesFileOut(Out):
    delivery_day: Day
    sha256: str
    network_sha256: str
    uploaded_at: Instant


class FilesOut(Out):
    network: NetworkFileOut | None
    schedules: list[SchedulesFileOut]
    coupling: LimitsOut | None
