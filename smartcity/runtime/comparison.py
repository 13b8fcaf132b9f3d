"""What other training data would change: trained apart from the model in use, asked the same as that one.

Works in a folder of its own below VAR and changes nothing else. Of the held-out set only totals come out:
nobody may look at its items.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Optional, Sequence

import yaml

from smartcity.runtime.model import TrainingError, model_path
from smartcity.settings import Settings

Progress = Callable[[str, float], None]
"""Is told what is done now and which share of the whole is behind it, 0 to 1."""

HELD_OUT = Path("tests/understanding/heldout.yml")
DEVELOPMENT = Path("tests/understanding/development.yml")
_PROJECT = ("config.yml", "domain.yml", "endpoints.yml", "credentials.yml")
_STATING = ("initiative/", "theme/", "office/", "list/", "service/")
_DECLINING = ("lost", "lost/again")


def compare(
    settings: Settings, data: Path, questions: Sequence[Mapping[str, Any]], progress: Progress
) -> Dict[str, Any]:
    """Train with the folder `data` in place of data/ and ask both models the questions and the project's own.

    A question has `text`, may have `language`, and keeps what else it has. Raises TrainingError.
    """
    # Locks and databases of the trial are its own; what the citizens said stays where it is.
    with tempfile.TemporaryDirectory(prefix="comparison-", dir=_made(settings.var)) as folder:
        workshop = Path(folder)
        progress("training", 0.02)
        before = model_path()
        if not before.exists():
            before = _train(workshop / "before", Path("data"), settings)
        progress("training", 0.1)
        after = _train(workshop / "after", data, settings)
        asked = [*questions, *_development()]
        held_out = _read(HELD_OUT)
        texts = [*asked, *held_out]
        first = _answers(settings, before, texts, lambda share: progress("asking", 0.6 + 0.2 * share))
        second = _answers(settings, after, texts, lambda share: progress("asking", 0.8 + 0.2 * share))
    result: Dict[str, Any] = {
        "evaluated": len(asked),
        "flips": [
            {**question, "before": old, "after": new}
            for question, old, new in zip(asked, first, second)
            if (old["answers"], old["intent"]) != (new["answers"], new["intent"])
        ],
    }
    if held_out:
        result["held_out"] = {
            "total": len(held_out),
            "before": _right(held_out, first[len(asked) :]),
            "after": _right(held_out, second[len(asked) :]),
        }
    return result


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder.resolve()


def _train(folder: Path, data: Path, settings: Settings) -> Path:
    folder.mkdir()
    for name in _PROJECT:
        shutil.copy(name, folder / name)
    shutil.copytree(data, folder / "data")
    content = settings.content
    environment = {
        **os.environ,
        "SMARTCITY_VAR": str(folder / "var"),
        "SMARTCITY_CONTENT": content if "://" in content else str(Path(content).resolve()),
        # The same code as here, wherever the folder lies.
        "PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")]),
    }
    command = [sys.executable, "-m", "smartcity.cli", "rasa", "train", "--force", "--skip-validation"]
    command += ["--fixed-model-name", "tried"]
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    model = folder / "models" / "tried.tar.gz"
    if done.returncode or not model.exists():
        raise TrainingError("Training failed.\n" + "\n".join(done.stdout.splitlines()[-15:]))
    return model


def _answers(
    settings: Settings, model: Path, questions: Sequence[Mapping[str, Any]], told: Callable[[float], None]
) -> List[Dict[str, Any]]:
    from smartcity.runtime.local_assistant import LocalAssistant

    assistant = LocalAssistant(settings, model)
    found = []
    for number, question in enumerate(questions):
        if number % 50 == 0:
            told(number / len(questions))
        language = str(question.get("language", "de"))
        # Each in a conversation of its own, as nothing was said before.
        messages = assistant.say(str(question["text"]), sender=f"question-{number}", language=language)
        intent = assistant.parse(str(question["text"])).get("intent") or {}
        found.append(
            {
                "answers": [m["answer"] for m in messages if not str(m["answer"]).startswith("notice/")],
                "intent": intent.get("name"),
                "text": messages[0]["text"] if messages else "",
            }
        )
    return found


def held_out() -> List[Dict[str, Any]]:
    """The held-out questions, for totals alone. Raises TrainingError where the project runs without its tests."""
    entries = _read(HELD_OUT)
    if not entries:
        raise TrainingError(f"There is no {HELD_OUT}, so the new model cannot be measured.")
    return entries


def answers(settings: Settings, model: Path, questions: Sequence[Mapping[str, Any]]) -> List[Dict[str, Any]]:
    """What a model answers to each question, in a conversation of its own."""
    return _answers(settings, model, questions, lambda share: None)


def right(entries: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> int:
    """How many were answered right."""
    return _right(entries, found)


def _development() -> List[Dict[str, Any]]:
    return [{"text": str(entry["text"]), "origin": "development"} for entry in _read(DEVELOPMENT)]


def _read(path: Path) -> List[Dict[str, Any]]:
    """The entries of a set of questions; none where the project runs without its tests."""
    return list(yaml.safe_load(path.read_text("utf-8")) or ()) if path.exists() else []


def _right(entries: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> int:
    return sum(is_right(entry, one["answers"]) for entry, one in zip(entries, found))


def is_right(entry: Mapping[str, Any], answers: Sequence[str]) -> bool:
    """Whether an utterance of the held-out set was answered right, by the rules of `make evaluate`."""
    if "all" in entry:
        return list(answers) == list(entry["all"])
    wanted = entry["answer"] if isinstance(entry["answer"], list) else [entry["answer"]]
    if not answers:
        return False
    if entry["intent"] == "out_of_scope" and any(answer.startswith(_STATING) for answer in answers[1:]):
        return False
    first = answers[0]
    return (
        first in wanted
        or ("decline" in wanted and first in _DECLINING)
        or (first == "service/any" and any(answer.startswith("service/") for answer in wanted))
    )


def print_comparison(settings: Settings, data: Path, questions: Optional[Path]) -> None:
    """Print progress and the result, each as one line of JSON, for a program to read."""

    def progress(step: str, share: float) -> None:
        print(json.dumps({"step": step, "share": round(share, 3)}), flush=True)

    asked = json.loads(questions.read_text("utf-8")) if questions else []
    result = compare(settings, data, asked, progress)
    print(json.dumps({"result": result}, ensure_ascii=False), flush=True)
