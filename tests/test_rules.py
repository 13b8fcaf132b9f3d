"""domain.yml, data/rules, data/nlu and the actions fit together."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from actions.rasa_actions import ACTIONS
from actions.routes import HANDLERS
from smartcity.knowledge.source import FolderSource, KnowledgeStore

DOMAIN: dict[str, Any] = yaml.safe_load(Path("domain.yml").read_text("utf-8"))


def _rules() -> dict[str, str]:
    """Action by intent; the rules by which forms end have none."""
    found: dict[str, str] = {}
    for path in sorted(Path("data/rules").glob("*.yml")):
        for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]:
            if "condition" in rule:
                continue
            asked, action = rule["steps"]
            intents = [step["intent"] for step in asked["or"]] if "or" in asked else [asked["intent"]]
            for intent in intents:
                assert intent not in found, f"{intent} has two rules"
                found[intent] = action["action"]
    return found


def test_every_intent_has_one_rule() -> None:
    assert set(_rules()) == set(DOMAIN["intents"])


def test_every_action_has_a_handler_and_a_rule() -> None:
    forms = {f"validate_{form}" for form in DOMAIN["forms"]}
    assert set(DOMAIN["actions"]) - forms == set(HANDLERS) == set(ACTIONS) == set(_rules().values())


def test_every_form_has_its_action_and_a_rule_by_which_it_ends() -> None:
    from actions.inquiries.form import ValidateInquiryForm
    from actions.inquiries.steps import FORM, PREFIX, STEPS
    from actions.inquiries.withdrawal import ValidateWithdrawalForm

    assert {form.form for form in (ValidateInquiryForm, ValidateWithdrawalForm)} == set(DOMAIN["forms"])
    for form in (ValidateInquiryForm, ValidateWithdrawalForm):
        assert form.action_name == f"validate_{form.form}"
        assert form.action_name in DOMAIN["actions"]
    assert DOMAIN["forms"][FORM]["required_slots"] == [PREFIX + step for step in STEPS]
    ended = {
        rule["condition"][0]["active_loop"]
        for rule in yaml.safe_load(Path("data/rules/inquiries.yml").read_text("utf-8"))["rules"]
        if "condition" in rule
    }
    assert ended == set(DOMAIN["forms"])


def test_pressed_buttons_lead_where_the_rules_lead() -> None:
    from actions.routes import BY_INTENT, BY_PREFIX

    for intent, action in _rules().items():
        for prefix, handler in BY_PREFIX.items():
            if intent.startswith(prefix) and intent != "ask_source":
                assert HANDLERS[action] is handler, intent
        if intent in BY_INTENT:
            assert HANDLERS[action] is BY_INTENT[intent], intent


def test_every_theme_of_the_content_has_an_intent() -> None:
    knowledge = KnowledgeStore(FolderSource(Path("content"))).knowledge
    assert {f"theme_{theme}" for theme in knowledge.themes} <= set(DOMAIN["intents"])


def test_every_phrase_that_the_actions_say_is_in_the_content() -> None:
    import re

    knowledge = KnowledgeStore(FolderSource(Path("content"))).knowledge
    said = {
        key
        for path in Path("actions").rglob("*.py")
        for key in re.findall(r'say\(\s*"([a-z_]+)"', path.read_text("utf-8"))
    }
    assert said
    assert said <= set(knowledge.phrases)
    intents = [i for i, action in _rules().items() if action in ("action_converse", "action_switch_language")]
    assert set(intents) <= set(knowledge.phrases)
