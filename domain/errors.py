"""Refusals: what a user is told when something cannot be done, as data with stable codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of refusal a code is; the edges translate it (REST to a status, desks to a place)."""

    INVALID = "invalid"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    PRECONDITION = "precondition"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"


@dataclass(frozen=True, kw_only=True)
class Code:
    kind: Kind
    meaning: str


_I, _C = Kind.INVALID, Kind.CONFLICT

CODES: dict[str, Code] = {
    "malformed": Code(kind=_I, meaning="The text cannot be read in the expected format."),
    "missing": Code(kind=_I, meaning="A value that is needed is not there."),
    "unknown_field": Code(kind=_I, meaning="A field that the format does not know."),
    "not_finite": Code(kind=_I, meaning="A number is NaN, infinite or no number."),
    "negative": Code(kind=_I, meaning="A quantity that must not be negative is."),
    "zero_quantity": Code(kind=_I, meaning="Nothing is asked or offered in any step."),
    "too_many_decimals": Code(kind=_I, meaning="More decimals than the unit has."),
    "out_of_range": Code(kind=_I, meaning="The value is outside what is allowed."),
    "wrong_length": Code(kind=_I, meaning="A series does not have one value per quarter hour of the day."),
    "beyond_asset": Code(kind=_I, meaning="More than the asset can change in that quarter hour."),
    "mixed_brp": Code(kind=_I, meaning="An independent aggregator's offer takes assets of one BRP only."),
    "unknown_asset": Code(kind=_I, meaning="No such asset."),
    "unknown_bus": Code(kind=_I, meaning="The bus is not in the DSO's grid."),
    "unknown_place": Code(kind=_I, meaning="No place of the grids has this name."),
    "ambiguous_place": Code(kind=_I, meaning="Several regions have a place of this name."),
    "unknown_id": Code(kind=_I, meaning="The platform did not issue this id to you."),
    "not_on_grid": Code(kind=_I, meaning="A time that is not on the market's quarter hours, or of two days."),
    "unknown_area": Code(kind=_I, meaning="The load area is not in the DSO's network, or nobody is connected."),
    "wrong_time_step": Code(kind=_I, meaning="A time step, or a time on it, that does not fit."),
    "in_future": Code(kind=_I, meaning="A value of a time that is not over; two clocks disagree."),
    "too_few_pods": Code(
        kind=Kind.FORBIDDEN, meaning="An aggregate of so few points of delivery would tell of single ones."
    ),
    "unordered": Code(kind=_I, meaning="Times that do not follow each other."),
    "unknown_branch": Code(kind=_I, meaning="The line or transformer is not in the DSO's grid."),
    "unknown_unit": Code(kind=_I, meaning="The unit is not in the DSO's grid."),
    "unknown_toolkit": Code(kind=_I, meaning="No such kind of work."),
    "unknown_party": Code(kind=_I, meaning="No such participant."),
    "unknown_country": Code(kind=_I, meaning="No country that the market place knows."),
    "role_conflict": Code(kind=_I, meaning="A role or service that this type of player does not have."),
    "not_matching": Code(kind=_C, meaning="The description of the offer does not meet the wish."),
    "own_offer": Code(kind=_C, meaning="A company does not subscribe to what it offers itself."),
    "agreement_missing": Code(kind=_C, meaning="The company has not accepted the general agreement yet."),
    "not_certified": Code(kind=_C, meaning="The platform has not passed the test, or is not certified yet."),
    "self_crossing": Code(kind=_I, meaning="Edges of an area meet where they must not."),
    "no_bus_inside": Code(kind=_I, meaning="An area has no bus of the DSO's grid in it."),
    "in_use": Code(kind=_C, meaning="Something that is still there needs it."),
    "duplicate": Code(kind=_C, meaning="It is there already."),
    "rules_conflict": Code(kind=_I, meaning="Clearing mode, payment rule and energy do not go together."),
    "no_buyers": Code(kind=_C, meaning="The session is cleared on the network, where only the DSO buys."),
    "terms_conflict": Code(kind=_I, meaning="Terms of an offer that do not go together or with the session."),
    "invalid_network": Code(kind=_I, meaning="The network document has errors."),
    "invalid_schedule": Code(kind=_I, meaning="The schedule file has errors."),
    "invalid_metering": Code(kind=_I, meaning="The metering file has errors."),
    "unknown_pod": Code(kind=_I, meaning="No such point of delivery, or it stands for no asset on that day."),
    "not_delivered": Code(kind=_C, meaning="The delivery day is not over yet."),
    "open_findings": Code(kind=_C, meaning="The validation has findings that stop it; mend or accept them."),
    "naive_time": Code(kind=_I, meaning="An instant without an offset."),
    "deadline_passed": Code(kind=_C, meaning="The deadline has passed on the market clock."),
    "gate_closed": Code(kind=_C, meaning="The session's gate is not open."),
    "book_sealed": Code(kind=_C, meaning="The book is sealed until the gate closes."),
    "wrong_state": Code(kind=_C, meaning="The step is not allowed from the present state."),
    "asset_not_confirmed": Code(kind=_C, meaning="The DSO has not confirmed the asset."),
    "stale": Code(kind=_C, meaning="Somebody changed it in the meantime; look again."),
    "precondition_failed": Code(
        kind=Kind.PRECONDITION, meaning="It is not at the version that the change was meant for; look again."
    ),
    "clock_skew": Code(kind=_I, meaning="The sender's clock and ours disagree too much."),
    "stale_sequence": Code(kind=_C, meaning="A later message of the same stream was carried out already."),
    "message_differs": Code(kind=_C, meaning="The message's id was used for another message."),
    "no_network": Code(kind=_C, meaning="The region has no network yet."),
    "no_schedule": Code(kind=_C, meaning="The region has no schedules for that day yet."),
    "no_prices": Code(kind=_C, meaning="The day has no day-ahead prices yet."),
    "no_session": Code(kind=_C, meaning="The region has no market session for that time."),
    "not_callable": Code(kind=_C, meaning="An offer that cannot be called, or not this much of it."),
    "no_result": Code(kind=Kind.NOT_FOUND, meaning="There is no result yet."),
    "not_demo": Code(kind=_C, meaning="Only the demo's clock can be moved."),
    "not_found": Code(kind=Kind.NOT_FOUND, meaning="There is no such thing, or it is not yours to see."),
    "not_yours": Code(kind=Kind.FORBIDDEN, meaning="It belongs to another participant."),
    "not_permitted": Code(kind=Kind.FORBIDDEN, meaning="Your role does not allow this."),
    "signed_out": Code(kind=Kind.UNAUTHENTICATED, meaning="Sign in first."),
    "wrong_credentials": Code(kind=Kind.UNAUTHENTICATED, meaning="Account and password do not fit."),
    "must_change": Code(kind=Kind.FORBIDDEN, meaning="A one-time password serves only to choose another one."),
    "scope_missing": Code(kind=Kind.FORBIDDEN, meaning="The API key has no scope that covers this."),
    "wrong_introduction": Code(
        kind=Kind.UNAUTHENTICATED, meaning="The word of an introduction does not fit, is too old, or is spent."
    ),
    "wrong_client": Code(kind=Kind.UNAUTHENTICATED, meaning="The client's id and secret do not fit."),
    "wrong_grant": Code(kind=Kind.UNAUTHENTICATED, meaning="The refresh token is unknown, spent or over."),
    "grant_not_allowed": Code(kind=Kind.FORBIDDEN, meaning="Tokens are not given to this client in this way."),
    "unknown_grant": Code(kind=_I, meaning="There is no such way of getting tokens."),
    "throttled": Code(kind=Kind.TOO_MANY, meaning="Too many tries; wait a little."),
    "expired": Code(kind=_C, meaning="It is over by its dates."),
    "overlapping": Code(kind=_C, meaning="A consent for that time and purpose is asked for, or stands."),
    "no_consent": Code(kind=_C, meaning="Consent is mandatory, and none stands that covers this."),
    "wrong_environment": Code(kind=_C, meaning="Regulated and unregulated services have requests of their own."),
    "not_offered": Code(kind=_I, meaning="The service's description does not offer this."),
    "not_in_force": Code(kind=_C, meaning="The subscription or agreement is not in force at this time."),
    "in_progress": Code(kind=_C, meaning="A request with the same idempotency key is still being carried out."),
    "too_large": Code(kind=Kind.TOO_LARGE, meaning="The body or file is larger than the limit."),
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: a stable code, the field it is about, and a sentence for people."""

    code: str
    field: str
    sentence: str

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"unregistered refusal code {self.code!r}")
        for name in ("field", "sentence"):  # they may quote what was sent, and half of a surrogate pair is no text
            text: str = getattr(self, name)
            object.__setattr__(self, name, text.encode("utf-8", "replace").decode())


class Refused(Exception):  # noqa: N818 - the field's word; not a fault of the program
    """A command or query was refused; nothing was stored. Carries every finding, at least one."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        if not self.findings:
            raise ValueError("a refusal needs a finding")
        super().__init__("; ".join(f"{f.code} [{f.field}]: {f.sentence}" for f in self.findings))

    @property
    def kind(self) -> Kind:
        return CODES[self.findings[0].code].kind

    def __reduce__(self) -> tuple[type[Refused], tuple[tuple[Finding, ...]]]:
        return (Refused, (self.findings,))


def refuse(code: str, field: str, sentence: str) -> Refused:
    """A refusal with one finding, to be raised by the caller."""
    return Refused([Finding(code=code, field=field, sentence=sentence)])


def raise_if(findings: Iterable[Finding]) -> None:
    """Raise `Refused` with all findings when there are any."""
    found = tuple(findings)
    if found:
        raise Refused(found)
