"""From Rasa's log to the console's tables: each event once, redacted before it is stored."""
