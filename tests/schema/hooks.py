"""Keeps what is tried on this machine: callbacks that a request would set go nowhere."""

import schemathesis

NOWHERE = "http://127.0.0.1:9/"
CALLBACKS = {"url", "webhook_url"}


def kept_here(value):
    if isinstance(value, list):
        return [kept_here(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: NOWHERE if key in CALLBACKS and isinstance(item, str) and "://" in item else kept_here(item)
        for key, item in value.items()
    }


@schemathesis.hook
def before_call(ctx, case, kwargs):
    case.body = kept_here(case.body)
