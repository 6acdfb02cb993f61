"""Parts of pages. Everything that a person may have typed is escaped or set as text."""

from views.widgets.dialogs import ConfirmDialog
from views.widgets.facts import Comparison, FactList
from views.widgets.figures import KeyFigure, KeyFigures
from views.widgets.forms import Problem, ProblemList, toggles
from views.widgets.jobs import JobBar, JobModel
from views.widgets.late import dialog, tabs
from views.widgets.once import ShownOnce
from views.widgets.panels import empty_state, figure_pane, panel, text
from views.widgets.tables import Book, csv_button

__all__ = [
    "Book",
    "Comparison",
    "ConfirmDialog",
    "FactList",
    "JobBar",
    "JobModel",
    "KeyFigure",
    "KeyFigures",
    "Problem",
    "ProblemList",
    "ShownOnce",
    "csv_button",
    "dialog",
    "empty_state",
    "figure_pane",
    "panel",
    "tabs",
    "text",
    "toggles",
]
