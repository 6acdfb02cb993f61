"""What the demo's providers offer on the market place, by the names in `place.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from domain.commands.place import PublishServiceOffer
from domain.ids import ServiceDescriptionId
from domain.marketplace.services import ServiceDescription, ServiceTerms
from domain.marketplace.words import (
    AggregationLevel,
    AggregationMethod,
    Quantity,
    ServiceType,
    TimeStep,
)

_NEW = ServiceDescriptionId("")
_READINGS = ServiceDescription(
    id=_NEW,
    service_type=ServiceType.INDIVIDUAL_DATA,
    short_description="Quarter-hourly consumption of a point of delivery",
    usage_details="Validated readings of the day before, as JSON or IEC 62325 market documents.",
)
_LIVE = ServiceDescription(
    id=_NEW,
    service_type=ServiceType.INDIVIDUAL_DATA,
    short_description="Power of a point of delivery, near real time",
    usage_details="Pushed as it is read, not validated.",
    quantity=Quantity.POWER,
    near_real_time=True,
)
_BY_CITY = ServiceDescription(
    id=_NEW,
    service_type=ServiceType.AGGREGATED_DATA,
    short_description="Hourly consumption of a city",
    aggregation_level=AggregationLevel.CITY,
    aggregation_method=AggregationMethod.SUM,
    time_step=TimeStep.HOUR,
    consent_mandatory=False,
)
_BY_COUNTRY = ServiceDescription(
    id=_NEW,
    service_type=ServiceType.AGGREGATED_DATA,
    short_description="Daily mean consumption of a country's points of delivery",
    aggregation_level=AggregationLevel.COUNTRY,
    aggregation_method=AggregationMethod.MEAN,
    time_step=TimeStep.DAY,
    consent_mandatory=False,
)
_FLEXIBILITY = ServiceDescription(
    id=_NEW,
    service_type=ServiceType.ENERGY_SERVICE,
    short_description="Flexibility of households and shops, called by the quarter hour",
    usage_details="For DSOs, TSOs and retailers; the DSO validates each exchange before.",
    quantity=Quantity.POWER,
    consent_mandatory=False,
)

OFFERS: Mapping[str, PublishServiceOffer] = {
    "individual": PublishServiceOffer(
        service_type=ServiceType.INDIVIDUAL_DATA,
        title="Meter data of single customers",
        text="Readings of smart meters in our area, with the customer's consent.",
        descriptions=(_READINGS,),
        terms=ServiceTerms(price_eur=Decimal("12.00"), availability_share=Decimal("0.98")),
    ),
    "near real time": PublishServiceOffer(
        service_type=ServiceType.INDIVIDUAL_DATA,
        title="Power as it is metered",
        text="Within the quarter hour, for those who steer by it.",
        descriptions=(_LIVE,),
        terms=ServiceTerms(
            price_eur=Decimal("40.00"), max_delay_minutes=15, availability_share=Decimal("0.9"), interim_hours=6
        ),
    ),
    "by city": PublishServiceOffer(
        service_type=ServiceType.AGGREGATED_DATA,
        title="Consumption by city",
        text="Sums over all metered points of delivery of a city; small groups are left out.",
        descriptions=(_BY_CITY,),
        terms=ServiceTerms(price_eur=Decimal("150.00")),
    ),
    "by country": PublishServiceOffer(
        service_type=ServiceType.AGGREGATED_DATA,
        title="Consumption of our customers in France",
        text="Mean over all metered points of delivery.",
        descriptions=(_BY_COUNTRY,),
        terms=ServiceTerms(price_eur=Decimal("90.00"), max_delay_minutes=2880),
    ),
    "flexibility": PublishServiceOffer(
        service_type=ServiceType.ENERGY_SERVICE,
        title="Flexibility from many small assets",
        text="Up to 2 MW up or down, built on the meter data of consenting customers.",
        descriptions=(_FLEXIBILITY,),
        terms=ServiceTerms(price_eur=Decimal("500.00"), max_delay_minutes=60, availability_share=Decimal("0.9")),
    ),
}
