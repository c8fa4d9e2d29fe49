//! Shipments by the thousand: what is new is inserted, what is different changed, the rest left.
use std::collections::{HashMap, HashSet};

use entity::{revision, revision_change, shipment, value::Status};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect,
    QueryTrait, Statement, prelude::Uuid, sea_query::SelectStatement,
};
use serde_json::Value as Json;

use super::{
    met::Met,
    report::{Place, Refusal, Report},
};
use crate::kit::edit::{Edit, last_number};

pub struct Shipments {
    pub dataset_id: Uuid,
    pub batch_id: Uuid,
    /// Of a dataset that was empty: the file's keys so far. What is not among them is new.
    first: Option<First>,
}

struct First {
    keys: Met,
    /// Whoever writes after this revision may have brought records of the dataset.
    revision: i64,
}

impl Shipments {
    pub async fn new(edit: &Edit, dataset_id: Uuid, batch_id: Uuid) -> Result<Self, DbErr> {
        let revision = last_number(edit.connection()).await?;
        let held = shipment::Entity::find()
            .filter(shipment::Column::DatasetId.eq(dataset_id))
            .one(edit.connection())
            .await?;
        Ok(Self {
            dataset_id,
            batch_id,
            first: held.is_none().then(|| First {
                keys: Met::default(),
                revision,
            }),
        })
    }

    /// Takes rows with the places where they stand.
    pub async fn put(
        &mut self,
        edit: &mut Edit,
        rows: Vec<(Place, shipment::Model)>,
        report: &mut Report,
    ) -> Result<(), DbErr> {
        let keys = self.maybe_held(edit, &rows).await?;
        let held = self.held(edit, &keys).await?;
        let differing = rows.iter().filter_map(|(_, row)| {
            let held = held.get(&row.key)?;
            (!says_the_same(held, row)).then_some(held.id)
        });
        let corrected = corrected(edit, differing.collect()).await?;
        let mut new: Vec<shipment::Model> = Vec::with_capacity(rows.len());
        // Where among the new ones each key stands, and which of those that were held changed.
        let (mut met, mut changed) = (HashMap::new(), HashMap::new());
        for (place, row) in rows {
            if let Some(further_up) = met.get(&row.key).map(|at: &usize| &new[*at]) {
                match says_the_same(further_up, &row) {
                    true => report.unchanged += 1,
                    false => report.refuse(twice(place, &row.key)),
                }
                continue;
            }
            let Some(before) = changed.get(&row.key).or(held.get(&row.key)) else {
                met.insert(row.key.clone(), new.len());
                new.push(row);
                report.new += 1;
                continue;
            };
            if says_the_same(before, &row) {
                report.unchanged += 1;
            } else if before.import_batch_id == Some(self.batch_id) {
                report.refuse(twice(place, &row.key));
            } else if before.status == Status::Withdrawn {
                report.refuse(withdrawn(place, before));
            } else if corrected.contains(&before.id) {
                report.refuse(by_hand(place, &row.key));
            } else {
                let after = shipment::Model {
                    id: before.id,
                    status: before.status,
                    version: before.version + 1,
                    created_at: before.created_at,
                    ..row
                };
                let after = edit.update::<shipment::Entity>(before, after).await?;
                changed.insert(after.key.clone(), after);
                report.changed += 1;
            }
        }
        if !new.is_empty() {
            edit.insert_batch::<shipment::Entity>(new).await?;
        }
        Ok(())
    }

    /// Keys of the rows that the dataset may hold.
    async fn maybe_held<'r>(
        &mut self,
        edit: &Edit,
        rows: &'r [(Place, shipment::Model)],
    ) -> Result<Vec<&'r str>, DbErr> {
        if let Some(first) = &self.first
            && last_number(edit.connection()).await? != first.revision
        {
            self.first = None;
        }
        let keys = rows.iter().map(|(_, row)| row.key.as_str());
        Ok(match &mut self.first {
            Some(first) => keys.filter(|key| first.keys.meet(key)).collect(),
            None => keys.collect(),
        })
    }

    /// Records of the dataset with these keys.
    ///
    /// Keys lead the way: from `dataset_id = … AND key IN (…)` PostgreSQL, which has no statistics
    /// of rows that are not committed yet, would read the whole dataset each time. SQLite would as
    /// well, unless a cross join tells it which table leads.
    async fn held(
        &self,
        edit: &Edit,
        keys: &[&str],
    ) -> Result<HashMap<String, shipment::Model>, DbErr> {
        if keys.is_empty() {
            return Ok(HashMap::new());
        }
        let backend = edit.connection().get_database_backend();
        let wanted = match backend {
            DbBackend::Postgres => "json_array_elements_text($1::json) AS wanted(value)",
            _ => "json_each($1) AS wanted",
        };
        let sql = format!(
            "SELECT shipment.* FROM {wanted} \
             CROSS JOIN shipment WHERE shipment.dataset_id = $2 AND shipment.key = wanted.value"
        );
        let values = [Json::from(keys).to_string().into(), self.dataset_id.into()];
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let select = shipment::Entity::find().from_raw_sql(statement);
        edit.plan_anew(true).await?;
        let held = select.all(edit.connection()).await?;
        edit.plan_anew(false).await?;
        // A key that stands twice among the rows finds its record twice.
        Ok(held.into_iter().map(|row| (row.key.clone(), row)).collect())
    }
}

/// Whether a file's row says what the record says, whenever and by whichever file it came.
fn says_the_same(held: &shipment::Model, row: &shipment::Model) -> bool {
    let row = shipment::Model {
        id: held.id,
        import_batch_id: held.import_batch_id,
        status: held.status,
        withdrawal_reason: held.withdrawal_reason.clone(),
        version: held.version,
        created_at: held.created_at,
        updated_at: held.updated_at,
        ..row.clone()
    };
    row == *held
}

/// Of these records, those that a curator has changed: a file does not undo what a person did.
async fn corrected(edit: &Edit, ids: Vec<Uuid>) -> Result<HashSet<Uuid>, DbErr> {
    if ids.is_empty() {
        return Ok(HashSet::new());
    }
    let changes = revision_change::Entity::find()
        .filter(revision_change::Column::RecordId.is_in(ids))
        .filter(revision_change::Column::RevisionNumber.in_subquery(by_curators()))
        .all(edit.connection())
        .await?;
    Ok(changes.iter().map(|change| change.record_id).collect())
}

fn by_curators() -> SelectStatement {
    revision::Entity::find()
        .select_only()
        .column(revision::Column::Number)
        .filter(revision::Column::CuratorId.is_not_null())
        .into_query()
}

fn by_hand(place: Place, key: &str) -> Refusal {
    let reason = format!(
        "a curator has changed the record {key}, and the file says otherwise: change it by hand"
    );
    Refusal {
        place,
        column: None,
        reason,
    }
}

fn twice(place: Place, key: &str) -> Refusal {
    let reason = format!("the record {key} stands further up with other figures");
    Refusal {
        place,
        column: None,
        reason,
    }
}

fn withdrawn(place: Place, held: &shipment::Model) -> Refusal {
    let why = held
        .withdrawal_reason
        .as_deref()
        .unwrap_or("no reason is given");
    let reason = format!("the record {} was withdrawn: {why}", held.key);
    Refusal {
        place,
        column: None,
        reason,
    }
}
