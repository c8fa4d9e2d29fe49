//! There is always an admin who can sign in, whoever changes what at the same time.
use entity::{curator, curator::Role};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    prelude::Uuid,
};

/// The admins who can sign in, as nobody else can change them before the transaction ends.
pub struct Admins(Vec<Uuid>);

/// Waits for others who change admins. Taken before any other row, so that nobody waits in a circle.
pub async fn lock(transaction: &impl ConnectionTrait) -> Result<Admins, DbErr> {
    let rows = curator::Entity::find()
        .filter(curator::Column::Role.eq(Role::Admin))
        .filter(curator::Column::DisabledAt.is_null())
        .order_by_asc(curator::Column::Id)
        .lock_exclusive()
        .all(transaction)
        .await?;
    Ok(Admins(rows.into_iter().map(|row| row.id).collect()))
}

impl Admins {
    /// Whether there is still an admin when this one is none.
    pub fn remain_without(&self, id: Uuid) -> bool {
        self.0.iter().any(|admin| *admin != id)
    }
}
