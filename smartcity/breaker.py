"""A circuit breaker: after some failures in a row a part is not asked any more for a while, then tried once.

Of our own, since the kept libraries count exceptions alone: here an answer that is late counts at the moment when it
is late, although it may still come, and what is tried first is the part's health and not a citizen's question.
"""

from __future__ import annotations

import logging
import time
from typing import Callable

logger = logging.getLogger(__name__)

MOST_FAILURES = 5
OPEN_SECONDS = 5.0
GONE_SECONDS = 0.2
"""The while after which a part that was not there is tried again: it may just be starting."""
TRIAL_SECONDS = 10.0
"""How long a trial may take until another one may begin."""


class Breaker:
    """`name` is what the log calls the part. Not for several threads."""

    def __init__(
        self,
        name: str,
        most: int = MOST_FAILURES,
        seconds: float = OPEN_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._most = most
        self._seconds = seconds
        self._clock = clock
        self._failures = 0
        self._due = 0.0
        """When the next trial may begin, while it is open."""

    @property
    def is_open(self) -> bool:
        return self._failures >= self._most

    def begins_trial(self) -> bool:
        """Whether, while it is open, the one who asks is to try the part now. Others are not until that is over."""
        if not self.is_open or self._clock() < self._due:
            return False
        self._due = self._clock() + TRIAL_SECONDS
        return True

    def succeeded(self) -> None:
        """The part answered: all is well."""
        if self.is_open:
            logger.warning("%s answers again.", self._name)
        self._failures = 0

    def failed(self, gone: bool = False) -> None:
        """The part did not answer, or not in time; `gone`: nothing listens there, which is seen at once."""
        was_open = self.is_open
        self._failures += 1
        if self.is_open:
            seconds = min(GONE_SECONDS, self._seconds) if gone else self._seconds
            self._due = self._clock() + seconds
            if not was_open:
                logger.error(
                    "%s failed %d times in a row and is not asked for %g seconds.",
                    self._name,
                    self._failures,
                    seconds,
                )
