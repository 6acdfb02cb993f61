"""The look: contrast, and the abnormal told apart from the normal."""

from __future__ import annotations

import pytest

from views import theme


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
