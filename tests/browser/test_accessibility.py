"""Everybody can use every page, in either theme, whatever they see with and point with."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from detectors.settings import Settings
from streams.desk.desk import Desk
from streams.desk.live import Live
from streams.desk.model.read_model import ReadModel
from streams.desk.pages.every import page_routes
from streams.desk.witness import Witness
from streams.metrics.desk_metrics import DeskMetrics
from tests.browser.audit import CONTRAST, serious_violations
from tests.browser.centre import APPROVER, decided, ids_in, small_centre, this_moment
from tests.browser.living_desk import LivingDesk, behind_a_proxy
from tests.browser.pages import NO_PAGES, PAGES, PROBLEM, show
from tests.browser.windows import NARROW, WIDE, Who, Windows

ANYBODY = Who(APPROVER, "approver")


@pytest.fixture(scope="module")
def desk() -> Iterator[LivingDesk]:
    shown = small_centre()
    decisions = decided(shown.alerts, this_moment())
    with LivingDesk(behind_a_proxy(), shown.alerts, decisions, shown.events) as found:
        yield found


@pytest.fixture(scope="module")
def places() -> Mapping[str, str]:
    ids = ids_in(small_centre().alerts)
    return {name: address.format(**ids) for name, address in PAGES.items()}


def told(found: Mapping[str, list[str]]) -> str:
    return "\n".join(f"{name}: {one}" for name, serious in found.items() for one in serious)


def test_axe_finds_nothing_serious_and_nothing_is_cut_off(
    desk: LivingDesk, places: Mapping[str, str], windows: Windows, axe: str
) -> None:
    window = windows.open(desk.address, ANYBODY)
    window.foresee(PROBLEM)
    page, found = window.page, {}
    for name, address in places.items():
        page.set_viewport_size(WIDE)
        show(page, address)
        found[name] = serious_violations(page, axe)
        page.set_viewport_size(NARROW)
        found[f"{name}, narrow"] = serious_violations(page, axe, without=CONTRAST)
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > NARROW["width"]:
            found[f"{name}, narrow"].append(f"{width} pixels wide")
    assert told(found) == ""


def test_the_dark_theme_has_contrast_as_well(
    desk: LivingDesk, places: Mapping[str, str], windows: Windows, axe: str
) -> None:
    window = windows.open(desk.address, ANYBODY, theme="dark")
    window.foresee(PROBLEM)
    found = {}
    for name, address in places.items():
        show(window.page, address)
        found[name] = serious_violations(window.page, axe, only=CONTRAST)
    assert told(found) == ""


def test_a_page_that_hinders_people_is_caught(desk: LivingDesk, windows: Windows, axe: str) -> None:
    page = windows.open(desk.address, ANYBODY).page
    page.goto("/inbox")
    page.evaluate(
        """document.querySelector("main").innerHTML = '<input><img src="/static/desk.css">'"""
    )
    assert {found.split()[0] for found in serious_violations(page, axe)} == {"label", "image-alt"}


def test_no_page_is_forgotten(tmp_path: Path) -> None:
    with ReadModel(tmp_path / "model.sqlite") as model:
        metrics = DeskMetrics()
        witness = Witness(lambda _: None, metrics)
        routes = page_routes(
            Desk(model, Live(), witness, str, lambda: True, lambda: 0, Settings(), metrics)
        )
    named = {"case": "{id}", "account": "{id}", "alert": "{alert_id}"}
    known = {address.partition("?")[0].format(**named) for address in PAGES.values()} | NO_PAGES
    gets = {str(route.path).replace(":.+}", "}") for route in routes if route.method == "GET"}
    assert {path for path in gets if path not in known} == set()
