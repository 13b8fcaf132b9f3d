"""Requests that citizens leave for the office: drafts, store, mails, calendar. Imports no other room."""
