"""Who may call what of a platform's interfaces; `app.rest.rows` reads these rows, too."""

from __future__ import annotations

from collections.abc import Mapping

from app.policy_platform import COMMANDS, QUERIES
from app.queries.models import platform as q
from domain.commands import platform as c
from domain.parties import Role

Roles = frozenset[Role]

ANYBODY: frozenset[str] = frozenset({"own_token", "own_password", "introduce_platform"})
"""Operations without a caller."""

OPERATIONS: Mapping[str, Roles] = {
    "eu_mp_confirmed": COMMANDS[c.ConfirmService],
    "eu_mp_canceled": COMMANDS[c.CancelService],
    "eu_mp_apikey": frozenset({Role.MARKET_PLACE}),
    "eu_mp_test": frozenset({Role.MARKET_PLACE}),
    "b2b_get_subscription": QUERIES[q.GetCommonSubscription],
    "own_company": QUERIES[q.GetCompany],
    "own_add_staff": COMMANDS[c.AddStaff],
    "own_add_customer": COMMANDS[c.AddCustomer],
}
