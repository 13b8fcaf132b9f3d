"""Runs the migrations on the connection that `migrate` gives."""

from alembic import context

from smartcity.console.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
