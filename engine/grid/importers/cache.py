"""Files of expanded sources: JSON and .npy only, written whole or not at all."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np

from engine.reading import Floats


def cached_json(path: Path, make: Callable[[], Any]) -> Any:
    """The JSON document at `path`, made and stored when it is not there."""
    if not path.exists():
        document = make()
        write_atomically(path, lambda file: file.write(json.dumps(document).encode()))
    return json.loads(path.read_bytes())


def write_array(path: Path, array: Floats) -> None:
    """Store an array as .npy without pickled objects."""
    write_atomically(path, lambda file: np.save(file, array, allow_pickle=False))


def read_rows(path: Path, first: int, count: int) -> Floats:
    """[count, n_columns] rows of a stored array, without reading the rest of the file."""
    stored = np.load(path, mmap_mode="r", allow_pickle=False)
    return np.array(stored[first : first + count], dtype=np.float64)


def write_atomically(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Write beside the target, then rename, so that a killed process leaves no half file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
