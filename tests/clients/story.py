"""The seed story with a client that was generated from the specification."""

import sys

from gatewright_client import AuthenticatedClient
from gatewright_client import models as m
from gatewright_client.api.contacts import contact_create
from gatewright_client.api.conversations import conversation_create
from gatewright_client.api.inbound import webhooks_api_channel
from gatewright_client.api.inboxes import inbox_create
from gatewright_client.api.messages import message_create, message_list

url, account, token = sys.argv[1], int(sys.argv[2]), sys.argv[3]
client = AuthenticatedClient(
    base_url=url, token=token, prefix="", auth_header_name="api_access_token"
)


def taken(response, kind):
    assert response.status_code == 200, response.content
    assert isinstance(response.parsed, kind), response.parsed
    return response.parsed


def made(module, body, kind, *path):
    return taken(module.sync_detailed(*path, client=client, body=body), kind)


inbox = made(
    inbox_create,
    m.InboxParams.from_dict({"name": "Python", "channel": {"type": "api"}}),
    m.InboxCreated,
    account,
)
contact = made(
    contact_create,
    m.ContactCreateParams(name="Jane Doe", inbox_id=inbox.id, source_id="jane-py"),
    m.PayloadContactCreated,
    account,
).payload
assert contact.contact_inbox.source_id == "jane-py"
conversation = made(
    conversation_create,
    m.ConversationCreateParams(
        source_id="jane-py", inbox_id=inbox.id, contact_id=contact.contact.id
    ),
    m.Conversation,
    account,
)
where = (account, conversation.id)
for content, kind in [("Hello", "incoming"), ("Hello Jane", "outgoing")]:
    body = m.MessageCreateParams(content=content, message_type=kind)
    assert made(message_create, body, m.Message, *where).content == content
listed = message_list.sync(*where, client=client)
assert [(one.message_type, one.content) for one in listed.payload] == [
    (0, "Hello"),
    (1, "Hello Jane"),
]

door = {
    "inbox_id": inbox.id,
    "contact": {"phone_number": "+4915112345679", "name": "Jane Doe"},
    "message": {"content": "In one request", "source_id": "py-1"},
}
send = lambda: webhooks_api_channel.sync_detailed(
    client=client, body=m.ApiChannelRequest.from_dict(door)
)
first, again = send(), send()
assert first.parsed.id == again.parsed.id
assert again.headers["idempotent-replayed"] == "true"

refused = contact_create.sync_detailed(
    account, client=client, body=m.ContactCreateParams(email="no address")
)
assert refused.status_code == 422 and isinstance(refused.parsed, m.ValidationError)
assert "email" in refused.parsed.attributes
print("the Python client told the seed story")
