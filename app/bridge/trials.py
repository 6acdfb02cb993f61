"""Dry clearings: what offers that are being composed would be awarded beside the market that their party may see.

The inputs hold a case (`cases.case_from`) and apart from it the engine's offers that are only tried. One offer is
cleared on top of the case's optimum, which is kept for the next question; several are cleared together with it.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.bridge.awards import award_of, explanation_of
from app.bridge.cases import line_id
from app.bridge.networks import translate
from domain.errors import raise_if
from domain.flexibility.explanation import Explanation
from domain.flexibility.market import Award, FlexOffer, MarketSession
from engine import Case, DryBase, InvalidInput, canonical_json, dry_base, dry_clear, dry_together, read_case

KEPT_BASES = 4
"""Optima kept at once: each may hold up to 256 MB of sensitivities (`engine.market.dry`)."""


@dataclass(frozen=True, kw_only=True)
class TrialFacts:
    """What a dry clearing says: an award for each line, its explanations, and what the party would be paid more.

    `reason`: why there is no answer; then all else is empty.
    """

    reason: str = ""
    awards: tuple[Award, ...] = ()
    explanations: tuple[tuple[Explanation, ...], ...] = ()
    revenue_eur: Decimal | None = None


def trial_inputs(case: bytes, tried: Sequence[FlexOffer]) -> bytes:
    """Take the tried offers out of a case that holds them, so that the rest is the same for every trial."""
    document = json.loads(case)
    names = {line_id(offer, line) for offer in tried for line in offer.lines}
    rest = {**document, "offers": [entry for entry in document["offers"] if entry["id"] not in names]}
    apart = [entry for entry in document["offers"] if entry["id"] in names]
    return json.dumps({"case": canonical_json(rest).decode(), "tried": apart}).encode()


def facts_from(result: bytes, session: MarketSession, tried: Sequence[FlexOffer]) -> TrialFacts:
    """Inverse of `trial_inputs`: what the worker answered, in the market's words."""
    document: Mapping[str, Any] = json.loads(result)
    if document["reason"]:
        return TrialFacts(reason=document["reason"])
    entries = document["awards"]
    awards = tuple(
        award_of(session, offer, line, entries[line_id(offer, line)]) for offer in tried for line in offer.lines
    )
    said = tuple(
        tuple(why for line in offer.lines if (why := explanation_of(line, entries[line_id(offer, line)])))
        for offer in tried
    )
    return TrialFacts(awards=awards, explanations=said, revenue_eur=Decimal(document["revenue_eur"]))


class TrialBench:
    """Answers trials in the worker process, with the last optima at hand."""

    def __init__(self) -> None:
        self._bases: OrderedDict[str, DryBase] = OrderedDict()

    def run(self, inputs: bytes) -> bytes:
        """JSON of `awards` by line and `revenue_eur`, or a `reason`.

        Raises:
            Refused: the case has findings.
        """
        document = json.loads(inputs)
        tried = document["tried"]
        try:
            base = self._base(document["case"])
            answer = _one(base, tried[0]) if len(tried) == 1 else _several(base, tried)
        except InvalidInput as invalid:
            answer = {"reason": " ".join(finding.sentence for finding in invalid.findings)}
        return json.dumps({"awards": {}, "revenue_eur": None, "reason": ""} | answer).encode()

    def _base(self, text: str) -> DryBase:
        key = hashlib.sha256(text.encode()).hexdigest()
        if key not in self._bases:
            while len(self._bases) >= KEPT_BASES:
                self._bases.popitem(last=False)
            self._bases[key] = dry_base(_case(json.loads(text)))
        self._bases.move_to_end(key)
        return self._bases[key]


def _one(base: DryBase, offer: Mapping[str, Any]) -> dict[str, Any]:
    dry = dry_clear(base.case, offer, base)
    return {"awards": {offer["id"]: dry.award}, "revenue_eur": dry.revenue_eur}


def _several(base: DryBase, offers: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    dry = dry_together(base.case, offers, base)
    return {"awards": dry.awards, "revenue_eur": dry.revenue_eur}


def _case(document: Mapping[str, Any]) -> Case:
    case, findings = read_case(document)
    if case is None:
        raise_if(translate(findings, "malformed"))
        raise RuntimeError("the case reader gave neither a case nor a finding")
    return case
