"""Which features go with which clearing mode, physics and payment rule; what does not is a finding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from engine.market.offers import Offer, Request
from engine.reading import Reader

# Every step of a continuous book is its own order, so nothing may tie steps or offers together.
_TIES: tuple[tuple[str, Callable[[Offer], bool]], ...] = (
    ("commodity", lambda offer: offer.storage is not None),
    ("block", lambda offer: offer.block),
    ("min_acceptance", lambda offer: offer.min_acceptance > 0.0),
    ("max_energy_mwh", lambda offer: offer.max_energy_mwh is not None),
    ("ramp_mw_per_step", lambda offer: offer.ramp_mw_per_step is not None),
    ("s_max_mva", lambda offer: offer.s_max_mva is not None),
    ("exclusive_group", lambda offer: offer.exclusive_group is not None),
    ("linked_to", lambda offer: offer.linked_to is not None),
)
# VCG would need a certified gap for every clearing without a party, which whole-or-nothing offers do not have.
_CHOICES: tuple[tuple[str, Callable[[Offer], bool]], ...] = (
    ("block", lambda offer: offer.block),
    ("min_acceptance", lambda offer: not offer.block and offer.min_acceptance > 0.0),
    ("exclusive_group", lambda offer: offer.exclusive_group is not None),
)
_PHYSICS_LINEAR = ("requests", "continuous", "copperplate")
_REACTIVE_TERMS: tuple[tuple[str, Callable[[Offer], bool]], ...] = (
    ("max_energy_mwh", lambda offer: offer.max_energy_mwh is not None),
    ("ramp_mw_per_step", lambda offer: offer.ramp_mw_per_step is not None),
)


def check_mode(
    reader: Reader,
    clearing: str,
    physics: str,
    payment: str,
    offers: Sequence[Offer],
    requests: Sequence[Request],
) -> None:
    """Findings for combinations that have no meaning."""
    if physics == "linear" and clearing not in _PHYSICS_LINEAR:
        reader.add("options.physics", "contradiction", "Linear physics is for requests and continuous clearing.")
    if clearing == "continuous" and payment == "vcg":
        reader.add("options.payment", "contradiction", "In continuous clearing the match price is paid.")
    _check_divisible(reader, offers if payment == "vcg" else ())
    for i, offer in enumerate(offers):
        terms = (_TIES if clearing == "continuous" else ()) + (_REACTIVE_TERMS if offer.commodity == "Q" else ())
        where = "continuous clearing" if clearing == "continuous" else "an offer of Q"
        for field, applies in terms:
            if applies(offer):
                reader.add(
                    f"offers[{i}].{field}", "contradiction", f"The field {field} has no meaning in {where}."
                )
        if physics == "linear" and offer.commodity == "Q":
            reader.add(f"offers[{i}].commodity", "contradiction", "Linear physics knows no reactive power.")
    _check_standing(reader, clearing, {"offers": offers, "requests": requests})
    for i, request in enumerate(requests):
        if request.conditional and clearing != "continuous":
            reader.add(f"requests[{i}].conditional", "contradiction", "Rights exist in continuous clearing only.")
        if physics == "linear" and request.commodity == "Q":
            reader.add(f"requests[{i}].commodity", "contradiction", "Linear physics knows no reactive power.")


def _check_standing(reader: Reader, clearing: str, orders: Mapping[str, Sequence[Offer | Request]]) -> None:
    """Elsewhere all orders are cleared together, and what was withdrawn is not in the case."""
    if clearing == "continuous":
        return
    sentence = "Orders are withdrawn in continuous clearing only; leave it out of the case."
    for name, members in orders.items():
        for i in (i for i, order in enumerate(members) if order.withdrawn_at is not None):
            reader.add(f"{name}[{i}].withdrawn_at", "contradiction", sentence)


def _check_divisible(reader: Reader, offers: Sequence[Offer]) -> None:
    for i, offer in enumerate(offers):
        for field in (name for name, applies in _CHOICES if applies(offer)):
            reader.add(f"offers[{i}].{field}", "contradiction", "VCG needs offers that can be divided.")
