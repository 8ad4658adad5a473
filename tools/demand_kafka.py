"""Fails when a test report shows that the real Kafka was not put to the test.

Usage: ``python -m tools.demand_kafka REPORT``, where the report is pytest's ``--junitxml``.
"""

import sys
from pathlib import Path
from xml.etree.ElementTree import Element, fromstring

INTEGRATION = "tests.integration"


def shortcomings(report: str) -> list[str]:
    """Return what of the integration tests did not run.

    A test counts as not run when it was skipped with Kafka in the reason, or with any reason in
    the integration folder; a strict xfail did run. A report without one integration test that ran
    is a shortcoming of its own.
    """
    cases = fromstring(report).findall(".//testcase")  # noqa: S314 - our own pytest wrote it
    found = [
        f"{case.get('classname')}::{case.get('name')} was skipped: {reason}"
        for case in cases
        if (reason := _skip_reason(case)) is not None
        and ("kafka" in reason.lower() or _is_integration(case))
    ]
    if not any(_is_integration(case) and _skip_reason(case) is None for case in cases):
        found.append("no integration test ran")
    return found


def main(arguments: list[str]) -> int:
    """Print the shortcomings of the named report; 1 if there are any, 2 on bad usage."""
    if len(arguments) != 1:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    found = shortcomings(Path(arguments[0]).read_text(encoding="utf-8"))
    for line in found:
        sys.stderr.write(f"{line}\n")
    return 1 if found else 0


def _is_integration(case: Element) -> bool:
    # a module skipped while it was collected has its name where a test has its own
    return f"{case.get('classname')}.{case.get('name')}".lstrip(".").startswith(INTEGRATION)


def _skip_reason(case: Element) -> str | None:
    skipped = case.find("skipped")
    if skipped is None or skipped.get("type") == "pytest.xfail":
        return None
    return f"{skipped.get('message')} {skipped.text or ''}".rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
