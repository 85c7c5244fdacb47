// The seed story with a client that was generated from the specification: it compiles in strict
// mode, and what it reads is what the types say.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

const [url, account, token] = process.argv.slice(2);
assert(url && account && token, "usage: story URL ACCOUNT TOKEN");
const account_id = Number(account);
const client = createClient<paths>({ baseUrl: url, headers: { api_access_token: token } });

function taken<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  assert(answer.data !== undefined, `${answer.response.status}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

const inbox: components["schemas"]["InboxCreated"] = taken(
  await client.POST("/api/v1/accounts/{account_id}/inboxes", {
    params: { path: { account_id } },
    body: { name: "TypeScript", channel: { type: "api" } },
  }),
);
const contact = taken(
  await client.POST("/api/v1/accounts/{account_id}/contacts", {
    params: { path: { account_id } },
    body: { name: "Jane Doe", inbox_id: inbox.id, source_id: "jane-ts" },
  }),
).payload;
assert.equal(contact.contact_inbox.source_id, "jane-ts");

const conversation = taken(
  await client.POST("/api/v1/accounts/{account_id}/conversations", {
    params: { path: { account_id } },
    body: { source_id: "jane-ts", inbox_id: inbox.id, contact_id: contact.contact.id },
  }),
);
const path = { account_id, conversation_id: conversation.id };
const messages = "/api/v1/accounts/{account_id}/conversations/{conversation_id}/messages" as const;
for (const body of [{ content: "Hello", message_type: "incoming" }, { content: "Hello Jane" }]) {
  const stored = taken(await client.POST(messages, { params: { path }, body }));
  assert.equal(stored.content, body.content);
}
const listed = taken(await client.GET(messages, { params: { path } }));
assert.deepEqual(
  listed.payload.map((message) => [message.message_type, message.content]),
  [
    [0, "Hello"],
    [1, "Hello Jane"],
  ],
);

const body = {
  inbox_id: inbox.id,
  contact: { phone_number: "+4915112345678", name: "Jane Doe" },
  message: { content: "In one request", source_id: "ts-1" },
};
const first = await client.POST("/webhooks/api_channel", { body });
const again = await client.POST("/webhooks/api_channel", { body });
assert.equal(taken(again).id, taken(first).id);
assert.equal(again.response.headers.get("idempotent-replayed"), "true");

const refused = await client.POST("/api/v1/accounts/{account_id}/contacts", {
  params: { path: { account_id } },
  body: { email: "no address" },
});
assert.equal(refused.response.status, 422);
assert(refused.error && JSON.stringify(refused.error).includes("Email"));
console.log("the TypeScript client told the seed story");
