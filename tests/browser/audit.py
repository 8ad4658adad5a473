"""What axe has against a page."""

from typing import Any, Final

from playwright.sync_api import Page

_SERIOUS: Final = ("serious", "critical")

_ASK: Final = """async () => {
    const found = await axe.run(document, {resultTypes: ["violations"]});
    return found.violations.map(({id, impact, help, nodes}) => ({
        id, impact, help, nodes: nodes.map((node) => node.html)
    }));
}"""


def serious_violations(page: Page, axe: str) -> list[str]:
    """Return what hinders people with disabilities for good, with the first places of each.

    Parameters
    ----------
    page
        As it stands now, in the theme in which it stands.
    axe
        The program of axe-core. It is run beside the page, as no policy of the page lets it in.
    """
    page.evaluate(axe)
    found: list[dict[str, Any]] = page.evaluate(_ASK)
    return [
        f"{one['id']} ({one['impact']}): {one['help']}: {one['nodes'][:3]}"
        for one in found
        if one["impact"] in _SERIOUS
    ]
