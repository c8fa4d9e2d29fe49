//! The last revision: looked up once for all who ask at the same time, and after they have asked,
//! so that what was acknowledged before, on whatever server, is never missing from it.
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use entity::revision;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryOrder, QuerySelect, QueryTrait};
use tokio::{runtime::Handle, sync::oneshot};

use super::{
    db::{Readers, statement},
    error::{Error, Result},
};

/// Where the history ends: the last revision's number, and its hash, which covers all before it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct End {
    pub number: i64,
    pub hash: Arc<str>,
}

/// Cloning it shares the looks.
#[derive(Clone)]
pub struct Latest(Arc<Shared>);

struct Shared {
    db: Readers,
    asked: Mutex<Asked>,
}

#[derive(Default)]
struct Asked {
    is_looking: bool,
    /// Those who asked since the present look began.
    waiting: Vec<oneshot::Sender<Result<End>>>,
}

impl Latest {
    pub fn new(db: Readers) -> Self {
        Self(Arc::new(Shared {
            db,
            asked: Mutex::default(),
        }))
    }

    /// The last revision at the time of asking, or a later one.
    pub async fn get(&self) -> Result<End> {
        let (tell, told) = oneshot::channel();
        let is_looking = {
            let mut asked = self.0.asked();
            asked.waiting.push(tell);
            std::mem::replace(&mut asked.is_looking, true)
        };
        if !is_looking {
            // Nobody's request: the deadline of one would stop it for all.
            let looking = Looking {
                shared: Arc::clone(&self.0),
                is_over: false,
            };
            Handle::current().spawn(looking.look());
        }
        told.await.map_err(Error::internal)?
    }
}

impl Shared {
    fn asked(&self) -> MutexGuard<'_, Asked> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looks for as long as somebody waits. Where it is dropped before that, the next one begins anew.
struct Looking {
    shared: Arc<Shared>,
    /// From then on another may look, whose askers are none of ours.
    is_over: bool,
}

impl Looking {
    async fn look(mut self) {
        loop {
            let waiting = {
                let mut asked = self.shared.asked();
                if asked.waiting.is_empty() {
                    asked.is_looking = false;
                    self.is_over = true;
                    return;
                }
                std::mem::take(&mut asked.waiting)
            };
            let found = end(&self.shared.db).await.map_err(Error::from);
            for asker in waiting {
                // Who is gone needs no answer.
                let _ = asker.send(found.clone());
            }
        }
    }
}

impl Drop for Looking {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let mut asked = self.shared.asked();
        asked.waiting.clear();
        asked.is_looking = false;
    }
}

/// Where the history ends, as this connection sees it.
pub async fn end(db: &impl ConnectionTrait) -> Result<End, DbErr> {
    let last = revision::Entity::find()
        .select_only()
        .columns([revision::Column::Number, revision::Column::Hash])
        .order_by_desc(revision::Column::Number)
        .limit(1);
    let last = statement(&last.into_query(), db.get_database_backend());
    let Some(row) = db.query_one_raw(last).await? else {
        return Ok(End::default());
    };
    let hash: String = row.try_get_by_index(1)?;
    Ok(End {
        number: row.try_get_by_index(0)?,
        hash: hash.into(),
    })
}
