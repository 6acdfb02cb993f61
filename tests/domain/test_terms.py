"""Terms of an offer: what they may be, what they go together with, and how they are told."""

from __future__ import annotations

from decimal import Decimal

import pytest

from domain.flexibility.commodity import Commodity
from domain.flexibility.rules import ClearingMode, ClearingRules, PaymentRule
from domain.flexibility.terms import NO_TERMS, OfferTerms, rules_against_terms, terms_findings

D = Decimal
NETWORK = ClearingRules()
CONTINUOUS = ClearingRules(clearing=ClearingMode.CONTINUOUS, payment=PaymentRule.NODAL)
VCG = ClearingRules(payment=PaymentRule.VCG)
BLOCK, HALF = OfferTerms(block=True), OfferTerms(min_acceptance=D("0.5"))
BUDGET, RAMP = OfferTerms(max_energy_mwh=D("1.5")), OfferTerms(ramp_mw_per_step=D("0.2"))


def found(terms: OfferTerms, rules: ClearingRules = NETWORK, **more) -> list[tuple[str, str]]:
    return [(finding.code, finding.field) for finding in terms_findings(terms, rules, **more)]


@pytest.mark.parametrize(
    ("terms", "code", "field"),
    [
        (OfferTerms(max_energy_mwh=D(0)), "out_of_range", "terms.max_energy_mwh"),
        (OfferTerms(max_energy_mwh=D(-1)), "out_of_range", "terms.max_energy_mwh"),
        (OfferTerms(max_energy_mwh=D("0.0000015")), "too_many_decimals", "terms.max_energy_mwh"),
        (OfferTerms(max_energy_mwh=D("1e9")), "out_of_range", "terms.max_energy_mwh"),
        (OfferTerms(max_energy_mwh=D("sNaN")), "not_finite", "terms.max_energy_mwh"),
        (OfferTerms(min_acceptance=D("1.01")), "out_of_range", "terms.min_acceptance"),
        (OfferTerms(min_acceptance=D("-0.1")), "negative", "terms.min_acceptance"),
        (OfferTerms(min_acceptance=D("NaN")), "not_finite", "terms.min_acceptance"),
        (OfferTerms(ramp_mw_per_step=D(0)), "out_of_range", "terms.ramp_mw_per_step"),
        (OfferTerms(block=True, min_acceptance=D("0.5")), "terms_conflict", "terms.min_acceptance"),
        (OfferTerms(block=True, max_energy_mwh=D(1)), "terms_conflict", "terms.block"),
        (OfferTerms(block=True, ramp_mw_per_step=D(1)), "terms_conflict", "terms.block"),
    ],
)
def test_what_is_wrong_is_found_at_its_field(terms, code, field):
    assert found(terms) == [(code, field)]


@pytest.mark.parametrize("terms", [NO_TERMS, BLOCK, HALF, BUDGET, RAMP, OfferTerms(min_acceptance=D(1))])
def test_each_term_alone_is_good_on_the_network(terms):
    assert found(terms) == []


@pytest.mark.parametrize(
    ("rules", "refused"),
    [(CONTINUOUS, (BLOCK, HALF, BUDGET, RAMP)), (VCG, (BLOCK, HALF)), (NETWORK, ())],
    ids=["continuous", "vcg", "network"],
)
def test_rules_refuse_the_terms_that_the_engine_refuses(rules, refused):
    for terms in (BLOCK, HALF, BUDGET, RAMP):
        assert bool(found(terms, rules)) is (terms in refused), terms
        assert rules_against_terms(terms, rules) is (terms in refused), terms


def test_terms_bind_one_asset_and_budgets_are_of_active_power():
    assert found(BLOCK, n_lines=2) == [("terms_conflict", "terms")]
    assert found(NO_TERMS, CONTINUOUS, n_lines=2) == []
    assert found(BUDGET, commodity=Commodity.Q) == [("terms_conflict", "terms.max_energy_mwh")]
    assert found(RAMP, commodity=Commodity.Q) == [("terms_conflict", "terms.ramp_mw_per_step")]
    assert found(BLOCK, commodity=Commodity.Q) == []


def test_terms_in_words():
    assert NO_TERMS.words() == ""
    assert BLOCK.words() == "block"
    assert (
        OfferTerms(min_acceptance=D("0.500"), max_energy_mwh=D("10.0")).words() == "at least 50 %, at most 10 MWh"
    )
