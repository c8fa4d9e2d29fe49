//! Concordances: what products of one edition are in another.
use async_graphql::{ComplexObject, Context, Object, SimpleObject};
use entity::{concordance, concordance::ConcordanceRelation, edition, product};
use sea_orm::prelude::Uuid;

use crate::{
    edition::Edition,
    kit::{error::Result, page, record::Record, rows},
    product::Product,
};

mod convert;
mod excerpt;
mod nomenclature;

pub use convert::{Conversion, Exactness, Found, LossReason, Lost};
pub use excerpt::excerpt;
pub use nomenclature::Nomenclature;

/// How a product of one edition relates to one of a later edition.
#[derive(SimpleObject)]
#[graphql(complex)]
pub struct Concordance {
    #[graphql(flatten)]
    row: concordance::Model,
}

#[ComplexObject]
impl Concordance {
    /// The product of the earlier edition.
    async fn earlier(&self, ctx: &Context<'_>) -> Result<Product> {
        rows::parent::<_, product::Entity>(ctx, self.row.earlier_id).await
    }

    /// The product of the later edition.
    async fn later(&self, ctx: &Context<'_>) -> Result<Product> {
        rows::parent::<_, product::Entity>(ctx, self.row.later_id).await
    }
}

impl Record for concordance::Entity {
    const NAME: &'static str = "Concordance";
}

/// The concordances whose `column` is this product.
pub async fn concordances(
    ctx: &Context<'_>,
    column: concordance::Column,
    id: Uuid,
) -> Result<Vec<Concordance>> {
    let rows =
        rows::children::<concordance::Entity>(ctx, column, id, concordance::Column::Id).await?;
    Ok(rows.into_iter().map(|row| Concordance { row }).collect())
}

/// What a conversion comes to, and what names its products.
pub struct ProductConversion {
    edition: edition::Model,
    conversion: Conversion,
    nomenclature: Nomenclature,
}

impl ProductConversion {
    pub async fn of(
        ctx: &Context<'_>,
        asked: &[product::Model],
        edition: edition::Model,
    ) -> Result<Self> {
        let nomenclature = excerpt(ctx, asked, edition.id).await?;
        let conversion = nomenclature.convert(asked.iter().map(|row| row.id), edition.id);
        Ok(Self {
            edition,
            conversion,
            nomenclature,
        })
    }
}

/// Products as an edition of the Harmonized System has them.
#[Object]
impl ProductConversion {
    /// The edition.
    async fn edition(&self) -> Edition {
        self.edition.clone().into()
    }

    /// Whether the codes cover the goods that were asked for, all of them and no others.
    async fn is_exact(&self) -> bool {
        self.conversion.is_exact()
    }

    /// The edition's codes for the goods, in their order. A heading stands for all below it.
    async fn products(
        &self,
        #[graphql(desc = "How many, 0 to 200; 25 when absent.")] first: Option<i32>,
        #[graphql(desc = "Only those whose code comes after this one.")] after_code: Option<String>,
    ) -> Result<Vec<ConvertedProduct>> {
        let is_after = |found: &&Found| match &after_code {
            Some(code) => self.nomenclature.code(found.product_id) > Some(code),
            None => true,
        };
        let found = self
            .conversion
            .found
            .iter()
            .filter(is_after)
            .take(page::length(first)?);
        Ok(found.cloned().map(ConvertedProduct).collect())
    }

    /// How many codes there are.
    async fn product_count(&self) -> usize {
        self.conversion.found.len()
    }

    /// The products whose goods have no code there, wholly or in part, by their code.
    async fn lost(
        &self,
        #[graphql(desc = "How many, 0 to 200; 25 when absent.")] first: Option<i32>,
    ) -> Result<Vec<LostProduct>> {
        let lost = self.conversion.lost.iter().take(page::length(first)?);
        let lost = lost.map(|lost| LostProduct {
            lost: lost.clone(),
            edition: self.edition.code.clone(),
        });
        Ok(lost.collect())
    }

    /// How many products are lost.
    async fn lost_count(&self) -> usize {
        self.conversion.lost.len()
    }
}

pub struct ConvertedProduct(Found);

/// A code of an edition for goods that were asked for by others.
#[Object]
impl ConvertedProduct {
    /// The edition's product.
    async fn product(&self, ctx: &Context<'_>) -> Result<Product> {
        rows::parent::<_, product::Entity>(ctx, self.0.product_id).await
    }

    /// The products that it stands for; itself, where it is of the edition already.
    async fn from(&self, ctx: &Context<'_>) -> Result<Vec<Product>> {
        rows::parents::<_, product::Entity>(ctx, self.0.from.iter().copied()).await
    }

    /// Whether codes were split or merged on the way, from the earlier edition to the later one;
    /// null where no concordance was needed, or none is known.
    async fn relation(&self) -> Option<ConcordanceRelation> {
        self.0.relation
    }

    /// How far it covers the goods that were asked for.
    async fn exactness(&self) -> Exactness {
        self.0.exactness
    }
}

pub struct LostProduct {
    lost: Lost,
    /// The code of the edition that they were sought in.
    edition: String,
}

/// A product whose goods have no code in an edition.
#[Object]
impl LostProduct {
    /// The product, of the edition in which its goods have a code last.
    async fn product(&self, ctx: &Context<'_>) -> Result<Product> {
        rows::parent::<_, product::Entity>(ctx, self.lost.product_id).await
    }

    /// Why it is lost.
    async fn reason(&self) -> LossReason {
        self.lost.reason
    }

    /// The same in a sentence.
    async fn explanation(&self) -> String {
        self.lost.reason.sentence(&self.edition)
    }
}

impl LossReason {
    /// For people, of the edition with this code.
    pub fn sentence(self, edition: &str) -> String {
        match self {
            Self::NotInEdition => {
                format!(
                    "{edition} has no such code, and by the concordance none that took its goods."
                )
            }
            Self::NoConcordance => format!(
                "{edition} has no such code, and no concordance with {edition} was imported."
            ),
            Self::NomenclatureUnknown => "The nomenclature of its own edition was never imported: \
                 the codes below it that no record names are not known."
                .to_owned(),
        }
    }
}
