//! `POST /webhooks/api_channel`, from the request to its effects. Input: a line with the content
//! type, the body.

#![no_main]

use std::sync::{Arc, OnceLock};

use axum::http::Method;
use gatewright_channel::loopback::loopback;
use gatewright_channel::{
    CallKind, Channel, ChannelError, InboundBody, InboundEvent, InboundRequest, Plugin, Received,
    plugin,
};
use gatewright_channel_testkit::FakeHost;
use gatewright_fuzz::{Subject, line};
use gatewright_http::Bag;
use gatewright_plugin_api::ApiChannel;
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Map, Value, json};
use tokio::runtime::Builder;

const PATH: &str = "/webhooks/api_channel";

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some((content_type, body)) = line(input) else {
        return Corpus::Reject;
    };
    let is_form = content_type.to_ascii_lowercase().contains("multipart");
    let bag = Bag::parse(None, Some(content_type), body)
        .ok()
        .filter(|_| !is_form);
    let received = bag.map(|bag| received(&bag.merged()));
    let subject = Subject::get();
    let headers = [("content-type", content_type)];
    let Some(answer) = subject.send(Method::POST, PATH, &headers, body) else {
        return Corpus::Reject;
    };
    if answer.status == 200 {
        let stored = answer.json();
        assert!(
            stored["id"].is_i64(),
            "the stored message is answered: {stored}"
        );
        assert!(
            !matches!(received, Some(Err(_))),
            "the channel had refused it"
        );
        let again = subject.send(Method::POST, PATH, &headers, body);
        let again = again.expect("it was a request before");
        if stored["source_id"].is_string() {
            assert_eq!(again.json()["id"], stored["id"], "stored once");
        }
    }
    Corpus::Keep
});

/// What the channel makes of the parameters, linked in and behind its JSON form, which is the same.
fn received(params: &Map<String, Value>) -> Result<Received, ChannelError> {
    static CHANNELS: OnceLock<[Box<dyn Channel>; 2]> = OnceLock::new();
    let channels = CHANNELS.get_or_init(|| {
        let near = plugin::<ApiChannel>();
        [open(&near), open(&loopback(near))]
    });
    let [near, far] = channels
        .each_ref()
        .map(|channel| call(&**channel, params.clone()));
    assert_eq!(
        near, far,
        "a channel is the same on both sides of its border"
    );
    if let Ok(received) = &near {
        assert_eq!(received.events.len(), 1);
        assert!(matches!(received.events[0], InboundEvent::Message(_)));
    }
    near
}

fn open(plugin: &Arc<dyn Plugin>) -> Box<dyn Channel> {
    plugin
        .open(&json!({}))
        .expect("the API channel needs no settings")
}

fn call(channel: &dyn Channel, params: Map<String, Value>) -> Result<Received, ChannelError> {
    let request = InboundRequest {
        method: "POST".to_owned(),
        route: PATH.to_owned(),
        query: String::new(),
        headers: Vec::new(),
        body: InboundBody::Bag {
            params,
            files: Vec::new(),
        },
        received_at_ms: 0,
        principal: None,
    };
    let host = FakeHost::new(CallKind::Receive);
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(channel.receive(&host, request))
}
