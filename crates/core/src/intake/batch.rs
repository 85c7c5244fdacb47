//! One transaction of the message path: lock, load, decide, draw, write.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use gatewright_store::hot::intake::{self as hot, Batch, Expected, Flood, Lane, Source, Wanted};
use gatewright_store::hot::row::{ContactUpdate, IdempotencyRow, MessageUpdate};
use gatewright_store::sequence::Sequence;
use sea_orm::DatabaseTransaction;

use super::bind::Bound;
use super::command::{Command, Job, Outcome};
use super::decide::{Decided, ReplyTo, Rules, decide};
use super::label_rows;
use super::state::{States, Surroundings};
use crate::attachment::{NewFile, UploadedFile};
use crate::error::Result;
use crate::event::EventName;
use crate::ids::{AccountId, ConversationId};
use crate::kernel::Kernel;
use crate::model::MessageType;
use crate::outbox::{Plan, Recorded};
use crate::receiver::{Interest, Receivers};
use crate::rows;
use crate::wire::{InboundStored, MessageView};

/// What a batch answers: one result per job, in order.
pub(crate) type Outcomes = Vec<Result<Outcome>>;

/// Runs jobs in `tx`. A refused job changes nothing and leaves the others alone; an error of the
/// whole means that the transaction must be rolled back.
///
/// # Errors
/// Database errors.
pub(crate) async fn run(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    jobs: &[Job],
) -> Result<(Outcomes, Recorded)> {
    run_expecting(kernel, tx, jobs, expected(jobs)).await
}

/// The same with what is told to be expected; whatever that is, the same is stored under ids in the
/// same order.
pub(super) async fn run_expecting(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    jobs: &[Job],
    expected: Expected,
) -> Result<(Outcomes, Recorded)> {
    let dialect = kernel.db.dialect();
    let contacts: BTreeSet<i64> = jobs.iter().map(|job| job.contact_id.get()).collect();
    let conversations: BTreeSet<i64> = jobs.iter().map(|job| job.conversation_id.get()).collect();
    let contacts: Vec<i64> = contacts.into_iter().collect();
    let conversations: Vec<i64> = conversations.into_iter().collect();
    let ahead = hot::lock(tx, dialect, &contacts, &conversations, expected).await?;

    let loaded = hot::load(tx, dialect, &wanted(kernel, jobs, conversations)).await?;
    let open_lanes = loaded.open_lanes.clone();
    let mut states = States::new(loaded, &surroundings(kernel, jobs), &kernel.links())?;
    states
        .contacts
        .retain(|id, _| contacts.binary_search(&id.get()).is_ok());

    let (mut outcomes, mut decided) = decide_all(kernel, &mut states, jobs);
    let keeps_answers = jobs.iter().any(|job| job.command.kept_answer().is_some());
    if decided.is_empty() && !keeps_answers {
        return Ok((outcomes, Recorded::default()));
    }
    let receivers: HashMap<AccountId, Receivers> = jobs
        .iter()
        .map(|job| (job.account.id, Arc::clone(&job.receivers)))
        .collect();
    let mut plan = Plan::new(&decided.events, &receivers);
    plan.reserve(kernel, open_lanes);

    let counts = [
        (Sequence::Messages, decided.messages.len()),
        (Sequence::Events, decided.events.len()),
        (Sequence::Deliveries, plan.len()),
        (Sequence::Attachments, decided.files.len()),
        (Sequence::Blobs, uploaded(&decided).count()),
    ];
    let mut ids = ahead.draw(tx, dialect, &counts).await?.into_iter();
    let mut next = || ids.next().unwrap_or_default();
    let (message_ids, event_ids, delivery_ids) = (next(), next(), next());
    let (attachment_ids, blob_ids) = (next(), next());

    let bound = Bound {
        messages: &message_ids,
        attachments: &attachment_ids,
    };
    bound.decided(&mut decided);
    bound.states(&mut states);
    outcomes
        .iter_mut()
        .flatten()
        .for_each(|outcome| bind_outcome(&bound, outcome));

    let mut batch = rows_of(&states, &decided);
    attach(&mut batch, &decided, &blob_ids);
    batch.idempotency = kept_answers(kernel, jobs, &outcomes)?;
    let recorded = plan.into_rows(
        kernel,
        decided.events,
        &event_ids,
        &delivery_ids,
        &mut batch,
    )?;
    hot::write(tx, dialect, batch).await?;
    Ok((outcomes, recorded))
}

/// What most messages bring: themselves, and of a contact that it wrote. The rest is drawn when it is
/// known.
fn expected(jobs: &[Job]) -> Expected {
    let mut expected = Expected::default();
    for job in jobs {
        let Command::AddMessage(new) = &job.command else {
            continue;
        };
        let interest = |name, message| Interest {
            name,
            inbox_id: Some(job.inbox.id),
            message,
            except: None,
        };
        let message = Some((new.message_type, new.private));
        let mut events = vec![interest(EventName::MessageCreated, message)];
        if new.message_type == MessageType::Incoming {
            events.push(interest(EventName::ContactUpdated, None));
        }
        expected.messages += 1;
        for event in events {
            expected.events += 1;
            let receivers = job.receivers.iter();
            expected.deliveries += receivers.map(|it| i64::from(it.wants(&event))).sum::<i64>();
        }
    }
    expected
}

/// What is to be answered again to the requests that came with an `Idempotency-Key`.
fn kept_answers(
    kernel: &Kernel,
    jobs: &[Job],
    outcomes: &[Result<Outcome>],
) -> Result<Vec<IdempotencyRow>> {
    let mut rows = Vec::new();
    for (job, outcome) in jobs.iter().zip(outcomes) {
        if let (
            Some(kept),
            Ok(Outcome::Message {
                message, contact, ..
            }),
        ) = (job.command.kept_answer(), outcome)
        {
            let view = MessageView::new(message, contact, job.origin.echo_id.clone());
            rows.push(if kept.with_contact {
                kept.claim.row(kernel, &InboundStored::new(view, contact))?
            } else {
                kept.claim.row(kernel, &view)?
            });
        }
    }
    Ok(rows)
}

pub(super) fn decide_all(
    kernel: &Kernel,
    states: &mut States,
    jobs: &[Job],
) -> (Outcomes, Decided) {
    let rules = Rules {
        now: kernel.now(),
        flood_per_minute: kernel.config.intake.flood_per_minute,
        public_url: &kernel.config.public_url,
    };
    let mut decided = Decided::default();
    let outcomes = jobs
        .iter()
        .map(|job| {
            decide(
                states,
                &mut decided,
                job.conversation_id,
                &job.command,
                &job.origin,
                rules,
            )
        })
        .collect();
    (outcomes, decided)
}

/// The files that have no row yet, in order.
pub(super) fn uploaded(decided: &Decided) -> impl Iterator<Item = &UploadedFile> {
    decided.files.iter().filter_map(|file| match file {
        NewFile::Uploaded(file) => Some(file),
        NewFile::Stored(_) => None,
    })
}

/// Adds the rows of what is attached to new messages, and those of new files under drawn ids.
pub(super) fn attach(batch: &mut Batch, decided: &Decided, blob_ids: &[i64]) {
    let mut blob_ids = blob_ids.iter().copied();
    let mut files = decided.files.iter();
    for message in &decided.messages {
        for (shown, file) in message.attachments.iter().zip(&mut files) {
            let blob_id = match file {
                NewFile::Stored(id) => Some(id.get()),
                NewFile::Uploaded(file) => blob_ids.next().inspect(|id| {
                    let row = rows::blob_row(*id, file, message.account_id, message.created_at);
                    batch.blobs.push(row);
                }),
            };
            let row = rows::attachment_row(shown, message, blob_id);
            batch.attachments.push(row);
        }
    }
}

fn bind_outcome(bound: &Bound<'_>, outcome: &mut Outcome) {
    match outcome {
        Outcome::Message { message, .. } => bound.message(message),
        Outcome::Conversation(row) => bound.row(row),
        Outcome::Done | Outcome::Resolved | Outcome::Moved => {}
    }
}

pub(super) fn wanted(kernel: &Kernel, jobs: &[Job], conversations: Vec<i64>) -> Wanted {
    let mut wanted = Wanted {
        conversations,
        flood_limit: kernel.config.intake.flood_per_minute,
        ..Wanted::default()
    };
    let mut newest = BTreeSet::new();
    let mut messages = BTreeSet::new();
    let mut answers = BTreeSet::new();
    let mut added: HashMap<ConversationId, i64> = HashMap::new();
    for job in jobs {
        if may_answer(job) {
            answers.insert(job.conversation_id.get());
        }
        if !makes_newest(&job.command) {
            newest.insert(job.conversation_id.get());
        }
        match &job.command {
            Command::AddMessage(new) => {
                *added.entry(job.conversation_id).or_default() += 1;
                let source = |source_id: &String| Source {
                    conversation_id: job.conversation_id.get(),
                    source_id: source_id.clone(),
                };
                wanted.sources.extend(new.source_id.as_ref().map(source));
                match ReplyTo::of(&new.content_attributes) {
                    Some(ReplyTo::Message(id)) => drop(messages.insert(id.get())),
                    Some(ReplyTo::External(id)) => wanted.sources.push(source(&id)),
                    Some(ReplyTo::Nothing) | None => {}
                }
            }
            Command::MarkUnread => wanted.incoming.push(job.conversation_id.get()),
            Command::SetMessageStatus(set) => drop(messages.insert(set.message_id.get())),
            Command::RetryMessage(id) | Command::DeleteMessage(id) => {
                messages.insert(id.get());
            }
            Command::ContactSaw(saw) => messages.extend(saw.messages.iter().map(|id| id.get())),
            Command::Submit(answer) => drop(messages.insert(answer.message_id.get())),
            _ => {}
        }
    }
    wanted.answers = answers.into_iter().collect();
    wanted.newest = newest.into_iter().collect();
    wanted.messages = messages.into_iter().collect();
    wanted.flood = added
        .into_iter()
        .map(|(id, count)| Flood {
            conversation_id: id.get(),
            count,
        })
        .collect();
    wanted.lanes = lanes(jobs);
    wanted
}

/// Whether the command may bring about an automatic answer.
fn may_answer(job: &Job) -> bool {
    let preferences = &job.inbox.preferences;
    match &job.command {
        Command::AddMessage(_) => preferences.answers_by_itself(),
        Command::SetStatus(_) => preferences.csat_survey_enabled,
        _ => false,
    }
}

/// Whether the command's own message becomes the newest public one.
fn makes_newest(command: &Command) -> bool {
    matches!(
        command,
        Command::AddMessage(new) if !new.private && new.message_type != MessageType::Activity
    )
}

/// Every lane in which the jobs may put a delivery.
fn lanes(jobs: &[Job]) -> Vec<Lane> {
    let mut lanes = BTreeSet::new();
    for job in jobs {
        for receiver in job.receivers.iter() {
            let interest = |name| Interest {
                name,
                inbox_id: Some(job.inbox.id),
                message: Some((MessageType::Outgoing, false)),
                except: None,
            };
            let wants = EventName::ALL.iter().any(|n| receiver.wants(&interest(*n)));
            if wants {
                lanes.insert((receiver.id.get(), job.conversation_id.get()));
                lanes.insert((receiver.id.get(), -job.contact_id.get()));
            }
        }
    }
    lanes
        .into_iter()
        .map(|(receiver_id, lane)| Lane { receiver_id, lane })
        .collect()
}

pub(super) fn surroundings(kernel: &Kernel, jobs: &[Job]) -> HashMap<ConversationId, Surroundings> {
    jobs.iter()
        .map(|job| {
            let around = Surroundings::new(&kernel.registry, &job.account, &job.inbox);
            (job.conversation_id, around)
        })
        .collect()
}

/// The rows of everything that was decided; conversations and contacts once each, as they are
/// after the whole batch.
pub(super) fn rows_of(states: &States, decided: &Decided) -> Batch {
    let touched: BTreeSet<i64> = decided
        .events
        .iter()
        .filter_map(|e| Some(e.subject.conversation_id?.get()))
        .chain(decided.touched.iter().map(|id| id.get()))
        .collect();
    let written: BTreeSet<i64> = decided
        .events
        .iter()
        .filter(|event| event.name == EventName::ContactUpdated)
        .filter_map(|event| Some(event.subject.contact_id?.get()))
        .collect();
    let changed: BTreeSet<i64> = decided
        .changed
        .iter()
        .map(|message| message.id.get())
        .collect();
    let (mut conversations, mut active) = (Vec::new(), Vec::new());
    for state in states.conversations.values() {
        if !touched.contains(&state.conversation.id.get()) {
            continue;
        }
        let row = rows::conversation_update(&state.conversation, state.attributes_changed);
        if state.stands_elsewhere() {
            conversations.push(row);
        } else {
            active.push(row);
        }
    }
    Batch {
        messages: decided.messages.iter().map(rows::message_row).collect(),
        message_updates: changed
            .into_iter()
            .filter_map(|id| states.messages.get(&crate::ids::MessageId(id)))
            .map(|message| MessageUpdate {
                id: message.id.get(),
                content: (message.content.clone())
                    .filter(|_| decided.deleted.contains(&message.id)),
                content_type: Some(message.content_type.clone())
                    .filter(|_| decided.deleted.contains(&message.id)),
                status: message.status.code(),
                content_attributes: rows::raw(&message.content_attributes),
                updated_at: message.updated_at.0,
            })
            .collect(),
        conversations,
        active,
        labels: label_rows::all(states),
        labels_gone: label_rows::gone(states),
        contacts: states
            .contacts
            .values()
            .filter(|contact| written.contains(&contact.id.get()))
            .map(|contact| ContactUpdate {
                id: contact.id.get(),
                last_activity_at: contact.last_activity_at.map(|at| at.0),
                updated_at: contact.updated_at.0,
            })
            .collect(),
        ..Batch::default()
    }
}
