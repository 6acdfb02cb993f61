"""What a DSO's technical validations are made on: network, schedules, the TSO's limits at the coupling point."""

from __future__ import annotations

from dataclasses import replace

from app.bridge import networks, schedules
from domain.checks import day_findings
from domain.commands.platform.validation import (
    SetCouplingLimits,
    UploadValidationNetwork,
    UploadValidationSchedules,
)
from domain.errors import Refused, raise_if, refuse
from domain.events.platform.validation import ValidationFilesChanged, ValidationSchedulesDropped
from domain.parties import Principal
from domain.platform.validation import CouplingLimits, coupling_findings
from domain.platform.validations import LAST_DAY, CouplingPoint, ValidationNetwork, ValidationSchedules
from domain.ports import UnitOfWork
from domain.texts import REASON, text_findings
from domain.time import market_day


def upload_network(uow: UnitOfWork, principal: Principal, command: UploadValidationNetwork) -> ValidationNetwork:
    """Store it in place of the one before. Schedules of days that are over go, and those of coming days that do
    not fit it, of which the DSO is told.

    Raises:
        Refused: the bridge's findings.
    """
    facts = networks.read(command.document)
    stored = uow.find(ValidationNetwork, id=principal.party_id)
    network = ValidationNetwork(
        id=principal.party_id,
        document=command.document,
        sha256=facts.sha256,
        uploaded_at=uow.wall,
        version=stored[0].version if stored else 0,
    )
    (uow.save if stored else uow.add)(network)
    uow.record(ValidationFilesChanged(party_id=principal.party_id, what="network"))
    for schedule in uow.find(ValidationSchedules, party_id=principal.party_id):
        _carry_over(uow, network, schedule)
    return network


def _carry_over(uow: UnitOfWork, network: ValidationNetwork, schedule: ValidationSchedules) -> None:
    if schedule.delivery_day < market_day(uow.market):
        uow.remove(schedule)
        return
    try:
        schedules.read(network.document, schedule.document, schedule.delivery_day)
    except Refused:
        uow.remove(schedule)
        uow.record(ValidationSchedulesDropped(party_id=network.id, delivery_day=schedule.delivery_day))
        return
    uow.save(replace(schedule, network_sha256=network.sha256))


def upload_schedules(
    uow: UnitOfWork, principal: Principal, command: UploadValidationSchedules
) -> ValidationSchedules:
    """Store a day's schedules in place of those before.

    Raises:
        Refused: `no_network`, `deadline_passed`, `out_of_range` for a day that is over or too far ahead; the
            bridge's findings.
    """
    day = command.delivery_day
    raise_if(day_findings(day, uow.market, last=LAST_DAY))
    found = uow.find(ValidationNetwork, id=principal.party_id)
    if not found:
        raise refuse("no_network", "document", "Upload the network first.")
    facts = schedules.read(found[0].document, command.document, day)
    stored = uow.find(ValidationSchedules, party_id=principal.party_id, delivery_day=day)
    taken = ValidationSchedules(
        id=f"{principal.party_id}-{day.isoformat()}",
        party_id=principal.party_id,
        delivery_day=day,
        document=command.document,
        sha256=facts.sha256,
        network_sha256=found[0].sha256,
        uploaded_at=uow.wall,
        version=stored[0].version if stored else 0,
    )
    (uow.save if stored else uow.add)(taken)
    uow.record(ValidationFilesChanged(party_id=principal.party_id, what="schedules"))
    return taken


def set_coupling_limits(uow: UnitOfWork, principal: Principal, command: SetCouplingLimits) -> CouplingPoint:
    """The TSO's limits from now on; questions that are being computed keep those they came under.

    Raises:
        Refused: findings on the limits and on where they come from.
    """
    limits = CouplingLimits(
        import_max_mw=command.import_max_mw,
        export_max_mw=command.export_max_mw,
        s_max_mva=command.s_max_mva,
    )
    raise_if([*coupling_findings(limits), *text_findings(command.source, "source", REASON)])
    stored = uow.find(CouplingPoint, id=principal.party_id)
    point = CouplingPoint(
        id=principal.party_id,
        limits=limits,
        source=command.source.strip(),
        set_at=uow.wall,
        version=stored[0].version if stored else 0,
    )
    (uow.save if stored else uow.add)(point)
    uow.record(ValidationFilesChanged(party_id=principal.party_id, what="limits"))
    return point
