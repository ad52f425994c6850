"""Build a wheel of one module: the same bytes each time, so that it can be named by its hash."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

_EPOCH = (2020, 1, 1, 0, 0, 0)


def build_wheel(source: Path, into: Path) -> Path:
    """Build the wheel of a folder named ``name-version`` that holds ``name.py``.

    A wheel is a zip archive: the module, and a folder that says what it is and lists every file
    with its hash (the packaging specification "Binary distribution format").
    """
    name, version = source.name.split("-")
    module = (source / f"{name}.py").read_bytes()
    about = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": module,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{about}/WHEEL": b"Wheel-Version: 1.0\nGenerator: internlab\n"
        b"Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in files.items()]
    files[f"{about}/RECORD"] = "\n".join([*record, f"{about}/RECORD,,", ""]).encode()
    path = into / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for each, text in files.items():
            entry = zipfile.ZipInfo(each, _EPOCH)
            entry.create_system = 3  # else the bytes, and the hash, depend on the system
            archive.writestr(entry, text)
    return path


def _digest(text: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text).digest()).rstrip(b"=").decode()
