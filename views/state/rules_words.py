"""Clearing mode, payment rule and energy in plain words."""

from __future__ import annotations

from domain.flexibility.rules import ClearingMode, EnergyPricing, PaymentRule

MODES = {
    ClearingMode.NETWORK: "Network",
    ClearingMode.REQUESTS: "Requests",
    ClearingMode.COPPERPLATE: "Copperplate",
    ClearingMode.CONTINUOUS: "Continuous",
}
MODE_WORDS = {
    ClearingMode.NETWORK: (
        "The cheapest offers that keep every limit of the network. A request says what its need is worth at most."
    ),
    ClearingMode.REQUESTS: (
        "An auction: requests buy, offers sell, and only what the network can carry is matched."
    ),
    ClearingMode.COPPERPLATE: (
        "The same auction as if the network had no limits and no losses. To compare with, not to operate by."
    ),
    ClearingMode.CONTINUOUS: (
        "Orders meet one by one as they came in, and every match is checked against the network."
    ),
}
PAYMENTS = {
    PaymentRule.PAY_AS_BID: "Pay as bid",
    PaymentRule.NODAL: "Nodal prices",
    PaymentRule.VCG: "VCG",
}
PAYMENT_WORDS = {
    PaymentRule.PAY_AS_BID: "Each accepted offer is paid its own price.",
    PaymentRule.NODAL: (
        "Each accepted offer is paid the price of its bus and quarter hour; in continuous clearing, of its match."
    ),
    PaymentRule.VCG: (
        "Each participant is paid what the market would lose without it: offering at true cost is best for all. "
        "The operator covers the difference."
    ),
}
ENERGIES = {EnergyPricing.IGNORED: "Ignored", EnergyPricing.PRICED: "Day-ahead price"}
ENERGY_WORDS = {
    EnergyPricing.IGNORED: "Only changes are bought; energy over the coupling point costs nothing.",
    EnergyPricing.PRICED: "Energy over the coupling point, losses included, costs the day-ahead price.",
}
NO_DAY_AHEAD = " The day has no day-ahead prices yet: without them the session cannot be cleared."
