"""Backup and restore of everything: databases, secret, keys, content, training data, model, settings."""

from smartcity.backup.making import back_up
from smartcity.backup.problem import BackupError
from smartcity.backup.restoring import restore

__all__ = ["BackupError", "back_up", "restore"]
