"""The manifest of a folder: the digest of every file in it, written last."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import orjson

NAME = "manifest.json"


def write(folder: Path) -> None:
    """Describe all files of the folder as they are now; with it the folder is finished."""
    (folder / NAME).write_bytes(orjson.dumps(_digests(folder)))


def damaged(folder: Path) -> list[str]:
    """The names of files that are missing, altered or not described; empty when all is well.

    Raises:
        OSError: the manifest can't be read.
        ValueError: it is not JSON.
    """
    promised = orjson.loads((folder / NAME).read_bytes())
    if not isinstance(promised, dict):
        return [NAME]
    found = _digests(folder)
    return sorted(name for name in promised | found if promised.get(name) != found.get(name))


def _digests(folder: Path) -> dict[str, str]:
    names = sorted(path.name for path in folder.iterdir() if path.name != NAME)
    # Hashing large buffers releases the interpreter's lock, so requests go on meanwhile.
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(lambda name: _digest(folder / name), names), strict=True))


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, hashlib.blake2b).hexdigest()
