"""One module for each page or family of pages: its ROUTES, and the entries it adds to the NAVIGATION."""

from __future__ import annotations

from smartcity.console.web.pages import (
    account,
    accounts,
    audit,
    conversation,
    inquiries,
    judge,
    oidc,
    queues,
    search,
    signin,
)

MODULES = (queues, search, conversation, inquiries, judge, signin, oidc, account, accounts, audit)
