"""Messengers: one small module for each platform behind one interface, and the engine that all share.

A platform's module knows its signatures, shapes and limits; order, memory, Rasa and sending again are the engine's.
"""
