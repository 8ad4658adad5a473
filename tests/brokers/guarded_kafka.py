"""A real Kafka that grants nothing by itself: every user needs a right for everything."""

import argparse
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    KafkaAdminClient,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)

from tests.brokers.kafka_listeners import Listener
from tests.brokers.real_kafka import RealKafka

_AUTHORIZER = {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": "User:ANONYMOUS",  # the broker itself, and whoever comes by the open port
}


@dataclass(frozen=True, slots=True)
class GuardedKafka:
    """``open`` is for those who may do all, ``users`` for users of PLAIN."""

    open: str
    users: str

    def grant(self, commands: Iterable[str]) -> None:
        """Do what these lines of kafka-acls.sh say; what is behind a # is a comment."""
        rights = [right for line in commands for right in rights_in(line)]
        with self._admin() as admin:
            assert not admin.create_acls(rights)["failed"]

    def revoke(self, right: ACL) -> None:
        """Take a right back."""
        pattern = ResourcePatternFilter(
            right.resource_pattern.resource_type,
            right.resource_pattern.resource_name,
            ACLResourcePatternType.LITERAL,
        )
        chosen = ACLFilter(right.principal, "*", right.operation, ACLPermissionType.ALLOW, pattern)
        with self._admin() as admin:
            admin.delete_acls([chosen])

    @contextmanager
    def _admin(self) -> Iterator[KafkaAdminClient]:
        client = KafkaAdminClient(bootstrap_servers=self.open)
        yield client
        client.close()


def rights_in(line: str) -> list[ACL]:
    """Return the rights that a line grants, read as Kafka's own tool reads it."""
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--bootstrap-server", required=True)
    parser.add_argument("--add", action="store_true", required=True)
    parser.add_argument("--allow-principal", required=True)
    parser.add_argument("--operation", action="append", required=True)
    resource = parser.add_mutually_exclusive_group(required=True)
    resource.add_argument("--topic")
    resource.add_argument("--group")
    resource.add_argument("--cluster", action="store_true")
    command, *words = shlex.split(line, comments=True) or [""]
    if not command:
        return []
    assert command == "kafka-acls.sh"
    found = parser.parse_args(words)
    if found.cluster:
        pattern = ResourcePattern(ResourceType.CLUSTER, "kafka-cluster")
    else:
        kind = ResourceType.TOPIC if found.topic else ResourceType.GROUP
        pattern = ResourcePattern(kind, found.topic or found.group)
    return [
        ACL(
            found.allow_principal,
            "*",
            ACLOperation[re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()],
            ACLPermissionType.ALLOW,
            pattern,
        )
        for name in found.operation
    ]


@contextmanager
def guarded_kafka(passwords: Mapping[str, str]) -> Iterator[GuardedKafka]:
    """Run one with these users; raises BrokerNotStarted where `RealKafka` does."""
    users = Listener(
        name="USERS", protocol="SASL_PLAINTEXT", mechanisms=["PLAIN"], passwords=passwords
    )
    with RealKafka(listeners=[users], settings=_AUTHORIZER) as kafka:
        yield GuardedKafka(kafka.bootstrap, kafka.address_of("USERS"))
