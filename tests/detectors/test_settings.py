import tomllib
from typing import Any

import pytest

from detectors.basis.errors import InvalidSettings
from detectors.patterns import Patterns
from detectors.settings import Settings, read_settings

KNOWN = {"pattern": "quick_cancellation", "rate": 0.05, "outcomes": 500, "source": "a survey"}


def read(text: str) -> Settings:
    return read_settings(tomllib.loads(text))


def refusal(text: str) -> str:
    with pytest.raises(InvalidSettings) as caught:
        read(text)
    return str(caught.value)


def test_every_key_is_optional() -> None:
    assert read("") == Settings()


def test_the_settings_of_the_documentation_are_read() -> None:
    settings = read(
        """
        [time]
        allowed_lateness = "2h"
        [evidence]
        false_alarms_per_1000_agent_years = 5
        smallest_rate_ratio = 2.0
        [patterns.quick_cancellation]
        window = "14d"
        excluded_reasons = ["moved"]
        [patterns.unused_account]
        enabled = false
        """
    )
    assert settings.time.allowed_lateness == "2h"
    assert settings.evidence.false_alarms_per_1000_agent_years == 5.0
    enabled = {pattern.name for pattern in settings.patterns.enabled()}
    assert enabled == {one.name for one in Patterns().enabled()} - {"unused_account"}
    assert settings.patterns.quick_cancellation.excluded_reasons == ("moved",)


@pytest.mark.parametrize(
    ("text", "key", "nearest"),
    [
        ("[tyme]", "`tyme`", "`time`"),
        ('[time]\nallowed_latenes = "1h"', "`time.allowed_latenes`", "`time.allowed_lateness`"),
        ("[patterns.quick_cancelation]", "quick_cancelation", "`patterns.quick_cancellation`"),
        (
            "[patterns.unused_account]\nwindows = '1d'",
            "`patterns.unused_account.windows`",
            "`patterns.unused_account.window`",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(
    text: str, key: str, nearest: str
) -> None:
    message = refusal(text)
    assert key in message
    assert nearest in message


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("time = 3", "`time`"),
        ("[time]\nallowed_lateness = 3", "`time.allowed_lateness`"),
        ("[time]\nallowed_lateness = '3 hours'", "`time.allowed_lateness`"),
        ("[time]\nallowed_lateness = '-3h'", "`time.allowed_lateness`"),
        ("[time]\ncorrections_for = '1e9d'", "`time.corrections_for`"),
        ("[time]\ncorrections_for = '99999999d'", "`time.corrections_for`"),
        ("[time]\nlargest_jump = '0s'", "`time.largest_jump`"),
        ("[evidence]\nfalse_discovery_rate = 1.0", "`evidence.false_discovery_rate`"),
        ("[evidence]\nfalse_alarms_per_1000_agent_years = 0", "false_alarms_per_1000_agent_years`"),
        ("[evidence]\nbetween_agent_sd = nan", "`evidence.between_agent_sd`"),
        ("[evidence]\nsmallest_rate_ratio = inf", "`evidence.smallest_rate_ratio`"),
        ("[evidence]\nreview_every = ''", "`evidence.review_every`"),
        ("[peers]\nshrinkage = 0", "`peers.shrinkage`"),
        ("[peers]\nshrinkage = inf", "`peers.shrinkage`"),
        ("[peers]\ncell = ['agent']", "`peers.cell[0]`"),
        ("[peers]\ncell = []", "`peers.cell`"),
        ("[[peers.reference]]\npattern = 'burst'", "`peers.reference[0]`"),
        ("[limits]\nlargest_record = 0", "`limits.largest_record`"),
        ("[limits]\nearliest_event = 2200-01-01T00:00:00Z", "`limits.earliest_event`"),
        ("[patterns.unused_account]\nenabled = 'yes'", "`patterns.unused_account.enabled`"),
        (
            "[patterns.quick_cancellation]\nexcluded_reasons = ['bad luck']",
            "`patterns.quick_cancellation.excluded_reasons[0]`",
        ),
        ("[patterns.unused_account]\nuse = []", "`patterns.unused_account.use`"),
        ("[patterns.unused_account]\nuse = ['login', 'usages']", "the nearest is 'usage'"),
        ("[patterns.unused_account]\nuse = [5]", "`patterns.unused_account.use[0]`"),
        ("[peers]\ncell = ['chanel']", "the nearest is 'channel'"),
        (
            "[patterns.quick_cancellation]\nsmallest_refund_share = 1.5",
            "`patterns.quick_cancellation.smallest_refund_share`",
        ),
        ("[patterns.quick_cancellation]\nwindow = '1h'", "`patterns.quick_cancellation.window`"),
        ("[patterns]\nunused_account = 5", "`patterns.unused_account`"),
        ("[identities]\nnormalise = ['nfd']", "`identities.normalise[0]`"),
        ("[identities]\nnobody = ['']", "`identities.nobody[0]`"),
        ("[identities.merged]\na = 'b'\nb = 'a'", "from 'a' back to 'a'"),
        ("[identities.merged]\na = ''", "`identities.merged"),
    ],
)
def test_a_wrong_value_is_refused_and_its_key_is_named(text: str, key: str) -> None:
    assert key in refusal(text)


def test_the_order_of_words_about_ids_does_not_matter() -> None:
    one = read("[identities]\nnormalise = ['trim', 'case']\nnobody = ['-', '0']")
    other = read("[identities]\nnormalise = ['case', 'trim', 'case']\nnobody = ['0', '-']")
    assert one.config_hash == other.config_hash


def test_with_no_pattern_there_is_nothing_to_watch() -> None:
    names = (pattern.name for pattern in Patterns().on_sales())
    off = "".join(f"[patterns.{name}]\nenabled = false\n" for name in names)
    assert "every pattern is disabled" in refusal(off)


@pytest.mark.parametrize(
    "table",
    [
        {"time": {"allowed_lateness": "2h"}},
        {"evidence": {"review_every": "7d"}},
        {"evidence": {"early_false_alarms_per_1000_agent_years": 11.0}},
        {"patterns": {"unused_account": {"enabled": False}}},
        {"patterns": {"unused_account": {"window": "31d"}}},
        {"patterns": {"burst": {"size": 6}}},
        {"shadow_null": {"seed": 2}},
        {"shadow_null": {"enabled": False}},
        {"shadow_null": {"one_in": 2}},
        {"limits": {"latest_event": "2090-01-01T00:00:00Z"}},
        {"peers": {"reference": [KNOWN]}},
        {"identities": {"normalise": ["trim"]}},
        {"identities": {"nobody": ["SYSTEM"]}},
        {"identities": {"merged": {"a": "b"}}},
        {"corrections": {"merges": True}},
    ],
)
def test_every_value_that_decides_is_in_the_hash(table: dict[str, Any]) -> None:
    assert read_settings(table).config_hash != Settings().config_hash
    assert read_settings(table).config_hash == read_settings(table).config_hash


@pytest.mark.parametrize(
    ("off", "also"),
    [
        ({"patterns": {"unused_account": {"enabled": False}}}, {"window": "31d"}),
        ({"patterns": {"burst": {"enabled": False}}}, {"size": 6}),
    ],
)
def test_what_is_off_is_not_in_the_hash(off: dict[str, Any], also: dict[str, Any]) -> None:
    [(name, settings)] = off["patterns"].items()
    both = {"patterns": {name: settings | also}}
    assert read_settings(both).config_hash == read_settings(off).config_hash
    assert name not in read_settings(both).effective()["patterns"]


def test_the_window_of_a_pattern_that_is_off_may_be_anything() -> None:
    off = read('[patterns.unused_account]\nwindow = "99999999d"\nenabled = false')
    assert off.patterns.unused_account.window == "99999999d"
    assert "patterns.unused_account.window" in refusal(
        '[patterns.unused_account]\nwindow = "99999999d"'
    )
