//! SQLite. There is one writer, so no statement races another and the node's clock dates leases.
//!
//! `LIMIT -1 OFFSET 0` keeps SQLite from writing out a row of the parameter again for each of its
//! columns, as in the message path.
//!
//! A parameter that stands alone behind `LIMIT` makes SQLite prepare the statement again whenever it
//! is bound, because it may plan by its value; in a sum it does not.

/// Nothing open and not late stands before `d` in its lane.
macro_rules! head {
    () => {
        "(d.late OR d.lane IS NULL OR NOT EXISTS (
            SELECT 1 FROM deliveries e
            WHERE e.receiver_id = d.receiver_id AND e.lane = d.lane
              AND e.state IN (0, 1) AND NOT e.late AND e.id < d.id))"
    };
}

macro_rules! leased {
    () => {
        " RETURNING id, receiver_id, event_id, lane, attempts, late, replays, due_at"
    };
}

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
    "UPDATE deliveries SET state = 1, started = FALSE, lease_token = $4, lease_until = $2 + $5
     WHERE id IN (
        SELECT d.id FROM deliveries d
        WHERE d.receiver_id = $1 AND d.state = 0 AND d.due_at <= $2
          AND EXISTS (SELECT 1 FROM receivers r WHERE r.id = $1 AND r.state = 0)
          AND ",
    head!(),
    " ORDER BY d.due_at, d.id LIMIT $3 + 0)",
    leased!()
);

pub(super) const CLAIM_LANES: &str = concat!(
    "UPDATE deliveries SET state = 1, started = FALSE, lease_token = $3, lease_until = $2 + $4
     WHERE id IN (
        SELECT (
            SELECT e.id FROM deliveries e
            WHERE e.receiver_id = l.value ->> 'receiver_id' AND e.lane = l.value ->> 'lane'
              AND e.state IN (0, 1) AND NOT e.late
            ORDER BY e.id LIMIT 1)
        FROM json_each($1) AS l)
       AND state = 0 AND due_at <= $2
       AND EXISTS (SELECT 1 FROM receivers r WHERE r.id = deliveries.receiver_id AND r.state = 0)",
    leased!()
);

pub(super) const CLAIM_PROBE: &str = concat!(
    "UPDATE deliveries SET state = 1, started = FALSE, lease_token = $2, lease_until = $4 + $3
     WHERE id IN (
        SELECT d.id FROM deliveries d
        WHERE d.receiver_id = $1 AND d.state = 0 AND ",
    head!(),
    " ORDER BY d.last_attempt_at NULLS FIRST, d.id LIMIT 1)",
    leased!()
);

pub(super) const TAKE_PROBE: &str = "
UPDATE receivers SET probe_lease_until = $2 + $3
WHERE id = $1 AND state = 1 AND coalesce(probe_due_at, 0) <= $2
  AND (probe_lease_until IS NULL OR probe_lease_until < $2)
RETURNING id";

pub(super) const HELD: &str = "
SELECT d.id FROM json_each($1) AS o
CROSS JOIN deliveries d ON d.id = o.value ->> 'id' AND d.lease_token = o.value ->> 'token'
WHERE d.state = 1 ORDER BY d.id";

pub(super) const ADD_ATTEMPTS: &str = "
INSERT INTO attempts (delivery_id, number, started_at, duration_ms, outcome, status, error, response_excerpt)
SELECT value ->> 'delivery_id', value ->> 'number', value ->> 'started_at',
    value ->> 'duration_ms', value ->> 'outcome', value ->> 'status', value ->> 'error',
    value ->> 'excerpt'
FROM json_each($1)";

pub(super) const ADD_PROVIDER_IDS: &str = "
INSERT OR IGNORE INTO message_provider_ids (inbox_id, provider_id, message_id)
SELECT m.inbox_id, o.value ->> 'provider_id', m.id
FROM json_each($1) AS o
CROSS JOIN messages m ON m.id = o.value ->> 'message_id' AND m.inbox_id = o.value ->> 'inbox_id'";

pub(super) const HEALTH: &str = "
SELECT id, account_id, kind, inbox_id, url, state, state_reason, failures, first_failure_at,
    probe_due_at, probe_interval_ms
FROM receivers
WHERE id IN (SELECT value FROM json_each('[' || $1 || ']'))
  AND (state <> 0 OR failures > 0 OR id IN (SELECT value FROM json_each('[' || $2 || ']')))
ORDER BY id";

pub(super) const BURY: &str = "
UPDATE deliveries SET state = 3, last_error = $3, finished_at = $2
WHERE id IN (
    SELECT id FROM deliveries WHERE receiver_id = $1 AND state = 0 ORDER BY due_at, id LIMIT $4 + 0)
RETURNING id, receiver_id, event_id, state";

pub(super) const GIVE_BACK: &str = "
UPDATE deliveries SET state = 0, lease_token = NULL, lease_until = NULL
FROM (SELECT value ->> 'id' AS id, value ->> 'token' AS token FROM json_each($1)) AS o
WHERE deliveries.id = o.id AND deliveries.lease_token = o.token AND deliveries.state = 1
  AND NOT deliveries.started
RETURNING id";

pub(super) const START: &str = "
UPDATE deliveries SET started = TRUE
WHERE id = $1 AND lease_token = $2 AND state = 1 AND lease_until > $3 + $4
RETURNING id";

pub(super) const EXPIRE: &str = "
UPDATE deliveries SET state = CASE WHEN started THEN 3 ELSE 0 END,
    attempts = attempts + CASE WHEN started THEN 1 ELSE 0 END,
    last_error = CASE WHEN started THEN $2 ELSE last_error END,
    finished_at = CASE WHEN started THEN $1 END,
    lease_token = NULL, lease_until = NULL, started = FALSE
WHERE id IN (
    SELECT id FROM deliveries WHERE state = 1 AND lease_until < $1 ORDER BY lease_until LIMIT $3 + 0)
RETURNING id, receiver_id, event_id, state";

pub(super) const PRUNE_WINDOW: &str = "
SELECT e.id, e.occurred_at, EXISTS (
    SELECT 1 FROM deliveries d
    WHERE d.event_id = e.id
      AND (d.state IN (0, 1) OR (d.state = 3 AND d.finished_at >= $1))) AS kept
FROM events e WHERE e.id > $2 ORDER BY e.id LIMIT $3 + 0";

pub(super) const PRUNE_DELIVERIES: &str = "
DELETE FROM deliveries
WHERE event_id IN (SELECT value FROM json_each('[' || $1 || ']'))
  AND (state = 2 OR (state = 3 AND finished_at < $2))";

// What was replayed since it was looked at keeps its event.
pub(super) const PRUNE_EVENTS: &str = "
DELETE FROM events WHERE id IN (SELECT value FROM json_each('[' || $1 || ']'))
  AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.event_id = events.id)";

pub(super) const EVENTS: &str = "
SELECT id, account_id, message_id, name, occurred_at, origin, snapshot
FROM events WHERE id IN (SELECT value FROM json_each('[' || $1 || ']'))";

/// Leases of an earlier process end with it.
pub(super) const DROP_LEASES: &str = "
UPDATE deliveries SET lease_until = -1 WHERE state = 1";

/// What was never tried is due now.
pub(super) const DUE_AT_LATEST: &str = "
UPDATE deliveries SET due_at = $1 + CASE attempts WHEN 0 THEN 0 ELSE $2 END
WHERE state IN (0, 1) AND due_at > $1 + CASE attempts WHEN 0 THEN 0 ELSE $2 END";

pub(super) const DROP_PROBES: &str = "
UPDATE receivers SET probe_lease_until = NULL, probe_due_at = min(probe_due_at, $1 + $2)
WHERE probe_lease_until IS NOT NULL OR probe_due_at > $1 + $2";
