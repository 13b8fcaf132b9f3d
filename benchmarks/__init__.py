"""Measurements beside stock Rasa: `understanding`, `runtime` and `stock` are run with python -m."""
