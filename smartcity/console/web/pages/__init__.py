"""One module for each page or family of pages: its ROUTES, and the entries it adds to the NAVIGATION."""

from __future__ import annotations

from smartcity.console.web.pages import account, accounts, audit, conversation, judge, oidc, queues, search, signin

MODULES = (queues, search, conversation, judge, signin, oidc, account, accounts, audit)
