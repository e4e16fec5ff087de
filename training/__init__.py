"""How the two models, and the fitted weights that ship, were made."""
