"""What a seller attaches to an offer beside quantity and price (the case format's terms of an offer)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from domain.errors import Finding
from domain.flexibility.commodity import Commodity
from domain.flexibility.rules import PAID_WORDS, ClearingMode, ClearingRules, PaymentRule
from domain.units import MAX_P_MW, WATT, number_findings

ZERO = Decimal(0)
MAX_ENERGY_MWH = MAX_P_MW * 25
"""More than the largest quantity over the longest day: no budget beyond it could ever bind."""


@dataclass(frozen=True, kw_only=True)
class OfferTerms:
    """Terms of an offer from one asset; the defaults mean none.

    block : all its quarter hours are taken whole or nothing is
    min_acceptance : share 0..1 of a quarter hour's quantity below which nothing of that quarter hour is taken
    max_energy_mwh : most that is taken over the day; ramp_mw_per_step : largest change of what is taken from one
        quarter hour to the next. Both are of active power only.
    """

    block: bool = False
    min_acceptance: Decimal = ZERO
    max_energy_mwh: Decimal | None = None
    ramp_mw_per_step: Decimal | None = None

    @property
    def whole_or_nothing(self) -> bool:
        """Whether some of it cannot be divided."""
        return self.block or self.min_acceptance > ZERO

    def words(self) -> str:
        """Such as `block` or `at least 50 %, at most 1.5 MWh`; empty without terms."""
        rows = (
            (self.block, "block"),
            (self.min_acceptance, f"at least {_plain(self.min_acceptance * 100)} %"),
            (self.max_energy_mwh, f"at most {_plain(self.max_energy_mwh or ZERO)} MWh"),
            (self.ramp_mw_per_step, f"ramp {_plain(self.ramp_mw_per_step or ZERO)} MW a quarter hour"),
        )
        return ", ".join(words for is_set, words in rows if is_set)


NO_TERMS = OfferTerms()


def _plain(value: Decimal) -> str:
    return format(value.normalize(), "f")


def terms_findings(
    terms: OfferTerms, rules: ClearingRules, commodity: Commodity = Commodity.P, n_lines: int = 1
) -> list[Finding]:
    """What is wrong with terms by themselves, and what does not go together with the rest of the offer.

    rules : of the session that is offered to; n_lines : number of assets of the offer
    """
    found = _value_findings(terms)
    if found or terms == NO_TERMS:
        return found
    return _conflicts(terms, rules, commodity, n_lines)


def rules_against_terms(terms: OfferTerms, rules: ClearingRules) -> bool:
    """Whether a session with these rules could not clear an offer with these terms."""
    return any(applies(terms) for applies, holds, _, _ in _BY_RULES if holds(rules))


def _value_findings(terms: OfferTerms) -> list[Finding]:
    rows = (
        ("min_acceptance", "of the quantity", ZERO, Decimal(1)),
        ("max_energy_mwh", "MWh", WATT, MAX_ENERGY_MWH),
        ("ramp_mw_per_step", "MW", WATT, MAX_P_MW),
    )
    found = []
    for name, unit, low, high in rows:
        value: Decimal | None = getattr(terms, name)
        if value is not None:
            found += number_findings(value, f"terms.{name}", unit=unit, places=6, low=low, high=high)
    return found


def _conflicts(terms: OfferTerms, rules: ClearingRules, commodity: Commodity, n_lines: int) -> list[Finding]:
    rows = (
        (
            terms.block and terms.min_acceptance > ZERO,
            "min_acceptance",
            "A block is taken as a whole or not at all; leave out the minimum acceptance.",
        ),
        (
            terms.block and (terms.max_energy_mwh is not None or terms.ramp_mw_per_step is not None),
            "block",
            "The energy of a block is fixed; leave out the energy budget and the ramp, or the block.",
        ),
        (
            commodity is Commodity.Q and terms.max_energy_mwh is not None,
            "max_energy_mwh",
            "Reactive power has no energy budget; leave it out.",
        ),
        (
            commodity is Commodity.Q and terms.ramp_mw_per_step is not None,
            "ramp_mw_per_step",
            "Reactive power has no ramp; leave it out.",
        ),
        (n_lines > 1, "", f"Terms bind the part of one asset and this offer has {n_lines}; offer one by itself."),
        *((applies(terms), name, sentence) for applies, holds, name, sentence in _BY_RULES if holds(rules)),
    )
    return [
        Finding(code="terms_conflict", field=f"terms.{name}" if name else "terms", sentence=sentence)
        for conflicts, name, sentence in rows
        if conflicts
    ]


_Applies = Callable[[OfferTerms], bool]
_Holds = Callable[[ClearingRules], bool]


def _continuous(rules: ClearingRules) -> bool:
    return rules.clearing is ClearingMode.CONTINUOUS


def _vcg(rules: ClearingRules) -> bool:
    return rules.payment is PaymentRule.VCG


_EACH_ALONE = "A continuous session matches every quarter hour by itself; leave out {}."
_DIVIDED = f"A session {PAID_WORDS[PaymentRule.VCG]} needs offers that can be divided; leave out {{}}."
_LEAST = "the minimum acceptance"
_BY_RULES: tuple[tuple[_Applies, _Holds, str, str], ...] = (
    (lambda t: t.block, _continuous, "block", _EACH_ALONE.format("the block")),
    (lambda t: t.min_acceptance > ZERO, _continuous, "min_acceptance", _EACH_ALONE.format(_LEAST)),
    (
        lambda t: t.max_energy_mwh is not None,
        _continuous,
        "max_energy_mwh",
        _EACH_ALONE.format("the energy budget"),
    ),
    (lambda t: t.ramp_mw_per_step is not None, _continuous, "ramp_mw_per_step", _EACH_ALONE.format("the ramp")),
    (lambda t: t.block, _vcg, "block", _DIVIDED.format("the block")),
    (lambda t: t.min_acceptance > ZERO, _vcg, "min_acceptance", _DIVIDED.format(_LEAST)),
)
"""Terms that a session's rules do not know: does it apply, do the rules refuse it, the field, the sentence."""
