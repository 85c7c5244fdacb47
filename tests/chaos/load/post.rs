//! One post, of one of four kinds.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use http::Method;
use http::header::RETRY_AFTER;
use serde_json::{Value, json};

use super::{CONTACTS, Load, STRANGERS, Wish};
use crate::http::{Answer, Http};

/// The pause before a post is repeated.
const PAUSE: Duration = Duration::from_millis(30);

/// What makes a post safe to repeat.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A contact's message, through the channel's door, with a source id.
    Inbound,
    /// An agent's, with a source id.
    Outgoing,
    /// An agent's, with an `Idempotency-Key`.
    Keyed,
    /// An agent's, with neither: posted once, whatever becomes of it.
    Plain,
}

impl Kind {
    pub(super) fn of(dice: u64) -> Self {
        match dice % 8 {
            0..=2 => Self::Inbound,
            3 => Self::Outgoing,
            4 | 5 => Self::Keyed,
            _ => Self::Plain,
        }
    }
}

pub(super) struct Post {
    wish: Wish,
    path: String,
    key: Option<String>,
    body: Value,
}

impl Load {
    pub(super) fn post_of(&self, number: u64, kind: Kind, dice: u64) -> Post {
        let index = usize::try_from(dice).unwrap_or(0) % self.inboxes.len();
        let contact = dice / 64 % CONTACTS;
        if kind == Kind::Inbound {
            let stranger = dice.is_multiple_of(STRANGERS);
            let contact = if stranger { 1000 + number } else { contact };
            return self.inbound(number, index, contact);
        }
        let place = usize::try_from(contact).unwrap_or(0);
        let conversation = self.inboxes[index].conversations[place];
        let path = format!("/api/v1/accounts/1/conversations/{conversation}/messages");
        let mark = format!("m-{number}");
        let mut body = json!({ "content": mark });
        if kind == Kind::Outgoing {
            body["source_id"] = mark.clone().into();
        }
        Post {
            wish: Wish {
                repeated: kind != Kind::Plain,
                mark: mark.clone(),
            },
            path,
            key: (kind == Kind::Keyed).then_some(mark),
            body,
        }
    }

    fn inbound(&self, number: u64, index: usize, contact: u64) -> Post {
        let inbox = self.inboxes[index].id;
        let (mark, contact) = (format!("m-{number}"), format!("c-{inbox}-{contact}"));
        Post {
            path: "/webhooks/api_channel".to_owned(),
            key: None,
            body: json!({
                "inbox_id": inbox,
                "contact": { "identifier": contact, "name": contact },
                "message": { "content": mark, "source_id": mark },
            }),
            wish: Wish {
                mark,
                repeated: true,
            },
        }
    }

    /// A contact's first message; the number of the conversation that it began.
    pub(super) async fn greet(&self, number: u64, index: usize, contact: u64) -> Result<i64> {
        let post = self.inbound(number, index, contact);
        self.told.post(post.wish.clone());
        let url = format!("{}{}", self.bases[0], post.path);
        let answer = self.http().post(&url, &post.body).await?;
        if !self.judge(&post, &answer) {
            bail!("{url}: {} {}", answer.status, answer.body);
        }
        let number = &answer.body["conversation_id"];
        number
            .as_i64()
            .with_context(|| format!("a number: {}", answer.body))
    }

    /// Posts, and again until it is answered if that is safe; at each try to the next node.
    pub(super) async fn post(&self, http: &Http, client: u64, post: &Post) {
        self.told.post(post.wish.clone());
        let mut turn = usize::try_from(client).unwrap_or(0);
        loop {
            let base = &self.bases[turn % self.bases.len()];
            turn += 1;
            let url = format!("{base}{}", post.path);
            let sent = http.send(Method::POST, &url, post.key.as_deref(), &post.body);
            if let Ok(answer) = sent.await
                && self.judge(post, &answer)
            {
                return;
            }
            // Whoever cannot connect must not spin, either.
            tokio::time::sleep(PAUSE).await;
            if !post.wish.repeated {
                return;
            }
        }
    }

    /// Whether the post was acknowledged. Any answer that is no clear "later" is noted as wrong.
    fn judge(&self, post: &Post, answer: &Answer) -> bool {
        self.told.status(answer.status);
        let mark = &post.wish.mark;
        match (answer.status, answer.body["id"].as_i64()) {
            (200, Some(id)) => {
                self.told.acknowledge(mark, id);
                return true;
            }
            (503, _) if answer.headers.contains_key(RETRY_AFTER) => {}
            // A post under the same key is still being carried out.
            (409, _) if post.key.is_some() => {}
            (status, _) => self
                .told
                .wrong(format!("{status} for {mark}: {}", answer.body)),
        }
        false
    }
}
