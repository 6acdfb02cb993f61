"""What may be wrong with a request, as tables: values in a body, bytes of a body, headers, queries, paths."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from random import Random
from typing import Any
from urllib.parse import quote

_MARK = "\ue000here\ue000"

VALUES: Mapping[str, bytes] = {
    "NaN": b"NaN",
    "Infinity": b"Infinity",
    "-Infinity": b"-Infinity",
    "1e999": b"1e999",
    "-1e999": b"-1e999",
    "1e-999": b"1e-999",
    "1e30": b"1e30",
    "1e31": b"1e31",
    "an exponent of 20 digits": b"1e99999999999999999999",
    "an integer of 5000 digits": b"9" * 5000,
    "an integer of 40 digits": b"9" * 40,
    "2 ** 63": b"9223372036854775808",
    "-2 ** 63 - 1": b"-9223372036854775809",
    "40 decimals": b"0." + b"1" * 38,
    "minus zero": b"-0.0",
    "minus one": b"-1",
    "zero": b"0",
    "a tiny number": b"0.0000001",
    "a number in hex": b"0x10",
    "a leading zero": b"01",
    "a plus": b"+1",
    "no leading digit": b".5",
    "true": b"true",
    "null": b"null",
    "undefined": b"undefined",
    "an empty text": b'""',
    "a blank": b'" "',
    "a text": b'"x"',
    "NaN as text": b'"NaN"',
    "an exponent as text": b'"1e5"',
    "full-width digits": '"１２"'.encode(),
    "arabic digits": '"٣"'.encode(),
    "a lone high surrogate": b'"\\ud800"',
    "a lone low surrogate": b'"\\udfff"',
    "surrogates the wrong way round": b'"\\udc00\\ud800"',
    "a surrogate in bytes": b'"\xed\xa0\x80"',
    "an overlong slash": b'"\xc0\xaf"',
    "an overlong NUL": b'"\xc0\x80"',
    "a byte ff": b'"\xff"',
    "beyond Unicode": b'"\xf4\x90\x80\x80"',
    "a cut character": b'"\xe2\x82"',
    "an escaped NUL": b'"\\u0000"',
    "a raw NUL": b'"\x00"',
    "a raw control": b'"\x01"',
    "DEL": b'"\x7f"',
    "a line break": b'"a\\nb"',
    "a line separator": b'"\\u2028"',
    "a noncharacter": b'"\\uffff"',
    "a byte-order mark": b'"\xef\xbb\xbf"',
    "another direction": '"\u202e"'.encode(),
    "an emoji": '"👩‍👩‍👧"'.encode(),
    "50,000 characters": b'"' + b"x" * 50_000 + b'"',
    "marks on a letter": b'"a' + "\u0301".encode() * 5000 + b'"',
    "script": b'"<script>alert(1)</script>"',
    "SQL": b'"\' OR 1=1; --"',
    "a path": b'"../../../etc/passwd"',
    "day zero": b'"0000-00-00"',
    "the first day": b'"0001-01-01"',
    "the last day": b'"9999-12-31"',
    "30 February": b'"2016-02-30"',
    "the first instant": b'"0001-01-01T00:00:00+14:00"',
    "the last instant": b'"9999-12-31T23:59:59.999999-23:59"',
    "an instant without offset": b'"2016-07-24T12:00:00"',
    "an offset of a day": b'"2016-07-24T12:00:00+24:00"',
    "no list": b"[]",
    "no object": b"{}",
    "lists in lists": b"[[[[[[[[[[1]]]]]]]]]]",
    "17 lists": b"[" * 17 + b"]" * 17,
    "9000 lists": b"[" * 9000 + b"]" * 9000,
    "9000 objects": b'{"a":' * 9000 + b"1" + b"}" * 9000,
    "9000 nulls": b"[" + b"null," * 9000 + b"null]",
    "200 numbers": b"[" + b"0," * 199 + b"0]",
    "a key twice": b'{"a":1,"a":1}',
    "a key that is a surrogate": b'{"\\ud800":1}',
    "a long key": b'{"' + b"k" * 5000 + b'":1}',
    "a prototype": b'{"__proto__":{"x":1},"constructor":1}',
    "a comment": b"/**/1",
    "a single quote": b"'x'",
    "nothing": b"",
}


def places(value: Any, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Paths of all values in a JSON value, of long lists the first and the last item."""
    found = [at]
    if isinstance(value, dict):
        for name, item in value.items():
            found += places(item, (*at, name))
    elif isinstance(value, list):
        for index in sorted({0, len(value) - 1}) if value else ():
            found += places(value[index], (*at, index))
    return found


def with_value(value: Any, at: tuple[str | int, ...], raw: bytes) -> bytes:
    """The JSON of a value with those bytes at a place of it."""
    return json.dumps(_marked(value, at)).encode().replace(json.dumps(_MARK).encode(), raw)


def _marked(value: Any, at: tuple[str | int, ...]) -> Any:
    if not at:
        return _MARK
    if isinstance(value, dict):
        return value | {at[0]: _marked(value[at[0]], at[1:])}
    return [_marked(item, at[1:]) if index == at[0] else item for index, item in enumerate(value)]


Bytes = Callable[[bytes, Random], bytes]
BYTES: Mapping[str, Bytes] = {
    "cut off": lambda good, rng: good[: rng.randrange(len(good) or 1)],
    "nothing sent": lambda good, rng: b"",
    "a byte changed": lambda good, rng: _at(good, rng, lambda: bytes([rng.randrange(256)]), 1),
    "bytes put in": lambda good, rng: _at(good, rng, lambda: rng.randbytes(rng.randint(1, 8)), 0),
    "bytes left out": lambda good, rng: _at(good, rng, lambda: b"", rng.randint(1, 8)),
    "noise": lambda good, rng: rng.randbytes(rng.randint(1, 300)),
    "twice": lambda good, rng: good + good,
    "a byte-order mark first": lambda good, rng: b"\xef\xbb\xbf" + good,
    "UTF-16": lambda good, rng: good.decode("latin-1").encode("utf-16"),
    "UTF-32": lambda good, rng: good.decode("latin-1").encode("utf-32-le"),
    "NULs": lambda good, rng: good.replace(b" ", b"\x00"),
    "gzip": lambda good, rng: b"\x1f\x8b\x08\x00" + good,
    "too large": lambda good, rng: good + b" " * 1_000_001,
    "every key twice": lambda good, rng: good[:-1] + b"," + good[1:] if good[:1] == b"{" else good * 2,
    "a field more": lambda good, rng: good[:-1] + b',"x":1}',
    "a list": lambda good, rng: b"[" + good + b"]",
    "percent signs": lambda good, rng: b"%" + good + b"=%zz&%",
}


def _at(good: bytes, rng: Random, made: Callable[[], bytes], n_gone: int) -> bytes:
    where = rng.randrange(len(good) or 1)
    return good[:where] + made() + good[where + n_gone :]


_LONG = b"x" * 8000
HEADERS: Mapping[str, tuple[tuple[bytes, bytes | None], ...]] = {
    "no content type": ((b"content-type", None),),
    "another content type": ((b"content-type", b"text/plain"),),
    "XML": ((b"content-type", b"application/xml"),),
    "a part of a form": ((b"content-type", b"multipart/form-data; boundary=x"),),
    "a charset": ((b"content-type", b"application/json; charset=utf-16"),),
    "no charset": ((b"content-type", b"application/json; charset=\xff\xfe"),),
    "an odd content type": ((b"content-type", b'application/json; charset="'),),
    "an encoded parameter": ((b"content-type", b"application/json; charset*=utf-7''x; charset*0=a"),),
    "semicolons": ((b"content-type", b";;;;" + b"; a=b" * 500),),
    "two content types": ((b"content-type", b"application/json"), (b"content-type", b"text/csv")),
    "any coding but": ((b"accept-encoding", b"*;q=0"),),
    "a weight of NaN": ((b"accept-encoding", b"gzip;q=NaN"),),
    "a weight of 1e999": ((b"accept-encoding", b"br;q=1e999, gzip;q=-1"),),
    "codings without sense": ((b"accept-encoding", b",,;q=,=;;\xff"),),
    "a thousand codings": ((b"accept-encoding", b"x;q=0.1," * 1000),),
    "a key without characters": ((b"idempotency-key", b""),),
    "a key with spaces": ((b"idempotency-key", b"a b"),),
    "a long key": ((b"idempotency-key", b"k" * 256),),
    "a key in other characters": ((b"idempotency-key", b"\xc3\xbc\xff"),),
    "two keys": ((b"idempotency-key", b"a"), (b"idempotency-key", b"b")),
    "a tag without quotes": ((b"if-match", b"abc"),),
    "a tag that is not": ((b"if-match", b'"nobody has this"'),),
    "a weak tag": ((b"if-match", b'W/"1"'),),
    "odd tags": ((b"if-match", b'"\xff", ,"'),),
    "many tags": ((b"if-match", b'"a",' * 1500),),
    "two tags": ((b"if-match", b'"a"'), (b"if-match", b"*")),
    "a tag not wanted": ((b"if-none-match", b'"\xff'),),
    "a coded body": ((b"content-encoding", b"gzip"),),
    "an odd correlation id": ((b"x-correlation-id", b"\xff" * 300),),
    "a link as correlation id": ((b"x-correlation-id", b"http://x/;a=<b>"),),
    "no scheme": ((b"authorization", b"x"),),
    "no token": ((b"authorization", b"Bearer "),),
    "a token in other characters": ((b"authorization", b"Bearer \xff\xfe\x80"),),
    "a long token": ((b"authorization", b"Bearer " + _LONG),),
    "Basic without sense": ((b"authorization", b"Basic \xff%%%"),),
    "Basic without a colon": ((b"authorization", b"Basic YWJj"),),
    "Basic in other characters": ((b"authorization", b"Basic /////w=="),),
    "two authorizations": ((b"authorization", b"Bearer a"), (b"authorization", b"Bearer b")),
    "a key that is none": ((b"x-api-key", b"fdk_\xff"),),
    "a long API key": ((b"x-api-key", b"fdk_" + _LONG),),
    "another host": ((b"host", b"evil.example:99999"),),
    "an odd host": ((b"host", b"\xff[::"),),
    "no host": ((b"host", b""),),
    "an event id": ((b"last-event-id", b"\xff\x01"),),
    "an odd cookie": ((b"cookie", b"a=\xff; ;=;" + b"x" * 4000),),
    "a forwarded address": ((b"x-forwarded-for", b"' OR 1=1"), (b"forwarded", b"for=;;")),
    "another method": ((b"x-http-method-override", b"DELETE"),),
    "an odd agent": ((b"user-agent", b"\xff\xed\xa0\x80" + b"u" * 4000),),
    "an accepted type": ((b"accept", b"application/xml;q=NaN, \xff"),),
    "an odd range": ((b"range", b"bytes=-9999999999999999999999"),),
}

QUERIES: Mapping[str, bytes] = {
    "a parameter that is not there": b"nobody=1",
    "a bad escape": b"%zz=1&a=%",
    "bytes that are no text": b"%ff%fe=%c0%af",
    "a NUL": b"%00=%00",
    "a surrogate": b"a=%ed%a0%80",
    "pretty twice": b"pretty=1&pretty=0",
    "an odd pretty": b"pretty=%ff",
    "signs only": b"&&==&;=&?#",
    "a long query": b"a=" + b"x" * 6000,
    "many parameters": b"&".join(b"a%d=%d" % (n, n) for n in range(500)),
    "brackets": b"a[]=1&a[0][b]=2&__proto__[x]=1",
    "a page that is not": b"cursor=%00&page=-1&limit=1e999",
    "an order that is not": b"sort=%3Bdrop&order=sideways",
}
IN_QUERY: Mapping[str, bytes] = {
    "empty": b"",
    "a NUL": b"%00",
    "no text": b"%ff",
    "NaN": b"NaN",
    "minus": b"-1",
    "2 ** 63": b"9223372036854775808",
    "5000 digits": b"9" * 4000,
    "an exponent": b"1e999",
    "a decimal": b"1.5",
    "a blank": b"+",
    "long": b"x" * 4000,
    "the last day": b"9999-12-31",
    "the first day": b"0001-01-01",
    "no day": b"2016-02-30",
    "unix time": b"1469354400",
    "full-width": b"%EF%BC%91",
    "SQL": b"'%20OR%201=1--",
    "a wildcard": b"%25_%25",
    "true": b"true",
    "null": b"null",
}
IN_PATH: Mapping[str, bytes] = {
    **{kind: value for kind, value in IN_QUERY.items() if kind != "empty"},
    "nothing": b"",
    "dots": b"..",
    "coded dots": b"%2e%2e%2f%2e%2e",
    "a coded slash": b"a%2Fb",
    "a surrogate": b"%ed%a0%80",
    "an overlong slash": b"%c0%af",
    "a bad escape": b"%zz",
    "a line break": b"a%0d%0aX-Bad:%201",
    "a parameter": b";a=b",
    "an emoji": quote("👩").encode(),
    "braces": b"%7Bid%7D",
}
METHODS = ("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE", "TRACE", "PROPFIND", "get", "FLEX")
