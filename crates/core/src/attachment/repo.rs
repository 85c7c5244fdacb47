use std::collections::HashMap;

use gatewright_store::entity::{attachments, blobs, messages};
use gatewright_store::sequence::{self, Sequence};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Select,
};

use super::UploadedFile;
use crate::error::{Error, Result};
use crate::ids::{AccountId, BlobId, ConversationId};
use crate::kernel::Kernel;

/// What was found out about a file, as its row keeps it.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Metadata {
    /// Of a picture, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) width: Option<i64>,
    /// Of a picture, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) height: Option<i64>,
}

impl Metadata {
    pub(crate) fn of(file: &UploadedFile) -> Self {
        Self {
            width: file.dimensions.map(|(width, _)| width),
            height: file.dimensions.map(|(_, height)| height),
        }
    }
}

/// Writes the row of a file that has no message yet.
pub(super) async fn insert(
    kernel: &Kernel,
    account_id: AccountId,
    file: &UploadedFile,
) -> Result<BlobId> {
    let tx = kernel.db.begin_write().await?;
    let drawn = sequence::draw(&tx, kernel.db.dialect(), &[(Sequence::Blobs, 1)]).await?;
    let id = drawn.first().and_then(|ids| ids.first()).copied();
    let id = id.ok_or_else(|| Error::internal("no id was drawn"))?;
    let row = blobs::ActiveModel {
        id: Set(id),
        account_id: Set(account_id.get()),
        key: Set(file.key.clone()),
        filename: Set(file.filename.clone()),
        content_type: Set(file.content_type.clone()),
        byte_size: Set(file.byte_size),
        checksum: Set(file.checksum.clone()),
        metadata: Set(serde_json::to_value(Metadata::of(file))?),
        created_at: Set(kernel.now().0),
    };
    blobs::Entity::insert(row)
        .exec_without_returning(&tx)
        .await?;
    tx.commit().await?;
    Ok(BlobId(id))
}

/// Files of the account by their ids. One query, none without ids.
pub(super) async fn files(
    conn: &impl ConnectionTrait,
    account_id: AccountId,
    ids: &[BlobId],
) -> Result<HashMap<BlobId, UploadedFile>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = blobs::Entity::find()
        .filter(blobs::Column::AccountId.eq(account_id.get()))
        .filter(blobs::Column::Id.is_in(ids.iter().map(|id| id.get())))
        .all(conn)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (BlobId(row.id), file(row)))
        .collect())
}

/// A file of the account by its name in the store.
pub(super) async fn by_key(
    conn: &impl ConnectionTrait,
    account_id: AccountId,
    key: &str,
) -> Result<Option<UploadedFile>> {
    let row = blobs::Entity::find()
        .filter(blobs::Column::AccountId.eq(account_id.get()))
        .filter(blobs::Column::Key.eq(key))
        .one(conn)
        .await?;
    Ok(row.map(file))
}

/// Those of the keys that have a row, in whichever account.
pub(super) async fn known_keys(
    conn: &impl ConnectionTrait,
    keys: &[String],
) -> Result<Vec<String>> {
    let found = blobs::Entity::find()
        .select_only()
        .column(blobs::Column::Key)
        .filter(blobs::Column::Key.is_in(keys.iter().map(String::as_str)))
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found)
}

/// How many attachments a conversation has.
pub(super) async fn count(
    conn: &impl ConnectionTrait,
    account_id: AccountId,
    conversation_id: ConversationId,
) -> Result<u64> {
    Ok(of_conversation(account_id, conversation_id)
        .count(conn)
        .await?)
}

/// `(attachment, message)` of a page of a conversation's attachments, newest first.
pub(super) async fn page(
    conn: &impl ConnectionTrait,
    account_id: AccountId,
    conversation_id: ConversationId,
    (offset, limit): (u64, u64),
) -> Result<Vec<(i64, i64)>> {
    let found = of_conversation(account_id, conversation_id)
        .select_only()
        .columns([attachments::Column::Id, attachments::Column::MessageId])
        .order_by_desc(attachments::Column::MessageId)
        .order_by_desc(attachments::Column::Id)
        .offset(offset)
        .limit(limit)
        .into_tuple()
        .all(conn)
        .await?;
    Ok(found)
}

fn of_conversation(
    account_id: AccountId,
    conversation_id: ConversationId,
) -> Select<attachments::Entity> {
    let messages = messages::Entity::find()
        .select_only()
        .column(messages::Column::Id)
        .filter(messages::Column::ConversationId.eq(conversation_id.get()))
        .into_query();
    attachments::Entity::find()
        .filter(attachments::Column::AccountId.eq(account_id.get()))
        .filter(attachments::Column::MessageId.in_subquery(messages))
}

fn file(row: blobs::Model) -> UploadedFile {
    let facts: Metadata = serde_json::from_value(row.metadata).unwrap_or_default();
    UploadedFile {
        key: row.key,
        filename: row.filename,
        content_type: row.content_type,
        byte_size: row.byte_size,
        checksum: row.checksum,
        dimensions: facts.width.zip(facts.height),
    }
}
