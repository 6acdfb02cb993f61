"""What the market operator and an offering party agree on for a region: baseline and under-delivery."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from domain.errors import Finding
from domain.flexibility.reference import METHOD_WORDS, BaselineMethod
from domain.ids import ContractId, PartyId, RegionId
from domain.units import MAX_PRICE_EUR_PER_MWH, number_findings

ZERO, ONE = Decimal(0), Decimal(1)
HOURS = Decimal("0.25")
"""Of a market time unit."""


class DeliveryRule(StrEnum):
    """What becomes of the payment of what is missing."""

    PAY_DELIVERED = "pay_delivered"
    PENALTY = "penalty"
    ALL_OR_NOTHING = "all_or_nothing"


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How delivery is measured and paid. What is missing within `tolerance_share` of a quarter hour's award counts
    as delivered; beyond it all that is missing counts. More than was awarded is not paid."""

    baseline: BaselineMethod = BaselineMethod.NOMINATION
    rule: DeliveryRule = DeliveryRule.PAY_DELIVERED
    tolerance_share: Decimal = ZERO
    penalty_eur_per_mwh: Decimal = ZERO


STANDARD = Terms()
"""Where there is no contract."""


@dataclass(frozen=True, kw_only=True)
class FlexContract:
    """The terms of one party in one region from a delivery day on, until a later contract's day.

    `penalty_eur_per_mwh` is per Mvarh for reactive power.
    """

    id: ContractId
    region_id: RegionId
    party_id: PartyId
    valid_from: date
    baseline: BaselineMethod
    rule: DeliveryRule
    tolerance_share: Decimal
    penalty_eur_per_mwh: Decimal
    agreed_at: datetime
    version: int = 0

    @property
    def terms(self) -> Terms:
        return Terms(
            baseline=self.baseline,
            rule=self.rule,
            tolerance_share=self.tolerance_share,
            penalty_eur_per_mwh=self.penalty_eur_per_mwh,
        )


class Step(NamedTuple):
    """One quarter hour of an award: what it is worth as awarded, EUR, and MW awarded and missing."""

    worth_eur: Decimal
    awarded_mw: Decimal
    missing_mw: Decimal


class Less(NamedTuple):
    """What is taken off for a quarter hour, EUR, not rounded."""

    deduction_eur: Decimal
    penalty_eur: Decimal


def _pay_delivered(step: Step, _terms: Terms) -> Less:
    return Less(step.worth_eur * step.missing_mw / step.awarded_mw, ZERO)


def _penalty(step: Step, terms: Terms) -> Less:
    unpaid = _pay_delivered(step, terms).deduction_eur
    return Less(unpaid, step.missing_mw * HOURS * terms.penalty_eur_per_mwh)


def _all_or_nothing(step: Step, _terms: Terms) -> Less:
    return Less(step.worth_eur, ZERO)


RULES: Mapping[DeliveryRule, Callable[[Step, Terms], Less]] = {
    DeliveryRule.PAY_DELIVERED: _pay_delivered,
    DeliveryRule.PENALTY: _penalty,
    DeliveryRule.ALL_OR_NOTHING: _all_or_nothing,
}
"""For a quarter hour in which more is missing than the contract tolerates."""

RULE_NAMES: Mapping[DeliveryRule, str] = {
    DeliveryRule.PAY_DELIVERED: "Pay what is delivered",
    DeliveryRule.PENALTY: "Pay what is delivered, with a penalty",
    DeliveryRule.ALL_OR_NOTHING: "All or nothing per quarter hour",
}
_RULE_WORDS: Mapping[DeliveryRule, str] = {
    DeliveryRule.PAY_DELIVERED: "Paid is the delivered part of each quarter hour",
    DeliveryRule.PENALTY: (
        "Paid is the delivered part of each quarter hour; every missing MWh costs a penalty of {penalty:,.2f} EUR"
    ),
    DeliveryRule.ALL_OR_NOTHING: "A quarter hour that is not delivered in full is not paid",
}


def less(step: Step, terms: Terms) -> Less:
    """What the terms take off; nothing where what is missing is tolerated."""
    if step.missing_mw <= terms.tolerance_share * step.awarded_mw:
        return Less(ZERO, ZERO)
    return RULES[terms.rule](step, terms)


def words(terms: Terms) -> str:
    """The terms as sentences for people."""
    rule = _RULE_WORDS[terms.rule].format(penalty=terms.penalty_eur_per_mwh)
    share = f"{100 * terms.tolerance_share:.4f}".rstrip("0").rstrip(".")
    tolerated = f"up to {share} % missing counts as delivered" if terms.tolerance_share else "nothing is tolerated"
    return (
        f"{rule}; {tolerated} in each quarter hour. More than was awarded is not paid."
        f" Delivery is metered less the baseline by {METHOD_WORDS[terms.baseline].lower()}."
    )


def in_force(contracts: Iterable[FlexContract], party_id: PartyId, day: date) -> FlexContract | None:
    """The party's contract on a day."""
    standing = [c for c in contracts if c.party_id == party_id and c.valid_from <= day]
    return max(standing, key=lambda contract: contract.valid_from, default=None)


def terms_findings(terms: Terms) -> list[Finding]:
    """What is wrong with the numbers of a contract."""
    share, penalty = terms.tolerance_share, terms.penalty_eur_per_mwh
    found = number_findings(share, "tolerance_share", unit="of 1", places=6, low=ZERO, high=ONE)
    found += number_findings(
        penalty, "penalty_eur_per_mwh", unit="EUR/MWh", places=2, low=ZERO, high=MAX_PRICE_EUR_PER_MWH
    )
    if not found and penalty and terms.rule is not DeliveryRule.PENALTY:
        sentence = "Only the rule with a penalty has a penalty price; set it to 0 or choose that rule."
        found.append(Finding(code="rules_conflict", field="penalty_eur_per_mwh", sentence=sentence))
    return found
