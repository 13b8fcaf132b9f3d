"""Whether tests that failed hold when they are tried again, and how many of them a run bears.

A browser on a busy machine may miss its moment once among thousands of tests. CI tries what failed once more
(`--reruns 1`). A test that holds then is called unsteady and shown with its failure: it is to be mended, not to be
lived with. So many of them that it is no accident are a failure.
"""

from __future__ import annotations

import pytest

MOST_UNSTEADY = 3


def unsteady(reporter: pytest.TerminalReporter) -> dict[str, str]:
    """Tests that failed and held when they were tried again, each with how it failed first."""
    failed = {report.nodeid for kind in ("failed", "error") for report in reporter.getreports(kind)}
    reruns = reporter.getreports("rerun")
    return {report.nodeid: report.longreprtext for report in reruns if report.nodeid not in failed}


def show(reporter: pytest.TerminalReporter) -> None:
    """How each test that was tried again failed first, also where it failed again: often otherwise."""
    held = unsteady(reporter)
    for report in reporter.getreports("rerun"):
        kind = "unsteady" if report.nodeid in held else "failed first"
        reporter.section(f"{kind}: {report.nodeid}", "_", red=True)
        reporter.write_line(report.longreprtext)


def judge(session: pytest.Session) -> None:
    """Fail the whole run when too much is unsteady."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is not None and session.exitstatus == pytest.ExitCode.OK and len(unsteady(reporter)) > MOST_UNSTEADY:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line(f"\nMore than {MOST_UNSTEADY} tests held only when they were tried again.", red=True)
