"""Answer with a chat model: context in, a draft out, and every sentence of it proofread."""
