"""What axe has against a page."""

from typing import Any, Final

from playwright.sync_api import Page

_SERIOUS: Final = ("serious", "critical")

CONTRAST: Final = "color-contrast"
"""The rule about colours: nothing else depends on the theme, and it takes most of the time."""

_ASK: Final = """async (rules) => {
    const found = await axe.run(document, {...rules, resultTypes: ["violations"]});
    return found.violations.map(({id, impact, help, nodes}) => ({
        id, impact, help, nodes: nodes.map((node) => node.html)
    }));
}"""


def serious_violations(
    page: Page, axe: str, *, only: str | None = None, without: str | None = None
) -> list[str]:
    """Return what hinders people with disabilities for good, with the first places of each.

    Parameters
    ----------
    page
        As it stands now, in the theme in which it stands.
    axe
        The program of axe-core. It is run beside the page, as no policy of the page lets it in.
    only, without
        The one rule that is asked for, or the one that is not.
    """
    rules: dict[str, object] = {}
    if only is not None:
        rules["runOnly"] = [only]
    if without is not None:
        rules["rules"] = {without: {"enabled": False}}
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate(_ASK, rules)
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {one['nodes'][:3]}"
        for one in found
        if one["impact"] in _SERIOUS
    ]
