"""Why somebody was not signed in."""

from __future__ import annotations


class NotSignedInError(Exception):
    """The sentence is for the person; `why` is for the log and names no secret."""

    def __init__(self, sentence: str, why: str = "", *, retry_after_s: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence, self.why, self.retry_after_s = sentence, why, retry_after_s
