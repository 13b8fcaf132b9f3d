"""The changes of the console's tables, by Alembic; `smartcity.console.database.migrate` runs them."""
