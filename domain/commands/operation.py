"""What the market operator does beside the market itself: trying other rules, and who answers for a toolkit."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.base import Command
from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule
from domain.ids import LetterId, PartyId, SessionId


@dataclass(frozen=True, kw_only=True)
class TryClearing(Command):
    """FMO: clear a session's book by these rules to compare; nothing of it is taken over by the market."""

    session_id: SessionId
    clearing: ClearingMode
    payment: PaymentRule
    energy: EnergyPricing


@dataclass(frozen=True, kw_only=True)
class SendLetterAgain(Command):
    """FMO: an event that nobody could be told of is tried again."""

    letter_id: LetterId


@dataclass(frozen=True, kw_only=True)
class AssignToolkit(Command):
    """FMO: who is told when this kind of work fails; `note` says which person there, or how to reach them."""

    toolkit: str
    party_id: PartyId
    note: str = ""
