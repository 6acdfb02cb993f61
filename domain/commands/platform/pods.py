"""Points of delivery."""

from __future__ import annotations

from dataclasses import dataclass

from domain.commands.platform.base import PlatformCommand
from domain.ids import PartyId, PodId


@dataclass(frozen=True, kw_only=True)
class RegisterPod(PlatformCommand):
    """Provider: a point of delivery with its place; the same again changes nothing."""

    pod_id: PodId
    country: str
    postcode: str
    city: str
    street: str
    customer_id: PartyId | None = None


@dataclass(frozen=True, kw_only=True)
class ChangePod(PlatformCommand):
    """Provider: another place or customer of a point of delivery."""

    pod_id: PodId
    country: str
    postcode: str
    city: str
    street: str
    customer_id: PartyId | None = None


@dataclass(frozen=True, kw_only=True)
class UploadPods(PlatformCommand):
    """Provider: many points of delivery as CSV. Bad lines keep all of it out, or, when asked, themselves."""

    document: str
    good_only: bool = False
