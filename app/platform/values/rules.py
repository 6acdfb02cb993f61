"""The company's rules for values, as they stand."""

from __future__ import annotations

from domain.platform.rules import USUAL, ValueRules
from domain.ports import UnitOfWork


def rules_of(uow: UnitOfWork) -> ValueRules | None:
    found = uow.find(ValueRules)
    return found[0] if found else None


def least_pods(uow: UnitOfWork) -> int:
    """Of how many points of delivery an aggregate is at least."""
    rules = rules_of(uow)
    return USUAL if rules is None else rules.least_pods
