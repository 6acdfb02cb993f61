"""Messages and keys between systems, on the market place and on platforms."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.commands.base import Command
from domain.ids import KeyId


@dataclass(frozen=True, kw_only=True)
class TakeKey(Command):
    """A system: `secret`, which it made, opens what its key opens; the one of before works for a while yet."""

    key_id: KeyId
    secret: str = field(repr=False)
