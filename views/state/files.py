"""Uploaded files as text, before anybody reads what is in them."""

from __future__ import annotations

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
