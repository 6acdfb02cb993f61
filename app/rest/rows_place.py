"""Who may call what of the EU Market Place's interface; `app.rest.rows` reads these rows, too."""

from __future__ import annotations

from collections.abc import Mapping

from app.policy_place import COMMANDS, QUERIES
from app.queries.models import place as q
from domain.commands import place as c
from domain.parties import Role

_PLAYERS = frozenset({Role.PROVIDER, Role.REQUESTER})
ANYBODY: frozenset[str] = frozenset({"place_trail_keys"})
"""Operations without a caller."""

OPERATIONS: Mapping[str, frozenset[Role]] = {
    "notify_consent": COMMANDS[c.NotifyConsent],
    "notify_activation": COMMANDS[c.NotifyActivation],
    "notify_interim": COMMANDS[c.NotifyInterim],
    "notifications_apikey": _PLAYERS,
    "notifications_test": _PLAYERS,
    "place_enter_platform_key": COMMANDS[c.EnterPlatformKey],
    "place_trail": QUERIES[q.ListPlaceTrail],
    "place_trail_export": QUERIES[q.ExportPlaceTrail],
    "place_services": QUERIES[q.ListServiceStatus],
    "place_service": QUERIES[q.GetServiceHistory],
    "place_service_alarms": QUERIES[q.ListServiceAlarms],
    "place_service_alarm": QUERIES[q.ListServiceAlarms],
    "place_acknowledge_service_alarm": COMMANDS[c.AcknowledgeServiceAlarm],
    "place_shelve_service_alarm": COMMANDS[c.ShelveServiceAlarm],
}
