"""Who may call what of the EU Market Place's interface; `app.rest.rows` reads these rows, too."""

from __future__ import annotations

from collections.abc import Mapping

from app.policy_place import COMMANDS
from domain.commands import place as c
from domain.parties import Role

OPERATIONS: Mapping[str, frozenset[Role]] = {
    "place_enter_platform_key": COMMANDS[c.EnterPlatformKey],
}
