"""A platform's company, its people and its customers."""

from __future__ import annotations

from dataclasses import dataclass, field

from domain.commands.platform.base import PlatformCommand
from domain.ids import PartyId
from domain.platform.company import Registration


@dataclass(frozen=True, kw_only=True)
class FoundPlatform(PlatformCommand):
    """The platform itself: whose it is, and as what the company is registered on the market place."""

    company: str
    country: str
    registrations: tuple[Registration, ...]


@dataclass(frozen=True, kw_only=True)
class AddStaff(PlatformCommand):
    """Provider, requester: a person of the company, with a sign-in for one of its registrations. `password` is a
    one-time password, hashed by the desk."""

    registration_id: PartyId
    account: str
    password: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class AddCustomer(PlatformCommand):
    """Provider: a customer, with a sign-in where `account` names one. `password` is a one-time password, hashed by
    the desk."""

    customer_id: PartyId
    name: str
    account: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class IssueMarketPlaceKey(PlatformCommand):
    """The platform itself: a key with which the market place calls on behalf of an own registration, in place of
    the one before."""

    registration_id: PartyId


@dataclass(frozen=True, kw_only=True)
class EnterMarketPlace(PlatformCommand):
    """The platform itself: where the market place is, and the key that opens it (`secret`)."""

    url: str
    secret: str = field(repr=False)
