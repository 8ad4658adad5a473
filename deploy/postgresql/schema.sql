-- Alerts and cases as rows, for Grafana and other tools that ask in SQL. Run it once, as a superuser of the database:
--
--   psql --set ON_ERROR_STOP=1 --file schema.sql DATABASE
--
-- examples/postgresql/sink.py keeps the tables as the topics are. They hold nothing that the topics do not: to change the schema,
-- DROP SCHEMA aboveboard CASCADE, run this file again, and start the sink.
--
-- People are named in here. Whoever reads it sees whom an alert is about.

BEGIN;

CREATE SCHEMA aboveboard;
COMMENT ON SCHEMA aboveboard IS 'Alerts and cases of Aboveboard, copied from its topics. The views are for readers.';

-- What is read of a record. A name here is that of a field in the JSON; other fields are passed over.

CREATE TYPE aboveboard.severity AS ENUM ('info', 'warning', 'critical');

CREATE TYPE aboveboard.subject AS (type text, id text);

CREATE TYPE aboveboard.alert_record AS (
    alert_id text,
    revision bigint,
    status text,
    pattern text,
    severity aboveboard.severity,
    subject aboveboard.subject,
    agent_id text,
    opened_at timestamptz,
    updated_at timestamptz,
    summary text,
    next_step text,
    data_quality text[],
    team text,
    site text
);

CREATE TYPE aboveboard.proposal AS (outcome text, explanation text, words text, who text, at timestamptz);

CREATE TYPE aboveboard.history_entry AS (
    at timestamptz,
    what text,
    decision_id text,
    who text,
    role text,
    words text,
    refused text,
    detail text
);

CREATE TYPE aboveboard.case_record AS (
    case_id text,
    version bigint,
    state text,
    severity aboveboard.severity,
    subject aboveboard.subject,
    agent_id text,
    opened_at timestamptz,
    updated_at timestamptz,
    assignee text,
    until timestamptz,
    acknowledged_at timestamptz,
    proposal aboveboard.proposal,
    alerts aboveboard.alert_record[],
    history aboveboard.history_entry[]
);

-- A record that the views could not read is refused at the door: one of them would break every query.

CREATE FUNCTION aboveboard.is_alert(key text, value jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        one.alert_id = key AND one.revision >= 0 AND one.status IS NOT NULL AND one.pattern IS NOT NULL
            AND one.severity IS NOT NULL AND (one.subject).type IS NOT NULL AND (one.subject).id IS NOT NULL
            AND one.opened_at IS NOT NULL AND one.updated_at IS NOT NULL AND one.summary IS NOT NULL,
        false
    )
    FROM jsonb_populate_record(NULL::aboveboard.alert_record, value) AS one
$$;

CREATE FUNCTION aboveboard.is_case(key text, value jsonb) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        one.case_id = key AND one.version >= 0 AND one.state IS NOT NULL AND one.severity IS NOT NULL
            AND (one.subject).type IS NOT NULL AND (one.subject).id IS NOT NULL
            AND one.opened_at IS NOT NULL AND one.updated_at IS NOT NULL
            AND one.alerts IS NOT NULL AND one.history IS NOT NULL,
        false
    )
    FROM jsonb_populate_record(NULL::aboveboard.case_record, value) AS one
$$;

CREATE TABLE aboveboard.alerts (
    key text PRIMARY KEY,
    value jsonb NOT NULL,
    version bigint NOT NULL GENERATED ALWAYS AS ((value ->> 'revision')::bigint) STORED,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    CONSTRAINT readable CHECK (aboveboard.is_alert(key, value))
);
CREATE INDEX alerts_open ON aboveboard.alerts (key) WHERE value ->> 'status' = 'open';
COMMENT ON TABLE aboveboard.alerts IS 'The topic alerts-current: the newest revision of each alert. Tombstones have taken theirs away.';
COMMENT ON COLUMN aboveboard.alerts.version IS 'The revision. An older one never replaces a newer one.';
COMMENT ON COLUMN aboveboard.alerts."offset" IS 'Where in its partition the record stands.';

CREATE TABLE aboveboard.cases (
    key text PRIMARY KEY,
    value jsonb NOT NULL,
    version bigint NOT NULL GENERATED ALWAYS AS ((value ->> 'version')::bigint) STORED,
    partition integer NOT NULL,
    "offset" bigint NOT NULL,
    CONSTRAINT readable CHECK (aboveboard.is_case(key, value))
);
CREATE INDEX cases_subject ON aboveboard.cases ((value -> 'subject' ->> 'id'));
COMMENT ON TABLE aboveboard.cases IS 'The topic cases-current: the newest version of each case. Tombstones have taken theirs away.';
COMMENT ON COLUMN aboveboard.cases.version IS 'An older one never replaces a newer one.';
COMMENT ON COLUMN aboveboard.cases."offset" IS 'Where in its partition the record stands.';

CREATE TABLE aboveboard.places (
    topic text,
    partition integer,
    next_offset bigint NOT NULL,
    read_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (topic, partition)
);
COMMENT ON TABLE aboveboard.places IS 'How far the sink has read: written in one transaction with the rows.';
COMMENT ON COLUMN aboveboard.places.read_at IS 'When the sink last looked, whether or not there was anything new.';

-- What people read. Times are moments; a severity is a word, and a rank to sort by.

CREATE FUNCTION aboveboard.rank(severity aboveboard.severity) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE severity WHEN 'critical' THEN 3 WHEN 'warning' THEN 2 ELSE 1 END::smallint
$$;

CREATE VIEW aboveboard.open_alerts WITH (security_barrier) AS
SELECT
    one.alert_id,
    (
        SELECT min(cases.key)
        FROM aboveboard.cases
        WHERE cases.value -> 'subject' ->> 'id' = (one.subject).id AND cases.value -> 'subject' ->> 'type' = (one.subject).type
    ) AS case_id,
    one.severity::text AS severity,
    aboveboard.rank(one.severity) AS severity_rank,
    one.pattern,
    (one.subject).type AS subject_type,
    (one.subject).id AS subject_id,
    one.agent_id,
    one.team,
    one.site,
    one.opened_at,
    one.updated_at,
    one.revision,
    one.summary,
    one.next_step,
    array_to_string(one.data_quality, ' ') AS data_quality
FROM aboveboard.alerts
CROSS JOIN LATERAL jsonb_populate_record(NULL::aboveboard.alert_record, alerts.value) AS one
WHERE alerts.value ->> 'status' = 'open';
COMMENT ON VIEW aboveboard.open_alerts IS 'Every open alert, as `aboveboard alerts list --status open` shows them. Names people.';
COMMENT ON COLUMN aboveboard.open_alerts.case_id IS 'The case of the same subject; null until there is one.';
COMMENT ON COLUMN aboveboard.open_alerts.severity IS 'info, warning or critical; sort by severity_rank.';
COMMENT ON COLUMN aboveboard.open_alerts.severity_rank IS '1 info, 2 warning, 3 critical.';
COMMENT ON COLUMN aboveboard.open_alerts.subject_type IS 'agent, account, site or team; later releases may know more.';
COMMENT ON COLUMN aboveboard.open_alerts.agent_id IS 'The agent it concerns; null where it concerns none.';
COMMENT ON COLUMN aboveboard.open_alerts.team IS 'What most of the sales that it names say; null where none says one.';
COMMENT ON COLUMN aboveboard.open_alerts.site IS 'As team.';
COMMENT ON COLUMN aboveboard.open_alerts.opened_at IS 'Event time.';
COMMENT ON COLUMN aboveboard.open_alerts.updated_at IS 'Event time of this revision.';
COMMENT ON COLUMN aboveboard.open_alerts.summary IS 'Whole sentences, plain text: a pattern to review, not a verdict.';
COMMENT ON COLUMN aboveboard.open_alerts.next_step IS 'What to do first.';
COMMENT ON COLUMN aboveboard.open_alerts.data_quality IS 'What the events lack on which it rests; null if nothing.';

CREATE VIEW aboveboard.open_cases WITH (security_barrier) AS
SELECT
    one.case_id,
    one.severity::text AS severity,
    aboveboard.rank(one.severity) AS severity_rank,
    CASE WHEN one.state IN ('acknowledged', 'snoozed') AND one.until <= now() THEN 'open' ELSE one.state END AS state,
    (one.subject).type AS subject_type,
    (one.subject).id AS subject_id,
    one.agent_id,
    told.team,
    told.site,
    told.patterns,
    told.alerts,
    one.opened_at,
    one.updated_at,
    one.assignee,
    one.until,
    one.acknowledged_at,
    (one.proposal).outcome AS proposed_outcome,
    (one.proposal).who AS proposed_by,
    one.version,
    told.summary
FROM aboveboard.cases
CROSS JOIN LATERAL jsonb_populate_record(NULL::aboveboard.case_record, cases.value) AS one
CROSS JOIN LATERAL (
    SELECT
        count(*)::integer AS alerts,
        string_agg(DISTINCT alert.pattern, ', ') AS patterns,
        (array_agg(alert.team ORDER BY alert.updated_at DESC, alert.alert_id DESC) FILTER (WHERE alert.team IS NOT NULL))[1] AS team,
        (array_agg(alert.site ORDER BY alert.updated_at DESC, alert.alert_id DESC) FILTER (WHERE alert.site IS NOT NULL))[1] AS site,
        (array_agg(alert.summary ORDER BY alert.severity DESC, alert.updated_at DESC, alert.alert_id))[1] AS summary
    FROM unnest(one.alerts) AS alert
    WHERE alert.status = 'open'
) AS told
WHERE cases.value ->> 'state' NOT IN ('closed', 'resolved', 'withdrawn');
COMMENT ON VIEW aboveboard.open_cases IS 'Every case that is neither closed, resolved nor withdrawn: somebody should look. Names people.';
COMMENT ON COLUMN aboveboard.open_cases.severity IS 'The highest of its open alerts: info, warning or critical; sort by severity_rank.';
COMMENT ON COLUMN aboveboard.open_cases.severity_rank IS '1 info, 2 warning, 3 critical.';
COMMENT ON COLUMN aboveboard.open_cases.state IS 'open, acknowledged, snoozed or proposed. One whose end has passed counts as open.';
COMMENT ON COLUMN aboveboard.open_cases.subject_type IS 'agent, account, site or team; later releases may know more.';
COMMENT ON COLUMN aboveboard.open_cases.team IS 'That of its open alert that changed last and names one.';
COMMENT ON COLUMN aboveboard.open_cases.site IS 'As team.';
COMMENT ON COLUMN aboveboard.open_cases.patterns IS 'The patterns of its open alerts.';
COMMENT ON COLUMN aboveboard.open_cases.alerts IS 'How many alerts of it are open.';
COMMENT ON COLUMN aboveboard.open_cases.opened_at IS 'Event time.';
COMMENT ON COLUMN aboveboard.open_cases.updated_at IS 'Event time of its newest alert, or when a decision was taken.';
COMMENT ON COLUMN aboveboard.open_cases.assignee IS 'Whose it is; null if it is anybody''s.';
COMMENT ON COLUMN aboveboard.open_cases.until IS 'Until when it is acknowledged or snoozed.';
COMMENT ON COLUMN aboveboard.open_cases.acknowledged_at IS 'When somebody first acknowledged it since it last opened.';
COMMENT ON COLUMN aboveboard.open_cases.proposed_outcome IS 'As what somebody proposed to close it; another person must agree.';
COMMENT ON COLUMN aboveboard.open_cases.summary IS 'The sentences of its most severe open alert.';

CREATE VIEW aboveboard.decisions_made WITH (security_barrier) AS
SELECT
    one.case_id,
    (one.subject).type AS subject_type,
    (one.subject).id AS subject_id,
    entry.decision_id,
    entry.at AS decided_at,
    entry.what AS kind,
    entry.who,
    entry.role,
    entry.words,
    entry.refused,
    entry.detail
FROM aboveboard.cases
CROSS JOIN LATERAL jsonb_populate_record(NULL::aboveboard.case_record, cases.value) AS one
CROSS JOIN LATERAL unnest(one.history) AS entry
WHERE entry.decision_id IS NOT NULL;
COMMENT ON VIEW aboveboard.decisions_made IS 'Every decision on a case, refused ones too. Names people.';
COMMENT ON COLUMN aboveboard.decisions_made.kind IS 'acknowledge, assign, note, snooze, propose, approve, reject or reopen.';
COMMENT ON COLUMN aboveboard.decisions_made.refused IS 'Why it did not count; null if it did.';
COMMENT ON COLUMN aboveboard.decisions_made.detail IS 'The refusal in words.';

-- Roles are those of the whole server, so they may be there already. Neither can log in before it has a password:
--   ALTER ROLE grafana PASSWORD '...'

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'grafana') THEN
        CREATE ROLE grafana LOGIN;
        ALTER ROLE grafana SET default_transaction_read_only = on;
        ALTER ROLE grafana SET statement_timeout = '15s';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'aboveboard_sink') THEN
        CREATE ROLE aboveboard_sink LOGIN;
    END IF;
END
$$;

GRANT USAGE ON SCHEMA aboveboard TO grafana, aboveboard_sink;
GRANT SELECT ON aboveboard.open_alerts, aboveboard.open_cases, aboveboard.decisions_made TO grafana;
GRANT SELECT, INSERT, UPDATE, DELETE ON aboveboard.alerts, aboveboard.cases, aboveboard.places TO aboveboard_sink;

COMMIT;
