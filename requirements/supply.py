"""What is installed, what is known against it, and under which licences: `make supply`.

Knows nothing of the assistant. Runs in an environment of its own (tools.lock) and looks at the locks and at the
environment that they made. Exit code 1 at an advisory that nobody has reviewed, at a review that fits no lock any more,
and at a licence that nobody has allowed.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, Iterable, List, Mapping, NamedTuple, Optional, Set

import yaml
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

HERE = Path(__file__).parent
LOCKS = (HERE / "main.lock", HERE / "rasa.lock")
CANARY = "jinja2==2.10"
"""Has advisories for years: a source that knows none of it knows nothing."""
ALLOWED = re.compile(
    r"MIT|MIT-0|MIT-CMU|BSD|0BSD|BSD-[23]-Clause|Apache|Apache-2\.0|Apache License 2\.0|ISC|PSF|PSF-2\.0|CNRI-Python|"
    r"TCL|Python Software Foundation|Mozilla Public License 2\.0 \(MPL 2\.0\)|MPL-2\.0|LGPL-3\.0-only|Unlicense|"
    r"GNU Library or Lesser General Public License \(LGPL\)"
)
BY_HAND = {"skops": "MIT", "matrix-nio": "ISC", "peewee": "MIT", "vodozemac": "MIT AND Apache-2.0"}
"""Their metadata name no licence, or hold its whole text; read in the licence file that the package brings,
on 2026-11-26."""


class Finding(NamedTuple):
    """One advisory about a locked package."""

    package: str
    version: str
    ids: frozenset[str]


def pins(locks: Iterable[Path]) -> Dict[str, Set[str]]:
    """Versions of each package in the locks."""
    found: Dict[str, Set[str]] = {}
    for lock in locks:
        for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", lock.read_text("utf-8"), re.MULTILINE):
            found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def from_database(database: Path, locked: Mapping[str, Set[str]]) -> List[Finding]:
    """What a copy of PyPA's advisory database (github.com/pypa/advisory-database) knows against the pins."""
    folder = database / "vulns"
    if not folder.is_dir():
        raise SystemExit(f"{database} is no copy of PyPA's advisory database: it has no folder vulns.")
    found = []
    for package, versions in sorted(locked.items()):
        for path in sorted((folder / package).glob("*.yaml")):
            entry = yaml.safe_load(path.read_text("utf-8"))
            if entry.get("withdrawn"):
                continue
            ids = frozenset([entry["id"], *entry.get("aliases", ())])
            found += [Finding(package, version, ids) for version in sorted(versions) if affects(entry, version)]
    return found


def newest_year(database: Path) -> int:
    """The year of the newest entry in a copy of the database, by the ids; 0 where there is none."""
    years = (re.match(r"PYSEC-(\d{4})-", path.name) for path in (database / "vulns").glob("*/PYSEC-*.yaml"))
    return max((int(year[1]) for year in years if year), default=0)


def affects(entry: Mapping[str, Any], version: str) -> bool:
    """Whether an entry of the database (in OSV's format) is about this version."""
    for affected in entry.get("affected", ()):
        if version in map(str, affected.get("versions", ())):
            return True
        for span in affected.get("ranges", ()):
            if span["type"] == "ECOSYSTEM" and _is_within(span["events"], version):
                return True
    return False


def _is_within(events: Iterable[Mapping[str, Any]], version: str) -> bool:
    try:
        here, inside = Version(version), False
        for event in events:
            if "introduced" in event:
                inside = inside or str(event["introduced"]) == "0" or here >= Version(str(event["introduced"]))
            if "fixed" in event and here >= Version(str(event["fixed"])):
                inside = False
            if "last_affected" in event and here > Version(str(event["last_affected"])):
                inside = False
    except InvalidVersion:
        return True  # nobody can tell, so somebody must look
    return inside


def from_pypi(locked: Mapping[str, Set[str]]) -> Optional[List[Finding]]:
    """What pip-audit finds at PyPI; None where PyPI tells nothing here."""
    if not _audited([CANARY]):
        return None
    lines = [f"{name}=={version}" for name, versions in locked.items() for version in versions]
    return _audited(lines)


def _audited(lines: Iterable[str]) -> List[Finding]:
    # pip-audit takes one version of a package at a time.
    groups: List[Dict[str, str]] = []
    for line in sorted(lines):
        name = line.partition("==")[0]
        free = next((group for group in groups if name not in group), None)
        if free is None:
            groups.append(free := {})
        free[name] = line
    return [finding for group in groups for finding in _asked(group.values())]


def _asked(lines: Iterable[str]) -> List[Finding]:
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(lines))
        file.flush()
        command = [sys.executable, "-m", "pip_audit", "--no-deps", "--disable-pip", "--format=json", "-r", file.name]
        done = subprocess.run([*command, "--progress-spinner=off"], capture_output=True, text=True)
    try:
        told = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        return []
    return [
        Finding(canonicalize_name(one["name"]), one["version"], frozenset([flaw["id"], *flaw["aliases"]]))
        for one in told
        for flaw in one.get("vulns", ())
    ]


def faults(
    found: Iterable[Finding], reviewed: Iterable[Mapping[str, Any]], locked: Mapping[str, Set[str]]
) -> List[str]:
    """Advisories without a review, and reviews of what is not locked any more."""
    reviews = list(reviewed)
    told = []
    for finding in found:
        fits = (
            review["package"] == finding.package
            and str(review["version"]) == finding.version
            and finding.ids & set(review["ids"])
            for review in reviews
        )
        if not any(fits):
            told.append(f"{finding.package} {finding.version}: {', '.join(sorted(finding.ids))} is not reviewed.")
    for review in reviews:
        if str(review["version"]) not in locked.get(review["package"], ()):
            told.append(f"{review['package']} {review['version']} is reviewed but not locked any more.")
    return told


def licences(python: Path) -> Dict[str, str]:
    """The licence of each package in an environment."""
    command = [sys.executable, "-m", "piplicenses", f"--python={python}", "--format=json", "--from=mixed"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return {canonicalize_name(one["Name"]): one["License"] for one in told}


def not_allowed(licence: str) -> bool:
    """Whether one of the licences is not in the list; of alternatives (OR) one is enough."""
    return not any(
        all(
            ALLOWED.fullmatch(re.sub(r" (Software )?License$", "", part.strip()))
            for part in re.split(r" AND |;", choice)
        )
        for choice in licence.split(" OR ")
    )


def table(names: Mapping[str, str]) -> str:
    """The page of licences."""
    head = "# Licences\n\nOf everything that the locks install; made by `make supply`.\n\n"
    return (
        head
        + "| package | licence |\n|---|---|\n"
        + "".join(f"| {name} | {licence} |\n" for name, licence in sorted(names.items()))
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", type=Path, required=True, help="interpreter of the environment that the locks made")
    parser.add_argument("--results", type=Path, required=True, help="folder for sbom.json")
    parser.add_argument("--database", type=Path, help="copy of PyPA's advisory database, where PyPI cannot be asked")
    parser.add_argument("--strict", action="store_true", help="fail where no source of advisories can be asked")
    options = parser.parse_args()
    options.results.mkdir(parents=True, exist_ok=True)
    locked = pins(LOCKS)

    sbom = options.results / "sbom.json"
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible", "--of", "JSON"]
    subprocess.run([*command, "-o", str(sbom), str(options.python)], check=True)
    print(f"{sbom}: {len(json.loads(sbom.read_text('utf-8'))['components'])} components in CycloneDX.")

    found = from_database(options.database, locked) if options.database else from_pypi(locked)
    reviewed = yaml.safe_load((HERE / "advisories.yml").read_text("utf-8"))
    problems = faults(found or (), reviewed, locked)
    if found is None:
        print("Advisories: PyPI tells none here, not even old ones, so this check says nothing.", file=sys.stderr)
        if options.strict:
            problems.append("No source of advisories could be asked: name a copy of PyPA's with DATABASE=FOLDER.")
    else:
        print(f"Advisories: {len(found)} about {sum(map(len, locked.values()))} locked versions.")
    if options.database and (year := newest_year(options.database)) < dt.date.today().year:
        told = f"{options.database} knows nothing newer than {year}: what became known since is not in it."
        print(told, file=sys.stderr)
        problems += [told] if options.strict else []

    named = {name: BY_HAND.get(name, licence) for name, licence in licences(options.python).items() if name in locked}
    problems += [
        f"{name}: its licence '{named[name]}' is not allowed." for name in sorted(named) if not_allowed(named[name])
    ]
    page = HERE / "licences.md"
    page.write_text(table(named), "utf-8")
    print(f"{page}: {len(named)} packages.")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
