"""What people wait for: the first paint of the queue, and a decision of somebody else."""

import shutil
import statistics
import time
from typing import Final

from playwright.sync_api import sync_playwright

from bench.desk.crowd import crowd_of_alerts
from tests.browser.living_desk import LivingDesk, behind_a_proxy
from tests.browser.windows import Who, Windows

CASES: Final = 1_000
TIMES: Final = 11
AIM_PAINT: Final = 300
AIM_SEEN: Final = 1_000

_ANN: Final = Who("ann.lee@bank.example", "reviewer")
_BOB: Final = Who("bob.ray@bank.example", "approver")
_PAINT: Final = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
_DECIDE: Final = """async ([id, seen]) => {
    const body = JSON.stringify({kind: "note", words: "Called.", seen});
    const headers = {"Content-Type": "application/json"};
    await fetch(`/api/cases/${id}/decisions`, {method: "POST", headers, body});
}"""
_SEE: Final = """(id) => new Promise((done) => {
    const row = document.getElementById(`case-${id}`);
    const all = {subtree: true, childList: true, attributes: true};
    new MutationObserver(() => done()).observe(row, all);
})"""


def run() -> None:
    """Print milliseconds: the median of some, and the longest."""
    with (
        LivingDesk(behind_a_proxy(), crowd_of_alerts(CASES, CASES)) as desk,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        windows = Windows(browser)
        ann, bob = (windows.open(desk.address, who).page for who in (_ANN, _BOB))
        painted = []
        for _ in range(TIMES):
            ann.goto("/cases")
            while (paint := ann.evaluate(_PAINT)) is None:
                ann.wait_for_timeout(20)
            painted.append(float(paint))
        _tell(f"queue of {CASES:,} open cases, first paint", painted, AIM_PAINT)
        bob.goto("/cases")
        seen = []
        for number in range(TIMES):
            case_id = bob.locator("#rows tr").nth(number).get_attribute("data-case") or ""
            revisions = {one.alert_id: one.revision for one in desk.case(case_id).alerts}
            bob.evaluate(f"(id) => {{ window.saw = ({_SEE})(id) }}", case_id)
            began = time.perf_counter()
            ann.evaluate(_DECIDE, [case_id, revisions])
            bob.evaluate("window.saw")
            seen.append(1_000 * (time.perf_counter() - began))
        _tell(
            "a decision, until a second browser shows it (the fold at hand, no Kafka)",
            seen,
            AIM_SEEN,
        )
        for complaint in windows.close():
            print(f"  RED: {complaint}")


def _tell(what: str, milliseconds: list[float], aim: int) -> None:
    least, median, most = min(milliseconds), statistics.median(milliseconds), max(milliseconds)
    print(f"  {what}: {median:.0f} ms, from {least:.0f} to {most:.0f} (aim: {aim})")


if __name__ == "__main__":
    run()
