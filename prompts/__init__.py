"""Prompt templates and their loader."""

from __future__ import annotations

from prompts.loader import FIELDS, Language, Prompt, PromptInvalid, language_of, load_prompt

__all__ = ["FIELDS", "Language", "Prompt", "PromptInvalid", "language_of", "load_prompt"]
