"""Patches that git takes, and commits that leave files, index and current branch alone."""

from __future__ import annotations

import datetime as dt
import subprocess
from pathlib import Path
from typing import Any

import pytest

from smartcity.console.corrections.export import check, commit, diff
from smartcity.console.corrections.proposals import Proposal, ProposalError
from smartcity.console.corrections.repository import Person, Repository, RepositoryError
from smartcity.console.corrections.writing import EXAMPLES_FILE, TESTS_FILE
from smartcity.knowledge.documents import ContentError

from .conftest import git

DAY = dt.date(2026, 11, 26)
BRANCH = "console/corrections-2026-11-26"
ANNA = Person.of("Anna Krüger", "anna@krefeld.example")
TEST = "- name: Price\n  turns:\n  - say: wat kost dat\n    answer: which\n"


def proposal(number: int = 1, text: str = "wat kost der Kruser", **more: Any) -> Proposal:
    row: dict[str, Any] = {
        "id": number,
        "turn_id": None,
        "kind": "example",
        "text": text,
        "intent": "ask_cost",
        "entities": [{"entity": "initiative", "value": "kruiser", "start": 13, "end": 19}],
        "note": None,
        "state": "approved",
        "made_by": 1,
        "made_at": 0,
        "decided_by": 2,
        "decided_at": 0,
    }
    return Proposal(**{**row, **more})


def conversation() -> Proposal:
    return proposal(2, TEST, kind="conversation", intent=None, entities=[])


def export(root: Path, *chosen: Proposal) -> Any:
    repository = Repository.at(root)
    assert repository
    return commit(chosen, repository, ANNA, [("Bert", "Anna Krüger")], DAY)


def state(root: Path) -> list[str]:
    """Whatever an export must not touch."""
    return [
        git(root, "status", "--porcelain=v2", "--branch"),
        git(root, "ls-files", "--stage"),
        git(root, "rev-parse", "main"),
        *(f"{path} {path.read_text('utf-8')}" for path in sorted(root.rglob("*.yml"))),
    ]


def test_a_patch_is_taken_by_git_and_gives_the_files_that_were_shown(checkout: Path) -> None:
    patch = diff([proposal(), conversation()], checkout)
    assert "+      - wat kost der [Kruser](initiative)" in patch
    subprocess.run(["git", "apply", "--check", "-"], cwd=checkout, input=patch.encode(), check=True)
    subprocess.run(["git", "apply", "-"], cwd=checkout, input=patch.encode(), check=True)
    assert (checkout / TESTS_FILE).read_text("utf-8").endswith(TEST)
    # Once it is there, the next patch changes the same files.
    second = diff([proposal(3, "und wat noch", entities=[])], checkout)
    assert second.startswith(f"diff --git a/{EXAMPLES_FILE} b/{EXAMPLES_FILE}\n--- a/{EXAMPLES_FILE}")
    subprocess.run(["git", "apply", "-"], cwd=checkout, input=second.encode(), check=True)
    assert (checkout / EXAMPLES_FILE).read_text("utf-8").count("- intent: ask_cost") == 1


def test_a_patch_of_a_file_without_a_last_newline_is_taken(checkout: Path) -> None:
    path = checkout / EXAMPLES_FILE
    path.write_text('version: "3.1"\nnlu:\n  - intent: greet\n    examples: |\n      - tach', "utf-8")
    patch = diff([proposal()], checkout)
    subprocess.run(["git", "apply", "-"], cwd=checkout, input=patch.encode(), check=True)
    assert path.read_text("utf-8").endswith("      - wat kost der [Kruser](initiative)\n")


def test_a_commit_leaves_everything_else_as_it_is(checkout: Path) -> None:
    # Work of somebody else lies around: changed, staged and new.
    (checkout / "domain.yml").write_text("intents: [mine]\n", "utf-8")
    (checkout / "new.yml").write_text("mine\n", "utf-8")
    (checkout / "data" / "nlu" / "first.yml").write_text("nlu: []\n", "utf-8")
    git(checkout, "add", "data")
    before = state(checkout)
    made = export(checkout, proposal(), conversation())
    assert state(checkout) == before
    assert made.branch == BRANCH
    assert git(checkout, "rev-parse", BRANCH).strip() == made.id
    changed = git(checkout, "diff", "--name-status", f"main..{BRANCH}").splitlines()
    assert changed == [f"A\t{EXAMPLES_FILE}", f"A\t{TESTS_FILE}"]
    assert "wat kost der [Kruser](initiative)" in git(checkout, "show", f"{BRANCH}:{EXAMPLES_FILE}")


def test_the_commit_is_by_the_person_and_names_both(checkout: Path) -> None:
    made = export(checkout, proposal())
    assert git(checkout, "log", "-1", "--format=%an <%ae> %cn", made.id).strip() == (
        "Anna Krüger <anna@krefeld.example> Anna Krüger"
    )
    message = git(checkout, "log", "-1", "--format=%B", made.id)
    assert "Proposed-by: Bert\nApproved-by: Anna Krüger" in message


def test_the_days_branch_goes_on_where_it_ended(checkout: Path) -> None:
    first = export(checkout, proposal())
    second = export(checkout, proposal(3, "und wat noch", entities=[]))
    assert git(checkout, "rev-parse", f"{second.id}^").strip() == first.id
    text = git(checkout, "show", f"{BRANCH}:{EXAMPLES_FILE}")
    assert text.count("- intent: ask_cost") == 1 and "und wat noch" in text and "Kruser" in text


def test_what_the_branch_holds_is_not_added_twice(checkout: Path) -> None:
    export(checkout, proposal())
    with pytest.raises(RepositoryError, match="holds all of it"):
        export(checkout, proposal())
    both = export(checkout, proposal(), proposal(3, "und wat noch", entities=[]))
    assert git(checkout, "show", f"{both.id}:{EXAMPLES_FILE}").count("Kruser") == 1


def test_a_branch_that_is_checked_out_is_left_alone(checkout: Path) -> None:
    first = export(checkout, proposal())
    git(checkout, "checkout", "--quiet", BRANCH)
    second = export(checkout, proposal(3, "und wat noch", entities=[]))
    assert second.branch == f"{BRANCH}-2"
    assert git(checkout, "rev-parse", "HEAD").strip() == first.id
    assert git(checkout, "status", "--porcelain") == ""


def test_the_branch_can_be_merged(checkout: Path) -> None:
    export(checkout, proposal())
    git(checkout, "merge", "--quiet", BRANCH)
    assert (checkout / EXAMPLES_FILE).exists()


def test_a_broken_file_on_the_branch_stops_with_its_line(checkout: Path) -> None:
    (checkout / EXAMPLES_FILE).write_text("nlu:\n  - intent: [\n", "utf-8")
    git(checkout, "add", ".")
    git(checkout, "commit", "--quiet", "-m", "Broken")
    with pytest.raises(ContentError, match=rf"^{EXAMPLES_FILE}:\d"):
        export(checkout, proposal())
    assert git(checkout, "branch", "--list", "console/*") == ""


def test_without_a_checkout_there_is_no_repository(project: Path, checkout: Path) -> None:
    assert Repository.at(checkout / "data") is None  # inside one, but not its root
    assert Repository.at(checkout.parent) is None


def test_a_contradiction_that_came_later_stops_the_export(project: Path) -> None:
    with pytest.raises(ProposalError, match=r"contradiction: place=data/nlu/first.yml:11"):
        check([proposal(1, "Grüß Gott", entities=[])], project)


@pytest.mark.parametrize(
    ("shown", "account", "author"),
    [
        ("Anna", "anna", "Anna <anna@console.invalid>"),
        ("Ev<il>\nname", "a@b.de>\nx", "Evilname <a@b.dex>"),
        ("", "", "console <console@console.invalid>"),
    ],
)
def test_no_name_breaks_a_commit(shown: str, account: str, author: str, checkout: Path) -> None:
    repository = Repository.at(checkout)
    assert repository
    made = commit([proposal()], repository, Person.of(shown, account), [], DAY)
    assert git(checkout, "log", "-1", "--format=%an <%ae>", made.id).strip() == author
