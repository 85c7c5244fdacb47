use gatewright_channel::ChannelError;
use serde_json::{Value, json};

use super::mutate::{heavy, mutants};
use super::{expect, schema};
use crate::suite::{contained, deliver, receive};
use crate::{ProviderAnswer, Subject};

const CANARY: &str = "canary-5b0f2c7e";

/// The minimal and the full settings open, also after `migrate` from the current version.
pub fn settings_examples_open(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let version = subject.plugin.descriptor().settings_version;
    for (name, settings) in examples(subject) {
        if let Err(error) = subject.plugin.open(&settings) {
            problems.push(format!(
                "expected the {name} settings to open, got {error:?}"
            ));
        }
        let migrated = subject.plugin.migrate(version, settings.clone());
        expect(&mut problems, migrated.as_ref() == Ok(&settings), || {
            format!("expected migrate from version {version} to change nothing, got {migrated:?}")
        });
    }
    problems
}

/// Each required field that is missing is named.
pub fn settings_missing_fields_are_named(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for name in schema::required(&subject.plugin.descriptor().settings_schema) {
        let mut settings = subject.fixture.full_settings();
        if let Some(fields) = settings.as_object_mut() {
            fields.remove(&name);
        }
        refused(
            subject,
            &settings,
            &name,
            &format!("without {name}"),
            &mut problems,
        );
    }
    problems
}

/// The fixture's invalid settings are refused by the right field.
pub fn settings_invalid_fields_are_named(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for case in subject.fixture.invalid_settings() {
        refused(
            subject,
            &case.settings,
            case.field,
            case.name,
            &mut problems,
        );
    }
    problems
}

/// Settings of any shape open or are refused with [`ChannelError::InvalidSettings`].
pub fn settings_of_any_shape_never_panic(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let full = subject.fixture.full_settings();
    let mut shapes = mutants(&full);
    shapes.extend(heavy(&full));
    let roots = [
        Value::Null,
        json!([]),
        json!("text"),
        json!(1),
        json!({}),
        json!({"": {}}),
    ];
    shapes.extend(
        roots
            .into_iter()
            .map(|root| (format!("the settings are {root}"), root)),
    );
    for (name, settings) in shapes {
        let fine = match subject.open(&settings) {
            Ok(Ok(_) | Err(ChannelError::InvalidSettings { .. })) => continue,
            Ok(Err(error)) => format!("{error:?}"),
            Err(panic) => panic,
        };
        problems.push(format!(
            "{name}: expected InvalidSettings or an inbox, got {fine}"
        ));
    }
    problems
}

/// The full form of settings opens, has every declared field and no other, and is its own full
/// form.
pub fn settings_normalize_is_idempotent(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    let declared = schema::top_level(&subject.plugin.descriptor().settings_schema);
    for (name, mut settings) in examples(subject) {
        if let Some(fields) = settings.as_object_mut() {
            fields.insert("unknown_to_all".to_owned(), json!(1));
        }
        let once = match subject.plugin.normalize(&settings) {
            Ok(once) => once,
            Err(error) => {
                problems.push(format!(
                    "expected the {name} settings' full form, got {error:?}"
                ));
                continue;
            }
        };
        let twice = subject.plugin.normalize(&once);
        expect(&mut problems, twice.as_ref() == Ok(&once), || {
            format!("expected {once} to be its own full form, got {twice:?}")
        });
        let mut fields: Vec<String> = once
            .as_object()
            .map(|fields| fields.keys().cloned().collect())
            .unwrap_or_default();
        let mut declared = declared.clone();
        fields.sort();
        declared.sort();
        expect(&mut problems, fields == declared, || {
            format!("expected the fields {declared:?}, got {fields:?}")
        });
        if let Err(error) = subject.plugin.open(&once) {
            problems.push(format!("expected the full form to open, got {error:?}"));
        }
    }
    problems
}

/// A secret shows in no error, log line or reason. The suite plants one in every secret setting,
/// of the right and of wrong types, and reads everything the channel says.
pub fn settings_secrets_never_leak(subject: &Subject<'_>) -> Vec<String> {
    let mut problems = Vec::new();
    for property in schema::properties(&subject.plugin.descriptor().settings_schema) {
        if !property.secret {
            continue;
        }
        let real = subject
            .fixture
            .full_settings()
            .pointer(&property.pointer)
            .cloned();
        let mut planted = vec![json!(CANARY), json!([CANARY]), json!({ "at": CANARY })];
        // A form that the channel checks survives with the canary at either end.
        if let Some(real) = real.as_ref().and_then(Value::as_str) {
            planted.extend([
                json!(format!("{real}{CANARY}")),
                json!(format!("{CANARY}{real}")),
            ]);
        }
        for value in planted {
            let mut settings = subject.fixture.full_settings();
            let Some(place) = settings.pointer_mut(&property.pointer) else {
                problems.push(format!(
                    "expected {} in the full settings",
                    property.pointer
                ));
                break;
            };
            *place = value;
            for said in everything_said(subject, &settings) {
                expect(&mut problems, !said.contains(CANARY), || {
                    format!("expected no secret from {} in: {said}", property.pointer)
                });
            }
        }
    }
    problems
}

fn examples(subject: &Subject<'_>) -> [(&'static str, Value); 2] {
    [
        ("minimal", subject.fixture.minimal_settings()),
        ("full", subject.fixture.full_settings()),
    ]
}

fn refused(
    subject: &Subject<'_>,
    settings: &Value,
    field: &str,
    name: &str,
    problems: &mut Vec<String>,
) {
    let came = match subject.open(settings) {
        Ok(Err(ChannelError::InvalidSettings { fields }))
            if fields.iter().any(|error| error.field == field) =>
        {
            return;
        }
        Ok(Ok(_)) => "an inbox".to_owned(),
        Ok(Err(error)) => format!("{error:?}"),
        Err(panic) => panic,
    };
    problems.push(format!(
        "{name}: expected InvalidSettings naming {field:?}, got {came}"
    ));
}

/// Errors, log lines and reasons of everything that the channel can be made to do.
fn everything_said(subject: &Subject<'_>, settings: &Value) -> Vec<String> {
    let mut said = Vec::new();
    if let Ok(Err(error)) = contained(|| subject.plugin.normalize(settings)) {
        said.push(format!("{error:?} {error}"));
    }
    let channel = match subject.open(settings) {
        Ok(Ok(channel)) => channel,
        Ok(Err(error)) => {
            said.push(format!("{error:?} {error}"));
            return said;
        }
        Err(panic) => {
            said.push(panic);
            return said;
        }
    };
    for case in subject.fixture.receive_cases() {
        match receive(&*channel, &case.request) {
            Ok(Ok(received)) => said.push(format!("{:?}", received.reply)),
            Ok(Err(error)) => said.push(format!("{error:?} {error}")),
            Err(problem) => said.push(problem),
        }
    }
    for answer in ProviderAnswer::all() {
        let result = super::deliver::effect_result(subject.fixture, answer);
        match deliver(&*channel, &subject.fixture.delivery(), &result) {
            Ok(delivered) => {
                said.push(format!("{:?}", delivered.outcome));
                said.extend(delivered.host.logs().into_iter().map(|(_, line)| line));
            }
            Err(problem) => said.push(problem),
        }
    }
    said
}
