"""Turn a follow-up into a question that stands alone, by rule and with a small trained model."""
