"""Which clearing mode, payment rule and energy go together."""

from __future__ import annotations

from itertools import product

import pytest

from domain.flexibility.rules import ClearingMode, ClearingRules, EnergyPricing, PaymentRule, rules_findings

M, P, E = ClearingMode, PaymentRule, EnergyPricing


def rules(clearing: ClearingMode, payment: PaymentRule, energy: EnergyPricing) -> ClearingRules:
    return ClearingRules(clearing=clearing, payment=payment, energy=energy)


def test_continuous_clearing_pays_the_match_price_and_no_energy() -> None:
    taken = [r for r in product(M, P, E) if not rules_findings(rules(*r))]
    assert {r for r in taken if r[0] is M.CONTINUOUS} == {(M.CONTINUOUS, P.NODAL, E.IGNORED)}
    assert {r for r in taken if r[0] is M.COPPERPLATE} == {(M.COPPERPLATE, payment, E.IGNORED) for payment in P}
    for mode in (M.NETWORK, M.REQUESTS):
        assert {r for r in taken if r[0] is mode} == set(product([mode], P, E))


def test_every_conflict_is_named_at_the_field_to_change() -> None:
    found = rules_findings(rules(M.CONTINUOUS, P.VCG, E.PRICED))
    assert [(f.code, f.field) for f in found] == [("rules_conflict", "payment"), ("rules_conflict", "energy")]


@pytest.mark.parametrize(
    ("these", "words"),
    [
        (ClearingRules(), "Network clearing, paid as bid, energy ignored"),
        (rules(M.REQUESTS, P.VCG, E.PRICED), "Requests clearing, paid by VCG, energy at the day-ahead price"),
        (rules(M.NETWORK, P.NODAL, E.IGNORED), "Network clearing, paid nodal prices, energy ignored"),
        (rules(M.CONTINUOUS, P.NODAL, E.IGNORED), "Continuous clearing, paid the match price, energy ignored"),
    ],
)
def test_the_rules_in_words(these: ClearingRules, words: str) -> None:
    assert these.words() == words
