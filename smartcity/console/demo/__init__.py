"""Invented conversations in a folder of their own, to try the console with; never among real ones."""
