"""Values that a description would let pass, with ids of things that are there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any

DAYS = ("2016-07-25", "2016-07-26", "2016-03-27", "2016-10-30")
_STEPS = 96
ALSO: Mapping[str, str] = {
    "offer_id": "service_offer_id",
    "request_id": "service_request_id",
    "technical_validation_id": "validation_id",
}
"""What bears another name where it is asked for."""
_WORDS = ("esp1", "End of the line", "Feeder Süd", "a", "L1")


class Known:
    """What was seen in answers, by the name of the field or parameter that would hold it."""

    def __init__(self) -> None:
        self.values: dict[str, list[str]] = defaultdict(list)
        for name, values in {
            "delivery_day": DAYS,
            "date": DAYS,
            "valid_from": DAYS,
            "dso": ("dso1", "dso2"),
            "agg": ("agg1", "esp1"),
        }.items():
            self.values[name].extend(values)

    def begin(self, now: datetime) -> None:
        """Messages are sent now: another instant is refused before anything else is looked at."""
        self.values["Message-Sent-At"] = [now.isoformat()]

    def learn(self, path: str, value: Any) -> None:
        """Take the ids out of the answer to a list at that path."""
        self._walk(_one_of(path.rpartition("/")[2]), value)

    def _walk(self, what: str, value: Any) -> None:
        if isinstance(value, list):
            for item in value[:50]:
                self._walk(what, item)
        elif isinstance(value, dict):
            for name, item in value.items():
                if isinstance(item, str) and (name == "id" or name.endswith(("_id", "account"))):
                    seen = f"{what}_id" if name == "id" else name
                    self._add(seen, item)
                    self._add(ALSO.get(seen, ""), item)
                else:
                    self._walk(what if name == "items" else _one_of(name), item)

    def _add(self, name: str, value: str) -> None:
        if name and value and value not in self.values[name] and len(self.values[name]) < 50:
            self.values[name].append(value)


def _one_of(many: str) -> str:
    """`congested-regions` as `congested_region`."""
    name = many.replace("-", "_")
    return f"{name[:-3]}y" if name.endswith("ies") else name.removesuffix("s")


class Samples:
    """Makes values from schemas of one description."""

    def __init__(self, document: Mapping[str, Any], known: Known) -> None:
        self._schemas = document["components"]["schemas"]
        self._known = known

    def value(self, schema: Mapping[str, Any], rng: Random, name: str = "", named: bool = True) -> Any:
        """A value for a field or parameter of that name. `named`: ids may be those of things that are there."""
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        if "anyOf" in schema:
            return self.value(rng.choice(schema["anyOf"]), rng, name, named)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return rng.choice(schema["enum"])
        make = _MAKERS.get(schema.get("type", "object"), Samples._nothing)
        return make(self, schema, rng, name, named)

    def _object(self, schema: Mapping[str, Any], rng: Random, _name: str, named: bool) -> Any:
        needed = set(schema.get("required", ()))
        return {
            field: self.value(inner, rng, field, named)
            for field, inner in schema.get("properties", {}).items()
            if field in needed or rng.random() < 0.7
        }

    def _array(self, schema: Mapping[str, Any], rng: Random, name: str, named: bool) -> Any:
        items = schema.get("items", {})
        if schema.get("maxItems", 0) in range(90, 250):
            return [self.value(items, rng, name, named)] * _STEPS
        n_items = max(schema.get("minItems", 0), rng.randint(1, 3))
        return [self.value(items, rng, name.removesuffix("s"), named) for _ in range(n_items)]

    def _string(self, schema: Mapping[str, Any], rng: Random, name: str, named: bool) -> Any:
        known = self._known.values.get(name)
        if known and (named or name not in ("session_id", "party_id", "account", "gate_id")):
            return rng.choice(known)
        if schema.get("format") == "date":
            return rng.choice(DAYS)
        if schema.get("format") == "date-time":
            return f"{rng.choice(DAYS)}T{rng.randrange(24):02}:00:00+02:00"
        if "pattern" in schema and schema["pattern"].startswith("^-?\\d"):
            return f"{rng.randrange(50)}.25"
        if name == "email":
            return "hill@example.org"
        text = rng.choice(_WORDS) if named else "X-none"
        return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 200)]

    def _number(self, schema: Mapping[str, Any], rng: Random, _name: str, _named: bool) -> Any:
        low = schema.get("minimum", schema.get("exclusiveMinimum", 0))
        return min(low + rng.randrange(3), schema.get("maximum", low + 3))

    def _boolean(self, _schema: Mapping[str, Any], rng: Random, _name: str, _named: bool) -> Any:
        return rng.random() < 0.5

    def _nothing(self, _schema: Mapping[str, Any], _rng: Random, _name: str, _named: bool) -> Any:
        return None


_MAKERS = {
    "object": Samples._object,
    "array": Samples._array,
    "string": Samples._string,
    "number": Samples._number,
    "integer": Samples._number,
    "boolean": Samples._boolean,
}
