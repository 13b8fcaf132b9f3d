"""A correction made in the browser ends as a training example, is trained, and changes the assistant's answer."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import yaml
from playwright.sync_api import Browser, Page, expect

from smartcity.console.database import open_database
from smartcity.console.tables import trials

from ...system import PROJECT, ApiClient, RunningSystem
from .conftest import git

COPIED = (
    "Procfile",
    "actions",
    "config.yml",
    "content",
    "credentials.yml",
    "data",
    "domain.yml",
    "endpoints.yml",
    "smartcity",
    "tests/conversations",
    "tests/understanding",
    "widget",
)
EXAMPLES = (
    "conversation",
    "dialogues",
    "elsewhere",
    "initiatives",
    "inquiries",
    "lookups",
    "office",
    "other",
    "themes",
)
"""Files of data/nlu that begin so are enough to learn from: it trains three times here."""
SAID = "Frisst der KRuiser mein Taschengeld auf?"
MEANT = "initiative/kruiser/cost"
PASSWORD = "Lastenrad Ostwall 47805"
MINUTES = 60_000 * 8

pytestmark = pytest.mark.system


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project as a checkout of its own, with a part of the training data."""
    root = tmp_path / "copy"
    for name in COPIED:
        source, target = PROJECT / name, root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy(source, target)
    for path in (root / "data" / "nlu").glob("*.yml"):
        if not path.name.startswith(EXAMPLES):
            path.unlink()
    (root / ".gitignore").write_text("models/\n__pycache__/\n", "utf-8")
    git(root, "init", "--quiet")
    git(root, "add", ".")
    git(root, "commit", "--quiet", "-m", "The project")
    return root


class Copy:
    """The assistant and its console, started in the copy."""

    def __init__(self, root: Path, var: Path) -> None:
        self.root, self.var = root, var
        # In the copy the copy's own code runs, not that of the environment.
        self.environ = {"PYTHONPATH": str(root), "SMARTCITY_VAR": str(var), "SMARTCITY_CONSOLE": "on"}
        self.system: Any = None

    def start(self) -> None:
        self.system = RunningSystem(self.var, self.environ, project=self.root)
        self.system.wait_until_healthy()

    def stop(self) -> None:
        if self.system is not None:
            left = self.system.stop()
            self.system = None
            assert not left, left

    def ask(self) -> str:
        client = ApiClient(self.system.address)
        try:
            client.open()
            return str(client.say(SAID)[0]["answer"])
        finally:
            client.close()

    def account(self, name: str, role: str) -> None:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("SMARTCITY_")}
        command = [sys.executable, "-m", "smartcity.cli", "console", "adduser", name, "--role", role]
        command += ["--shown", name.title()]
        done = subprocess.run(
            command, cwd=self.root, env={**environ, **self.environ}, input=PASSWORD + "\n", text=True, check=False,
            capture_output=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


@pytest.fixture
def running_copy(copy: Path, tmp_path: Path) -> Iterator[Copy]:
    var = tmp_path / "var"
    var.mkdir()
    made = Copy(copy, var)
    made.start()
    yield made
    made.stop()


def sign_in(browser: Browser, address: str, name: str) -> Page:
    page = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 900}).new_page()
    page.goto(f"{address}/signin")
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("Passwort", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    expect(page.get_by_role("button", name="Abmelden")).to_be_visible()
    return page


def _only_the_projects_own_sentences_are_named(var: Path) -> None:
    """Nothing of the held-out set, and nothing of a citizen, is written down in a trial."""
    entries = yaml.safe_load((PROJECT / "tests" / "understanding" / "development.yml").read_text("utf-8"))
    engine = open_database(sa.engine.make_url(f"sqlite:///{var / 'console.db'}"))
    with engine.connect() as connection:
        (result,) = connection.execute(sa.select(trials.c.result)).scalars()
    engine.dispose()
    others = {flip["text"] for flip in result["flips"] if "text" in flip} - {str(entry["text"]) for entry in entries}
    # A number: what should not be there is not printed either.
    assert len(others) == 0
    assert SAID not in repr(result)
    assert set(result) == {"evaluated", "flips", "held_out"} and set(result["held_out"]) == {"total", "before", "after"}


def wait_for_the_turn(page: Page, address: str) -> None:
    """The reader brings it within seconds."""
    for _ in range(60):
        page.goto(f"{address}/search?text=Taschengeld")
        if page.locator("a.said").count():
            return
        page.wait_for_timeout(500)
    raise AssertionError("The conversation did not reach the console.")


def test_a_correction_in_the_browser_changes_the_answer(running_copy: Copy, browser: Browser) -> None:
    wrong = running_copy.ask()
    assert wrong != MEANT
    address = running_copy.system.console
    running_copy.account("chefin", "admin")
    running_copy.account("anna", "reviewer")
    running_copy.account("bert", "editor")

    # Anna finds it and says what was meant.
    anna = sign_in(browser, address, "anna")
    wait_for_the_turn(anna, address)
    anna.locator("a.said").first.click()
    expect(anna.get_by_text(SAID)).to_be_visible()
    anna.get_by_role("link", name="Verstehen verbessern").first.click()
    expect(anna.get_by_label("Gemeinte Absicht")).to_be_visible()
    anna.get_by_label("Gemeinte Absicht").fill("ask_cost")
    # What the assistant recognised as a name is marked already.
    expect(anna.get_by_role("group", name="Name 1: Wörter").get_by_label("KRuiser")).to_be_checked()
    expect(anna.get_by_label("Name 1: Was ist gemeint?")).to_have_value("initiative/kruiser")
    anna.get_by_role("button", name="Vorschlagen").click()
    expect(anna.get_by_role("status")).to_contain_text("Der Vorschlag ist gespeichert")
    expect(anna.get_by_text("+      - Frisst der [KRuiser](initiative) mein Taschengeld auf?")).to_be_visible()
    expect(anna.get_by_role("button", name="Freigeben")).to_have_count(0)
    proposal = anna.url

    # Bert tries out what it changes, then approves and hands it over.
    bert = sign_in(browser, address, "bert")
    bert.goto(proposal)
    bert.get_by_role("button", name="Ausprobieren").click()
    expect(bert.get_by_role("progressbar")).to_be_visible()
    expect(bert.get_by_role("heading", name="Die Vorschläge selbst")).to_be_visible(timeout=MINUTES)
    flip = bert.get_by_role("row").filter(has_text=SAID)
    expect(flip).to_contain_text(wrong)
    expect(flip).to_contain_text(MEANT)
    _only_the_projects_own_sentences_are_named(running_copy.var)
    totals = re.search(r"vorher (\d+), nachher (\d+) von (\d+)", bert.locator("main").inner_text())
    assert totals and int(totals[3]) >= 1000
    bert.goto(proposal)
    bert.get_by_role("button", name="Freigeben").click()
    expect(bert.get_by_role("status")).to_contain_text("Freigegeben")
    bert.goto(f"{address}/corrections?state=approved")
    bert.get_by_role("button", name="Als Commit auf einen Zweig legen").click()
    expect(bert.get_by_role("status")).to_contain_text("console/corrections-")

    # The developers' way: the branch is merged, the assistant trains at its next start.
    root = running_copy.root
    (branch,) = git(root, "branch", "--list", "console/*", "--format=%(refname:short)").split()
    assert git(root, "status", "--porcelain") == ""
    git(root, "merge", "--quiet", "--no-edit", branch)
    assert "Frisst der [KRuiser](initiative)" in (root / "data" / "nlu" / "corrections.yml").read_text("utf-8")
    models = set((root / "models").glob("*.tar.gz"))
    running_copy.stop()
    running_copy.start()
    assert set((root / "models").glob("*.tar.gz")) != models
    assert running_copy.ask() == MEANT
