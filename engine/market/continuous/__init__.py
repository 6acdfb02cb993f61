"""Clearing mode ``continuous``: orders matched one by one, each match checked against the grid.

    match(case, network) -> Matching

Every step is its own market. The rules are those of the case format; what it leaves open is settled in
docs/adr/0010-continuous-matching.md.
"""

from __future__ import annotations

from engine.grid.network import Network
from engine.market.case import Case
from engine.market.continuous.outcome import Match, Matching, Standing

__all__ = ["Match", "Matching", "Standing", "match"]


def match(case: Case, network: Network) -> Matching:
    """Match all orders of a case whose options say ``continuous``.

    Offers must be divisible and stand for themselves (`engine.market.modes` gives findings otherwise); raises
    ValueError for a storage. Compiles its inner loops at the first call of an installation, which takes some
    seconds, and keeps them on disk. Earlier matches do not depend on later orders and withdrawals.
    """
    # The compiler takes a while to load and only this clearing mode needs it.
    from engine.market.continuous.matching import Session

    if any(offer.storage is not None for offer in case.offers):
        raise ValueError("storages have no meaning in continuous matching")
    return Session(case, network).run()
