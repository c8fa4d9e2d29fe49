//! Who subscribed: found out anew for each event, by what the request proved itself with.
use std::sync::Arc;

use async_graphql::{Context, Data};

use super::{Auth, Credential, Refusal, Secret};
use crate::kit::{
    access::{View, Viewer, viewer},
    db::Db,
    error::{Error, Result},
    feed,
};

/// What a request had as `Authorization`, kept for as long as it is answered; none for anybody.
#[derive(Clone, Debug, Default)]
pub struct Authorization(pub Option<Secret>);

/// Whoever a subscription belongs to. They are read from the database each time, so that one who
/// signed out, was disabled or has a key that was revoked gets no event more.
pub struct Subscriber {
    auth: Arc<Auth>,
    db: Db,
    authorization: Authorization,
    viewer: Viewer,
    credential: Credential,
}

impl Subscriber {
    pub fn of(ctx: &Context<'_>) -> Self {
        Self {
            auth: Arc::clone(ctx.data_unchecked::<Arc<Auth>>()),
            db: ctx.data_unchecked::<Db>().clone(),
            authorization: ctx.data_unchecked::<Authorization>().clone(),
            viewer: viewer(ctx).clone(),
            credential: Credential::of(ctx),
        }
    }
}

impl feed::Subscriber for Subscriber {
    async fn identify(&mut self) -> Result<View> {
        let authorization = self.authorization.0.as_ref().map(Secret::expose);
        let identified = self.auth.identify(&self.db, authorization).await;
        (self.viewer, self.credential) = identified.map_err(|refusal| match refusal {
            Refusal::Bad(why) => Error::Unauthenticated(why),
            Refusal::Unavailable(why) => Error::internal(why),
            Refusal::Failed(error) => error,
        })?;
        Ok(self.viewer.view())
    }

    fn data(&self) -> Data {
        let mut data = Data::default();
        data.insert(self.viewer.clone());
        data.insert(self.credential);
        data
    }
}
