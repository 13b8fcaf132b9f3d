"""What operators watch every process with: request ids, logs, metrics, and reports to their own services.

Any room may import it; it imports the settings alone.
"""
