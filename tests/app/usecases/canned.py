"""A clearing's outcome without the engine: a given share of every offer is accepted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from unittest.mock import patch

from world import PUBLISHES, World

from app.bridge import cases, states
from app.bridge.outcomes import ClearingOutcome, ProofView, ResultFacts
from app.bridge.packing import pack
from domain import commands as c
from domain.flexibility.market import Award, FlexOffer, FlexRequest, GateKind, MarketSession
from domain.ids import AwardId


def payload_of(result: bytes) -> bytes:
    """A state in which nothing passes its limits."""
    return pack({"needs": {"before": [], "after": []}, "of": result.decode()}, {})


@contextmanager
def cleared(share: str = "1", *, status: str = "cleared", reason: str = "", unmet: str = "0") -> Iterator[None]:
    """Within it, a result means: `share` of each offer accepted, `unmet` MW missing of each request."""

    def outcome_from(
        _result: bytes, session: MarketSession, offers: Iterable[FlexOffer], requests: Iterable[FlexRequest]
    ) -> ClearingOutcome:
        return ClearingOutcome(
            status=status,
            reason=reason,
            awards=tuple(
                _award(offer, index, Decimal(share)) for offer in offers for index in range(len(offer.lines))
            ),
            explanations={},
            unmet_mw={request.id: (Decimal(unmet), *_rest(request)) for request in requests},
            facts=_facts(status, reason),
        )

    with (
        patch.object(cases, "outcome_from", outcome_from),
        patch.object(states, "after_from", payload_of),
        patch.object(states, "before_from", payload_of),
        patch.object(states, "n_needs", lambda payload: 7),
    ):
        yield


def _rest(request: FlexRequest) -> tuple[Decimal, ...]:
    return (Decimal(0),) * (len(request.quantity_mw) - 1)


def _award(offer: FlexOffer, index: int, share: Decimal) -> Award:
    line = offer.lines[index]
    return Award(
        id=AwardId(f"AW-{offer.id}-{index}"),
        session_id=offer.session_id,
        region_id=offer.region_id,
        offer_id=offer.id,
        asset_id=line.asset_id,
        party_id=offer.party_id,
        direction=offer.direction,
        accepted_mw=tuple(share * quantity for quantity in line.quantity_mw),
        price_eur_per_mwh=offer.price_eur_per_mwh,
        payment_eur=Decimal("1.00"),
    )


def _facts(status: str, reason: str) -> ResultFacts:
    proof = ProofView(clean=True, vm_min_pu=0.99, vm_max_pu=1.04, max_loading_percent=80.0, worst="")
    return ResultFacts(
        status=status,
        reason=reason,
        objective_eur=Decimal("1.00"),
        welfare_eur=None,
        lower_bound_eur=None,
        pivotal=(),
        gap=None,
        unmet=(),
        payments_eur={},
        proof=proof,
        n_needs_before=7,
        case_sha256="",
        result_sha256="",
        solve_seconds=0.1,
    )


def publish(world: World, session: MarketSession) -> None:
    """The publication gate is passed when it is due."""
    world.at(PUBLISHES)
    world.do("system", c.PassGate(gate_id=world.gate(session, GateKind.PUBLISH).id))
