"""What the case format knows and this version does not do yet, refused by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.reading import Reader

Test = Callable[[Any], bool]


def _given(value: Any) -> bool:
    return value is not None


def _truthy(value: Any) -> bool:
    return bool(value)


def _other_than(word: str) -> Test:
    return lambda value: isinstance(value, str) and value != word


COMMODITY: tuple[str, Test, str] = (
    "commodity",
    _other_than("P"),
    "Another commodity than P (reactive power, storage)",
)

OFFER_FEATURES: tuple[tuple[str, Test, str], ...] = (
    COMMODITY,
    ("min_acceptance", _truthy, "A minimum acceptance (min_acceptance)"),
    ("block", _truthy, "A block offer (block)"),
    ("ramp_mw_per_step", _given, "A ramp limit (ramp_mw_per_step)"),
    ("s_max_mva", _given, "An inverter limit (s_max_mva)"),
    ("exclusive_group", _given, "An exclusive group (exclusive_group)"),
    ("linked_to", _given, "A linked offer (linked_to)"),
)
STORAGE_FIELDS = (
    *("p_charge_max_mw", "p_discharge_max_mw", "energy_mwh", "energy_start_mwh", "energy_end_mwh"),
    *("efficiency_charge", "efficiency_discharge", "quantity_mvar", "price_eur_per_mvarh"),
)
REQUEST_FEATURES: tuple[tuple[str, Test, str], ...] = (
    COMMODITY,
    ("conditional", _truthy, "A conditional request (conditional)"),
)
OPTION_FEATURES: tuple[tuple[str, Test, str], ...] = (
    ("clearing", _other_than("network"), "Another clearing mode than network"),
    ("physics", _other_than("ac"), "Another physics than ac"),
    ("payment", _other_than("pay_as_bid"), "Another payment rule than pay_as_bid"),
)
CHOICES = {
    "clearing": ("network", "requests", "copperplate", "continuous"),
    "physics": ("ac", "linear"),
    "payment": ("pay_as_bid", "nodal", "vcg"),
}
DEFAULTS = {"clearing": "network", "physics": "ac", "payment": "nodal"}


def refuse_offer_features(reader: Reader, entry: Mapping[str, Any], path: str) -> None:
    """Findings for offer features that are not supported yet."""
    _refuse(reader, entry, path, OFFER_FEATURES)
    for field in STORAGE_FIELDS:
        if entry.get(field) is not None and entry.get("commodity", "P") == "P":
            reader.refuse(f"{path}.{field}", f"The field {field} of an offer of P")
    reader.choice(entry.get("commodity", "P"), f"{path}.commodity", ("P", "Q", "storage"))


def refuse_request_features(reader: Reader, entry: Mapping[str, Any], path: str) -> None:
    """Findings for request features that are not supported yet."""
    _refuse(reader, entry, path, REQUEST_FEATURES)
    reader.choice(entry.get("commodity", "P"), f"{path}.commodity", ("P", "Q"))


def refuse_option_features(reader: Reader, entry: Mapping[str, Any]) -> None:
    """Findings for clearing modes, physics and payment rules that are not supported yet."""
    full = {**DEFAULTS, **entry}
    _refuse(reader, full, "options", OPTION_FEATURES)
    for field, words in CHOICES.items():
        reader.choice(full[field], f"options.{field}", words)
    seed = entry.get("seed", 0)
    if type(seed) is not int or not 0 <= seed < 2**31:
        reader.add("options.seed", "out_of_range", "A whole number from 0 to 2147483647 is needed here.")


def _refuse(reader: Reader, entry: Mapping[str, Any], path: str, table: tuple[tuple[str, Test, str], ...]) -> None:
    for field, applies, what in table:
        if applies(entry.get(field)):
            reader.refuse(f"{path}.{field}", what)
