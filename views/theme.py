"""The look in one file: tokens for light and dark, and what each library wants made of them.

No Panel here, so that the plots may use it. CSS gets the same tokens as variables (`--fd-*`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from bokeh.models import LinearColorMapper

ThemeName = Literal["light", "dark"]

FONT = "Roboto, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
WATCH, ALARM, CRITICAL = "#e69f00", "#d55e00", "#c1121f"


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Colours of one theme. The abnormal ones are chosen to be told apart by colour-blind eyes."""

    ground: str
    paper: str
    bar: str
    bar_text: str
    bar_muted: str
    text: str
    muted: str
    rule: str
    primary: str
    on_primary: str
    normal: str  # lines and buses in order: grey
    faint: str  # baselines, bands
    watch: str
    watch_text: str  # readable as text on paper (AA)
    alarm: str
    alarm_text: str
    critical: str
    critical_text: str
    good_text: str
    low: str  # voltage below the band
    high: str  # voltage above the band


TOKENS: dict[ThemeName, Tokens] = {
    "light": Tokens(
        ground="#f5f6f7",
        paper="#ffffff",
        bar="#1f5673",
        bar_text="#ffffff",
        bar_muted="#c9dbe5",
        text="#1f2933",
        muted="#5d6974",
        rule="#d5dadf",
        primary="#1f5673",
        on_primary="#ffffff",
        normal="#9aa3ab",
        faint="#dfe3e7",
        watch=WATCH,
        watch_text="#8a5d00",
        alarm=ALARM,
        alarm_text="#b04a00",
        critical=CRITICAL,
        critical_text="#b3101c",
        good_text="#2c6e49",
        low="#2b6ca3",
        high=ALARM,
    ),
    "dark": Tokens(
        ground="#14181c",
        paper="#1b2126",
        bar="#14181c",
        bar_text="#e3e8ec",
        bar_muted="#93a0ab",
        text="#e3e8ec",
        muted="#93a0ab",
        rule="#2b333a",
        primary="#6fb3d2",
        on_primary="#10222b",
        normal="#76828c",
        faint="#2f3941",
        watch=WATCH,
        watch_text="#f0b429",
        alarm="#ee7a2b",
        alarm_text="#f48b45",
        critical="#f0525e",
        critical_text="#ff7b84",
        good_text="#7fc8a0",
        low="#6fa8dc",
        high="#ee7a2b",
    ),
}

# Upper ends in percent of the limit; above the last one an element is overloaded.
LOADING_LIMITS = (75.0, 90.0, 100.0)
LOADING_AXIS_MAX = 130.0


def tokens(theme: ThemeName) -> Tokens:
    """The colours of a theme."""
    return TOKENS[theme]


def loading_palette(theme: ThemeName) -> list[str]:
    """One colour per percent of loading, 0 to LOADING_AXIS_MAX: grey, amber, orange, red."""
    t = TOKENS[theme]
    watch, alarm, full = (int(limit) for limit in LOADING_LIMITS)
    over = int(LOADING_AXIS_MAX) - full
    return [t.normal] * watch + [t.watch] * (alarm - watch) + [t.alarm] * (full - alarm) + [t.critical] * over


def loading_mapper(theme: ThemeName) -> LinearColorMapper:
    """Colours loading in percent; scale of 0 to 130 %."""
    return LinearColorMapper(palette=loading_palette(theme), low=0.0, high=LOADING_AXIS_MAX)


def voltage_palette(
    theme: ThemeName, vm_min_pu: float, vm_max_pu: float, low_pu: float, high_pu: float, n: int = 240
) -> list[str]:
    """`n` colours from low_pu to high_pu: grey in the inner band, blue towards and below the lower
    limit, orange towards and above the upper one."""
    t = TOKENS[theme]
    middle, half = (vm_min_pu + vm_max_pu) / 2, (vm_max_pu - vm_min_pu) / 2
    at = (np.linspace(low_pu, high_pu, n) - middle) / half  # -1 and 1 are the limits
    strength = np.clip((np.abs(at) - 0.6) / 0.4, 0.0, 1.0)
    return [mix(t.normal, t.high if x > 0 else t.low, float(s)) for x, s in zip(at, strength, strict=True)]


def voltage_mapper(theme: ThemeName, vm_min_pu: float, vm_max_pu: float) -> LinearColorMapper:
    """Colours voltage in pu; the scale reaches one half band beyond each limit."""
    low, high = voltage_axis(vm_min_pu, vm_max_pu)
    palette = voltage_palette(theme, vm_min_pu, vm_max_pu, low, high)
    return LinearColorMapper(palette=palette, low=low, high=high)


def voltage_axis(vm_min_pu: float, vm_max_pu: float) -> tuple[float, float]:
    """Ends of the voltage scale, pu."""
    quarter = (vm_max_pu - vm_min_pu) / 4
    return vm_min_pu - quarter, vm_max_pu + quarter


def price_palette(theme: ThemeName, n: int = 121) -> list[str]:
    """`n` colours, an odd number, diverging from a quiet middle: blue below, orange above."""
    t = TOKENS[theme]
    shares = np.linspace(-1.0, 1.0, n)
    return [mix(t.faint, t.high if x > 0 else t.low, abs(float(x)) ** 0.6) for x in shares]


def mix(a: str, b: str, share: float) -> str:
    """Colour between two `#rrggbb`; share 0 gives `a`, 1 gives `b`."""
    pairs = ((int(a[i : i + 2], 16), int(b[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in pairs)


def theme_config() -> dict[str, Any]:
    """For panel-material-ui: both palettes, compact density, quiet buttons, a calm app bar."""
    return {name: _mui(TOKENS[name]) for name in ("light", "dark")}


def _mui(t: Tokens) -> dict[str, Any]:
    return {
        "palette": {
            "primary": {"main": t.primary, "contrastText": t.on_primary},
            "background": {"default": t.ground, "paper": t.paper},
            "text": {"primary": t.text, "secondary": t.muted},
            "divider": t.rule,
            "error": {"main": t.critical_text},
            "warning": {"main": t.watch_text},
            "success": {"main": t.good_text},
        },
        "typography": {
            "fontFamily": FONT,
            "fontSize": 13,
            "button": {"textTransform": "none", "fontWeight": 600},
        },
        "shape": {"borderRadius": 4},
        "components": {
            "MuiAppBar": {"styleOverrides": {"root": _bar_style(t)}},
            "MuiToolbar": {
                "styleOverrides": {"root": {"minHeight": "48px !important", "padding": "0 16px !important"}}
            },
            "MuiPaper": {"styleOverrides": {"root": {"backgroundImage": "none"}}},
            "MuiButton": {"defaultProps": {"disableElevation": True, "size": "small"}},
            "MuiCssBaseline": {"styleOverrides": {"body": {"fontVariantNumeric": "tabular-nums"}}},
        },
    }


def _bar_style(t: Tokens) -> dict[str, str]:
    return {
        "backgroundColor": f"{t.bar} !important",
        "backgroundImage": "none",
        "color": f"{t.bar_text} !important",
        "boxShadow": "none",
        "borderBottom": f"1px solid {t.rule}",
    }


def css_variables(theme: ThemeName) -> str:
    """`--fd-<token>: <colour>;` for every token, with dashes for underscores."""
    t = TOKENS[theme]
    return " ".join(f"--fd-{f.name.replace('_', '-')}: {getattr(t, f.name)};" for f in fields(t))


def stylesheet() -> str:
    """The tokens as CSS: light by default, dark by the root's data-fd-theme.

    Custom properties are inherited into shadow roots, so every component sees them.
    """
    return (
        f":root {{ {css_variables('light')} --fd-font: {FONT}; }}\n"
        f':root[data-fd-theme="dark"] {{ {css_variables("dark")} }}\n'
    )
