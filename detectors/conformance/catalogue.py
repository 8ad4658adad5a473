"""All laws by name, and one call that holds a detector to them."""

from typing import Final

from detectors.conformance import score_laws, sight_laws, state_laws
from detectors.conformance.law import Law
from detectors.contract.detector import DetectorConfig

LAWS: Final[dict[str, Law]] = {
    law.__name__: law
    for law in (
        score_laws.scores_before_it_has_learned,
        score_laws.scoring_changes_nothing,
        score_laws.scores_stay_within_range,
        score_laws.same_stream_same_scores,
        score_laws.refuses_another_width,
        score_laws.time_may_stand_still,
        score_laws.time_may_go_back,
        state_laws.instances_share_nothing,
        state_laws.restart_is_invisible,
        state_laws.foreign_snapshot_is_refused,
        state_laws.state_is_bounded,
        state_laws.config_is_data,
        sight_laws.becomes_ready_and_stays_ready,
        sight_laws.ordinary_is_not_strange,
        sight_laws.sees_what_it_claims,
        sight_laws.sees_again_after_any_value,
    )
}


def check(config: DetectorConfig) -> None:
    """Hold the detector of `config` to every law; takes seconds.

    Raises
    ------
    LawBroken
        For the first law that it does not keep.

    """
    for law in LAWS.values():
        law(config)
