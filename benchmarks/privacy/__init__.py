"""How much personal data redaction finds, on the labelled sentences of tests/privacy."""
