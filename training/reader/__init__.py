"""Train the small extractive reader: `python -m training.reader --data DIR --out DIR`."""
