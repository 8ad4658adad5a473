"""The jars of Apache Kafka, resolved once by Maven into a cache, and the Java that runs them.

The cache is ``~/.cache/aboveboard/kafka-VERSION``, or the folder that the environment variable
``ABOVEBOARD_TEST_KAFKA_CACHE`` names (then used as it is).
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from streams.errors import BrokerNotStarted

CACHE_VARIABLE = "ABOVEBOARD_TEST_KAFKA_CACHE"
OLDEST_JAVA = 17

_POM = Path(__file__).parent / "kafka-runtime" / "pom.xml"
_RESOLVE_SECONDS = 600
_JAVA_SECONDS = 30


def kafka_version() -> str:
    """Return the version of Apache Kafka that the pom names."""
    # The pom is a file of this repository, so the parser meets nothing hostile.
    root = ElementTree.parse(_POM).getroot()  # noqa: S314 - our own file
    version = root.findtext(
        "maven:properties/maven:kafka.version",
        namespaces={"maven": "http://maven.apache.org/POM/4.0.0"},
    )
    if version is None:
        raise ValueError(f"{_POM.name} has no property kafka.version")
    return version


def find_java() -> str:
    """Return the path of a Java that can run the broker, from JAVA_HOME, else from PATH.

    Raises BrokerNotStarted if there is none, or it is older than Java 17.
    """
    home = os.environ.get("JAVA_HOME")
    java = str(Path(home) / "bin" / "java") if home else shutil.which("java")
    remedy = f"Install Java {OLDEST_JAVA} or newer, and put it on PATH or in JAVA_HOME."
    if java is None:
        raise BrokerNotStarted(f"Real Kafka needs Java, which is not on PATH. {remedy}")
    try:
        answer = subprocess.run(
            [java, "-version"], capture_output=True, text=True, timeout=_JAVA_SECONDS, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise BrokerNotStarted(f"{java} does not run ({error}). {remedy}") from error
    found = re.search(r'version "(\d+)', answer.stderr)
    if found is None or int(found[1]) < OLDEST_JAVA:
        raise BrokerNotStarted(f"{java} is too old: {answer.stderr.strip()} {remedy}")
    return java


def resolve_jars() -> Path:
    """Return the folder of the jars, asking Maven for them if the cache has not all of them.

    Raises BrokerNotStarted if Maven is missing or cannot get them.
    """
    folder = Path(os.environ.get(CACHE_VARIABLE) or _default_cache())
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / f".{folder.name}.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # tests may run in several processes
        if not _is_complete(folder):
            _fill(folder)
    return folder


def _is_complete(folder: Path) -> bool:
    # The pom is copied last, so a folder with the same pom is complete.
    receipt = folder / _POM.name
    return receipt.is_file() and receipt.read_bytes() == _POM.read_bytes()


def _fill(folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        fresh = Path(temporary) / folder.name
        fresh.mkdir()
        _ask_maven(fresh)
        shutil.copyfile(_POM, fresh / _POM.name)
        shutil.rmtree(folder, ignore_errors=True)
        fresh.rename(folder)


def _default_cache() -> Path:
    return Path.home() / ".cache" / "aboveboard" / f"kafka-{kafka_version()}"


def _ask_maven(folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise BrokerNotStarted(
            f"Real Kafka {kafka_version()} is not in the cache, and mvn, which would get it, is "
            f"not on PATH. Install Apache Maven, or name a filled cache in {CACHE_VARIABLE}."
        )
    try:
        answer = subprocess.run(
            [
                maven,
                "--batch-mode",
                "--quiet",
                "-Dstyle.color=never",
                f"--file={_POM}",
                "dependency:copy-dependencies",
                f"-DoutputDirectory={folder}",
            ],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_RESOLVE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BrokerNotStarted(
            f"mvn did not resolve Kafka {kafka_version()} within {_RESOLVE_SECONDS} s. "
            "Check its access to a Maven repository."
        ) from error
    if answer.returncode != 0:
        raise BrokerNotStarted(
            f"mvn could not resolve Kafka {kafka_version()}; check its access to a Maven "
            f"repository. It said:\n{answer.stdout[-2000:]}{answer.stderr[-2000:]}"
        )
