//! The projection: what counts of all published shipments, in memory.
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use entity::{revision, revision_change, shipment, value::Status};
use futures_util::TryStreamExt;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement, StreamTrait, Value, prelude::Uuid,
};

use super::{
    codes::Codes,
    columns::{Columns, is_below, members},
    facts::Facts,
    live::Live,
    row::{COLUMNS, Family, Narrow, Reader, Row},
    timeline::Timeline,
};
use crate::kit::kept::Keep;

/// More changes than this are not followed one by one.
const MOST_CHANGES: u64 = 100_000;
/// Records read at a time by their ids.
const IDS_AT_ONCE: usize = 500;
/// Corrections up to which they are kept beside the columns, however few rows those have.
const SHORT_TAIL: usize = 20_000;

pub struct Projection {
    pub facts: Arc<Facts>,
    pub codes: Arc<Codes>,
    pub columns: Arc<Columns>,
    /// What has changed since the columns were put together: how many rows more or fewer of each.
    pub tail: HashMap<Row, i64>,
    pub live: Arc<Live>,
    pub timeline: Arc<Timeline>,
}

impl Keep for Projection {
    const NAME: &'static str = "totals";

    type Recipe = ();

    async fn build((): &(), snapshot: &DatabaseTransaction) -> Result<Self, DbErr> {
        let facts = Arc::new(Facts::read(snapshot).await?);
        let mut codes = Codes::default();
        let mut rows = Vec::new();
        let published = "status = 'PUBLISHED'";
        stream(snapshot, published, vec![], |_, narrow| {
            rows.push(narrow.coded(&mut codes, &facts));
        })
        .await?;
        Self::of(rows, facts, codes).await
    }

    async fn advance(
        &self,
        (): &(),
        snapshot: &DatabaseTransaction,
        since: i64,
    ) -> Result<Option<Self>, DbErr> {
        let Some(changes) = Changes::since(snapshot, since).await? else {
            return Ok(None);
        };
        let mut facts = Arc::clone(&self.facts);
        if changes.touch_facts {
            let read = Arc::new(Facts::read(snapshot).await?);
            if !read.agrees_with(&facts) {
                return Ok(None);
            }
            facts = read;
        }
        if changes.touch_no_shipments() {
            return Ok(Some(self.with_facts(facts)));
        }
        let mut codes = (*self.codes).clone();
        let delta = changes.delta(snapshot, &mut codes, &facts).await?;
        self.changed(delta, codes, facts).await.map(Some)
    }

    fn bytes(&self) -> usize {
        self.columns.bytes()
            + self.codes.bytes()
            + self.facts.bytes()
            + self.timeline.bytes()
            + self.live.bytes()
            + self.tail.len() * 2 * size_of::<(Row, i64)>()
    }
}

impl Projection {
    async fn of(mut rows: Vec<Row>, facts: Arc<Facts>, mut codes: Codes) -> Result<Self, DbErr> {
        let task = tokio::task::spawn_blocking(move || {
            let numbers = codes.put_slots_in_order();
            let mut live = vec![0; numbers.len()];
            for row in &mut rows {
                row.slot = numbers[row.slot as usize];
                live[row.slot as usize] += 1;
            }
            let timeline = Timeline::of(codes.slots.all());
            let live = Live::of(live, &timeline);
            let columns = Columns::build(rows, &codes, &facts, &timeline);
            Self {
                timeline: Arc::new(timeline),
                facts,
                codes: Arc::new(codes),
                columns: Arc::new(columns),
                tail: HashMap::new(),
                live: Arc::new(live),
            }
        });
        task.await.map_err(|error| DbErr::Custom(error.to_string()))
    }

    fn with_facts(&self, facts: Arc<Facts>) -> Self {
        Self {
            facts,
            codes: Arc::clone(&self.codes),
            columns: Arc::clone(&self.columns),
            tail: self.tail.clone(),
            live: Arc::clone(&self.live),
            timeline: Arc::clone(&self.timeline),
        }
    }

    /// Corrections go to the tail; with many, everything is put together anew.
    async fn changed(
        &self,
        delta: HashMap<Row, i64>,
        codes: Codes,
        facts: Arc<Facts>,
    ) -> Result<Self, DbErr> {
        let longest = SHORT_TAIL.max(self.columns.len() / 20);
        if self.tail.len() + delta.len() > longest {
            return Self::of(self.rows_with(delta), facts, codes).await;
        }
        let has_new_slots = self.timeline.len() < codes.slots.all().len();
        let timeline = match has_new_slots {
            true => Arc::new(Timeline::of(codes.slots.all())),
            false => Arc::clone(&self.timeline),
        };
        let changes = delta.iter().map(|(row, count)| (row.slot, *count));
        let live = Arc::new(self.live.with(changes, &timeline));
        let mut tail = self.tail.clone();
        for (row, count) in self.corrections(delta, &codes, &facts) {
            add(&mut tail, row, count);
        }
        Ok(Self {
            timeline,
            facts,
            codes: Arc::new(codes),
            columns: Arc::clone(&self.columns),
            tail,
            live,
        })
    }

    /// All rows, whatever the tail and the changes add to them or take away.
    fn rows_with(&self, delta: HashMap<Row, i64>) -> Vec<Row> {
        let mut changes = delta;
        for (row, count) in &self.tail {
            add(&mut changes, unmarked(*row), *count);
        }
        let mut rows = Vec::with_capacity(self.columns.len() + changes.len());
        for row in self.columns.all().map(unmarked) {
            match changes.get_mut(&row) {
                Some(count) if *count < 0 => *count += 1,
                _ => rows.push(row),
            }
        }
        for (row, count) in changes {
            rows.extend((0..count.max(0)).map(|_| row));
        }
        rows
    }

    /// The changes, and what they make of rows of the same families: a leaf may be one no more.
    fn corrections(
        &self,
        delta: HashMap<Row, i64>,
        codes: &Codes,
        facts: &Facts,
    ) -> HashMap<Row, i64> {
        let mut corrections = HashMap::new();
        let mut families: HashMap<Family, Vec<Row>> = HashMap::new();
        for row in delta.keys() {
            match row.family(codes, facts) {
                Some(family) => families.entry(family).or_default().push(*row),
                None => add(&mut corrections, *row, delta[row]),
            }
        }
        let mut standing: HashMap<Family, HashMap<Row, i64>> = HashMap::new();
        for (family, row) in members(&self.columns, codes, facts, &families) {
            *standing.entry(family).or_default().entry(row).or_default() += 1;
        }
        for (row, count) in &self.tail {
            if let Some(family) = row.family(codes, facts)
                && families.contains_key(&family)
            {
                *standing.entry(family).or_default().entry(*row).or_default() += count;
            }
        }
        for (family, changed) in families {
            let standing = standing.remove(&family).unwrap_or_default();
            let mut wanted: HashMap<Row, i64> = HashMap::new();
            for (row, count) in &standing {
                *wanted.entry(unmarked(*row)).or_default() += count;
            }
            for row in changed {
                *wanted.entry(row).or_default() += delta[&row];
            }
            wanted.retain(|_, count| *count != 0);
            let products: HashSet<u32> = wanted.keys().map(|row| row.product).collect();
            for (row, count) in standing {
                add(&mut corrections, row, -count);
            }
            for (row, count) in wanted {
                let mut others = products.iter();
                let is_leaf = !others.any(|other| is_below(*other, row.product, codes, facts));
                add(&mut corrections, Row { is_leaf, ..row }, count);
            }
        }
        corrections
    }
}

/// As it is before anybody knows whether it is a leaf.
fn unmarked(row: Row) -> Row {
    Row {
        is_leaf: true,
        ..row
    }
}

fn add(rows: &mut HashMap<Row, i64>, row: Row, count: i64) {
    let there = rows.entry(row).or_default();
    *there += count;
    if *there == 0 {
        rows.remove(&row);
    }
}

/// What the revisions since have changed.
struct Changes {
    /// The records that have changes of their own, and how each stood before the first.
    records: HashMap<Uuid, Option<shipment::Model>>,
    /// The files that came in: their rows have no changes of their own.
    batches: Vec<Uuid>,
    touch_facts: bool,
}

impl Changes {
    /// None when there are too many.
    async fn since(snapshot: &DatabaseTransaction, since: i64) -> Result<Option<Self>, DbErr> {
        use revision_change::Column;
        let batches: Vec<Uuid> = revision::Entity::find()
            .select_only()
            .column(revision::Column::ImportBatchId)
            .filter(revision::Column::Number.gt(since))
            .filter(revision::Column::ImportBatchId.is_not_null())
            .into_tuple()
            .all(snapshot)
            .await?;
        let of_facts = revision_change::Entity::find()
            .filter(Column::RevisionNumber.gt(since))
            .filter(Column::RecordType.is_in(Facts::TABLES))
            .one(snapshot)
            .await?;
        let changes = revision_change::Entity::find()
            .filter(Column::RevisionNumber.gt(since))
            .filter(Column::RecordType.eq("shipment"))
            .order_by_asc(Column::RevisionNumber)
            .order_by_asc(Column::Position)
            .select_only()
            .columns([Column::RecordId, Column::Before])
            .limit(MOST_CHANGES + 1)
            .into_tuple::<(Uuid, Option<String>)>()
            .all(snapshot)
            .await?;
        if changes.len() as u64 > MOST_CHANGES {
            return Ok(None);
        }
        let mut records = HashMap::new();
        for (id, before) in changes {
            if let std::collections::hash_map::Entry::Vacant(first) = records.entry(id) {
                let before = before
                    .as_deref()
                    .map(serde_json::from_str::<shipment::Model>);
                let before = before.transpose();
                first.insert(before.map_err(|error| DbErr::Json(error.to_string()))?);
            }
        }
        Ok(Some(Self {
            touch_facts: of_facts.is_some() || !batches.is_empty(),
            records,
            batches,
        }))
    }

    fn touch_no_shipments(&self) -> bool {
        self.records.is_empty() && self.batches.is_empty()
    }

    /// Rows that are there more or less often than before.
    async fn delta(
        self,
        snapshot: &DatabaseTransaction,
        codes: &mut Codes,
        facts: &Facts,
    ) -> Result<HashMap<Row, i64>, DbErr> {
        let Self {
            records, batches, ..
        } = self;
        let mut delta = HashMap::new();
        let counts = |row: &shipment::Model| row.status == Status::Published;
        for before in records.values().flatten().filter(|row| counts(row)) {
            // What a file of these revisions brought was not there before them.
            let batch = before.import_batch_id;
            if !batch.is_some_and(|batch| batches.contains(&batch)) {
                add(&mut delta, Narrow::of(before).coded(codes, facts), -1);
            }
        }
        let ids: Vec<Uuid> = records.keys().copied().collect();
        for ids in ids.chunks(IDS_AT_ONCE) {
            let rows = shipment::Entity::find()
                .filter(shipment::Column::Id.is_in(ids.iter().copied()))
                .all(snapshot)
                .await?;
            for row in rows.iter().filter(|row| counts(row)) {
                add(&mut delta, Narrow::of(row).coded(codes, facts), 1);
            }
        }
        for batch in batches {
            let place = match ConnectionTrait::get_database_backend(snapshot) {
                sea_orm::DbBackend::Postgres => "$1",
                _ => "?",
            };
            let brought = format!("status = 'PUBLISHED' AND import_batch_id = {place}");
            stream(snapshot, &brought, vec![batch.into()], |id, narrow| {
                if !records.contains_key(&id) {
                    add(&mut delta, narrow.coded(codes, facts), 1);
                }
            })
            .await?;
        }
        Ok(delta)
    }
}

/// Only the columns that are needed, a row at a time.
async fn stream(
    snapshot: &DatabaseTransaction,
    condition: &str,
    values: Vec<Value>,
    mut take: impl FnMut(Uuid, Narrow<'_>),
) -> Result<(), DbErr> {
    let sql = format!("SELECT {COLUMNS} FROM shipment WHERE {condition}");
    let backend = ConnectionTrait::get_database_backend(snapshot);
    let statement = Statement::from_sql_and_values(backend, sql, values);
    let mut rows = snapshot.stream_raw(statement).await?;
    let mut reader = Reader::default();
    while let Some(row) = rows.try_next().await? {
        let (id, narrow) = reader.read(&row)?;
        take(id, narrow);
    }
    Ok(())
}
