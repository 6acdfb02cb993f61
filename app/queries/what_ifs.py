"""What-ifs and what they found."""

from __future__ import annotations

from app.bridge import states, what_if
from app.queries import models as q
from app.queries.visibility import region_for
from domain.flexibility.grids import Job, Network, Schedule
from domain.flexibility.what_if import WhatIf
from domain.lifecycle import JobState
from domain.parties import Principal
from domain.ports import UnitOfWork


def get_what_if(uow: UnitOfWork, principal: Principal, query: q.GetWhatIf) -> q.WhatIfView:
    """Raises `Refused`: `not_found`, also for one of another DSO's region."""
    asked = uow.get(WhatIf, query.what_if_id)
    region_for(uow, principal, asked.region_id)
    return _view(uow, asked, with_result=True)


def list_what_ifs(uow: UnitOfWork, principal: Principal, query: q.ListWhatIfs) -> tuple[q.WhatIfView, ...]:
    """Raises `Refused`: `not_found` for a region that the asker may not see."""
    region = region_for(uow, principal, query.region_id)
    found = uow.find(WhatIf, region_id=region.id, delivery_day=query.delivery_day)
    newest = sorted(found, key=lambda asked: (asked.asked_at, asked.id), reverse=True)
    return tuple(_view(uow, asked, with_result=False) for asked in newest)


def _view(uow: UnitOfWork, asked: WhatIf, *, with_result: bool) -> q.WhatIfView:
    (job,) = uow.find_bare(Job, id=asked.job_id)
    networks = uow.find(Network, id=asked.region_id)
    schedules = uow.find(Schedule, region_id=asked.region_id, delivery_day=asked.delivery_day)
    return q.WhatIfView(
        what_if=asked,
        job=job,
        solved=_solved(uow, asked) if with_result and job.state is JobState.DONE else None,
        outdated=any(n.uploaded_at > asked.asked_at for n in networks)
        or any(s.uploaded_at > asked.asked_at for s in schedules),
    )


def _solved(uow: UnitOfWork, asked: WhatIf) -> q.WhatIfSolved:
    result = uow.get(Job, asked.job_id).result
    decoded = states.decode(result, asked.region_id)
    if decoded.after is None:
        raise RuntimeError("a what-if has both states")
    return q.WhatIfSolved(
        grid=decoded.grid,
        as_is=decoded.before,
        changed=decoded.after,
        proposed=decoded.proposed,
        answer=what_if.answer_from(result),
    )
