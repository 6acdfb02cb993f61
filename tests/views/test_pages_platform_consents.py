"""A customer's consents on its page: given in full, given in part, refused, ended; and whose they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from platform_room import ATTACK, NOW, WHO, Room, platform_room
from platform_things import DAY, LOAD, asked, house_pods, subscription

from app.queries.models.platform import ListConsents
from domain.commands.platform import RevokeConsent
from domain.ids import ConsentId
from domain.marketplace.words import ConsentState
from domain.paging import Slice, falling
from domain.platform.consents import Consent
from views import news
from views.pages.consent_cards import Card
from views.pages.platform_consents import NOBODY_GETS, NOTHING_ASKED, PAGES, ConsentsPage
from views.state.consent_words import first_day, last_day
from views.state.platform_consents import SHOWN


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with platform_room(tmp_path / "platform.db") as opened:
        opened.add(subscription(), *house_pods())
        yield opened


def page(room: Room, who: str = "customer1", **address: Any) -> ConsentsPage:
    owner = room.open(who, PAGES[0], **address).owner
    assert isinstance(owner, ConsentsPage)
    return owner


def the_card(shown: ConsentsPage) -> Card:
    ((_known, card),) = shown.cards.values()
    return card


def the_consent(room: Room) -> Consent:
    (view,) = room.ask("customer1", ListConsents(part=Slice(order=falling("asked_at", "id"), limit=9)))
    return view.consent


def standing(room: Room) -> tuple[str, ...]:
    (view,) = room.ask("customer1", ListConsents(part=Slice(order=falling("asked_at", "id"), limit=9)))
    return view.standing


def press(card: Any, label: str) -> None:
    (button,) = [each for each in card.view.select() if getattr(each, "label", "") == label]
    button.param.trigger("clicks")


def test_without_anything_the_page_says_that_nothing_is_to_do(room: Room) -> None:
    shown = page(room)
    assert [pane.object for pane in shown._asked] == [shown._none[NOTHING_ASKED].object]
    assert [pane.object for pane in shown._standing] == [shown._none[NOBODY_GETS].object]


def test_an_ask_says_who_what_which_points_and_when(room: Room) -> None:
    asked(room)
    words = the_card(page(room))._text.object
    for part in ("Other pool", "asks for your data", "every quarter hour", "Lange Reihe 1, 24103 Kiel", "DE0001"):
        assert part in words, part
    assert "01 July 2026 to 30 June 2027" in words
    assert "Answer until" in words


def test_agreed_in_full(room: Room) -> None:
    asked(room)
    shown = page(room)
    press(the_card(shown), "I agree")
    assert the_consent(room).state is ConsentState.ACKNOWLEDGED
    assert standing(room) == ("DE0001", "DE0002")
    assert "gets your data" in the_card(shown)._text.object
    assert [pane.object for pane in shown._asked] == [shown._none[NOTHING_ASKED].object]


def test_agreed_to_one_point_and_a_shorter_time(room: Room) -> None:
    asked(room)
    card = the_card(page(room))
    press(card, "Agree to a part …")
    assert card.some.view.visible
    card.some.pods.value = ["DE0002"]
    card.some.last.value = date(2026, 12, 31)
    press(card, "Agree to this part")
    consent = the_consent(room)
    assert standing(room) == ("DE0002",)
    assert (first_day(consent.starts_at), last_day(consent.ends_at)) == (date(2026, 7, 1), date(2026, 12, 31))


def test_a_part_without_points_or_with_days_outside_is_refused_at_its_field(room: Room) -> None:
    asked(room)
    card = the_card(page(room))
    card.some.pods.value = []
    press(card, "Agree to this part")
    assert card.some.problems._beside["pod_ids"].visible
    card.some.pods.value = ["DE0001"]
    card.some.last.value = None
    press(card, "Agree to this part")
    assert card.some.problems._beside["ends_at"].visible
    card.some.last.param.update(end=date(2030, 1, 1), value=date(2028, 1, 1))
    press(card, "Agree to this part")
    assert "Only a part of the time" in card.some.problems._beside["ends_at"].object
    assert the_consent(room).state is ConsentState.ASKED


def test_refused_it_goes_to_what_is_over(room: Room) -> None:
    asked(room)
    shown = page(room)
    press(the_card(shown), "I do not agree")
    assert the_consent(room).state is ConsentState.REFUSED
    assert [row["state"] for row in shown._history.records] == ["refused"]
    assert shown.cards == {}


def test_it_ends_only_after_the_consequence_was_read(room: Room) -> None:
    asked(room)
    shown = page(room)
    press(the_card(shown), "I agree")
    press(the_card(shown), "End this")
    assert standing(room) == ("DE0001", "DE0002"), "the question alone changes nothing"
    assert shown.dialog.view.open
    assert "of the past neither" in shown.dialog._question.object
    shown.dialog._on_confirm(None)
    assert the_consent(room).state is ConsentState.REVOKED
    assert standing(room) == ()
    assert [row["state"] for row in shown._history.records] == ["revoked"]


def test_it_ends_for_some_points(room: Room) -> None:
    asked(room)
    shown = page(room)
    press(the_card(shown), "I agree")
    card = the_card(shown)
    press(card, "End a part …")
    assert card.some.pods.value == []
    press(card, "End these")
    assert card.some.problems._beside["pod_ids"].visible, "none chosen would have meant all"
    card.some.pods.value = ["DE0001"]
    press(card, "End these")
    assert standing(room) == ("DE0002",)


def test_two_open_pages_the_other_hears_at_once_and_an_old_card_is_told_why(room: Room) -> None:
    asked(room)
    here, context = page(room), room.context("customer1")
    there: Any = PAGES[0].build(context).owner
    old = the_card(there)
    press(the_card(here), "I agree")
    press(old, "I agree")
    assert old.problems.view.visible
    context.live.tell(news.PLATFORM)
    assert "gets your data" in the_card(there)._text.object


def test_what_somebody_has_begun_to_choose_outlives_news(room: Room) -> None:
    asked(room)
    context = room.context("customer1")
    shown: Any = PAGES[0].build(context).owner
    card = the_card(shown)
    press(card, "Agree to a part …")
    card.some.pods.value = ["DE0001"]
    context.live.tell(news.PLATFORM)
    assert the_card(shown) is card
    assert card.some.pods.value == ["DE0001"]


def test_another_customer_sees_nothing_and_can_end_nothing(room: Room) -> None:
    asked(room)
    id = the_consent(room).id
    shown = page(room, "customer2", consent=id)
    assert shown.cards == {}
    assert shown._missing.visible
    with pytest.raises(Exception, match=r"no such|not yours"):
        room.do("customer2", RevokeConsent(consent_id=ConsentId(id)))


def test_a_link_marks_its_consent(room: Room) -> None:
    asked(room)
    shown = page(room, consent=the_consent(room).id)
    assert "plain-card chosen" in the_card(shown)._text.object
    assert not shown._missing.visible


def test_a_letter_of_an_ask_leads_to_it(room: Room) -> None:
    asked(room)
    room.platform.dispatcher.run()
    from app.queries.models import ListNotifications

    (note,) = room.ask("customer1", ListNotifications())
    assert note.link == f"/platform/consents?consent={the_consent(room).id}"


def test_hostile_text_is_only_ever_text(room: Room) -> None:
    asked(room)
    shown = page(room)
    assert ATTACK not in the_card(shown)._text.object
    assert "&lt;img" in the_card(shown)._text.object


def test_of_an_ask_that_is_over_by_its_time_the_refusal_is_said_on_the_card(room: Room) -> None:
    asked(room)
    consent = the_consent(room)
    with room.platform.store.write(WHO["provider1"], RevokeConsent(consent_id=consent.id)) as uow:
        uow.save(replace(consent, answer_until=NOW - timedelta(hours=1)))
    card = the_card(page(room))
    press(card, "I agree")
    assert "over" in card.problems.view.object


def test_periods_with_hours_name_them(room: Room) -> None:
    asked(room, starts_at=NOW, ends_at=NOW + 30 * DAY)
    assert "01 July 2026, 10:00 to 31 July 2026, 10:00" in the_card(page(room))._text.object
    assert the_consent(room).description_id == LOAD


def test_what_stands_is_shown_however_many_asks_came_since(room: Room) -> None:
    """Whoever asks again and again cannot hide what is to be ended."""
    asked(room, state=ConsentState.ACKNOWLEDGED, given_at=NOW)
    asked(room, id=ConsentId("C-open"), asked_at=NOW)
    for n in range(SHOWN):
        later = NOW + timedelta(seconds=n + 1)
        asked(room, id=ConsentId(f"C-x{n}"), state=ConsentState.REFUSED, asked_at=later, ended_at=later)
    shown = page(room)
    assert set(shown.cards) == {"C-1", "C-open"}
    assert len(shown._history.records) == SHOWN
