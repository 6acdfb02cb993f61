"""Metered values and what is made of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.commands.platform.base import PlatformCommand


@dataclass(frozen=True, kw_only=True)
class StoreValues(PlatformCommand):
    """Provider: values that were read from a file (`app.platform.values.reading`), packed.

    correct : values that differ from stored ones take their place; without it they are refused
    good_only : what would be refused is left out instead
    """

    batch: bytes = field(repr=False)
    good_only: bool = False
    correct: bool = False


@dataclass(frozen=True, kw_only=True)
class SetLeastPods(PlatformCommand):
    """Provider: of how many points of delivery an aggregate is at least."""

    least_pods: int
