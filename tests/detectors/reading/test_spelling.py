"""Ids of agents are spelt as the settings say: the same in every form, and nobody is nobody."""

from collections.abc import Mapping
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.identifiers import AgentId
from detectors.identity_settings import AS_THEY_STAND, IdentitySettings, Normalisation
from detectors.reading.spelling import SPACES, Spelling
from tests.detectors.refutation import refuted
from tests.detectors.worlds import Done, activity, cancellation, sale

KINDS: tuple[Normalisation, ...] = ("trim", "nfc", "case")
CHOICES = [some for size in range(1, 4) for some in combinations(KINDS, size)]

spellings = st.text(
    st.one_of(
        st.sampled_from("aA \u00a0ßẞñÑ\u0303nÅ\u212b\u030aİ\u0131\u0345\u1fb3\u03a3ς" + SPACES[-1]),
        st.characters(codec="utf-8"),
    ),
    min_size=1,
    max_size=256,
)


def spelt(text: str, *chosen: Normalisation, nobody: tuple[str, ...] = ()) -> str | None:
    spelling = IdentitySettings(normalise=chosen, nobody=nobody).spelling
    assert spelling is not None
    return spelling.agent(AgentId(text))


def spelling_law(spelling: type[Spelling], data: st.DataObject) -> None:
    """Spelt once is spelt for good, whatever an id holds, and an id that is told can be sent."""
    trims, composes, folds = data.draw(st.sampled_from([(1, 1, 1), (0, 1, 1), (1, 0, 1)]))
    one = spelling((), trims=bool(trims), composes=bool(composes), folds=bool(folds))
    first = one.agent(AgentId(data.draw(spellings)))
    assert one.agent(first) == first
    assert first is None or 0 < len(first) <= 256


@given(st.data())
def test_what_is_spelt_stays_so(data: st.DataObject) -> None:
    spelling_law(Spelling, data)


class TrimsFirst(Spelling):
    """Folds what it has trimmed, and takes an empty id for one."""

    def agent(self, agent_id: AgentId | None) -> AgentId | None:
        return None if agent_id is None else AgentId(agent_id.strip(SPACES).upper()[:300])


def test_that_law_catches() -> None:
    assert refuted(spelling_law, TrimsFirst)


@pytest.mark.parametrize("chosen", CHOICES)
def test_each_kind_makes_one_agent_of_its_own_spellings_and_of_no_others(
    chosen: tuple[Normalisation, ...],
) -> None:
    pairs = {"trim": ("a1", " a1 "), "nfc": ("Muñoz", "Mun\u0303oz"), "case": ("AG1", "ag1")}
    for kind, (one, other) in pairs.items():
        assert (spelt(one, *chosen) == spelt(other, *chosen)) is (kind in chosen)
    assert spelt("a 1", *chosen) != spelt("a1", *chosen)


def test_forms_and_capital_letters_together() -> None:
    assert spelt("STRASSE", "case") == spelt("straße", "case") == "strasse"
    assert spelt("MUN\u0303OZ", "nfc", "case") == spelt("muñoz", "nfc", "case") == "muñoz"


@pytest.mark.parametrize("word", ["SYSTEM", "system", " System "])
def test_a_word_means_nobody_in_every_spelling_that_is_one(word: str) -> None:
    assert spelt(word, "trim", "case", nobody=("System", "-")) is None
    assert spelt(word, "trim", nobody=("System", "-")) == (
        None if word.strip() == "System" else word.strip()
    )
    assert spelt("systems", "trim", "case", nobody=("System", "-")) == "systems"


def test_an_id_of_spaces_alone_is_nobody_where_spaces_are_nothing() -> None:
    assert spelt("  ", "trim") is None
    assert spelt("  ", "case") == "  "


def test_an_id_that_would_be_too_long_stays_as_it_is() -> None:
    assert spelt("ß" * 200, "case") == "ß" * 200


@st.composite
def forests(draw: st.DrawFn) -> dict[str, str]:
    """Draw merges without a circle: each id into one that comes before it, in any order."""
    ids = draw(st.permutations([f"a{number}" for number in range(8)]))
    pairs = [
        (one, ids[draw(st.integers(0, place))])
        for place, one in enumerate(ids[1:])
        if draw(st.booleans())
    ]
    return dict(draw(st.permutations(pairs)))


def merging_law(spelling: type[Spelling], data: st.DataObject) -> None:
    merged = data.draw(forests())
    one = spelling((), merged, trims=False, composes=False, folds=False)
    for number in range(8):
        agent = now = f"a{number}"
        while now in merged:
            now = merged[now]
        assert one.agent(AgentId(agent)) == now


@given(st.data())
def test_an_id_is_that_of_the_agent_at_the_end_of_its_merges(data: st.DataObject) -> None:
    merging_law(Spelling, data)


class FollowsOneMerge(Spelling):
    """Takes the agent into whom an id was merged, though they were merged as well."""

    def _resolved(self, merged: Mapping[str, str]) -> dict[str, str]:
        return dict(merged)


def test_that_law_catches_one_that_follows_one_merge() -> None:
    assert refuted(merging_law, FollowsOneMerge)


def test_merges_hold_in_every_spelling_that_is_one() -> None:
    settings = IdentitySettings(normalise=("case", "trim"), merged={"AG7": " Ag12"})
    assert settings.spelling is not None
    assert settings.spelling.agent(AgentId("ag7 ")) == "ag12"
    assert settings.effective()["merged"] == {"ag7": "ag12"}
    longer = IdentitySettings(normalise=("case",), merged={"a": "b", "B": "c"})
    assert longer.effective()["merged"] == {"a": "c", "b": "c"}


@pytest.mark.parametrize(
    ("merged", "said"),
    [
        ({"a": "a"}, "from 'a' back to 'a'"),
        ({"a": "b", "b": "c", "c": "B"}, "back to 'b'"),
        ({"a": "b", "A": "c"}, "two agents for 'a'"),
        ({"a": "-"}, "'-', which means nobody"),
        ({"-": "a"}, "'-', which means nobody"),
    ],
)
def test_merges_that_name_no_one_agent_are_refused(merged: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        IdentitySettings(normalise=("case",), nobody=("-",), merged=merged)


def test_who_sold_and_who_keyed_are_spelt_and_all_else_stays() -> None:
    spelling = IdentitySettings(normalise=("case",), nobody=("BOT",)).spelling
    assert spelling is not None
    sold, keyed = sale(0, "A", "S", "Anna"), cancellation(1, "A", "S", keyed_by="Anna")
    done = activity(2, "A", done=Done("login", agent="Bot"))
    spelt = [spelling.event(one) for one in (sold, keyed, done)]
    assert [structs.asdict(one)["agent_id"] for one in spelt] == ["anna", "anna", None]
    assert {one.account_id for one in spelt} == {"A"}
    unchanged = sale(0, agent="anna")
    assert spelling.event(unchanged) is unchanged


def test_by_default_nothing_is_spelt_anew() -> None:
    assert AS_THEY_STAND.spelling is None
