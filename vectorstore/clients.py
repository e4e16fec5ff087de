"""Chroma inside this process: each client with a system of its own, taken out of the table that Chroma shares.

Chroma keeps one system per path for all its clients. Two threads that open and close the same folder race for
it, a folder that was made anew at the same path gets the system of the old one, and a forked process gets one
whose threads stayed behind.
"""

from __future__ import annotations

import os
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.config import Settings

_opening = threading.Lock()
_servers: WeakSet[Any] = WeakSet()  # of the systems in use


class EmbeddedClient:
    """A Chroma client over a folder, and the system behind it, which nobody shares."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        import chromadb
        from chromadb.api import ServerAPI

        _mind_forks()
        with _opening:
            try:
                self.api: ClientAPI = chromadb.PersistentClient(path=str(folder), settings=settings)
            finally:  # else Chroma would hand out, for ever, what is left of a folder that it failed to open
                self._system = _take_out(str(folder))
            _servers.add(self._system.instance(ServerAPI))

    def close(self) -> None:
        """Let go of the files; Chroma does within a few milliseconds."""
        system, self._system = self._system, None
        if system is not None:
            system.stop()


def _take_out(path: str) -> Any:
    from chromadb.api.shared_system_client import SharedSystemClient

    getattr(SharedSystemClient, "_identifier_to_refcount", {}).pop(path, None)
    return getattr(SharedSystemClient, "_identifier_to_system", {}).pop(path, None)


@cache
def _mind_forks() -> None:
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_leave_to_parent)


def _leave_to_parent() -> None:
    """Keep the parent's systems for ever: to let go of one waits for its threads, which a fork does not copy."""
    global _opening  # noqa: PLW0603  # another thread may have held it
    import ctypes

    for server in list(_servers):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(getattr(server, "bindings", None)))
    _opening = threading.Lock()
