"""Folders that commands read from and write to: read whole, and never written over."""

from collections.abc import Mapping
from pathlib import Path

from nlp.errors import InputError


def read_files(path: Path) -> dict[str, bytes]:
    """Files by name: all in a folder, what a zip archive holds, or the one file."""
    from annotation.exchange.files import MAX_FILES, MAX_UNPACKED, unpack

    try:
        if not path.is_dir():
            return unpack(path.read_bytes(), path.name)
        found = [p for p in sorted(path.rglob("*")) if p.is_file() and not _hidden(p.relative_to(path))]
        if len(found) > MAX_FILES or sum(p.stat().st_size for p in found) > MAX_UNPACKED:
            raise InputError(f"{path}: this folder holds more than any set of sessions.", "too_large")
        return {p.relative_to(path).as_posix(): p.read_bytes() for p in found}
    except OSError as error:
        reason = (error.strerror or "it cannot be opened").lower()
        raise InputError(
            f"{path}: it cannot be read ({reason}). Check its name and rights.", "no_file"
        ) from None


def check_new(folder: Path) -> Path:
    """A folder that may be written to: not there yet, or empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"{folder}: something is there already, and nothing is written over; name a new or an empty folder "
            "with --out.",
            "not_empty",
        )
    return folder


def write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Files into a folder by their names."""
    try:
        for name, raw in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(raw)
    except OSError as error:
        reason = (error.strerror or "no access").lower()
        raise InputError(f"{folder}: it cannot be written to ({reason}).", "not_written") from None


def _hidden(path: Path) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
