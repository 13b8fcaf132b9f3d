"""What may be kept of people: redaction, pseudonyms, erasure, retention. Imports no other room."""
