"""Answer without a chat model: read the hits, weigh them, select sentences, or refuse."""
