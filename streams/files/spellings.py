"""What the summary says of agents who may be one, and of ids that may mean nobody."""

import unicodedata
from collections.abc import Collection, Iterator
from typing import Final

from streams.printable import printable

SHOWN: Final = 3
"""So many groups of ids are shown, and so many ids of each."""

NOBODY: Final = frozenset(
    {"null", "none", "nil", "nan", "na", "n/a", "-", "--", "?", "undefined", "unknown", "nobody"}
)
"""Words by which sources say that no person sold it, folded as `_folded` does."""


def spelling_lines(agent_ids: Collection[str]) -> Iterator[str]:
    """Yield which ids of agents differ only in how they are spelt, and which may mean nobody.

    Each is judged by itself all the same: what two ids have in common is no proof. The setting that
    would change it is named.
    """
    alike: dict[str, list[str]] = {}
    for agent_id in sorted(agent_ids):
        alike.setdefault(_folded(agent_id), []).append(agent_id)
    groups = [ids for ids in alike.values() if len(ids) > 1]
    if groups:
        told = "; ".join(_listed(ids) for ids in groups[:SHOWN])
        more = f"; and {len(groups) - SHOWN:,} more" if len(groups) > SHOWN else ""
        told += f"{more} (identities.normalise)"
        yield f"  agents whose ids differ only in case, space or form: {told}"
    nobody = [one for folded, ids in alike.items() if folded in NOBODY for one in ids]
    if nobody:
        told = _listed(nobody)
        yield f"  ids that may mean nobody, and are judged as agents: {told} (identities.nobody)"


def _folded(agent_id: str) -> str:
    form = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", agent_id).casefold())
    return "".join(form.split())


def _listed(ids: list[str]) -> str:
    told = ", ".join(f'"{printable(one)}"' for one in ids[:SHOWN])
    return f"{told} and {len(ids) - SHOWN:,} more" if len(ids) > SHOWN else told
