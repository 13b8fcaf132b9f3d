"""Custom actions of the assistant, one module for each concern of a citizen.

A handler takes a `Turn` (what was said, in which conversation) and gives a `Reply` (what is
shown and what is remembered). `routes` names the handler of each action; `rasa_actions`
wraps them for Rasa. data/rules tells which intent leads to which action.
"""
