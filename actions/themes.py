"""Questions about themes, and lists of themes and initiatives."""

from __future__ import annotations

from itertools import islice
from typing import List, Optional, Sequence, Tuple

from actions import facts
from actions.reply import Button, Card, Reply
from actions.states import asked_state
from actions.turn import Turn
from smartcity.knowledge.folding import words
from smartcity.knowledge.records import Initiative, Theme

POINTING = frozenset("davon dazu darunter dabei und those these them and".split())
EVERYTHING = frozenset("alle aller allen all every everything insgesamt uberhaupt overall".split())

PAGE = 6
"""How many initiatives a list shows at once."""


def answer(turn: Turn) -> Reply:
    """Answer a theme_* intent; a named initiative goes before its theme."""
    initiative = turn.initiative()
    if initiative is not None and not (turn.of_kind("theme") and turn.of_kind("initiative")[0].generic):
        return facts.tell(turn, initiative, "about")
    theme = turn.knowledge.themes[turn.intent[len("theme_") :]]
    return tell_theme(turn, theme, "about")


def tell_theme(turn: Turn, theme: Theme, aspect: str) -> Reply:
    """What the city does in a theme, with its initiatives as buttons."""
    fact = theme.facts[aspect]
    initiatives = turn.knowledge.initiatives_of(theme.id)
    buttons = [_button(turn, i) for i in initiatives[:4]]
    everything = Button(turn.say("initiatives"), "list_initiatives", {"theme": theme.id})
    if len(initiatives) > 4:
        buttons.append(everything)
    card = Card(
        text="\n".join([fact.text[turn.language], *facts.age_remark(turn, fact)]),
        answer=f"theme/{theme.id}/{aspect}",
        language=turn.language,
        buttons=tuple(buttons),
        sources=fact.sources,
    )
    return Reply(
        card,
        topic=f"theme/{theme.id}",
        aspect=aspect,
        yes=everything if initiatives else None,
        listed={"theme": theme.id, "shown": [i.id for i in initiatives[:4]]},
    )


def list_themes(turn: Turn) -> Reply:
    """All themes, as buttons."""
    themes = list(turn.knowledge.themes.values())
    lines = [turn.say("list_themes"), *(f"- {turn.name(theme)}" for theme in themes)]
    buttons = tuple(Button(turn.name(theme), f"theme_{theme.id}") for theme in themes)
    return Reply(Card("\n".join(lines), "list/themes", turn.language, buttons))


def list_initiatives(turn: Turn) -> Reply:
    """The initiatives of the named theme, or all; of one state where the question asks for that."""
    state = asked_state(turn.text)
    return _list(turn, _asked_theme(turn, state), (), state)


def list_more(turn: Turn) -> Reply:
    """Go on with the last list; without one, list what belongs to the topic, or what is in the state asked for."""
    listed = {} if turn.listed.get("told") else turn.listed
    theme = turn.knowledge.themes.get(listed.get("theme") or "")
    state = asked_state(turn.text)
    # 'Was läuft sonst noch?' goes on with a list.
    if state and state != listed.get("state") and not (listed and state == "active"):
        return _list(turn, theme, (), state)  # 'Was wurde sonst noch eingestellt?'
    if listed:
        return _list(turn, theme, tuple(listed.get("shown") or ()), listed.get("state") or "")
    topic = turn.remembered()
    if isinstance(topic, Initiative):
        theme = turn.knowledge.themes[topic.themes[0]]
        return _list(turn, theme, (topic.id,))
    return _list(turn, topic if isinstance(topic, Theme) else None, ())


def _asked_theme(turn: Turn, state: str) -> Optional[Theme]:
    named = sorted(turn.of_kind("theme"), key=lambda named: named.references[0][1] == "smart_city")
    forms = {word.form for word in words(turn.text)}
    # 'Welche sind beendet?' is about all, 'welche davon ...?' about the theme that is talked of.
    topic = turn.remembered() if not state or forms & POINTING else None
    described = turn.fields.get("theme", "")
    theme = turn.knowledge.themes.get(named[0].references[0][1] if named else described)
    if theme is not None and theme.id == "smart_city" and described and not turn.pressed:
        theme = turn.knowledge.themes.get(described)  # 'Was bietet die Smart City für Schulkinder?'
    # 'Welche Projekte gehören dazu?' after a theme means that theme's.
    if not named and theme is None and isinstance(topic, Theme) and not forms & EVERYTHING:
        theme = topic
    return None if theme and theme.id == "smart_city" else theme


def _list(turn: Turn, theme: Optional[Theme], shown: Tuple[str, ...], state: str = "") -> Reply:
    fitting = [i for i in _fitting(turn, theme) if state in ("", i.state)]
    rest = list(islice((i for i in fitting if i.id not in shown), PAGE + 1))
    answer_id = f"list/{theme.id if theme else 'all'}" + (f"/{state}" if state else "")
    listed = {"theme": theme.id if theme else None, "state": state}
    if not rest:
        buttons = (Button(turn.say("themes"), "list_themes"),)
        text = turn.say("no_more") if shown else _heading(turn, theme, "none")
        card = Card(text, answer_id, turn.language, buttons)
        return Reply(card, topic=turn.topic, listed={**listed, "shown": list(shown)})
    page = rest[:PAGE]
    if shown:
        heading = turn.say("list_more")
    elif state:
        heading = _heading(turn, theme, state)
    elif theme:
        heading = turn.say("list_of_theme", theme=turn.name(theme))
    else:
        heading = turn.say("list_all", count=str(len(fitting)))
    buttons_ = [_button(turn, i) for i in page]
    more = Button(turn.say("more"), "list_more")
    if len(rest) > PAGE:
        buttons_.append(more)
    card = Card(
        "\n".join([heading, *(f"- {turn.name(i)}{_tag(turn, i)}" for i in page)]),
        answer_id,
        turn.language,
        tuple(buttons_),
    )
    return Reply(
        card,
        topic=f"theme/{theme.id}" if theme else None,
        yes=more if len(rest) > PAGE else None,
        listed={**listed, "shown": [*shown, *(i.id for i in page)]},
    )


def _heading(turn: Turn, theme: Optional[Theme], state: str) -> str:
    """What the list of a state, or none, begins with; the theme's name above it."""
    said = turn.say(f"list_{state}")
    return f"{turn.name(theme)}:\n{said}" if theme else said


def _fitting(turn: Turn, theme: Optional[Theme]) -> Sequence[Initiative]:
    if theme:
        return turn.knowledge.initiatives_of(theme.id)
    return turn.knowledge.listed


def _button(turn: Turn, initiative: Initiative) -> Button:
    return Button(turn.name(initiative), "ask_about", {"initiative": initiative.id})


def _tag(turn: Turn, initiative: Initiative) -> str:
    tags: List[str] = [] if initiative.state == "active" else [turn.say(f"{initiative.state}_tag")]
    return "".join(f" ({tag})" for tag in tags)
