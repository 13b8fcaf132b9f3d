"""Figures of the console: counted by the database, shown as tables and charts, handed out as files."""
