"""Health of the content: what is old, what its sources no longer say, what citizens ask for in vain."""
