"""What goes out and what comes in: files by name, with warnings; and JSON that is checked as it is read."""

import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from annotation.corpus import CodedTranscript
from nlp.errors import InputError
from nlp.reading.limits import MAX_BYTES

MAX_FILES = 5_000
MAX_UNPACKED = 5 * MAX_BYTES

_HIDDEN = re.compile(r"(?:^|/)(?:__MACOSX/|\.)")  # what file managers add


@dataclass(frozen=True)
class Exported:
    """Files by their name within a folder, and what they could not carry."""

    files: Mapping[str, bytes]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Imported:
    """Coded sessions, and what was left out or changed in reading them."""

    coded: tuple[CodedTranscript, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A JSON object and where it stands; asking for what is not there tells so."""

    value: Mapping
    where: str

    def text(self, key: str, default: str | None = None) -> str:
        """A text without half characters, which no file could hold."""
        found = self._get(key, default)
        if not isinstance(found, str) or not _whole(found):
            raise self.error(key, "a text")
        return found

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        found = self._get(key, default)
        if not isinstance(found, int) or isinstance(found, bool):
            raise self.error(key, "a whole number")
        return found

    def number(self, key: str, default: float | None = None) -> float:
        """A number."""
        found = self._get(key, default)
        if not isinstance(found, int | float) or isinstance(found, bool) or found != found:
            raise self.error(key, "a number")
        return found

    def items(self, key: str, default: list | None = None) -> list:
        """A list."""
        found = self._get(key, default)
        if not isinstance(found, list):
            raise self.error(key, "a list")
        return found

    def wholes(self, key: str) -> list[int]:
        """A list of whole numbers."""
        found = self.items(key)
        if not all(isinstance(n, int) and not isinstance(n, bool) for n in found):
            raise self.error(key, "a list of whole numbers")
        return found

    def row(self, key: str, default: Mapping | None = None) -> "Row":
        """An object."""
        found = self._get(key, default)
        if not isinstance(found, Mapping):
            raise self.error(key, "an object")
        return Row(found, f"{self.where}, “{key}”")

    def rows(self, key: str, default: list | None = None) -> "Iterator[Row]":
        """The objects of a list."""
        for number, item in enumerate(self.items(key, default), 1):
            if not isinstance(item, Mapping):
                raise self.error(key, "a list of objects")
            yield Row(item, f"{self.where}, “{key}” {number}")

    def _get(self, key: str, default: object) -> object:
        return default if self.value.get(key) is None else self.value[key]

    def error(self, key: str, expected: str) -> InputError:
        """That something else was expected; what was found is told by its kind only, as it may be somebody's words."""
        found = "missing" if self.value.get(key) is None else f"of another kind ({_kind(self.value[key])})"
        return InputError(f"{self.where}: “{key}” is {found}; {expected} was expected.", "bad_exchange")


def _kind(value: object) -> str:
    kinds = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list"}
    return kinds.get(type(value), "an object")


def _whole(text: str) -> bool:
    return not any("\ud800" <= c <= "\udfff" for c in text)


def decoded(raw: bytes, name: str) -> str:
    """A file's text, which must be UTF-8."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(
            f"{name}, line {line}: this is not UTF-8. Export it again as UTF-8.", "not_utf8"
        ) from None


def json_rows(raw: bytes, name: str) -> Iterator[Row]:
    """The objects of a JSON Lines file."""
    for number, line in enumerate(decoded(raw, name).split("\n"), 1):
        if line.strip():
            yield _object(line, f"{name}, line {number}")


def json_row(raw: bytes, name: str) -> Row:
    """The one object of a JSON file."""
    return _object(decoded(raw, name), name)


def json_value(text: str, where: str) -> object:
    """The value of a JSON text."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise InputError(
            f"{where}: this is not valid JSON; it may be cut short. Export it again.", "malformed"
        ) from None


def _object(text: str, where: str) -> Row:
    value = json_value(text, where)
    if not isinstance(value, dict):
        raise InputError(f"{where}: an object in curly brackets was expected.", "malformed")
    return Row(value, where)


def json_lines(rows: Iterable[Mapping]) -> bytes:
    """Objects as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def json_file(value: object) -> bytes:
    """A value as a JSON file."""
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def needed(files: Mapping[str, bytes], name: str) -> tuple[str, bytes]:
    """The file of this name, in whatever folder."""
    for path, raw in files.items():
        if path.rpartition("/")[2] == name:
            return path, raw
    raise InputError(f"“{name}” is missing among the files given.", "file_missing")


def of_type(files: Mapping[str, bytes], *endings: str) -> dict[str, bytes]:
    """The files with one of the endings, of which there must be one."""
    found = {name: raw for name, raw in sorted(files.items()) if name.lower().endswith(endings)}
    if not found:
        raise InputError(f"No file ending in {' or '.join(endings)} is among those given.", "file_missing")
    return found


def file_name(wish: str, taken: Iterable[str], ending: str) -> str:
    """A name that any disk can hold and that nobody has yet, without regard to case."""
    stem = re.sub(r"[^\w-]+", "_", wish)[:80].strip("_") or "session"
    used = {name.lower() for name in taken}
    number, name = 1, stem + ending
    while name.lower() in used:
        number += 1
        name = f"{stem}-{number}{ending}"
    return name


def pack(files: Mapping[str, bytes]) -> bytes:
    """Files as one zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, raw in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (2000, 1, 1, 0, 0, 0)), raw, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unpack(raw: bytes, filename: str) -> dict[str, bytes]:
    """The files of a zip archive; any other file as itself."""
    if not raw.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return {filename: raw}
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = [m for m in archive.infolist() if not (m.is_dir() or _HIDDEN.search(m.filename))]
            if len(members) > MAX_FILES or sum(m.file_size for m in members) > MAX_UNPACKED:
                raise InputError(
                    f"{filename}: this archive holds more than any set of sessions.", "too_large"
                )
            return {m.filename: archive.read(m) for m in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, zlib.error):
        raise InputError(
            f"{filename}: this archive is damaged or locked. Pack it again, without a password.", "malformed"
        ) from None
