//! Products by hand: national lines, and what a nomenclature lacks.
use async_graphql::{ID, InputObject, OneofObject};
use entity::{
    claim, claim_subject, edition, product, product::ProductLevel, product_list,
    product_list_entry, shipment,
};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, prelude::Uuid,
    sea_query::SelectStatement,
};

use super::Product;
use crate::{
    claim::claims_with_subject,
    edition::edition_named,
    kit::{
        access::View,
        check::UserErrorCode::{Invalid, NotAllowed, NotFound, Taken},
        curate::{Curated, Entry, Patch, Refer, inputs, mutations, published},
        error::Result,
        filter::ids,
    },
};

inputs! {
    /// An item of an edition to enter, such as a national line. Its level and its parent follow from its code.
    NewProduct changed by ProductChanges {
        /// Edition by its code (`HS2022`), its year (`2022`) or UN Comtrade's code (`H6`).
        edition: String,
        /// HS code with its leading zeros, with or without dots. Unique within the edition. Codes of up to six digits come from the nomenclature, where one was imported.
        code: String,
        /// English description.
        description: Option<String>,
        /// Roman number of the HS section.
        section: Option<String>,
        /// Unit in which the quantity of these goods is counted, as UN Comtrade abbreviates it: `u`, `kg`.
        unit: Option<String>,
    }
}

/// A product that is there.
#[derive(Clone, OneofObject)]
pub enum ProductReference {
    /// Global id of a product.
    Id(ID),
    /// A code within an edition.
    Code(ProductCode),
}

/// What names a product: a code means something only within its edition.
#[derive(Clone, InputObject)]
pub struct ProductCode {
    /// Edition by its code (`HS2022`), its year (`2022`) or UN Comtrade's code (`H6`).
    edition: String,
    /// HS code with its leading zeros, with or without dots.
    code: String,
}

/// The code as it is kept.
fn plain_code(code: &str) -> String {
    let digits = code.chars().filter(|c| !matches!(c, '.' | ' '));
    digits.collect::<String>().to_ascii_uppercase()
}

async fn find_edition(
    entry: &mut Entry,
    field: &str,
    name: &str,
) -> Result<Option<edition::Model>> {
    let found = edition::Entity::find().filter(edition_named(name));
    let found = found.one(entry.edit.connection()).await?;
    if found.is_none() {
        let message = format!("there is no edition {name:?}; the query editions lists them");
        entry.check.refuse(field, NotFound, message);
    }
    Ok(found)
}

async fn by_code(
    entry: &mut Entry,
    edition_id: Uuid,
    code: &str,
) -> Result<Option<product::Model>> {
    let product = product::Entity::find()
        .filter(product::Column::EditionId.eq(edition_id))
        .filter(product::Column::Code.eq(code))
        .lock_shared();
    Ok(product.one(entry.edit.connection()).await?)
}

impl Refer for ProductReference {
    type Entity = product::Entity;

    async fn resolve(self, entry: &mut Entry) -> Result<Option<product::Model>> {
        let ProductCode { edition, code } = match self {
            Self::Id(id) => return entry.by_id::<product::Entity>(&id).await,
            Self::Code(code) => code,
        };
        entry.check.enter("code");
        let mut found = None;
        if let Some(edition) = find_edition(entry, "edition", &edition).await? {
            found = by_code(entry, edition.id, &plain_code(&code)).await?;
            if found.is_none() {
                let message = format!("there is no code {code:?} in {}", edition.code);
                entry.check.refuse("code", NotFound, message);
            }
        }
        entry.check.leave();
        Ok(found)
    }
}

impl Curated for Product {
    type New = NewProduct;
    type Changes = ProductChanges;
    type Parts = ();

    async fn enter(
        entry: &mut Entry,
        row: &mut product::Model,
        changes: ProductChanges,
    ) -> Result<()> {
        let ProductChanges {
            edition,
            code,
            description,
            section,
            unit,
        } = changes;
        description.text(entry, "description", &mut row.description);
        section.text(entry, "section", &mut row.section);
        unit.text(entry, "unit", &mut row.unit);
        if let (Patch::Keep, Patch::Keep) = (&edition, &code) {
            return stays_in_place(entry, row).await;
        }
        if has_children(entry, row.id).await? {
            let message =
                "cannot change, since there are items below it: their codes would not fit any more";
            entry.check.refuse("code", NotAllowed, message);
            return Ok(());
        }
        let found = match edition {
            Patch::Set(name) => find_edition(entry, "edition", &name).await?,
            Patch::Keep => {
                let kept = edition::Entity::find_by_id(row.edition_id);
                kept.one(entry.edit.connection()).await?
            }
        };
        if let Some(code) = code.given() {
            row.code = plain_code(&code);
        }
        if let Some(edition) = found {
            place(entry, row, &edition).await?;
        }
        Ok(())
    }

    fn referrers(id: Uuid) -> Vec<(&'static str, SelectStatement)> {
        let subject = claim_subject::Column::ProductId.eq(id);
        let listing = ids::<product_list_entry::Entity>(
            View::PUBLIC,
            product_list_entry::Column::ProductListId,
            Condition::all().add(product_list_entry::Column::ProductId.eq(id)),
        );
        vec![
            (
                "products",
                published::<product::Entity>(product::Column::ParentId.eq(id)),
            ),
            (
                "shipments",
                published::<shipment::Entity>(shipment::Column::ProductId.eq(id)),
            ),
            (
                "claims",
                published::<claim::Entity>(claims_with_subject(View::PUBLIC, subject)),
            ),
            (
                "product lists",
                published::<product_list::Entity>(product_list::Column::Id.in_subquery(listing)),
            ),
        ]
    }
}

async fn has_children(entry: &Entry, id: Uuid) -> Result<bool> {
    let child = product::Entity::find().filter(product::Column::ParentId.eq(id));
    Ok(child.one(entry.edit.connection()).await?.is_some())
}

/// The code stays; it must be free, and what stands above it published if this is.
async fn stays_in_place(entry: &mut Entry, row: &product::Model) -> Result<()> {
    entry.check.enter("code");
    let same = by_code(entry, row.edition_id, &row.code).await?;
    if same.is_some_and(|same| same.id != row.id) {
        entry
            .check
            .refuse_here(Taken, "is another product's by now");
    }
    entry.stays_if_any::<product::Entity>(row.parent_id).await?;
    entry.check.leave();
    Ok(())
}

/// Finds where in the edition the code stands, and whether it may stand there.
async fn place(
    entry: &mut Entry,
    row: &mut product::Model,
    edition: &edition::Model,
) -> Result<()> {
    row.edition_id = edition.id;
    let Some(level) = ProductLevel::of(&row.code) else {
        let message = format!(
            "{:?} is not an HS code: 2, 4, 6 or up to 10 digits",
            row.code
        );
        entry.check.refuse("code", Invalid, message);
        return Ok(());
    };
    row.level = level;
    if let Some(same) = by_code(entry, edition.id, &row.code).await?
        && same.id != row.id
    {
        let message = format!("{} has this code already", edition.code);
        entry.check.refuse("code", Taken, message);
    }
    if edition.nomenclature_at.is_some() && level != ProductLevel::National {
        let message = format!(
            "the nomenclature of {} was imported: only national lines of 7 to 10 digits can be added to it",
            edition.code
        );
        entry.check.refuse("code", NotAllowed, message);
    }
    row.parent_id = None;
    for length in (2..row.code.len()).rev() {
        let above = row.code.get(..length).unwrap_or_default();
        let found = by_code(entry, edition.id, above).await?;
        // Not what the product itself was called until now.
        if let Some(mut parent) = found.filter(|found| found.id != row.id) {
            entry.check.enter("code");
            row.parent_id = Some(entry.lean_on::<product::Entity>(&mut parent));
            entry.check.leave();
            return Ok(());
        }
    }
    if level == ProductLevel::National {
        let message = format!("{} has no heading or subheading above it", edition.code);
        entry.check.refuse("code", NotFound, message);
    }
    Ok(())
}

mutations! {
    ProductMutation of Product, ProductPayload of product,
    create_product, update_product, publish_product, withdraw_product, revert_product
}
