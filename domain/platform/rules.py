"""What a platform's company decided for its values."""

from __future__ import annotations

from dataclasses import dataclass

LEAST = 3
"""With two, each of them would know the other's."""
USUAL = 5


@dataclass(frozen=True, kw_only=True)
class ValueRules:
    """`least_pods`: of so many points of delivery an aggregate is at least."""

    id: str = "values"
    least_pods: int = USUAL
    version: int = 0
