"""Fills an account with one of everything, and writes the configuration by which the ids in paths
are those of what is there.

Usage: world.py URL ACCOUNT TOKEN > schemathesis.toml
"""

import json
import sys
import urllib.request

url, account, token = sys.argv[1:]


def call(path, body=None):
    request = urllib.request.Request(
        f"{url}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers={"api_access_token": token, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


below = f"/api/v1/accounts/{account}"
callback = "http://127.0.0.1:9/"
channel = {"type": "api", "webhook_url": callback}
inbox = call(f"{below}/inboxes", {"name": "Schema", "channel": channel})
webhook = call(f"{below}/webhooks", {"url": callback, "subscriptions": ["message_created"]})
label = call(f"{below}/labels", {"title": "schema"})
contact = call(f"{below}/contacts", {"name": "Jane Doe", "inbox_id": inbox["id"], "email": "jane@example.com"})
contact = contact["payload"]
source_id = contact["contact_inbox"]["source_id"]
conversation = call(
    f"{below}/conversations",
    {"inbox_id": inbox["id"], "contact_id": contact["contact"]["id"], "source_id": source_id},
)
messages = f"{below}/conversations/{conversation['id']}/messages"
message = call(messages, {"content": "Hello", "message_type": "incoming"})
call(messages, {"content": "How was it?", "content_type": "input_csat"})
deliveries = call(f"{below}/deliveries?limit=1")

ids = {
    "account_id": int(account),
    "contact_id": contact["contact"]["id"],
    "contact_identifier": source_id,
    "conversation_id": conversation["id"],
    "conversation_uuid": conversation["uuid"],
    "delivery_id": deliveries["payload"][0]["id"],
    "inbox_id": inbox["id"],
    "inbox_identifier": inbox["inbox_identifier"],
    "label_id": label["id"],
    "message_id": message["id"],
    "webhook_id": webhook["payload"]["webhook"]["id"],
}
print("[parameters]")
for name, value in ids.items():
    print(f'"path.{name}" = {json.dumps(value)}')
print(f'"header.api_account_id" = {json.dumps(account)}')
