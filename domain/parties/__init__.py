"""Market players: roles, participants and the regions of the DSOs."""

from domain.parties.model import SYSTEM, Party, Principal, Region, Role

__all__ = ["SYSTEM", "Party", "Principal", "Region", "Role"]
