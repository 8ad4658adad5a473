"""Settings of commendations: who is told of for good sales."""

from typing import Annotated, Any

from msgspec import Meta, Struct


class CommendationSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When an agent is commended: their sales are kept and used more than those of peers.

    ``at_most_per_1000_agent_years``: of agents who differ as agents do, at most so many are
    commended. ``least_matured``: of how many of an agent's sales the window must have passed.
    """

    enabled: bool = True
    at_most_per_1000_agent_years: Annotated[float, Meta(gt=0, le=500)] = 200.0
    least_matured: Annotated[int, Meta(ge=1, le=1_000_000)] = 100

    def effective(self) -> dict[str, Any]:
        """Return what stands in the hash of the settings: nothing by default.

        No alert depends on it, but the state that is kept does.
        """
        if self == CommendationSettings():
            return {}
        if not self.enabled:
            return {"enabled": False}
        return {
            "at_most_per_1000_agent_years": self.at_most_per_1000_agent_years,
            "least_matured": self.least_matured,
        }
