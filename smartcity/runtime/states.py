"""The last states of a conversation, followed from turn to turn instead of made anew from its begin.

A state is what a policy sees before an action: what was said, the action before, the form at work, slots that count.
Rasa replays all events for them (`DialogueStateTracker.generate_all_prior_trackers`). Here the tracker of that replay
stays with the conversation's own one, and only events that came since are replayed. Where the events before them are
no longer the same (something was reverted, a form goes on, a conversation was cut), all are replayed as in Rasa.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field
from typing import Any, List

_FOLLOWED = "smartcity_followed"
_MOST_STATES = 16
"""States kept before the present one; more are replayed."""


@dataclass
class _Followed:
    """A replay: the events it has seen, and the last states before each action among them."""

    domain: Any
    replay: Any
    applied: List[Any] = field(default_factory=list)
    states: List[Any] = field(default_factory=list)
    actions: int = 0
    reads_text: Any = None
    """Whether the text of the latest message counted: `DefinePrevUserUtteredFeaturization` changes it in its place."""

    def go_on(self, applied: List[Any]) -> None:
        from rasa.shared.core.events import ActionExecuted

        for event in applied[len(self.applied) :]:
            if isinstance(event, ActionExecuted):
                self.states.append(self.domain.get_active_state(self.replay))
                self.actions += 1
            self.replay.update(event)
        del self.states[:-_MOST_STATES]
        self.applied = applied
        self.reads_text = self._reads_text()

    def leads_to(self, applied: List[Any]) -> bool:
        is_longer = len(self.applied) <= len(applied) and all(map(operator.is_, self.applied, applied))
        return is_longer and self.reads_text == self._reads_text()

    def _reads_text(self) -> Any:
        return self.replay.latest_message.use_text_for_featurization


def last_states(tracker: Any, domain: Any, most: int) -> List[Any]:
    """The last `most` states, the present one last; the caller's own, to change what was said in them."""
    followed = tracker.__dict__.get(_FOLLOWED)
    applied = tracker.applied_events()
    if followed is None or followed.domain is not domain or not followed.leads_to(applied):
        followed = tracker.__dict__[_FOLLOWED] = _Followed(domain, tracker.init_copy())
    followed.go_on(applied)
    if min(most - 1, followed.actions) > len(followed.states):
        states: List[Any] = tracker.past_states(domain)[-most:]
        return states
    present = domain.get_active_state(followed.replay)
    before = followed.states[-(most - 1) :] if most > 1 else []
    return [{kind: dict(value) if kind == "user" else value for kind, value in state.items()} for state in before] + [
        present
    ]


def follow_no_more(tracker: Any) -> None:
    """Forget the replay: events of the tracker were changed in their place, or it is another tracker's."""
    tracker.__dict__.pop(_FOLLOWED, None)
