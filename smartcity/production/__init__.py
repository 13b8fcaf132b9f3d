"""What a production set-up must not be: rules, the report of `smartcity config check`, the refusal to start.

Every text here is fixed: no value of a setting gets into a rule's words.
"""

from smartcity.production.check import UnsafeError, broken, refuse_unsafe
from smartcity.production.rule import Rule, Situation

__all__ = ["Rule", "Situation", "UnsafeError", "broken", "refuse_unsafe"]
