from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from smartcity.nlu.storage import read_arrays, read_names, write_arrays, write_names


def test_what_is_written_is_read(tmp_path: Path) -> None:
    arrays = {
        "steps": np.array([[1, 0], [-3, 2]], np.int8),
        "keys": np.array([2**63], np.uint64),
        "none": np.empty((0, 5), np.float32),
    }
    write_arrays(tmp_path / "arrays", **arrays)
    found = read_arrays(tmp_path / "arrays")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)
    names = {"features": ["w:straße", "c: ü"], "seen": {"zwei": 2, "eins": 1}}
    write_names(tmp_path / "names", names)
    assert read_names(tmp_path / "names") == names
    assert list(read_names(tmp_path / "names")["seen"]) == ["zwei", "eins"]


def test_objects_are_not_read(tmp_path: Path) -> None:
    write_arrays(tmp_path / "arrays", objects=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        read_arrays(tmp_path / "arrays")


def test_arrays_are_smaller_than_numpy_makes_them(tmp_path: Path) -> None:
    steps = np.random.default_rng(1).choice(np.array([-1, 0, 1], np.int8), 300_000, p=[0.1, 0.8, 0.1])
    write_arrays(tmp_path / "arrays", steps=steps)
    np.savez_compressed(tmp_path / "numpy.npz", steps=steps)
    assert (tmp_path / "arrays").stat().st_size < 0.95 * (tmp_path / "numpy.npz").stat().st_size
