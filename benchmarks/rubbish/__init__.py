"""Hostile messages by the thousand against the running assistant: no fault, no hang, no growth."""
