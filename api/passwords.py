"""Passwords: what is asked of one, how it is kept, how it is checked. Slow on purpose."""

import secrets
import threading
import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from nlp.errors import InputError

SHORTEST, LONGEST = 12, 1000
_AT_ONCE = 2  # each takes 64 MiB for the while; more at once would only wait for the processor


class Passwords:
    """Hashes and checks passwords with argon2id; the default costs are the library's (RFC 9106)."""

    def __init__(self, hasher: PasswordHasher | None = None):
        self._hasher = hasher or PasswordHasher()
        self._turn = threading.BoundedSemaphore(_AT_ONCE)
        self._nobodys = self.hash(secrets.token_urlsafe(32))

    def hash(self, password: str) -> str:
        """The hash to keep."""
        with self._turn:
            return self._hasher.hash(_bytes(password))

    def matches(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one kept; without one it takes the same time to say no."""
        with self._turn:
            try:
                right = self._hasher.verify(kept or self._nobodys, _bytes(password[: LONGEST + 1]))
            except (VerificationError, InvalidHashError):
                return False
        return right and kept is not None

    def is_outdated(self, kept: str) -> bool:
        """Whether the hash was made with other costs than are used now."""
        return self._hasher.check_needs_rehash(kept)


def check_password(password: str, *names: str) -> None:
    """InputError unless the password is long enough and not the person's own name or address."""
    if len(_normal(password)) < SHORTEST:
        raise InputError(
            f"The password must have at least {SHORTEST} characters; a few words in a row do well.",
            "bad_password",
        )
    if len(password) > LONGEST:
        raise InputError(f"The password must have at most {LONGEST} characters.", "bad_password")
    if _bare(password) in {_bare(n) for n in names} or len(set(_normal(password))) == 1:
        raise InputError(
            "The password must not be your name or address, nor one character repeated.", "bad_password"
        )


def _normal(password: str) -> str:
    """The same password whatever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _normal(password).encode("utf-8", "surrogatepass")


def _bare(text: str) -> str:
    return "".join(_normal(text).casefold().split())
