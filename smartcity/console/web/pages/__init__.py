"""One module for each page or family of pages: its ROUTES, and the entries it adds to the NAVIGATION."""

from __future__ import annotations

from smartcity.console.web.pages import (
    account,
    accounts,
    audit,
    conversation,
    corrections,
    dead_letters,
    dialogues,
    figures,
    health,
    inquiries,
    judge,
    oidc,
    proposing,
    queues,
    search,
    signin,
    trials,
)

MODULES = (
    queues,
    search,
    conversation,
    inquiries,
    judge,
    corrections,
    proposing,
    dialogues,
    trials,
    figures,
    health,
    dead_letters,
    signin,
    oidc,
    account,
    accounts,
    audit,
)
