"""Who may call what of the EU Market Place's interface; `app.rest.rows` reads these rows, too."""

from __future__ import annotations

from collections.abc import Mapping

from app.policy_place import COMMANDS
from domain.commands import place as c
from domain.parties import Role

_PLAYERS = frozenset({Role.PROVIDER, Role.REQUESTER})
OPERATIONS: Mapping[str, frozenset[Role]] = {
    "notify_consent": COMMANDS[c.NotifyConsent],
    "notify_activation": COMMANDS[c.NotifyActivation],
    "notify_interim": COMMANDS[c.NotifyInterim],
    "notifications_apikey": _PLAYERS,
    "notifications_test": _PLAYERS,
    "place_enter_platform_key": COMMANDS[c.EnterPlatformKey],
}
