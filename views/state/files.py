"""Uploaded files as text, before anybody reads what is in them."""

from __future__ import annotations

import csv
import io

from domain.errors import refuse

MAX_FILE_BYTES = 12 * 1024 * 1024


def file_text(content: bytes | None) -> str:
    """An uploaded file as text.

    Raises:
        Refused: `missing`, `too_large`, `malformed`.
    """
    if not content:
        raise refuse("missing", "file", "Choose a file first.")
    if len(content) > MAX_FILE_BYTES:
        raise refuse("too_large", "file", f"The file has more than {MAX_FILE_BYTES // 1024**2} MB.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise refuse("malformed", "file", "The file is not text in UTF-8.") from None


def csv_rows(text: str) -> list[tuple[int, list[str]]]:
    """(row of the file, cells), without empty rows; separated by semicolons where the first row has one.

    Raises:
        Refused: `malformed`.
    """
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    try:
        return [
            (n, row) for n, row in enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1) if any(row)
        ]
    except csv.Error:
        raise refuse("malformed", "file", "The file cannot be read as CSV.") from None
