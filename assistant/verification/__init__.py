"""Check a sentence against the words it cites: its numbers, dates, names, directions and negations."""
