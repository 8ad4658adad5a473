"""The tables of the read model.

Times are whole microseconds since 1970, severities their place in `SEVERITIES`. ``row`` is the flat
row of a list, ``record`` the whole record as it stands in the topic. ``owner`` is what all
spellings of the assignee have in common, ``sought`` what the search of the queue looks through.
Events of one ``part`` (the partition) of a ``topic`` stand in the order of that by ``place``.
Nothing here is the only copy of anything: the file goes with the process. Rows stand in the order
in which they came, not in that of their ids, which are hashes: so one is written after the other.
"""

from typing import Final

SCHEMA: Final = """
CREATE TABLE alerts (
    alert_id TEXT PRIMARY KEY, case_id TEXT NOT NULL, version INTEGER NOT NULL,
    standing TEXT NOT NULL, severity INTEGER NOT NULL, patterns TEXT NOT NULL,
    subject_type TEXT NOT NULL, subject_id TEXT NOT NULL, agent_id TEXT, team TEXT, site TEXT,
    opened_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, row BLOB NOT NULL, record BLOB NOT NULL
);
CREATE INDEX alerts_by_change ON alerts (updated_at DESC, alert_id);
CREATE INDEX alerts_by_case ON alerts (case_id);
CREATE INDEX alerts_by_agent ON alerts (agent_id);

CREATE TABLE cases (
    case_id TEXT PRIMARY KEY, version INTEGER NOT NULL,
    standing TEXT NOT NULL, severity INTEGER NOT NULL, patterns TEXT NOT NULL,
    subject_type TEXT NOT NULL, subject_id TEXT NOT NULL, agent_id TEXT, team TEXT, site TEXT,
    opened_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    ends_at INTEGER, assignee TEXT, acknowledged_at INTEGER,
    waits_since INTEGER, owner TEXT, sought TEXT NOT NULL,
    row BLOB NOT NULL, record BLOB NOT NULL
);
CREATE INDEX cases_by_change ON cases (updated_at DESC, case_id);
CREATE INDEX cases_by_standing ON cases (standing, severity);
CREATE INDEX cases_queued ON cases (
    standing, severity, waits_since, ends_at, opened_at, owner, team, site, patterns
);

CREATE TABLE revisions (
    alert_id TEXT NOT NULL, revision INTEGER NOT NULL, learned_at INTEGER NOT NULL,
    record BLOB NOT NULL, PRIMARY KEY (alert_id, revision)
);

CREATE TABLE erased (alert_id TEXT PRIMARY KEY, erased_at INTEGER NOT NULL);

CREATE TABLE events (
    place INTEGER PRIMARY KEY, topic TEXT NOT NULL, part INTEGER NOT NULL,
    learned_at INTEGER NOT NULL, event_id TEXT, account_id TEXT, agent_id TEXT, sale_id TEXT,
    occurred_at INTEGER, record BLOB NOT NULL
);
CREATE INDEX events_by_source ON events (topic, part);
CREATE INDEX events_by_id ON events (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX events_by_account ON events (account_id);
CREATE INDEX events_by_sale ON events (sale_id) WHERE sale_id IS NOT NULL;
"""
