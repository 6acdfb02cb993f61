"""A customer's consents: CUS-CON-DES and CUS-CON-REV come from the customer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.platform.rest import agreed
from app.platform.rest import consent_schemas as s
from app.platform.rest.agreed import ConsentFilter
from app.rest.access import FromCaller
from app.rest.fields import Id
from app.rest.paging import FromPager
from app.rest.schemas import Page
from app.rest.strict import StrictRoute
from domain.commands import platform as c
from domain.ids import ConsentId, PodId

router = APIRouter(route_class=StrictRoute, tags=["consents"])
Which = Annotated[Id, Path()]


@router.post("/consents/{consent_id}/give", name="b2c_give_consent")
def give(caller: FromCaller, consent_id: Which, body: s.GiveIn) -> s.ConsentOut:
    """Consent (CUS-CON-DES), in full or for some PoDs and a shorter time."""
    command = c.GiveConsent(
        consent_id=ConsentId(consent_id),
        pod_ids=tuple(PodId(pod) for pod in body.pod_ids),
        starts_at=body.starts_at,
        ends_at=body.ends_at,
    )
    return s.ConsentOut.model_validate(caller.execute(command))


@router.post("/consents/{consent_id}/refuse", name="b2c_refuse_consent")
def refuse(caller: FromCaller, consent_id: Which) -> s.ConsentOut:
    """Refuse what is asked."""
    return s.ConsentOut.model_validate(caller.execute(c.RefuseConsent(consent_id=ConsentId(consent_id))))


@router.post("/consents/{consent_id}/revoke", name="b2c_revoke_consent")
def revoke(caller: FromCaller, consent_id: Which, body: s.RevokeIn) -> s.ConsentOut:
    """From now on no more (CUS-CON-REV), for some PoDs or all."""
    command = c.RevokeConsent(consent_id=ConsentId(consent_id), pod_ids=tuple(PodId(pod) for pod in body.pod_ids))
    return s.ConsentOut.model_validate(caller.execute(command))


@router.get("/consents", name="b2c_consents")
def list_consents(
    caller: FromCaller, pager: FromPager, where: Annotated[ConsentFilter, Query()]
) -> Page[s.ConsentListedOut]:
    """Consents (CUS-CON-DES): the customer's own."""
    return agreed.consents(caller, pager, where)
