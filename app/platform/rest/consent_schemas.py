"""Bodies of consents and activations, and what is answered; fields as in `domain.platform`."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, StringConstraints

from app.rest.fields import Id, In, Instant, Out, Text
from domain.marketplace import words as w
from domain.marketplace.offers import LONGEST_TEXT
from domain.platform.activations import MOST_PODS as MOST_ACTIVATED
from domain.platform.consents import MOST_PODS as MOST_ASKED

Lax = Field(strict=False)
Long = Annotated[str, StringConstraints(max_length=400)]
Details = Annotated[str, StringConstraints(max_length=LONGEST_TEXT)]
Pod = Annotated[str, StringConstraints(min_length=1, max_length=80)]
AskedPods = Annotated[list[Pod], Field(max_length=MOST_ASKED)]
Pods = Annotated[list[Pod], Field(max_length=MOST_ACTIVATED)]


class PodRefusalIn(In):
    """A PoD that is left out, and why: the code and sentence of a refusal."""

    pod_id: Pod
    code: Text
    sentence: Text


class AskIn(In):
    """The customers behind these PoDs are to be asked for their consent."""

    ask_id: Id
    subscription_id: Id
    description_id: Id
    pod_ids: AskedPods
    data_details: Details
    processing_details: Details
    starts_at: Instant
    ends_at: Instant


class AnswerIn(In):
    """How many customers are asked, and for which PoDs nobody is."""

    ask_id: Id
    subscription_id: Id
    answered_at: Instant
    n_asked: Annotated[int, Field(ge=0, le=MOST_ASKED)]
    refused: Annotated[list[PodRefusalIn], Field(max_length=MOST_ASKED)]
    reason: Long


class AcknowledgementIn(In):
    """CUS-CON-ACK: a customer gave its consent (CUS-CON-DES). PoDs as the requester named them, or pseudonyms."""

    model_config = ConfigDict(title="CUS-CON-ACK")

    consent_id: Id
    subscription_id: Id
    description_id: Id
    customer: Annotated[Id, Field(description="A pseudonym of this subscription.")]
    pod_ids: AskedPods
    processing_details: Details
    starts_at: Instant
    ends_at: Instant
    acknowledged_at: Instant


class RevocationIn(In):
    """CUS-CON-REV: for these PoDs the consent is over, revoked or expired."""

    model_config = ConfigDict(title="CUS-CON-REV")

    consent_id: Id
    subscription_id: Id
    customer: Id
    pod_ids: AskedPods
    state: Annotated[w.ConsentState, Lax]
    revoked_at: Instant


class SelectionIn(In):
    """IND-DAT-SEL where the aggregation level is `none`, else AGG-DAT-SEL."""

    model_config = ConfigDict(title="IND-DAT-SEL or AGG-DAT-SEL")

    quantity: Annotated[w.Quantity, Lax]
    time_step: Annotated[w.TimeStep, Lax]
    aggregation_level: Annotated[w.AggregationLevel, Lax] = w.AggregationLevel.NONE
    aggregation_method: Annotated[w.AggregationMethod, Lax] = w.AggregationMethod.NONE
    period_start: Instant | None = None
    period_end: Instant | None = None
    localisation: Annotated[list[Text], Field(max_length=100, default_factory=list)]


class ActivationRequestIn(In):
    """DSO-REQ or USP-REQ, with its selection."""

    model_config = ConfigDict(title="DSO-REQ or USP-REQ")

    activation_id: Id
    subscription_id: Id
    description_id: Id
    selection: SelectionIn
    processing_details: Details
    starts_at: Instant
    ends_at: Instant
    pod_ids: Pods
    refreshes: Id | None


class ConfirmationIn(In):
    """DSO-CNF or USP-CNF: OK, KO or Partial."""

    model_config = ConfigDict(title="DSO-CNF or USP-CNF")

    activation_id: Id
    subscription_id: Id
    status: Annotated[w.ActivationStatus, Lax]
    confirmed_at: Instant
    confirmed: Pods
    refused: Annotated[list[PodRefusalIn], Field(max_length=MOST_ACTIVATED)]
    reason: Long


class AgreementIn(In):
    """SRV-ACT-AGR, new or with refreshed PoDs."""

    model_config = ConfigDict(title="SRV-ACT-AGR, as it is told")

    agreement_id: Id
    activation_id: Id
    subscription_id: Id
    description_id: Id
    pod_ids: Pods
    selection: SelectionIn
    data_details: Annotated[str, StringConstraints(max_length=10_000)]
    processing_details: Details
    validated_at: Instant
    starts_at: Instant
    ends_at: Instant


class AgreementEndIn(In):
    """The agreement (SRV-ACT-AGR) is over before its time."""

    agreement_id: Id
    subscription_id: Id
    ended_at: Instant
    reason: Long


class OwnAskIn(In):
    """Whom to ask; texts that are empty are the subscription's."""

    subscription_id: Id
    description_id: Id
    pod_ids: AskedPods
    starts_at: Instant
    ends_at: Instant
    data_details: Details = ""
    processing_details: Details = ""


class OwnRequestIn(In):
    """DSO-REQ or USP-REQ, whichever the subscription's environment has."""

    subscription_id: Id
    description_id: Id
    selection: SelectionIn
    pod_ids: Annotated[list[Pod], Field(max_length=MOST_ACTIVATED, default_factory=list)]
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    processing_details: Details = ""
    refreshes: Id | None = None


class DecisionIn(In):
    accept: bool
    reason: Long = ""


class EndIn(In):
    reason: Long


class LinksIn(In):
    consent_ids: Annotated[list[Id], Field(max_length=MOST_ASKED)]


class LinkOut(Out):
    """The token of a customer's link, shown this once."""

    consent_id: str
    token: str
    until: Instant


class GiveIn(In):
    """CUS-CON-DES, from the customer: in full, or for some of the PoDs and a shorter time."""

    model_config = ConfigDict(title="CUS-CON-DES given")

    pod_ids: Annotated[list[Pod], Field(max_length=MOST_ASKED, default_factory=list)]
    starts_at: Instant | None = None
    ends_at: Instant | None = None


class RevokeIn(In):
    """CUS-CON-REV, from the customer: for these PoDs; for all where none is named."""

    model_config = ConfigDict(title="CUS-CON-REV")

    pod_ids: Annotated[list[Pod], Field(max_length=MOST_ASKED, default_factory=list)]


class ConsentOut(Out):
    """CUS-CON-DES: what is asked, and what came of it."""

    model_config = ConfigDict(title="CUS-CON-DES", from_attributes=True, frozen=True)

    id: str
    subscription_id: str
    description_id: str
    requester_id: str
    customer_id: str
    pod_ids: list[str]
    data_details: str
    processing_details: str
    starts_at: Instant
    ends_at: Instant
    answer_until: Instant
    state: w.ConsentState
    given_at: Instant | None
    acknowledged_at: Instant | None
    ended_at: Instant | None


class ConsentListedOut(ConsentOut):
    """CUS-CON-DES with the name of who asks, and the PoDs for which it stands now."""

    model_config = ConfigDict(title="CUS-CON-DES, as it stands")

    requester: str
    standing: list[str]


class PodRefusalOut(Out):
    pod_id: str
    code: str
    sentence: str


class AskOut(Out):
    """What a requester asked for, and what the provider said of it."""

    id: str
    subscription_id: str
    description_id: str
    pod_ids: list[str]
    starts_at: Instant
    ends_at: Instant
    asked_at: Instant
    answered_at: Instant | None
    n_asked: int
    refused: list[PodRefusalOut]
    reason: str


class ToldOut(Out):
    """A consent as CUS-CON-ACK and CUS-CON-REV told of it. `pod_names`: for which it stands, as asked for
    or by pseudonyms."""

    model_config = ConfigDict(title="CUS-CON-ACK, CUS-CON-REV", from_attributes=True, frozen=True)

    id: str
    subscription_id: str
    description_id: str
    pod_names: list[str]
    processing_details: str
    starts_at: Instant
    ends_at: Instant
    state: w.ConsentState
    acknowledged_at: Instant
    ended_at: Instant | None


class ClientIn(In):
    """A requester's platform, to which customers may give consent by signing in."""

    peer_id: Id
    name: Annotated[str, StringConstraints(max_length=80)]
    redirect_uris: Annotated[list[Annotated[str, StringConstraints(max_length=300)]], Field(max_length=5)]


class ClientOut(Out):
    """The client's id, and its secret, shown this once."""

    id: str
    secret: str


class ConsentTokensOut(Out):
    """RFC 6749, section 5.1."""

    access_token: str
    token_type: str = "Bearer"  # noqa: S105 - a kind of token
    expires_in: int
    refresh_token: str
    scope: str


class AuthorizationOut(Out):
    """The consent that an access token opens. `pod_names`: as the client knows them."""

    consent_id: str
    subscription_id: str
    description_id: str
    state: w.ConsentState
    starts_at: Instant
    ends_at: Instant
    pod_names: list[str]


class SelectionOut(Out):
    """IND-DAT-SEL where the aggregation level is `none`, else AGG-DAT-SEL."""

    model_config = ConfigDict(title="IND-DAT-SEL or AGG-DAT-SEL, as it stands")

    quantity: w.Quantity
    time_step: w.TimeStep
    aggregation_level: w.AggregationLevel
    aggregation_method: w.AggregationMethod
    period_start: Instant | None
    period_end: Instant | None
    localisation: list[str]


class ActivationOut(Out):
    """DSO-REQ or USP-REQ; with DSO-CNF or USP-CNF once `status` is there."""

    model_config = ConfigDict(title="DSO-REQ, DSO-CNF, USP-REQ, USP-CNF", from_attributes=True, frozen=True)

    id: str
    environment: w.Environment
    subscription_id: str
    description_id: str
    pod_ids: list[str]
    selection: SelectionOut
    processing_details: str
    starts_at: Instant
    ends_at: Instant
    requested_at: Instant
    refreshes: str | None
    status: w.ActivationStatus | None
    confirmed_at: Instant | None
    confirmed: list[str]
    refused: list[PodRefusalOut]
    reason: str
    agreement_id: str | None


class AgreementOut(Out):
    """SRV-ACT-AGR. PoDs by the names that the requester knows."""

    model_config = ConfigDict(title="SRV-ACT-AGR", from_attributes=True, frozen=True)

    id: str
    activation_id: str
    subscription_id: str
    description_id: str
    pod_names: list[str]
    selection: SelectionOut
    data_details: str
    processing_details: str
    validated_at: Instant
    starts_at: Instant
    ends_at: Instant
    state: str
    ended_at: Instant | None
