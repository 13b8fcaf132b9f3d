"""Rasa graph components: language, mentions of content, intents, honest doubt.

config.yml names them by module path; the order there is the order of the pipeline.
"""
