//! What a mapping says of its dataset, and the dataset itself.
use entity::{
    dataset::{self, Grain, Valuation},
    value::Status,
};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, Iterable, QueryFilter};

use super::document::Item;
use crate::{
    cli::Failure,
    kit::{curate::form, edit::Edit, record::Standing},
};

/// The facts of a dataset that is made when there is none of its name.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Title for people; `{slug}` stands for the dataset's slug.
    title: String,
    pub grain: Grain,
    pub currency: Option<String>,
    pub valuation: Valuation,
    licence: Option<String>,
    description: Option<String>,
}

impl Facts {
    pub fn parse(item: &Item) -> Option<Self> {
        let mut section = item.section()?;
        let title = section.demand(
            "title",
            "what people read of it, such as \"Imports of wood\"",
        );
        let grain = section.demand(
            "grain",
            "what one row is: CONSIGNMENT, STATISTIC or REPORTED_TOTAL",
        );
        let currency = section.take("currency");
        let valuation = section.take("valuation");
        let licence = section.take("licence").and_then(|item| item.text());
        let description = section.take("description").and_then(|item| item.text());
        section.finish();
        let currency = currency.and_then(|item| {
            let code = item.text()?;
            match form::currency(&code) {
                Ok(()) => Some(code),
                Err(expected) => item.none(format!("{code:?} is not {expected}")),
            }
        });
        let title = title.and_then(|item| item.text());
        let grain = grain.and_then(|item| choice(&item));
        let valuation = match valuation {
            Some(item) => choice(&item),
            None => Some(Valuation::Unknown),
        };
        Some(Self {
            title: title?,
            grain: grain?,
            currency,
            valuation: valuation?,
            licence,
            description,
        })
    }

    /// The dataset of this name, made when there is none.
    pub async fn dataset(&self, edit: &mut Edit, slug: &str) -> Result<dataset::Model, Failure> {
        let found = dataset::Entity::find()
            .filter(dataset::Column::Slug.eq(slug))
            .one(edit.connection())
            .await?;
        let Some(dataset) = found else {
            return self.new_dataset(edit, slug).await;
        };
        if dataset.grain != self.grain {
            return Err(Failure::new(format!(
                "the dataset {slug} holds {}, and a row of this file is {}; name another with --dataset",
                held(dataset.grain),
                one(self.grain),
            )));
        }
        if dataset.status != Status::Published {
            return Err(Failure::new(format!(
                "the dataset {slug} is not published, and its records would be: publish it first, or name another with --dataset"
            )));
        }
        if let (Some(held), Some(ours)) = (&dataset.currency, &self.currency)
            && held != ours
        {
            return Err(Failure::new(format!(
                "the dataset {slug} is in {held}, and this file in {ours}; name another with --dataset"
            )));
        }
        Ok(dataset)
    }

    async fn new_dataset(&self, edit: &mut Edit, slug: &str) -> Result<dataset::Model, Failure> {
        form::slug(slug).map_err(|_| {
            Failure::new(format!(
                "{slug:?} cannot name a dataset: use small letters, digits and hyphens, such as comtrade-wood"
            ))
        })?;
        let dataset = dataset::Model {
            slug: slug.to_owned(),
            title: self.title.replace("{slug}", slug),
            grain: self.grain,
            currency: self.currency.clone(),
            valuation: self.valuation,
            licence: self.licence.clone(),
            description: self.description.clone(),
            ..dataset::Entity::blank(Status::Published, edit.now)
        };
        Ok(edit.insert::<dataset::Entity>(dataset).await?)
    }
}

fn held(grain: Grain) -> &'static str {
    match grain {
        Grain::Consignment => "single consignments",
        Grain::Statistic => "statistics",
        Grain::ReportedTotal => "totals as sources state them",
    }
}

fn one(grain: Grain) -> &'static str {
    match grain {
        Grain::Consignment => "a single consignment",
        Grain::Statistic => "a statistic",
        Grain::ReportedTotal => "a total as a source states it",
    }
}

/// One of the API's names.
fn choice<T: ActiveEnum<Value = String> + Iterable>(item: &Item) -> Option<T> {
    let text = item.text()?;
    T::try_from_value(&text).ok().or_else(|| {
        let names: Vec<_> = T::iter().map(|value| value.to_value()).collect();
        item.none(format!("{text:?} is none of {}", names.join(", ")))
    })
}
