"""Rasa 3.6.21, frozen and repaired: one module for each repair, `command` to start it.

Each repair names the place in Rasa's source, the reason and the measured effect; the figures
stand in docs/architecture.md, the tests in tests/runtime fail without it.
"""
