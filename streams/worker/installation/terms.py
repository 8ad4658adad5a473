"""What this release and its settings bring to an installation."""

from typing import Final

from detectors.agents.state import AgentsState
from detectors.alerts.alert import ENGINE_VERSION
from detectors.keys.state import KeysState
from detectors.peers.state import PeersState
from detectors.settings import Settings
from streams.stages.actors.ledger_state import LedgerState
from streams.stages.state.head import Head
from streams.worker.installation.claim import Terms

STATE_FORMS: Final = tuple(
    str(kind.__struct_config__.tag)
    for kind in (LedgerState, KeysState, AgentsState, PeersState, Head)
)
"""The forms of state that this release writes, which the tags of its kinds name."""

RELEASE: Final = int(ENGINE_VERSION.partition(".")[0])
"""The major version: within one, workers of different versions understand each other."""


def terms_of(settings: Settings, group: str) -> Terms:
    """Return the terms of a worker in this consumer group."""
    return Terms(settings.config_hash, group, STATE_FORMS, RELEASE)
