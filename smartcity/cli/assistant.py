"""Starting the assistant and talking to it."""

from __future__ import annotations

import argparse
from pathlib import Path

from smartcity.cli.command import Command, Commands, add, group
from smartcity.settings import Settings


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.processes import run

    return run(settings)


def _train(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.runtime.model import train_when_stale
    from smartcity.runtime.rollout import adopt

    model = train_when_stale(settings)
    adopt(model)
    print(model)
    return 0


def _gateway(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.server import serve

    serve(settings)
    return 0


def _actions(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.runtime.command import run_actions

    run_actions(settings)
    return 0


def _ask(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.talk import ask

    print(ask(settings, " ".join(arguments.question), arguments.language))
    return 0


def _chat(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.talk import chat

    chat(settings, arguments.language)
    return 0


def _understanding_compare(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.runtime.comparison import print_comparison

    print_comparison(settings, arguments.data, arguments.questions)
    return 0


def _rollout(name: str) -> Command:
    def run(arguments: argparse.Namespace, settings: Settings) -> int:
        from smartcity.runtime import rollout

        if name == "status":
            before = rollout.former()
            print(f"in use: {rollout.chosen().name}\nbefore: {before.name if before else '-'}")
        elif name == "back":
            rollout.back(settings, _tell)
        else:
            rollout.start(settings, _tell, measure=not arguments.unmeasured)
        return 0

    return run


def _tell(line: str) -> None:
    print(line, flush=True)


def add_to(commands: Commands) -> None:
    """Add the commands."""
    text = "Check, train when stale, start every process and print where to open the chat."
    add(commands, "run", _run, text, serves=True)
    add(commands, "train", _train, "Train the model unless it is up to date.")
    add(commands, "gateway", _gateway, "Start the gateway alone.", serves=True)
    text = "Start the action server alone (for SMARTCITY_ACTIONS=http)."
    add(commands, "actions", _actions, text, serves=True)
    commands.add_parser("rasa", help="Rasa's own command line with the repairs in place.", add_help=False)
    ask = add(commands, "ask", _ask, "Print the answer to one question with its source.")
    ask.add_argument("question", nargs="+")
    chat = add(commands, "chat", _chat, "Hold a conversation in the terminal.")
    for parser in (ask, chat):
        parser.add_argument("--language", choices=("de", "de-simple", "en"), default="de")
    understanding = group(commands, "understanding", "What the assistant understands.")
    text = "Train with other data apart from the model in use, and print as JSON which answers change."
    compare = add(understanding, "compare", _understanding_compare, text)
    compare.add_argument("--data", type=Path, required=True, help="folder with nlu/ and rules/ in place of data/")
    compare.add_argument(
        "--questions", type=Path, help="JSON list of {text, language} to ask besides the project's own"
    )
    rollout = group(commands, "rollout", "A new model without a pause.")
    text = "Train beside the model in use, measure both, switch; the processes that run change over by themselves."
    started = add(rollout, "start", _rollout("start"), text)
    started.add_argument("--unmeasured", action="store_true", help="switch without asking both the held-out questions")
    add(rollout, "back", _rollout("back"), "Switch back to the model before.")
    add(rollout, "status", _rollout("status"), "Tell which model is in use, and which was before.")
