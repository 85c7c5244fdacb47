//! PostgreSQL. Leases are dated by the database's clock, so that nodes need not agree on the time.
//!
//! A row that is leased here was locked first (`FOR UPDATE SKIP LOCKED`), and the lock re-checks its
//! own state. That what stands before it in its lane is really gone needs no lock: a delivery that
//! has left its lane (delivered, dead or late) never comes back to it, and within a lane ids become
//! visible in rising order. So what the statement's snapshot shows as a head stays one.

/// Clock of the database, in microseconds.
macro_rules! now {
    () => {
        "(SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)"
    };
}

/// The ids in a parameter, in a query of their own: PostgreSQL plans a statement anew each time when
/// it can look into its parameters.
macro_rules! listed {
    ($parameter:literal) => {
        concat!(
            "ARRAY(SELECT unnest(string_to_array(",
            $parameter,
            ", ',')::bigint[]))"
        )
    };
}

/// Nothing open and not late stands before `d` in its lane.
macro_rules! head {
    () => {
        "(d.late OR d.lane IS NULL OR NOT EXISTS (
            SELECT 1 FROM deliveries e
            WHERE e.receiver_id = d.receiver_id AND e.lane = d.lane
              AND e.state IN (0, 1) AND NOT e.late AND e.id < d.id OFFSET 0))"
    };
}

macro_rules! lease {
    ($token:literal, $length:literal) => {
        concat!(
            "UPDATE deliveries d SET state = 1, started = FALSE, lease_token = ",
            $token,
            ", lease_until = ",
            now!(),
            " + ",
            $length,
            " FROM head WHERE d.id = head.id AND d.state = 0
              RETURNING d.id, d.receiver_id, d.event_id, d.lane, d.attempts, d.late, d.replays, d.due_at"
        )
    };
}

pub(super) const CLOCK: &str = concat!("SELECT ", now!(), " AS now");

pub(super) const BACKLOG: &str = "
WITH RECURSIVE waiting(id) AS (
    SELECT min(receiver_id) FROM deliveries WHERE state = 0
    UNION ALL
    SELECT (SELECT min(receiver_id) FROM deliveries WHERE state = 0 AND receiver_id > waiting.id)
    FROM waiting WHERE waiting.id IS NOT NULL)
SELECT r.id AS receiver_id, r.state, r.probe_due_at,
    (SELECT min(due_at) FROM deliveries WHERE receiver_id = r.id AND state = 0) AS oldest_due_at
FROM waiting JOIN receivers r ON r.id = waiting.id";

pub(super) const CLAIM: &str = concat!(
    "WITH head AS (
        SELECT d.id FROM deliveries d
        WHERE d.receiver_id = $1 AND d.state = 0 AND d.due_at <= $2
          AND EXISTS (SELECT 1 FROM receivers r WHERE r.id = $1 AND r.state = 0)
          AND ",
    head!(),
    " ORDER BY d.due_at, d.id LIMIT $3 FOR UPDATE OF d SKIP LOCKED) ",
    lease!("$4", "$5")
);

// The heads are looked up lane by lane and come as an array, so that the planner, which knows
// nothing of how many there are, cannot begin with all that is due.
pub(super) const CLAIM_LANES: &str = concat!(
    "WITH head AS (
        SELECT d.id FROM deliveries d
        WHERE d.id = ANY(ARRAY(
            SELECT h.id
            FROM jsonb_to_recordset($1::text::jsonb) AS l(receiver_id bigint, lane bigint)
            CROSS JOIN LATERAL (
                SELECT e.id, e.state, e.due_at FROM deliveries e
                WHERE e.receiver_id = l.receiver_id AND e.lane = l.lane
                  AND e.state IN (0, 1) AND NOT e.late
                ORDER BY e.id LIMIT 1) AS h
            WHERE h.state = 0 AND h.due_at <= $2
              AND (SELECT r.state FROM receivers r WHERE r.id = l.receiver_id) = 0))
          AND d.state = 0
        ORDER BY d.id FOR UPDATE OF d SKIP LOCKED) ",
    lease!("$3", "$4")
);

pub(super) const CLAIM_PROBE: &str = concat!(
    "WITH head AS (
        SELECT d.id FROM deliveries d
        WHERE d.receiver_id = $1 AND d.state = 0 AND ",
    head!(),
    " ORDER BY d.last_attempt_at NULLS FIRST, d.id LIMIT 1 FOR UPDATE OF d SKIP LOCKED) ",
    lease!("$2", "$3")
);

pub(super) const TAKE_PROBE: &str = concat!(
    "UPDATE receivers SET probe_lease_until = ",
    now!(),
    " + $3 WHERE id = $1 AND state = 1 AND coalesce(probe_due_at, 0) <= $2
       AND (probe_lease_until IS NULL OR probe_lease_until < ",
    now!(),
    ") RETURNING id"
);

pub(super) const HELD: &str = "
WITH o AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS o(id bigint, token bigint))
SELECT d.id FROM deliveries d JOIN o ON d.id = o.id AND d.lease_token = o.token
WHERE d.id = ANY(ARRAY(SELECT o.id FROM o)) AND d.state = 1 ORDER BY d.id FOR UPDATE OF d";

pub(super) const ADD_ATTEMPTS: &str = "
INSERT INTO attempts (delivery_id, number, started_at, duration_ms, outcome, status, error, response_excerpt)
SELECT o.delivery_id, o.number, o.started_at, o.duration_ms, o.outcome, o.status, o.error, o.excerpt
FROM jsonb_to_recordset($1::text::jsonb) AS o(delivery_id bigint, number integer, started_at bigint,
    duration_ms integer, outcome text, status integer, error text, excerpt text)";

pub(super) const ADD_PROVIDER_IDS: &str = "
INSERT INTO message_provider_ids (inbox_id, provider_id, message_id)
SELECT o.inbox_id, o.provider_id, o.message_id
FROM jsonb_to_recordset($1::text::jsonb) AS o(inbox_id bigint, provider_id text, message_id bigint)
JOIN messages m ON m.id = o.message_id AND m.inbox_id = o.inbox_id
WHERE m.id = ANY(ARRAY(
    SELECT (x ->> 'message_id')::bigint FROM jsonb_array_elements($1::text::jsonb) AS x))
ON CONFLICT DO NOTHING";

// A key-preserving lock: inserting deliveries, which points at receivers, does not wait for it.
pub(super) const HEALTH: &str = concat!(
    "SELECT id, account_id, kind, inbox_id, url, state, state_reason, failures, first_failure_at,
        probe_due_at, probe_interval_ms
    FROM receivers
    WHERE id = ANY(",
    listed!("$1"),
    ") AND (state <> 0 OR failures > 0 OR id = ANY(",
    listed!("$2"),
    ")) ORDER BY id FOR NO KEY UPDATE"
);

pub(super) const BURY: &str = "
WITH open AS (
    SELECT id FROM deliveries WHERE receiver_id = $1 AND state = 0
    ORDER BY due_at, id LIMIT $4 FOR UPDATE SKIP LOCKED)
UPDATE deliveries d SET state = 3, last_error = $3, finished_at = $2
FROM open WHERE d.id = open.id
RETURNING d.id, d.receiver_id, d.event_id, d.state";

pub(super) const GIVE_BACK: &str = "
WITH o AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS o(id bigint, token bigint))
UPDATE deliveries d SET state = 0, lease_token = NULL, lease_until = NULL
FROM o
WHERE d.id = o.id AND d.lease_token = o.token AND d.state = 1 AND NOT d.started
  AND d.id = ANY(ARRAY(SELECT o.id FROM o))
RETURNING d.id";

pub(super) const START: &str = concat!(
    "UPDATE deliveries SET started = TRUE
     WHERE id = $1 AND lease_token = $2 AND state = 1 AND lease_until > $3 + ",
    now!(),
    " RETURNING id"
);

pub(super) const EXPIRE: &str = concat!(
    "WITH expired AS (
        SELECT id FROM deliveries WHERE state = 1 AND lease_until < ",
    now!(),
    " ORDER BY lease_until LIMIT $3 FOR UPDATE SKIP LOCKED)
    UPDATE deliveries d SET state = CASE WHEN d.started THEN 3 ELSE 0 END,
        attempts = d.attempts + CASE WHEN d.started THEN 1 ELSE 0 END,
        last_error = CASE WHEN d.started THEN $2 ELSE d.last_error END,
        finished_at = CASE WHEN d.started THEN $1::bigint END,
        lease_token = NULL, lease_until = NULL, started = FALSE
    FROM expired WHERE d.id = expired.id
    RETURNING d.id, d.receiver_id, d.event_id, d.state"
);

pub(super) const PRUNE_WINDOW: &str = "
SELECT e.id, e.occurred_at, EXISTS (
    SELECT 1 FROM deliveries d
    WHERE d.event_id = e.id
      AND (d.state IN (0, 1) OR (d.state = 3 AND d.finished_at >= $1))) AS kept
FROM events e WHERE e.id > $2 ORDER BY e.id LIMIT $3";

pub(super) const PRUNE_DELIVERIES: &str = "
DELETE FROM deliveries WHERE event_id = ANY(string_to_array($1, ',')::bigint[])
  AND (state = 2 OR (state = 3 AND finished_at < $2))";

// What was replayed since it was looked at keeps its event.
pub(super) const PRUNE_EVENTS: &str = "
DELETE FROM events e WHERE e.id = ANY(string_to_array($1, ',')::bigint[])
  AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event_id = e.id)";

pub(super) const EVENTS: &str = concat!(
    "SELECT id, account_id, message_id, name, occurred_at, origin, snapshot
    FROM events WHERE id = ANY(",
    listed!("$1"),
    ")"
);

pub(super) const NOTIFY: &str = "
SELECT pg_notify('gatewright_wake', receiver) FROM unnest(string_to_array($1, ',')) AS receiver";

pub(super) const LAST_EVENT: &str = "
SELECT CASE WHEN is_called THEN last_value ELSE last_value - 1 END AS last FROM events_id_seq";

pub(super) const BEGUN: &str = "SELECT pg_current_xact_id()::text AS number";

pub(super) const OLDEST_RUNNING: &str =
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS number";
