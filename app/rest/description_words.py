"""Words of the description in OpenAPI: tags, parameters with their units, headers and refusals."""

from __future__ import annotations

from collections.abc import Mapping

TAGS: Mapping[str, str] = {
    "access": "Health, tokens and keys.",
    "notifications": "What a participant is told.",
    "search": "Words over everything the caller may see.",
    "participants": "Applications, participants and their roles.",
    "portfolio": "Series of many assets, balance groups, purchases and calls.",
    "market": "Sessions, requests, offers and results.",
    "grid": "Regions and their needs.",
    "alarms": "What passes a limit, and what was done about it.",
    "what-ifs": "Days computed with something changed.",
    "inputs": "Networks, schedules and wholesale prices.",
    "assets": "FlexAssets, the units behind them and their baselines.",
    "metering": "Points of delivery, readings, forecasts and deliveries.",
    "settlement": "Contracts, statements and invoices.",
    "operation": "Gates, clearings, calls, jobs, the clock and the machinery's health.",
    "guide": "The guided demo.",
    "trading": "Continuous sessions.",
    "zones": "Grid zones, congested regions, reviews, coupling and locations.",
}

PARAMETERS: Mapping[str, str] = {
    "activation_id": "The call of an award.",
    "alarm_id": "An alarm.",
    "all_states": "Whether those that are closed are listed too.",
    "application_id": "An application to take part.",
    "asset_id": "A FlexAsset.",
    "award_id": "An award.",
    "chapter": "A chapter of the guided demo.",
    "commodity": "`P` active power (MW, MWh, EUR/MWh) or `Q` reactive power (Mvar, Mvarh, EUR/Mvarh).",
    "congested_region_id": "A registered congestion point.",
    "cursor": "`next` of the page before, with the same `sort`.",
    "delivery_day": "A delivery day of the market's zone, such as 2016-07-25.",
    "direction": "`up` more injection or less consumption, `down` the contrary.",
    "gate_id": "A gate of a session.",
    "invoice_id": "An invoice or note.",
    "job_id": "A job.",
    "kind": "Which kind.",
    "left": "A clearing: a session's id or a try's.",
    "letter_id": "An event that nobody could be told of.",
    "limit": "How many entries at most, from 1 to 1000 unless said otherwise.",
    "method": "Another baseline than the contract's.",
    "offer_id": "A FlexOffer.",
    "party_id": "A participant.",
    "pod_id": "A point of delivery.",
    "q": "The words to search for, all of them.",
    "read": "Only those that are read (true) or unread (false).",
    "region_id": "A grid region.",
    "request_id": "A FlexRequest.",
    "right": "A clearing: a session's id or a try's.",
    "series_kind": "Baselines or forecasts.",
    "session_id": "A market session.",
    "sort": "Fields of the entries, the most important first, `-` before one that falls: `-delivery_day,id`.",
    "state": "Only those in this state.",
    "step": "A quarter hour of the delivery day, counted from 0.",
    "toolkit": "A kind of long work, such as `needs`.",
    "what_if_id": "A what-if.",
    "with_cleared": "Whether alarms whose cause is gone are listed too.",
    "with_total": "Whether `total` says how many entries there are in all.",
    "zone_id": "A grid zone.",
}

HEADERS: Mapping[str, str] = {
    "ETag": "What was got; send it back in If-None-Match, or in If-Match to change only that.",
    "Link": "The address of the next page, `rel=next`; none on the last.",
    "Location": "The address of what was made, or of the job to follow.",
}

REFUSALS: Mapping[str, tuple[int, str, str]] = {
    "SignedOut": (401, "Nobody is signed in, or the credentials do not fit.", "signed_out"),
    "NotPermitted": (403, "The caller's role does not allow this, or it belongs to another.", "not_permitted"),
    "NotFound": (404, "There is no such thing, or it is not the caller's to see.", "not_found"),
    "Conflict": (409, "What stands there does not allow this now.", "wrong_state"),
    "PreconditionFailed": (412, "It is not at the version that If-Match names.", "precondition_failed"),
    "TooLarge": (413, "The body is larger than the limit.", "too_large"),
    "UnsupportedMediaType": (415, "The body is not of the type that is read here.", "unsupported_media_type"),
    "Invalid": (422, "Values are wrong; every finding names one.", "out_of_range"),
    "TooMany": (429, "Too many tries or requests; Retry-After says how many seconds to wait.", "throttled"),
    "Fault": (500, "A fault of the program, or the database does not answer.", "internal"),
}
