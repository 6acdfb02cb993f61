"""Points of delivery as CSV: `pod_id,country,postcode,city,street` and, if wanted, `customer_id`."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from app.platform.values.lines import BadLines
from domain.errors import Finding, refuse
from domain.ids import PartyId, PodId
from domain.platform.pods import Pod, place_findings

HEAD = ("pod_id", "country", "postcode", "city", "street")
CUSTOMER = "customer_id"
MAX_CHARS = 32_000_000
"""200,000 points of delivery at 160 characters."""


def read(document: str, bad: BadLines) -> list[tuple[int, Pod]]:
    """The good lines with their numbers, counted from 1 for the header; the others go to `bad`.

    Raises:
        Refused: `too_large`; `malformed` for another header, which leaves no line to be read.
    """
    if len(document) > MAX_CHARS:
        raise refuse("too_large", "document", f"{len(document)} characters; at most {MAX_CHARS} are taken.")
    rows = _rows(document)
    _, head = next(rows, (1, []))
    if tuple(head) not in (HEAD, (*HEAD, CUSTOMER)):
        sentence = f"The first line has to be {','.join(HEAD)} or that with {CUSTOMER} behind."
        raise refuse("malformed", "line 1", sentence)
    good: list[tuple[int, Pod]] = []
    first: dict[str, int] = {}
    for line, cells in rows:
        found = _findings(cells, len(head))
        if not found:
            pod = _pod(cells)
            found = place_findings(pod) or _repeats(first, pod.id, line)
            good += [] if found else [(line, pod)]
        if found:
            bad.add(line, found)
    if not good and not bad.count:
        raise refuse("missing", "document", "The file has no line of a point of delivery.")
    return good


def write(pods: Iterator[Pod]) -> Iterator[str]:
    """Such a file, line by line: the inverse of `read`."""
    yield ",".join((*HEAD, CUSTOMER)) + "\r\n"
    for pod in pods:
        line = io.StringIO()
        csv.writer(line).writerow((pod.id, pod.country, pod.postcode, pod.city, pod.street, pod.customer_id or ""))
        yield line.getvalue()


def _rows(document: str) -> Iterator[tuple[int, list[str]]]:
    """Lines that are not empty; none goes over several lines, so that one stray quote spoils one line only."""
    for number, line in enumerate(document.removeprefix("\ufeff").splitlines(), start=1):
        if line.strip():
            try:
                (cells,) = csv.reader([line], strict=True)
            except (csv.Error, ValueError):
                cells = []
            yield number, [cell.strip() for cell in cells]


def _findings(cells: list[str], width: int) -> list[Finding]:
    if not cells:
        return [Finding(code="malformed", field="", sentence="The quotes of this line do not match.")]
    if len(cells) != width:
        return [Finding(code="wrong_length", field="", sentence=f"{len(cells)} cells; the header has {width}.")]
    return []


def _pod(cells: list[str]) -> Pod:
    customer = PartyId(cells[5]) if len(cells) > len(HEAD) and cells[5] else None
    return Pod(
        id=PodId(cells[0]),
        country=cells[1],
        postcode=cells[2],
        city=cells[3],
        street=cells[4],
        customer_id=customer,
    )


def _repeats(first: dict[str, int], pod_id: str, line: int) -> list[Finding]:
    earlier = first.setdefault(pod_id, line)
    if earlier == line:
        return []
    return [Finding(code="duplicate", field="pod_id", sentence=f"It is in line {earlier} already.")]
