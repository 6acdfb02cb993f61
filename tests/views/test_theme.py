"""The look: contrast, and the abnormal told apart from the normal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from views import theme

ASSETS = Path(__file__).resolve().parents[2] / "assets"
SHEETS = sorted((ASSETS / "css").glob("*.css"))
FORMS = [ASSETS / "pages" / name for name in ("login.html", "apply.html", "enrol.html", "fields.html")]


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_text_has_aa_contrast(name):
    t = theme.tokens(name)
    for text in (t.text, t.muted, t.watch_text, t.alarm_text, t.critical_text, t.good_text, t.primary):
        for ground in (t.paper, t.ground):
            assert contrast(text, ground) >= 4.5, (text, ground)
    assert contrast(t.bar_text, t.bar) >= 4.5
    assert contrast(t.bar_muted, t.bar) >= 4.5
    assert contrast(t.on_primary, t.primary) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_lines_and_marks_stand_out_from_paper(name):
    t = theme.tokens(name)
    for colour in (t.normal, t.alarm, t.critical, t.low):
        assert contrast(colour, t.paper) >= 2.5, colour


def written(sheet: Path, t: theme.Tokens) -> Iterator[tuple[str, str, str]]:
    """Selector, colour and ground of each rule that gives text a colour. Without a ground of its own it stands on
    paper or ground; what is named for the bar, and the sign of a near gate there, on the bar."""
    for selector, body in re.findall(
        r"([^{}]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    ):
        said = dict(re.findall(r"(?:^|;|\s)(color|background|background-color):\s*([^;!]+)", body))
        if said.get("color", "inherit").strip() in ("inherit", "currentcolor"):
            continue
        name, colour = colour_of(said["color"], t)
        own = said.get("background", said.get("background-color", "none")).strip()
        on_bar = name.startswith("bar") or (sheet.name == "deskbar.css" and name == "watch")
        grounds = [t.bar] if on_bar else [t.paper, t.ground]
        for ground in grounds if own == "none" else [colour_of(own, t)[1]]:
            yield " ".join(selector.split()), colour, ground


def colour_of(value: str, t: theme.Tokens) -> tuple[str, str]:
    """Name of the token, and its colour; a literal has no name."""
    found = re.fullmatch(r"var\(--fd-([a-z-]+)\)", value.strip())
    return ("", value.strip()) if found is None else (name := found[1].replace("-", "_"), getattr(t, name))


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_rule_of_the_style_sheets_gives_text_aa_contrast(sheet: Path, name: theme.ThemeName) -> None:
    t = theme.tokens(name)
    signs = ("::before", ".mark")  # symbols beside words: three to one is enough (WCAG 2.2, 1.4.11)
    found = list(written(sheet, t))
    assert found or sheet.name == "toggles.css"
    for selector, colour, ground in found:
        least = 3.0 if selector.endswith(signs) else 4.5
        assert contrast(colour, ground) >= least, (selector, colour, ground)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_text_of_a_selected_or_hovered_row_has_aa_contrast(name: theme.ThemeName) -> None:
    t = theme.tokens(name)
    sheet = (ASSETS / "css" / "widgets.css").read_text()
    shares = [int(share) for share in re.findall(r"var\(--fd-primary\) (\d+)%", sheet)]
    assert shares == [10, 18]
    for share in shares:
        assert contrast(t.text, theme.mix(t.paper, t.primary, share / 100)) >= 4.5


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_colours_of_widgets_have_aa_contrast(name: theme.ThemeName) -> None:
    palette = theme.theme_config()[name]["palette"]
    for ground in palette["background"].values():
        for colour in (
            *palette["text"].values(),
            *(palette[kind]["main"] for kind in ("primary", "error", "warning", "success")),
        ):
            assert contrast(colour, ground) >= 4.5, (colour, ground)
    assert contrast(palette["primary"]["contrastText"], palette["primary"]["main"]) >= 4.5


class Inputs(HTMLParser):
    """Inputs of a page that no label is around and that have no name of their own."""

    def __init__(self) -> None:
        super().__init__()
        self.seen, self.within, self.nameless = 0, 0, []

    def handle_starttag(self, name, attrs):
        given = dict(attrs)
        self.within += name == "label"
        if name in ("input", "select", "textarea") and given.get("type") != "hidden":
            self.seen += 1
            if not self.within and "aria-label" not in given:
                self.nameless.append(given)

    def handle_endtag(self, name):
        self.within -= name == "label"


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.name)
def test_every_input_before_signing_in_has_a_label(form: Path) -> None:
    inputs = Inputs()
    inputs.feed(re.sub(r"\{[{%].*?[}%]\}", "", form.read_text()))
    assert inputs.seen >= 1
    assert inputs.nameless == []


def test_dark_bar_is_as_dark_as_the_ground():
    assert theme.tokens("dark").bar == theme.tokens("dark").ground


def test_loading_turns_colour_at_75_90_and_100_percent():
    mapper, t = theme.loading_mapper("light"), theme.tokens("light")
    assert (mapper.low, mapper.high, len(mapper.palette)) == (0.0, 130.0, 130)
    at = {percent: mapper.palette[percent] for percent in (0, 74, 75, 89, 90, 99, 100, 129)}
    assert list(at.values()) == [t.normal] * 2 + [t.watch] * 2 + [t.alarm] * 2 + [t.critical] * 2


def test_voltage_is_grey_in_the_band_blue_below_and_orange_above():
    mapper, t = theme.voltage_mapper("light", 0.965, 1.055), theme.tokens("light")
    assert mapper.palette[0] == t.low
    assert mapper.palette[-1] == t.high
    assert mapper.palette[len(mapper.palette) // 2] == t.normal
    assert mapper.low < 0.965 < 1.055 < mapper.high


def test_every_token_reaches_the_style_sheet():
    sheet = theme.stylesheet()
    assert "--fd-critical-text: #b3101c" in sheet
    assert sheet.count("--fd-ground:") == 2
