"""Sealing text: AES-256-GCM, one data key per therapy session, wrapped by one master key.

A sealed field is a version byte, a fresh 96-bit nonce, the ciphertext and its 128-bit tag. The
tag also covers whose field it is and which one, so a field moved to another row does not open.
"""

import base64
import binascii
import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from nlp.errors import InputError

VERSION = b"\x01"
KEY_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
_WRAPPED = "wrapped key"


class AlteredError(Exception):
    """A sealed field does not open: it was altered, moved, or sealed with another key."""


@dataclass(frozen=True)
class DataKey:
    """The key of one owner (a therapy session, or the service itself), which seals its fields."""

    owner: str
    secret: bytes = field(repr=False)

    def seal(self, name: str, plain: bytes) -> bytes:
        """`plain`, sealed as the field `name` of this key's owner."""
        return _seal(self.secret, self.owner, name, plain)

    def unseal(self, name: str, sealed: bytes) -> bytes:
        """What was sealed as the field `name` of this key's owner; AlteredError if anything differs."""
        return _unseal(self.secret, self.owner, name, sealed)


@dataclass(frozen=True)
class MasterKey:
    """The one key that is kept outside the database; it only ever wraps data keys."""

    secret: bytes = field(repr=False)

    @property
    def id(self) -> str:
        """Tells master keys apart without telling anything about them."""
        return hashlib.sha256(b"suture master key id\0" + self.secret).hexdigest()[:16]

    def wrap(self, key: DataKey) -> bytes:
        """The data key, sealed for keeping in the database."""
        return _seal(self.secret, key.owner, _WRAPPED, key.secret)

    def unwrap(self, owner: str, wrapped: bytes) -> DataKey:
        """The data key of `owner`; AlteredError if it was wrapped by another master key."""
        return DataKey(owner, _unseal(self.secret, owner, _WRAPPED, wrapped))


def new_data_key(owner: str) -> DataKey:
    """A fresh random key for one owner."""
    return DataKey(owner, secrets.token_bytes(KEY_BYTES))


def new_token() -> str:
    """256 random bits, to be handed out once; keep only its `token_hash`."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token. A fast hash will do: nobody can guess 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _context(owner: str, name: str) -> bytes:
    return b"\0".join((b"suture", VERSION, owner.encode(), name.encode()))


def _seal(secret: bytes, owner: str, name: str, plain: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return VERSION + nonce + AESGCM(secret).encrypt(nonce, plain, _context(owner, name))


def _unseal(secret: bytes, owner: str, name: str, sealed: bytes) -> bytes:
    nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if sealed[:1] != VERSION or len(rest) < TAG_BYTES:
        raise AlteredError(f"the field {name!r} of {owner} is not in a form this version knows")
    try:
        return AESGCM(secret).decrypt(nonce, rest, _context(owner, name))
    except InvalidTag:
        raise AlteredError(f"the field {name!r} of {owner} does not open") from None


def new_master_key_text() -> str:
    """A fresh random master key as it is written to a file or an environment variable."""
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def parse_master_key(text: str, where: str) -> MasterKey:
    """The master key written as base64; InputError says where a bad one was found."""
    try:
        secret = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if len(secret) != KEY_BYTES:
        raise InputError(
            f"{where} must hold {KEY_BYTES} random bytes in base64 (44 characters), as "
            "`openssl rand -base64 32` prints them.",
            "bad_setting",
        )
    return MasterKey(secret)


def load_master_key(text: str, path: Path, is_new: bool = True) -> MasterKey:
    """The master key given as `text`, else the one in the file, which is made for a new database."""
    if text:
        return parse_master_key(text, "SUTURE_MASTER_KEY")
    if is_new:
        _make_key_file(path)
    elif not path.exists():
        raise InputError(
            f"The master key {path} is missing. Put it back from where you keep a copy, or name its place in "
            "SUTURE_MASTER_KEY_FILE; without it nothing in the database can be read.",
            "wrong_master_key",
        )
    if path.stat().st_mode & 0o077:
        raise InputError(
            f"Others on this machine may read the master key {path}. Run: chmod 600 {path}", "bad_setting"
        )
    return parse_master_key(path.read_text(encoding="ascii", errors="replace"), str(path))


def _make_key_file(path: Path) -> None:
    """Makes the file whole or not at all, though several processes start at once or one is killed."""
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(new_master_key_text() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # unlike a rename, fails when another process was first
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
