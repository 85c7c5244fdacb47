//! What was removed goes for good, a few rows at a time: each transaction can be the last one before
//! the process ends, and the next start goes on.
//!
//! - A contact goes with its conversations, messages, files and presences
//!   ([`crate::contact::Contacts::delete`]); what was cut off is finished here.
//! - A removed inbox leaves what it holds ([`crate::inbox::erase`]).
//! - Then the log forgets an erased contact: its events with their ended deliveries and attempts,
//!   dead letters included. What is still to be delivered is delivered first.
//!
//! What tells of no contact goes by its age alone ([`crate::retention`]): stored requests of
//! providers, and answers kept for an `Idempotency-Key`.

mod log;

use gatewright_store::entity::{contacts, erasures};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
};

use crate::contact;
use crate::error::Result;
use crate::ids::{AccountId, ContactId};
use crate::inbox;
use crate::kernel::Kernel;

/// The kinds of subjects, as their rows have them.
const CONTACT: i16 = 0;
const CONVERSATION: i16 = 1;

/// What is erased.
pub(crate) enum Subject<'a> {
    /// A contact that is being removed.
    Contact(ContactId),
    /// Conversations, by their ids, that are removed in this transaction.
    Conversations(&'a [i64]),
}

/// Notes within `tx` that the subject is to be erased, whatever happens next.
///
/// # Errors
/// Database errors.
pub(crate) async fn begin(
    kernel: &Kernel,
    tx: &DatabaseTransaction,
    account: AccountId,
    subject: Subject<'_>,
) -> Result<()> {
    let (kind, ids) = match &subject {
        Subject::Contact(id) => (CONTACT, std::slice::from_ref(&id.0)),
        Subject::Conversations(ids) => (CONVERSATION, *ids),
    };
    if ids.is_empty() {
        return Ok(());
    }
    let now = kernel.now().0;
    let rows = ids.iter().map(|id| erasures::ActiveModel {
        kind: Set(kind),
        subject_id: Set(*id),
        account_id: Set(account.get()),
        after_event: Set(0),
        due_at: Set(now),
        created_at: Set(now),
    });
    erasures::Entity::insert_many(rows)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(tx)
        .await?;
    Ok(())
}

/// Erases a batch of what was removed, and pauses; whether there is more to do now.
///
/// # Errors
/// Database errors; what was erased before stays erased.
pub async fn erase_some(kernel: &Kernel) -> Result<bool> {
    let more = finish_contact(kernel).await?
        || inbox::erase::erase_some(kernel).await?
        || log::forget_some(kernel).await?;
    if more {
        kernel.breathe().await;
    }
    Ok(more)
}

/// Goes on with a contact whose removal was cut off, or still runs elsewhere.
async fn finish_contact(kernel: &Kernel) -> Result<bool> {
    let begun = erasures::Entity::find()
        .filter(erasures::Column::Kind.eq(CONTACT))
        .filter(Expr::exists(contact_of_row()))
        .order_by_asc(erasures::Column::SubjectId)
        .one(kernel.db.read())
        .await?;
    let Some(row) = begun else { return Ok(false) };
    contact::remove(kernel, AccountId(row.account_id), ContactId(row.subject_id)).await?;
    Ok(true)
}

/// The contact that a row names, while it is there.
fn contact_of_row() -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(contacts::Entity)
        .and_where(
            Expr::col((contacts::Entity, contacts::Column::Id))
                .equals((erasures::Entity, erasures::Column::SubjectId)),
        )
        .to_owned()
}
