"""Opens zip files that may be bombs: nothing is unpacked beyond what a document can need."""

import zipfile
import zlib
from io import BytesIO

from nlp.errors import InputError

MAX_ENTRIES = 5_000
MAX_PART = 40 * 1024 * 1024  # unpacked bytes of one part


def open_zip(raw: bytes) -> zipfile.ZipFile:
    """The zip file, or an InputError when it is damaged or absurd."""
    try:
        packed = zipfile.ZipFile(BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError, OverflowError):
        raise _damaged() from None
    if len(packed.infolist()) > MAX_ENTRIES:
        raise InputError(
            "This file packs far more parts than a document has. Save it again as .docx.", "zip_bomb"
        )
    return packed


def read_part(packed: zipfile.ZipFile, name: str) -> bytes:
    """One part, unpacked; what its header says about its size is not believed."""
    try:
        with packed.open(name) as part:
            content = part.read(MAX_PART + 1)
    except RuntimeError:  # zipfile's word for encrypted parts
        raise InputError("This file is protected by a password. Save it without one.", "encrypted") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, KeyError):
        raise _damaged() from None
    if len(content) > MAX_PART:
        raise InputError(
            "This document unpacks to far more than a transcript can hold and was not opened. "
            "Save it again as .docx.",
            "zip_bomb",
        )
    return content


def _damaged() -> InputError:
    return InputError(
        "This Word file is damaged or cut short. Save it again as .docx and give the new file.", "malformed"
    )
