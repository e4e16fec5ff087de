"""The readers of each kind of file: what is the article in it, and what it states about itself."""
