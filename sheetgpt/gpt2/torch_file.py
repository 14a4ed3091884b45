"""Numbers from a file of torch.save, without torch and without running code that such a file may hold.

The format: a zip with NAME/data.pkl, a pickle in which each tensor names its storage, and NAME/data/KEY with the bytes
of that storage (torch/serialization.py). The pickle may name nothing but tensors and containers here.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np

from sheetgpt.errors import CheckpointError
from sheetgpt.gpt2.checkpoint import NUMBERS

_LARGEST = 1 << 32  # bytes unpacked: the matrices of a GPT-2 XL in float32 have half a thousand million
_STORAGES = {
    "DoubleStorage": NUMBERS["F64"],
    "FloatStorage": NUMBERS["F32"],
    "HalfStorage": NUMBERS["F16"],
    "BFloat16Storage": NUMBERS["BF16"],
}


def read_torch_file(path: Path) -> object:
    """What a file of torch.save holds, its tensors as float64 arrays.

    Raises CheckpointError for a file that is no such one, or that holds anything but tensors and plain containers.
    """
    try:
        with ZipFile(path) as archive:
            if (size := sum(entry.file_size for entry in archive.infolist())) > _LARGEST:
                raise ValueError(f"it would unpack to {size:,} bytes")
            (pickled,) = [name for name in archive.namelist() if name.endswith("/data.pkl")]
            return _Unpickler(archive, pickled.removesuffix("data.pkl"), archive.read(pickled)).load()
    except Exception as error:  # zipfile, zlib and pickle raise many kinds for a file that is damaged or hostile
        raise CheckpointError(f"{path} cannot be read as a file of torch.save: {error}", "download it again") from None


class _Unpickler(pickle.Unpickler):
    """A pickle that may name tensors and their storages, and nothing else."""

    def __init__(self, archive: ZipFile, folder: str, data: bytes) -> None:
        super().__init__(io.BytesIO(data))
        self._archive, self._folder = archive, folder

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        raise pickle.UnpicklingError(f"it holds {module}.{name}, which is neither a tensor nor a list or dictionary")

    def persistent_load(self, pid: Any) -> np.ndarray:
        _, kind, key, *_ = pid
        return np.frombuffer(self._archive.read(f"{self._folder}data/{key}"), dtype=kind).astype(np.float64)


def _tensor(storage: np.ndarray, offset: int, shape: Sequence[int], strides: Sequence[int], *_: object) -> np.ndarray:
    """A tensor of the numbers of its storage, which have to lie there row by row."""
    expected = [int(np.prod(shape[axis + 1 :])) for axis in range(len(shape))]
    size = int(np.prod(shape))
    if list(strides) != expected or not 0 <= offset <= offset + size <= storage.size:
        raise pickle.UnpicklingError(f"a tensor of shape {tuple(shape)} does not lie row by row")
    return storage[offset : offset + size].reshape(shape)
