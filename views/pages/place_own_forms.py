"""A registration's own forms: its platform's address and set-up test, its served area, its company's contact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import panel as pn
import panel_material_ui as pmu

from domain.commands import Command
from domain.commands.place import (
    ChangeCompany,
    EnterPlatformKey,
    SetPlatformAddress,
    SetServedArea,
    TestIntegration,
)
from domain.errors import Refused
from domain.ids import PartyId
from domain.marketplace.areas import ServedArea
from domain.marketplace.companies import Address, Company, Contact
from domain.marketplace.registrations import Registration
from domain.transport import LONGEST_URL
from views.pages.context import PageContext
from views.pages.later import in_turn
from views.pages.place_decisions import carry_out
from views.pages.place_description import side_by_side
from views.state.place_areas import (
    AREA_FIELDS,
    PATTERNS_FORM,
    POLYGONS_FORM,
    POSTCODES_FORM,
    AreaDraft,
    area_draft,
    read_area,
)
from views.state.spans import by_field
from views.widgets import ProblemList, text
from views.widgets.forms import Problem

_WIDE: dict[str, Any] = {"size": "small", "sizing_mode": "stretch_width", "margin": (5, 12)}
_BUTTON = (4, 12, 12, 12)


class PlatformForm:
    """MPL-ADD: where the platform is, the key that opens it to the market place, and its set-up test."""

    def __init__(self, context: PageContext, on_done: Callable[[], None]) -> None:
        self._context, self._on_done = context, on_done
        self._own = PartyId(context.principal.party_id)
        self._shown = ""
        self.url = pmu.TextInput(
            label="Platform address, such as https://platform.company.example", max_length=LONGEST_URL, **_WIDE
        )
        self.key = pmu.PasswordInput(label="Key that opens it to the market place", max_length=200, **_WIDE)
        self.problems = ProblemList({"platform_url": self.url, "key": self.key})
        self.save = _button("Set the address", self._on_save)
        self.enter = _button("Enter the key", self._on_enter)
        self.test = _button("Run the set-up test", self._on_test, "contained")
        beside = self.problems.beside
        self.view = pn.Column(
            beside("platform_url"),
            text("Another address is tested and certified anew.", "muted", margin=(0, 12)),
            beside("key"),
            text("Your platform shows it when it is connected; it is kept encrypted.", "muted", margin=(0, 12)),
            self.problems.view,
            pn.Row(self.save, self.enter, self.test, margin=_BUTTON),
            sizing_mode="stretch_width",
            margin=0,
        )

    def show(self, registration: Registration) -> None:
        """The address; it can be tested when it is known."""
        self.test.disabled = self.enter.disabled = not registration.platform_url
        if registration.platform_url != self._shown:
            self._shown = self.url.value = registration.platform_url

    def _on_save(self, _event: Any) -> None:
        command = SetPlatformAddress(platform_url=(self.url.value or "").strip())
        self._do(command, "The address is kept. Its platform has to pass the set-up test.", "success")

    def _on_enter(self, _event: Any) -> None:
        """The field forgets the key at once."""
        command, self.key.value = EnterPlatformKey(secret=(self.key.value or "").strip()), ""
        self._do(command, "The market place can call your platform now.", "success")

    def _on_test(self, _event: Any) -> None:
        command = TestIntegration(registration_id=self._own)
        self._do(command, "Your platform is being called. What comes of it appears here.", "info")

    def _do(self, command: Command, said: str, kind: str) -> None:
        rules = {"platform_url": "platform_url", "key": "key", "secret": "key"}
        if carry_out(self._context, command, self.problems, rules):
            self._context.notify(said, kind)
            self._on_done()


def _button(label: str, on_click: Any, variant: str = "outlined") -> pmu.Button:
    return pmu.Button(label=label, variant=variant, on_click=in_turn(on_click))


class AreaForm:
    """Where a provider serves."""

    def __init__(self, context: PageContext, on_done: Callable[[], None]) -> None:
        self._context, self._on_done = context, on_done
        self._shown: ServedArea | None = None
        self.fields: dict[str, Any] = {
            "countries": pmu.TextInput(label="Countries served, such as DE, AT", max_length=100, **_WIDE),
            "postcodes": pmu.TextAreaInput(label="Postcodes (optional)", rows=3, max_length=60_000, **_WIDE),
            "polygons": pmu.TextAreaInput(label="Polygons (optional)", rows=3, max_length=200_000, **_WIDE),
            "pod_patterns": pmu.TextAreaInput(label="PoD patterns (optional)", rows=2, max_length=4000, **_WIDE),
        }
        self.problems = ProblemList(self.fields)
        self.save = pmu.Button(
            label="Publish the served area", variant="contained", on_click=in_turn(self._on_save), margin=_BUTTON
        )
        beside = self.problems.beside
        self.view = pn.Column(
            text("Requesters who look for the DSO of a customer find you by it.", "muted", margin=(0, 12)),
            beside("countries"),
            beside("postcodes"),
            text(POSTCODES_FORM, "muted", margin=(0, 12)),
            beside("polygons"),
            text(POLYGONS_FORM, "muted", margin=(0, 12)),
            beside("pod_patterns"),
            text(PATTERNS_FORM, "muted", margin=(0, 12)),
            self.problems.view,
            self.save,
            sizing_mode="stretch_width",
            margin=0,
        )

    def show(self, area: ServedArea | None) -> None:
        if area != self._shown:
            self._shown = area
            draft = area_draft(area)
            for name, field in self.fields.items():
                field.value = getattr(draft, name)

    def _on_save(self, _event: Any) -> None:
        draft = AreaDraft(**{name: field.value or "" for name, field in self.fields.items()})
        try:
            command = SetServedArea(**read_area(draft))  # type: ignore[arg-type]
        except Refused as refused:
            self.problems.show([Problem(*found) for found in by_field(refused.findings, AREA_FIELDS)])
            return
        if carry_out(self._context, command, self.problems, dict(AREA_FIELDS)):
            self._context.notify("The served area is published.", "success")
            self._on_done()


CONTACT = {
    "contact.name": ("name", "Contact person"),
    "contact.email": ("email", "E-mail"),
    "contact.phone": ("phone", "Telephone (optional)"),
    "address.street": ("street", "Street and number"),
    "address.postcode": ("postcode", "Postcode"),
    "address.city": ("city", "City"),
    "address.country": ("country", "Country, such as DE"),
}


class ContactForm:
    """How the company is reached (MPL-DES)."""

    def __init__(self, context: PageContext, on_done: Callable[[], None]) -> None:
        self._context, self._on_done = context, on_done
        self._shown: tuple[Contact, Address] | None = None
        self.fields = {
            name: pmu.TextInput(label=words, max_length=254, **_WIDE) for name, words in CONTACT.values()
        }
        self.problems = ProblemList(self.fields)
        self.save = pmu.Button(
            label="Save contact and address", variant="outlined", on_click=in_turn(self._on_save), margin=_BUTTON
        )
        beside = self.problems.beside
        self.view = pn.Column(
            beside("name"),
            side_by_side(beside("email"), beside("phone")),
            beside("street"),
            side_by_side(beside("postcode"), beside("city"), beside("country")),
            self.problems.view,
            self.save,
            sizing_mode="stretch_width",
            margin=0,
        )

    def show(self, company: Company) -> None:
        now = (company.contact, company.address)
        if now != self._shown:
            self._shown = now
            for path, (name, _words) in CONTACT.items():
                part, attribute = path.split(".")
                self.fields[name].value = getattr(getattr(company, part), attribute)

    def _on_save(self, _event: Any) -> None:
        typed = {name: field.value.strip() for name, field in self.fields.items()}
        contact = Contact(**{name: typed[name] for name in ("name", "email", "phone")})
        address = Address(
            street=typed["street"],
            postcode=typed["postcode"].upper(),
            city=typed["city"],
            country=typed["country"].upper(),
        )
        rules = {path: name for path, (name, _words) in CONTACT.items()}
        if carry_out(self._context, ChangeCompany(contact=contact, address=address), self.problems, rules):
            self._context.notify("Contact and address are changed.", "success")
            self._on_done()
