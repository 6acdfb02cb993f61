"""Technical validation for the company's own programs: what a DSO computes on, and what a player asks."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Path, Query

from app.codec import from_data
from app.platform.rest import validation_schemas as s
from app.platform.rest.validations import one_of, page_of
from app.queries.models.platform import GetValidationFiles
from app.rest.access import FromCaller
from app.rest.documents import TABLES, JsonDocument, ScheduleTable, described
from app.rest.fields import Day, Id
from app.rest.media import JSON
from app.rest.paging import FromPager
from app.rest.schemas import Page
from app.rest.strict import StrictRoute
from domain.commands.platform import (
    AskTechnicalValidation,
    SetCouplingLimits,
    UploadValidationNetwork,
    UploadValidationSchedules,
)
from domain.platform.validations import ValidationNetwork, ValidationSchedules

router = APIRouter(route_class=StrictRoute, tags=["technical validation"])
documents = APIRouter(tags=["technical validation"])


@router.get("/technical-validations", name="own_technical_validations")
def list_validations(
    caller: FromCaller, pager: FromPager, where: Annotated[s.ValidationFilter, Query()]
) -> Page[s.ValidationOut]:
    """What the own registration was asked or asks itself, the newest first."""
    return page_of(caller, pager, where)


@router.get("/technical-validations/{validation_id}", name="own_technical_validation")
def get_validation(caller: FromCaller, validation_id: Annotated[Id, Path()]) -> s.ValidationOut:
    """One of them, by its id here or by that of its request."""
    return one_of(caller, validation_id)


@router.post("/technical-validations", name="own_ask_technical_validation", status_code=202)
def ask(caller: FromCaller, body: s.AskIn) -> s.ValidationOut:
    """Requester: ask the DSO of a subscription (TECH-FLEX-REQ); its answer is stored here when it comes."""
    command = from_data(AskTechnicalValidation, body.model_dump(mode="json"))
    return s.ValidationOut.of(caller.execute(command))


@router.get("/validation-files", name="own_validation_files")
def get_files(caller: FromCaller) -> s.FilesOut:
    """DSO: which network, schedules and limits questions are computed on."""
    files = caller.query(GetValidationFiles())
    coupling = None if files.coupling is None else s.LimitsOut.of(files.coupling)
    return s.FilesOut.model_validate({**vars(files), "coupling": coupling})


@documents.put(
    "/validation-files/network",
    name="own_upload_validation_network",
    openapi_extra=described("The network as `flexdesk.grid/1`.", JSON),
)
def upload_network(caller: FromCaller, document: JsonDocument) -> s.NetworkFileOut:
    """DSO: the network; schedules that do not fit it are dropped."""
    stored = caller.execute(UploadValidationNetwork(document=document))
    return s.NetworkFileOut.model_validate(cast(ValidationNetwork, stored))


@documents.put(
    "/validation-files/schedules/{delivery_day}",
    name="own_upload_validation_schedules",
    openapi_extra=described("`unit_id`, `quantity`, then a value per quarter hour; a row per unit.", *TABLES),
)
def upload_schedules(
    caller: FromCaller, delivery_day: Annotated[Day, Path()], document: ScheduleTable
) -> s.SchedulesFileOut:
    """DSO: a day's schedules per generator and load."""
    stored = caller.execute(UploadValidationSchedules(delivery_day=delivery_day, document=document))
    return s.SchedulesFileOut.model_validate(cast(ValidationSchedules, stored))


@router.put("/validation-files/limits", name="own_set_coupling_limits")
def set_limits(caller: FromCaller, body: s.LimitsIn) -> s.LimitsOut:
    """DSO: the TSO's limits at the coupling point."""
    return s.LimitsOut.of(caller.execute(SetCouplingLimits(**dict(body))))
