"""Every reader of bytes that others write, by name."""

from collections.abc import Mapping
from typing import Final

from tests.fuzz.target import Target
from tests.fuzz.targets import event, letter, message, settings, state

TARGETS: Final[Mapping[str, Target]] = {
    target.name: target
    for target in (event.TARGET, letter.TARGET, message.TARGET, settings.TARGET, state.TARGET)
}
