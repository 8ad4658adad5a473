"""The colours of a figure, on light and on dark paper."""

from typing import Final, NamedTuple


class Theme(NamedTuple):
    """Colours by what they are for; text in any of them can be read on the paper."""

    paper: str
    ink: str
    muted: str
    frame: str
    grid: str
    curve: str
    alarm: str
    start: str
    cleared: str
    shade: float


THEMES: Final = {
    "light": Theme(
        paper="#FFFFFF",
        ink="#24292F",
        muted="#656D76",
        frame="#9AA1AB",
        grid="#E4E8EC",
        curve="#0969B8",
        alarm="#BF3A33",
        start="#8A6100",
        cleared="#00805F",
        shade=0.12,
    ),
    "dark": Theme(
        paper="#0D1117",
        ink="#E6EDF3",
        muted="#9198A1",
        frame="#6E7681",
        grid="#262C36",
        curve="#58A6FF",
        alarm="#FF7B72",
        start="#E3B341",
        cleared="#3FB98F",
        shade=0.18,
    ),
}
"""The papers are those of GitHub, so that a figure has no visible edge in a README there."""
