"""Replacing the master key: every key it wraps is wrapped by the new one, in one transaction."""

import os
from pathlib import Path

from api.crypto import MasterKey, new_master_key_text, parse_master_key
from api.keys import rewrap_all
from api.people import SYSTEM
from api.settings import Settings
from api.store import Store, open_store
from nlp.errors import InputError


def rotate(settings: Settings, new_text: str = "") -> int:
    """Wrap every key anew; how many. `new_text` is the new key where keys come from the environment.

    The new key is on disk before anything is wrapped by it, so no crash can lose it.
    """
    if settings.master_key and not new_text:
        raise InputError("Set SUTURE_NEW_MASTER_KEY to the new key: 32 bytes in base64.", "bad_setting")
    store = open_store(settings)
    try:
        if settings.master_key:
            return _rewrap(store, parse_master_key(new_text, "SUTURE_NEW_MASTER_KEY"))
        return _rotate_file(store, settings.master_key_file, new_text or new_master_key_text())
    finally:
        store.close()


def _rotate_file(store: Store, path: Path, new_text: str) -> int:
    fresh, old = path.with_name(path.name + ".new"), path.with_name(path.name + ".old")
    new = parse_master_key(new_text, "the new key")
    _write_private(fresh, new_text)
    count = _rewrap(store, new)
    old.unlink(missing_ok=True)
    os.link(path, old)  # there is a key file at every moment
    os.replace(fresh, path)
    return count


def _rewrap(store: Store, new: MasterKey) -> int:
    with store.engine.begin() as connection:
        count = rewrap_all(connection, store.master, new)
        store.trail.append(connection, SYSTEM.id, "keys.rewrapped")
    return count


def _write_private(path: Path, text: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise InputError(
            f"{path} is left from an earlier rotation that broke off. If the service does not start with "
            "the present key file, put this one in its place; then remove it and try again.",
            "wrong_state",
        ) from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
