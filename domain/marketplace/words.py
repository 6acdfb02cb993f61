"""The values that FLEXICIENCY D2.3 gives to the fields of its business objects (sections 2.2, 2.3 and 2.5)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum

from domain.parties import Role


class CompanyType(StrEnum):
    """Of MPL-DES."""

    REGULATED = "energy regulated player"
    UNREGULATED = "energy unregulated player"
    INDUSTRIAL = "industrial player"
    RESEARCH = "research institute"
    PUBLIC = "public body"


class PlayerRole(StrEnum):
    """Of MPL-REG: a company has one registration for each."""

    REGULATED_DATA_PROVIDER = "regulated data provider"
    UNREGULATED_DATA_PROVIDER = "unregulated data provider"
    UNREGULATED_SERVICE_PROVIDER = "unregulated service provider"
    UNREGULATED_DATA_REQUESTER = "unregulated data requester"


PARTY_ROLE: Mapping[PlayerRole, Role] = {
    PlayerRole.REGULATED_DATA_PROVIDER: Role.PROVIDER,
    PlayerRole.UNREGULATED_DATA_PROVIDER: Role.PROVIDER,
    PlayerRole.UNREGULATED_SERVICE_PROVIDER: Role.PROVIDER,
    PlayerRole.UNREGULATED_DATA_REQUESTER: Role.REQUESTER,
}


class Environment(StrEnum):
    """The two independent environments (document 001, "Regulated / Unregulated Structure")."""

    REGULATED = "regulated"
    UNREGULATED = "unregulated"


ENVIRONMENT: Mapping[PlayerRole, Environment] = {
    PlayerRole.REGULATED_DATA_PROVIDER: Environment.REGULATED,
    PlayerRole.UNREGULATED_DATA_PROVIDER: Environment.UNREGULATED,
    PlayerRole.UNREGULATED_SERVICE_PROVIDER: Environment.UNREGULATED,
}
"""In which a provider's services stand; requesters look into both."""


class ServiceType(StrEnum):
    INDIVIDUAL_DATA = "individual data provision"
    AGGREGATED_DATA = "aggregated data provision"
    ENERGY_SERVICE = "energy service provision"


class AggregationLevel(StrEnum):
    """`PORTFOLIO`: the localisation is a list of PoDs."""

    NONE = "none"
    COUNTRY = "country"
    CITY = "city"
    STREET = "street"
    PORTFOLIO = "portfolio"


class AggregationMethod(StrEnum):
    NONE = "none"
    SUM = "sum"
    MEAN = "mean"


class Quantity(StrEnum):
    """Energy in kWh, power in kW."""

    CONSUMPTION = "energy consumption"
    GENERATION = "energy generation"
    POWER = "power"

    @property
    def unit(self) -> str:
        return "kW" if self is Quantity.POWER else "kWh"


class TimeStep(StrEnum):
    """As ISO 8601 durations, which IEC 62325 uses, too."""

    MINUTES_10 = "PT10M"
    MINUTES_15 = "PT15M"
    MINUTES_30 = "PT30M"
    HOUR = "PT1H"
    DAY = "P1D"

    @property
    def duration(self) -> timedelta:
        """Of a usual step: a day has 23 or 25 hours when the clocks change."""
        return _DURATIONS[self]


_DURATIONS: Mapping[TimeStep, timedelta] = {
    TimeStep.MINUTES_10: timedelta(minutes=10),
    TimeStep.MINUTES_15: timedelta(minutes=15),
    TimeStep.MINUTES_30: timedelta(minutes=30),
    TimeStep.HOUR: timedelta(hours=1),
    TimeStep.DAY: timedelta(days=1),
}


class PlatformRole(StrEnum):
    """`{platformRole}` of the EU-MP API."""

    PROVIDER = "provider"
    REQUESTER = "requester"


class ActivationStatus(StrEnum):
    """Of DSO-CNF and USP-CNF, as the document spells them."""

    OK = "OK"
    KO = "KO"
    PARTIAL = "Partial"


class ConsentState(StrEnum):
    """What the market place is told of a consent, and all that it is told."""

    ASKED = "asked"
    GIVEN = "given"
    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    REVOKED = "revoked"
    EXPIRED = "expired"


class ServiceState(StrEnum):
    """How a service under way is, in an interim message."""

    RUNNING = "running"
    DEGRADED = "degraded"
    STOPPED = "stopped"
