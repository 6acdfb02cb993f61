"""Parts of pages: text from people stays text, books patch in place, jobs and dialogs act once."""

from __future__ import annotations

import panel_material_ui as pmu
import pytest

from views.plots.book import Column
from views.widgets import (
    Book,
    ConfirmDialog,
    JobBar,
    JobModel,
    KeyFigure,
    KeyFigures,
    Problem,
    ProblemList,
    dialog,
    empty_state,
    panel,
    tabs,
    text,
)

EVIL = '<img src=x onerror="alert(1)">'
COLUMNS = [Column("name", "Name"), Column("p", "MW", "mw"), Column("state", "State", "state")]


def markup_of(viewable) -> str:
    panes = viewable.select(lambda v: hasattr(v, "object")) if hasattr(viewable, "select") else [viewable]
    return "".join(str(pane.object) for pane in panes)


@pytest.mark.parametrize(
    "made",
    [
        lambda: KeyFigures([KeyFigure(EVIL, EVIL, EVIL, EVIL)]).view,
        lambda: text(EVIL),
        lambda: empty_state(EVIL, EVIL),
        lambda: panel(EVIL),
    ],
)
def test_text_from_people_is_escaped(made):
    markup = markup_of(made())
    assert "<img" not in markup
    assert "&lt;img" in markup


def test_problems_stand_beside_their_field_and_the_rest_above_the_button():
    field = pmu.TextInput(label="Quantity, MW")
    problems = ProblemList({"p_mw": field})
    beside = problems.beside("p_mw")
    problems.show([Problem("p_mw", f"Too much {EVIL}"), Problem("", "The gate has closed.")])
    assert "Too much &lt;img" in beside[1].object
    assert beside[1].visible
    assert field.error_state
    assert "The gate has closed." in problems.view.object
    problems.show([])
    assert (beside[1].visible, problems.view.visible, field.error_state) == (False, False, False)


def test_critical_figures_carry_a_symbol():
    strip = KeyFigures([KeyFigure("Loading", "118", "%", severity="critical"), KeyFigure("Needs", "2")])
    assert strip.view.object.count("▲") == 1


def test_book_patches_only_the_cells_that_changed(monkeypatch):
    records = [{"name": "a", "p": 1.0, "state": "open"}, {"name": "b", "p": None, "state": "open"}]
    book, patches = Book(COLUMNS, records), []
    monkeypatch.setattr(book.view, "patch", patches.append)
    before = book.view.value
    book.show([dict(r) for r in records])
    assert patches == []
    book.show([records[0] | {"state": "cleared"}, records[1]])
    assert patches == [{"state": [(0, "● cleared")]}]
    assert book.view.value is before
    book.show(records[:1])
    assert len(book.view.value) == 1


def test_book_csv_has_our_titles_and_no_formulas():
    book = Book(COLUMNS, [{"name": "=cmd()", "p": -1.5, "state": "open"}])
    assert book.csv().getvalue().decode("utf-8-sig").splitlines() == ["Name,MW,State", "'=cmd(),-1.5,open"]


def test_picking_a_row_gives_its_record():
    picked = []
    book = Book(COLUMNS, [{"name": "a"}, {"name": "b"}], on_pick=picked.append)
    book._on_click(type("Click", (), {"row": 1})())
    assert picked == [{"name": "b"}]


def test_job_bar_shows_stage_and_cancels_once():
    cancelled = []
    bar = JobBar(lambda: cancelled.append(1))
    assert not bar.view.visible
    bar.show(JobModel(title="Clearing", state="running", stage=f"LP {EVIL}", progress=0.4))
    assert bar.view.visible
    assert bar._bar.object == '<progress aria-label="Clearing, progress" value="0.40"></progress>'
    assert "LP &lt;img" in bar._words.object
    bar._on_click(None)
    assert cancelled == [1]
    assert bar._cancel.disabled
    bar.show(JobModel(title="Clearing", state="running"))
    assert bar._bar.object == '<progress aria-label="Clearing, progress"></progress>'
    bar.show(JobModel(title="Clearing", state="done"))
    assert 'value="1.00"' in bar._bar.object
    assert not bar._cancel.visible


def test_dialog_acts_only_on_yes_and_only_once():
    done, dialog = [], ConfirmDialog()
    dialog.ask("Withdraw?", f"Gone {EVIL}", "Withdraw offer", lambda: done.append(1))
    assert dialog.view.open
    assert "&lt;img" in dialog._question.object
    dialog._on_cancel(None)
    dialog._on_confirm(None)
    assert done == []
    dialog.ask("Withdraw?", "Gone", "Withdraw offer", lambda: done.append(1))
    dialog._on_confirm(None)
    dialog._on_confirm(None)
    assert done == [1]
    assert not dialog.view.open


def test_a_tab_is_filled_when_it_is_first_chosen_and_stays():
    contents = [pmu.Button(label=name) for name in ("one", "two", "three")]
    view = tabs(*((button.label, button) for button in contents), active=1)
    assert view.select(pmu.Button) == [contents[1]]
    view.active = 2
    assert view.select(pmu.Button) == contents[1:]
    view.active = 1
    assert view.select(pmu.Button) == contents[1:]


def test_a_dialog_is_filled_when_it_is_first_opened():
    part = pmu.Button(label="Shelve")
    view = dialog(part, title="Put this aside?")
    assert (view.title, view.open, view.select(pmu.Button)) == ("Put this aside?", False, [])
    view.open = True
    assert view.select(pmu.Button) == [part]
    view.open = False
    assert view.select(pmu.Button) == [part]
