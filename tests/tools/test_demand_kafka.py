"""The report of a run on the real broker is believed only if the broker was used."""

from pathlib import Path

from tools.demand_kafka import main, shortcomings

RAN = '<testcase classname="tests.integration.test_worker" name="test_runs"/>'


def case(name: str, kind: str, reason: str, module: str = "tests.streams.cli.test_topics") -> str:
    skipped = f'<skipped type="{kind}" message="{reason}"/>'
    return f'<testcase classname="{module}" name="{name}">{skipped}</testcase>'


def report(*cases: str) -> str:
    return f"<testsuites><testsuite>{''.join(cases)}</testsuite></testsuites>"


def test_a_run_on_the_real_broker_is_accepted() -> None:
    assert shortcomings(report(RAN)) == []


def test_a_skip_that_mentions_kafka_is_named_with_its_reason() -> None:
    skip = case("test_lists", "pytest.skip", "no Apache Kafka: mvn is missing")
    assert shortcomings(report(RAN, skip)) == [
        "tests.streams.cli.test_topics::test_lists was skipped: no Apache Kafka: mvn is missing"
    ]


def test_any_skip_among_the_integration_tests_is_named() -> None:
    skip = case("test_x", "pytest.skip", "slow", module="tests.integration.test_worker")
    assert shortcomings(report(RAN, skip)) == [
        "tests.integration.test_worker::test_x was skipped: slow"
    ]


def test_a_module_skipped_while_it_was_collected_is_named() -> None:
    skip = case("tests.integration.test_worker", "pytest.skip", "collection skipped", module="")
    assert len(shortcomings(report(RAN, skip))) == 1


def test_a_skip_for_another_reason_and_a_known_gap_are_accepted() -> None:
    skip = case("test_x", "pytest.skip", "needs a terminal")
    gap = case("test_y", "pytest.xfail", "Kafka forgets", module="tests.integration.test_worker")
    assert shortcomings(report(RAN, skip, gap)) == []


def test_a_report_without_integration_tests_is_refused(tmp_path: Path) -> None:
    assert shortcomings(report()) == ["no integration test ran"]
    file = tmp_path / "report.xml"
    file.write_text(report())
    assert main([str(file)]) == 1


def test_bad_usage_is_told_from_a_bad_report() -> None:
    assert main([]) == 2
