"""Who may use a page that is open to others: a file of `user:password` lines, and sessions."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from assistant.errors import PageUnavailable

SESSION_SECONDS = 12 * 3600
MAX_SESSIONS = 10_000
COOKIE = "yinju_session"
_SCRYPT = {"n": 2**14, "r": 8, "p": 1}


@dataclass(frozen=True, slots=True)
class _Stored:
    salt: bytes
    key: bytes

    @classmethod
    def of(cls, password: str) -> _Stored:
        salt = os.urandom(16)
        return cls(salt, _derive(password, salt))


def _derive(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT)


class Users:
    """The users and their sessions; passwords are kept only as salted scrypt hashes."""

    def __init__(self, passwords: dict[str, str]) -> None:
        self._stored = {name: _Stored.of(password) for name, password in passwords.items()}
        self._nobody = _Stored.of(secrets.token_hex())
        self._sessions: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._proven: OrderedDict[bytes, str] = OrderedDict()
        self._secret = os.urandom(32)

    @classmethod
    def read(cls, path: Path) -> Users:
        """Read a file of `user:password` lines; empty lines and lines that start with # are left out.

        Spaces around a name or a password are no part of it.

        Raises:
            PageUnavailable: it cannot be read, or a line is not `user:password`.
        """
        try:
            lines = path.expanduser().read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise PageUnavailable(
                f"读不了用户文件 {str(path)!r}：每行写一个 用户:密码 (cannot read {str(path)!r}: {error})"
            ) from error
        passwords: dict[str, str] = {}
        for number, line in enumerate(lines, start=1):
            if not line.strip() or line.startswith("#"):
                continue
            name, colon, password = line.partition(":")
            if not (name.strip() and colon and password.strip()):
                raise PageUnavailable(
                    f"用户文件 {str(path)!r} 第 {number} 行应写成 用户:密码 "
                    f"(line {number} of {str(path)!r} should read user:password)"
                )
            passwords[name.strip()] = password.strip()
        if not passwords:
            raise PageUnavailable(
                f"用户文件 {str(path)!r} 是空的：每行写一个 用户:密码 ({str(path)!r} names no user)"
            )
        return cls(passwords)

    def check(self, name: str, password: str) -> bool:
        """Tell whether the password is the user's; takes as long for a user that does not exist."""
        stored = self._stored.get(name, self._nobody)
        same = hmac.compare_digest(_derive(password, stored.salt), stored.key)
        return same and name in self._stored

    def open_session(self, name: str) -> str:
        """Return the token of a new session."""
        token = secrets.token_urlsafe(32)
        self._sessions[self._hashed(token)] = (name, time.monotonic() + SESSION_SECONDS)
        while len(self._sessions) > MAX_SESSIONS:
            self._sessions.popitem(last=False)
        return token

    def close_session(self, token: str) -> None:
        """Forget a session."""
        self._sessions.pop(self._hashed(token), None)

    def of_session(self, token: str) -> str | None:
        """Return the user of a session that is still good."""
        name, until = self._sessions.get(self._hashed(token), ("", 0.0))
        return name if until > time.monotonic() else None

    def known_header(self, authorization: str) -> str | None:
        """Return the user of a Basic authorization header that was proven before; it is not hashed again."""
        return self._proven.get(hmac.digest(self._secret, authorization.encode(), "sha256"))

    def of_header(self, authorization: str) -> str | None:
        """Return the user of a Basic authorization header."""
        kind, _, value = authorization.partition(" ")
        try:
            name, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None
        if kind.lower() != "basic" or not colon or not self.check(name, password):
            return None
        self._proven[hmac.digest(self._secret, authorization.encode(), "sha256")] = name
        while len(self._proven) > MAX_SESSIONS:
            self._proven.popitem(last=False)
        return name

    def _hashed(self, token: str) -> str:
        return hmac.digest(self._secret, token.encode(), "sha256").hex()
