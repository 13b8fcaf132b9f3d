"""The command `smartcity`: one module for each group of commands, imported work only when it runs."""

from smartcity.cli.program import main

__all__ = ["main"]
