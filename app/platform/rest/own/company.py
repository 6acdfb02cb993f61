"""The company of a platform, its people and its customers."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter
from pydantic import Field

from app.queries.models.platform import GetCompany
from app.rest.access import FromCaller
from app.rest.fields import Id, In, Out, Text
from app.rest.strict import StrictRoute
from domain.commands.platform import AddCustomer, AddStaff
from domain.ids import PartyId
from domain.parties import Party
from domain.parties.access import one_time_password

router = APIRouter(route_class=StrictRoute, tags=["company"])
Account = Annotated[Text, Field(max_length=64)]


class RegistrationOut(Out):
    """MPL-REG: an own registration on the market place."""

    id: str
    name: str
    player_role: str


class CompanyOut(Out):
    """MPL-DES: the company, as its platform knows it."""

    name: str
    country: str
    market_place_url: str = Field(description="Empty until the platform is connected.")
    registrations: list[RegistrationOut]


class StaffIn(In):
    registration_id: Id
    account: Account


class OneTimeOut(Out):
    """A password that serves once, to choose another one with; it is shown this once."""

    account: str
    one_time_password: str


class CustomerIn(In):
    customer_id: Id
    name: Annotated[Text, Field(max_length=80)]
    account: Account | None = None


class CustomerOut(Out):
    """`one_time_password`: of the account, where one was asked for; it is shown this once."""

    customer_id: str
    name: str
    account: str | None
    one_time_password: str | None


@router.get("/company", name="own_company")
def get_company(caller: FromCaller) -> CompanyOut:
    """The company and its registrations."""
    return CompanyOut.model_validate(caller.query(GetCompany()))


@router.post("/staff", name="own_add_staff", status_code=201)
def add_staff(caller: FromCaller, body: StaffIn) -> OneTimeOut:
    """A sign-in for a person, who works for one's own registration."""
    password = one_time_password()
    command = AddStaff(registration_id=PartyId(body.registration_id), account=body.account, password=password)
    caller.execute(command)
    return OneTimeOut(account=body.account, one_time_password=password)


@router.post("/customers", name="own_add_customer", status_code=201)
def add_customer(caller: FromCaller, body: CustomerIn) -> CustomerOut:
    """Provider: a customer, with a sign-in where an account is named."""
    password = one_time_password() if body.account else ""
    command = AddCustomer(
        customer_id=PartyId(body.customer_id), name=body.name, account=body.account or "", password=password
    )
    customer = cast(Party, caller.execute(command))
    return CustomerOut(
        customer_id=customer.id, name=customer.name, account=body.account, one_time_password=password or None
    )
