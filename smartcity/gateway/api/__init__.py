"""The integrators' interface under /api/v1: conversations, callbacks and content for programs that hold an API key.

`openapi.yaml` describes it; tests hold the two together.
"""
