"""What every test shares: an environment without the developer's settings, and a small library."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from ingest import ingest_paths

# How long an example takes depends on what else the machine does.
settings.register_profile(
    "unhurried", parent=settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("unhurried")
SAMPLES = Path(__file__).parent.parent / "ingest" / "samples"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hide the developer's own settings and keys."""
    for name in list(os.environ):
        if name.startswith(("YINJU_", "OPENAI_", "LANGSMITH_", "LANGCHAIN_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def samples_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The samples, ingested with the shipped embedder; for reading only."""
    folder = tmp_path_factory.mktemp("samples") / "library"
    ingest_paths([SAMPLES], library=folder)
    return folder
