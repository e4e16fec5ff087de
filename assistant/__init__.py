"""Ask a library of Chinese articles; every sentence of an answer cites the exact words behind it."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.answer import Answer, Citation
    from assistant.events import Draft, Event, Finished, Found, Sentence, Turn, Understood
    from assistant.session import Assistant
    from assistant.settings import Settings

__all__ = [
    "Answer",
    "Assistant",
    "Citation",
    "Draft",
    "Event",
    "Finished",
    "Found",
    "Sentence",
    "Settings",
    "Turn",
    "Understood",
]

_MODULES = {"Answer": "answer", "Citation": "answer", "Assistant": "session", "Settings": "settings"}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that `yinju --help` stays fast."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"assistant.{_MODULES.get(name, 'events')}"), name)
