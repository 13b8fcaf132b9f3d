"""The command `smartcity`."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any, Callable, List, Optional

from smartcity.settings import SETTINGS, SettingError, Settings, read_settings, web_address

Command = Callable[[argparse.Namespace, Settings], int]


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.processes import run

    return run(settings)


def _train(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.runtime.model import train_when_stale

    print(train_when_stale(settings))
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


def _content_check(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.knowledge.documents import ContentError
    from smartcity.knowledge.source import read_once

    try:
        knowledge = read_once(arguments.folder or settings.content)
    except ContentError as error:
        print(error, file=sys.stderr)
        print(f"{len(error.problems)} problem(s) found; nothing was changed.", file=sys.stderr)
        return 1
    notices = f"{len(knowledge.notices)} notice{'' if len(knowledge.notices) == 1 else 's'}"
    facts = sum(len(t.facts) for s in (knowledge.initiatives, knowledge.themes, knowledge.offices) for t in s.values())
    print(
        f"The content is right: {len(knowledge.initiatives)} initiatives, {len(knowledge.themes)} themes, "
        f"{len(knowledge.offices)} offices, {len(knowledge.services)} services, {notices}, {facts} facts with sources."
    )
    return 0


def _content_export(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.knowledge.loading import export

    print(json.dumps(export(Path(arguments.folder or settings.content)), ensure_ascii=False, indent=1))
    return 0


def _sources_check(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.knowledge.evidence import check_sources
    from smartcity.knowledge.source import read_once

    findings = 0
    for finding in check_sources(read_once(arguments.folder or settings.content)):
        print(finding, flush=True)
        findings += 1
    print(f"{findings} finding(s). Nothing was changed.")
    return 1 if findings else 0


def _website_on(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.switch import Switch

    Switch(settings).turn_on()
    return _website_status(arguments, settings)


def _website_off(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.switch import Switch

    Switch(settings).turn_off()
    return _website_status(arguments, settings)


def _website_status(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.switch import Switch

    switch = Switch(settings)
    print("The chat on websites is on." if switch.is_on() else f"The chat on websites is off ({switch.marker}).")
    return 0


def _website_snippet(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.widget import ENTRY, FOLDER, read_files, snippet

    files = read_files(FOLDER)
    if ENTRY not in files:
        print(f"There is no {ENTRY} in {FOLDER}.", file=sys.stderr)
        return 1
    print(snippet(arguments.address or f"http://{settings.host}:{settings.port}", files))
    return 0


def _api_keys_create(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.api.keys import ApiKeys, callback_secret

    key, text = ApiKeys(settings).create(
        arguments.name, tuple(arguments.scopes), arguments.callback, arguments.per_minute
    )
    print(f"The key '{key.name}' may: {', '.join(key.scopes)}. It is shown now and never again:\n\n  {text}\n")
    if key.callback:
        print(f"Callbacks go to {key.callback}, signed with this secret:\n\n  {callback_secret(settings, key)}\n")
    return 0


def _api_keys_list(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.api.keys import ApiKeys

    for key in ApiKeys(settings).all():
        state = f"revoked {key.revoked}" if key.revoked else f"last used {key.used or 'never'}"
        print(
            f"{key.name:24} {key.prefix}  {','.join(key.scopes)}  {key.per_minute} a minute  made {key.made}  {state}"
            + (f"  {key.callback}" if key.callback else "")
        )
    return 0


def _api_keys_revoke(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.api.keys import ApiKeys

    ApiKeys(settings).revoke(arguments.name)
    print(f"The key '{arguments.name}' is no longer valid.")
    return 0


def _channels_check(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.gateway.channels.check import check

    return check(settings, arguments.set)


def _console_serve(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.server import serve

    serve(settings)
    return 0


def _console_adduser(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.adduser import add

    return add(settings, arguments.name, arguments.role, arguments.shown)


def _console_ingest(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.commands import ingest

    return ingest(arguments, settings)


def _privacy_purge(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.commands import purge

    return purge(arguments, settings)


def _privacy_delete(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.commands import delete
    from smartcity.gateway.sessions import sender_of_token

    return delete(settings, sender_of_token(settings, arguments.session) or arguments.session)


def _privacy_report(arguments: argparse.Namespace, settings: Settings) -> int:
    from smartcity.console.commands import report

    return report(arguments, settings)


def _inquiries(name: str) -> Command:
    def run(arguments: argparse.Namespace, settings: Settings) -> int:
        from smartcity.inquiries import commands

        code: int = getattr(commands, name)(arguments, settings)
        return code

    return run


def _settings(arguments: argparse.Namespace, settings: Settings) -> int:
    for setting in SETTINGS:
        print(f"{setting.variable:32} {setting.default or '-':14} {setting.help}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="smartcity", description="The assistant of the Smart City Krefeld.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def add(name: str, command: Command, text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        sub.set_defaults(run=command)
        return sub

    add("run", _run, "Check, train when stale, start every process and print where to open the chat.")
    add("train", _train, "Train the model unless it is up to date.")
    add("gateway", _gateway, "Start the gateway alone.")
    add("actions", _actions, "Start the action server alone (for SMARTCITY_ACTIONS=http).")
    commands.add_parser("rasa", help="Rasa's own command line with the repairs in place.", add_help=False)
    ask = add("ask", _ask, "Print the answer to one question with its source.")
    ask.add_argument("question", nargs="+")
    chat = add("chat", _chat, "Hold a conversation in the terminal.")
    for sub in (ask, chat):
        sub.add_argument("--language", choices=("de", "de-simple", "en"), default="de")
    for group, entries in (
        ("content", (("check", _content_check, "Refuse what is wrong in content/, with file, line and remedy."),
                     ("export", _content_export, "Print the content as one JSON document, as a CMS may serve it."))),
        ("sources", (("check", _sources_check, "Fetch each source page and report facts whose evidence is gone."),)),
    ):  # fmt: skip
        inner = commands.add_parser(group, help=f"Work on the {group}.").add_subparsers(
            required=True, metavar="COMMAND"
        )
        for name, command, text in entries:
            sub = inner.add_parser(name, help=text, description=text)
            sub.add_argument("folder", nargs="?", help="folder with the content (default: SMARTCITY_CONTENT)")
            sub.set_defaults(run=command)
    website = commands.add_parser("website", help="The chat on websites.").add_subparsers(
        required=True, metavar="COMMAND"
    )
    for name, command, text in (
        ("off", _website_off, "Switch the chat off without a restart; people are told where else to ask."),
        ("on", _website_on, "Switch the chat on again."),
        ("status", _website_status, "Tell whether the chat is on."),
        ("snippet", _website_snippet, "Print the HTML that puts the chat into a website."),
    ):
        sub = website.add_parser(name, help=text, description=text)
        sub.set_defaults(run=command)
        if command is _website_snippet:
            sub.add_argument(
                "--address", type=web_address, help="public address of the gateway (default: HOST and PORT)"
            )
    _add_api_keys(commands)
    _add_console(commands)
    _add_privacy(commands)
    _add_inquiries(commands)
    messengers = commands.add_parser("channels", help="The messengers.").add_subparsers(
        required=True, metavar="COMMAND"
    )
    text = "Tell which messengers are on, what their platforms say, and what is missing."
    sub = messengers.add_parser("check", help=text, description=text)
    sub.add_argument("--set", action="store_true", help="also set the webhook where the platform lets a program do it")
    sub.set_defaults(run=_channels_check)
    add("settings", _settings, "List every setting with its default and one line of help.")
    return parser


def _from_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def _add_api_keys(commands: Any) -> None:
    from smartcity.gateway.api.keys import PER_MINUTE, SCOPES, callback_address

    keys = commands.add_parser("api-keys", help="Keys of integrators for /api/v1.").add_subparsers(
        required=True, metavar="COMMAND"
    )
    for name, command, text in (
        ("create", _api_keys_create, "Make a key; it is shown once."),
        ("list", _api_keys_list, "List the keys with what they may do and the day on which they were last used."),
        ("revoke", _api_keys_revoke, "End a key at once and for good."),
    ):
        sub = keys.add_parser(name, help=text, description=text)
        sub.set_defaults(run=command)
        if command is not _api_keys_list:
            sub.add_argument("name", metavar="NAME", help="who holds the key, such as app-1")
        if command is _api_keys_create:
            sub.add_argument("--scopes", nargs="+", choices=SCOPES, required=True, help="what the key may do")
            sub.add_argument("--callback", type=callback_address, help="https address that callbacks go to")
            sub.add_argument("--per-minute", type=_from_one, default=PER_MINUTE, help="calls a minute")


def _add_console(commands: Any) -> None:
    from smartcity.console.tables import ROLES

    console = commands.add_parser("console", help="The staff's console.").add_subparsers(
        required=True, metavar="COMMAND"
    )
    text = "Start the console alone; while it has no admin, print the code for making the first account."
    console.add_parser("serve", help=text, description=text).set_defaults(run=_console_serve)
    text = "Make an account; the password is asked for, or read from standard input."
    sub = console.add_parser("adduser", help=text, description=text)
    sub.add_argument("name", metavar="NAME", help="name to sign in with")
    sub.add_argument("--role", choices=ROLES, required=True, help="what the account may do")
    sub.add_argument("--shown", default="", metavar="TEXT", help="name that others see (default: NAME)")
    sub.set_defaults(run=_console_adduser)
    text = "Read Rasa's conversations into the console, redacted: to their end, or for good."
    sub = console.add_parser("ingest", help=text, description=text)
    sub.add_argument("--follow", action="store_true", help="go on until it is stopped; also erases and deletes")
    sub.set_defaults(run=_console_ingest)


def _add_privacy(commands: Any) -> None:
    privacy = commands.add_parser("privacy", help="Deletion of what people wrote.").add_subparsers(
        required=True, metavar="COMMAND"
    )
    for name, command, text in (
        ("purge", _privacy_purge, "Delete what is older than the settings allow; the reader does it once a day."),
        ("delete", _privacy_delete, "Delete every trace of one conversation."),
        ("report", _privacy_report, "Tell what was deleted, when and why: numbers alone."),
    ):
        sub = privacy.add_parser(name, help=text, description=text)
        sub.set_defaults(run=command)
        if command is _privacy_delete:
            sub.add_argument(
                "session", metavar="SESSION", help="Rasa's sender id, the console's pseudonym or a chat's session token"
            )


def _add_inquiries(commands: Any) -> None:
    requests = commands.add_parser("inquiries", help="Requests that citizens left.").add_subparsers(
        required=True, metavar="COMMAND"
    )
    for name, text in (
        ("send", "Send the mails that are due, once or for good."),
        ("purge", "Delete closed requests and drafts that are too old; the reader does it once a day."),
        ("rotate", "Encrypt everything anew with the first of SMARTCITY_INQUIRY_KEYS."),
        ("status", "Tell how many requests are in which state, and how many mails wait."),
    ):
        sub = requests.add_parser(name, help=text, description=text)
        sub.set_defaults(run=_inquiries(name))
        if name == "send":
            sub.add_argument("--follow", action="store_true", help="go on until it is stopped")


def main(argv: Optional[List[str]] = None) -> int:
    """Run the command line; the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    try:
        settings = read_settings()
        if arguments[:1] == ["rasa"]:
            from smartcity.runtime.command import run_rasa

            run_rasa(arguments[1:], settings)
            return 0
        parsed = _parser().parse_args(arguments)
        code: int = parsed.run(parsed, settings)
        return code
    except SettingError as error:
        return _fail(error)
    except KeyboardInterrupt:
        return 130
    except (RuntimeError, ValueError, OSError) as error:
        if type(error).__module__.split(".")[0] != "smartcity" and not isinstance(error, OSError):
            raise
        return _fail(error)


def _fail(error: Exception) -> int:
    print(f"smartcity: {error}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
