"""The staff's console: read, understand, correct. Nothing of Rasa is imported."""
