"""The public edge: chat page and HTTP API; it owns sessions, signatures and limits.

`smartcity.gateway.app:create_app` makes the application, `smartcity.gateway.server:serve` runs it.
"""
