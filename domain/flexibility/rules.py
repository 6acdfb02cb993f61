"""How a session is cleared and paid: mode, payment rule, what energy costs, and which of them go together."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Finding


class ClearingMode(StrEnum):
    NETWORK = "network"
    REQUESTS = "requests"
    COPPERPLATE = "copperplate"
    CONTINUOUS = "continuous"


class PaymentRule(StrEnum):
    PAY_AS_BID = "pay_as_bid"
    NODAL = "nodal"
    VCG = "vcg"


class EnergyPricing(StrEnum):
    IGNORED = "ignored"
    PRICED = "priced"


@dataclass(frozen=True, kw_only=True)
class ClearingRules:
    """Mode, payment rule and energy of one session; the defaults are redispatch on the network, paid as bid."""

    clearing: ClearingMode = ClearingMode.NETWORK
    payment: PaymentRule = PaymentRule.PAY_AS_BID
    energy: EnergyPricing = EnergyPricing.IGNORED

    def words(self) -> str:
        """Such as `Network clearing, paid as bid, energy ignored`."""
        paid = "paid the match price" if self.clearing is ClearingMode.CONTINUOUS else PAID_WORDS[self.payment]
        return f"{self.clearing.value.capitalize()} clearing, {paid}, {ENERGY_WORDS[self.energy]}"


PAID_WORDS = {
    PaymentRule.PAY_AS_BID: "paid as bid",
    PaymentRule.NODAL: "paid nodal prices",
    PaymentRule.VCG: "paid by VCG",
}
ENERGY_WORDS = {
    EnergyPricing.IGNORED: "energy ignored",
    EnergyPricing.PRICED: "energy at the day-ahead price",
}
WITHOUT_ENERGY = (ClearingMode.COPPERPLATE, ClearingMode.CONTINUOUS)
"""Modes without a term for energy at the coupling point: nothing there would have the day-ahead price."""


def rules_findings(rules: ClearingRules) -> list[Finding]:
    """What does not go together; each finding on the field that is to change."""
    found = []
    if rules.clearing is ClearingMode.CONTINUOUS and rules.payment is not PaymentRule.NODAL:
        sentence = "Continuous clearing pays the price of each match; choose nodal prices."
        found.append(Finding(code="rules_conflict", field="payment", sentence=sentence))
    if rules.clearing in WITHOUT_ENERGY and rules.energy is EnergyPricing.PRICED:
        sentence = (
            f"{rules.clearing.value.capitalize()} clearing settles no energy at the coupling point; ignore it."
        )
        found.append(Finding(code="rules_conflict", field="energy", sentence=sentence))
    return found
