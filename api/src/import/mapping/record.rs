//! One row of a file, and the shipment that it says.
use std::{borrow::Cow, sync::Arc};

use entity::{
    claim::Comparator,
    country,
    dataset::{self, Valuation},
    shipment::{self, Flow, ReportedBy},
    value::{Decimal, Status, Timestamp},
};
use sea_orm::prelude::Uuid;

use super::{
    amount::Amount,
    coded::{Coded, Truth},
    country::CountryField,
    document::Problem,
    fields::{Sides, ValuationField},
    lists::{flow_code, mode_code},
    party::PartyField,
    spec::Mapping,
    text::Text,
};
use crate::{
    import::{areas::Areas, editions::Editions, products::Named, report::Refusal, table::Record},
    kit::{edit::Edit, period::Period, record::Standing},
};

/// Reads rows with what they refer to at hand.
pub struct Reader {
    pub mapping: Mapping,
    dataset: dataset::Model,
    batch_id: Uuid,
    /// When what is read is entered.
    now: Timestamp,
    areas: Areas,
    editions: Editions,
}

/// What a row says, with what is looked up for many rows at once.
pub struct Said {
    pub shipment: shipment::Model,
    pub product: Option<Named>,
    pub consignor: Option<String>,
    pub consignee: Option<String>,
}

type Country<'a> = Option<&'a country::Model>;

impl Reader {
    /// Looks up what the mapping names, or says what of it is not there.
    pub async fn new(
        edit: &Edit,
        mapping: Mapping,
        dataset: dataset::Model,
        batch_id: Uuid,
    ) -> Result<Result<Self, Vec<Problem>>, sea_orm::DbErr> {
        let areas = Areas::read(edit).await?;
        let editions = Editions::read(edit).await?;
        let fields = &mapping.fields;
        let unknown = fields.edition.unknown(&editions);
        let unknown = unknown.zip(fields.edition_problem.clone());
        let edition = unknown.map(|(name, problem)| Problem {
            message: format!(
                "{name:?} is not an edition of the HS; these are: {}",
                editions.codes()
            ),
            ..problem
        });
        let countries = fields.countries().flat_map(|field| field.problems(&areas));
        let mut problems: Vec<_> = countries.chain(edition).collect();
        problems.sort_by_key(|problem| problem.line);
        Ok(match problems.is_empty() {
            false => Err(problems),
            true => Ok(Self {
                mapping,
                dataset,
                batch_id,
                now: edit.now,
                areas,
                editions,
            }),
        })
    }

    pub fn dataset_id(&self) -> Uuid {
        self.dataset.id
    }

    /// All of a row but the ids of its product and parties; none when the row is left out.
    pub fn read(&self, row: &Record) -> Result<Option<Said>, Refusal> {
        if !self.mapping.rows.takes(row)? {
            return Ok(None);
        }
        let fields = &self.mapping.fields;
        let period = fields.period.read(row)?;
        let flow = fields.flow.demand(row)?;
        let country = |field: &Option<CountryField>| self.country(field.as_ref(), row, period);
        let parts = Parts {
            period,
            flow,
            sides: self.sides(row, flow, period)?,
            // The World as a second partner is no second partner.
            partner2: country(&fields.partner2)?.filter(|area| area.m49 != WORLD),
            origin: country(&fields.origin)?,
            dispatch: country(&fields.dispatch)?,
            destination: country(&fields.destination)?,
        };
        let product = self.product(row, period)?;
        let shipment = self.shipment(row, parts, product.as_ref())?;
        let party = |field: &Option<PartyField>| Some(field.as_ref()?.read(row)?.0);
        Ok(Some(Said {
            shipment,
            product,
            consignor: party(&fields.consignor),
            consignee: party(&fields.consignee),
        }))
    }

    fn country(
        &self,
        field: Option<&CountryField>,
        row: &Record,
        period: Period,
    ) -> Result<Country<'_>, Refusal> {
        field.map_or(Ok(None), |field| field.read(&self.areas, row, period.start))
    }

    fn sides(&self, row: &Record, flow: Flow, period: Period) -> Result<Between<'_>, Refusal> {
        match &self.mapping.fields.sides {
            Sides::Reported { reporter, partner } => {
                let reporter = reporter.demand(&self.areas, row, period.start)?;
                let partner = partner.demand(&self.areas, row, period.start)?;
                Ok(match flow.is_inward() {
                    true => Between::new(Some(partner), Some(reporter), ReportedBy::Importer),
                    false => Between::new(Some(reporter), Some(partner), ReportedBy::Exporter),
                })
            }
            Sides::Named {
                exporter,
                importer,
                reported_by,
            } => Ok(Between::new(
                self.country(exporter.as_ref(), row, period)?,
                self.country(importer.as_ref(), row, period)?,
                reported_by.demand(row)?,
            )),
        }
    }

    fn product(&self, row: &Record, period: Period) -> Result<Option<Named>, Refusal> {
        let fields = &self.mapping.fields;
        let Some(goods) = &fields.product else {
            return Ok(None);
        };
        let Some(code) = goods.read(row)? else {
            return Ok(None);
        };
        let edition = fields
            .edition
            .read(&self.editions, row, period.start, goods)?;
        Ok(Some(Named {
            edition: Arc::clone(edition),
            code,
            description: text(&fields.product_description, row),
        }))
    }

    fn shipment<'a>(
        &'a self,
        row: &'a Record,
        parts: Parts<'a>,
        product: Option<&'a Named>,
    ) -> Result<shipment::Model, Refusal> {
        let fields = &self.mapping.fields;
        let Parts {
            period,
            flow,
            sides,
            partner2,
            origin,
            dispatch,
            destination,
        } = parts;
        let value = amount(&fields.value, row)?;
        let cif_value = amount(&fields.cif_value, row)?;
        let fob_value = amount(&fields.fob_value, row)?;
        let currency = match &fields.currency {
            Some(currency) => currency.read(row)?,
            None => self.dataset.currency.clone(),
        };
        let (value, currency) = value.zip(currency).unzip();
        let valuation = self.valuation(row, flow, [value, cif_value, fob_value])?;
        let (quantity, quantity_unit) = counted(&fields.quantity, &fields.quantity_unit, row)?;
        let (alternative_quantity, alternative_quantity_unit) = counted(
            &fields.alternative_quantity,
            &fields.alternative_quantity_unit,
            row,
        )?;
        let customs_procedure = text(&fields.customs_procedure, row);
        let mode_of_transport = read(&fields.mode_of_transport, row)?;
        let declaration_number = text(&fields.declaration_number, row);
        let m49 = |area: Country<'a>| area.map(|area| Cow::Borrowed(area.m49.as_str()));
        let key = fields.key.of(row, |field| match field {
            "period" => Some(period.to_string().into()),
            "reporter" => m49(sides.reporter()),
            "partner" => m49(sides.partner()),
            "exporter" => m49(sides.exporter),
            "importer" => m49(sides.importer),
            "flow" => Some(flow_code(flow).into()),
            "edition" => Some(product?.edition.comtrade_code.as_str().into()),
            "product" => Some(product?.code.as_str().into()),
            "partner2" => m49(partner2),
            "origin" => m49(origin),
            "dispatch" => m49(dispatch),
            "destination" => m49(destination),
            "declaration_number" => declaration_number.as_deref().map(Cow::from),
            "customs_procedure" => customs_procedure.as_deref().map(Cow::from),
            "mode_of_transport" => Some(mode_code(mode_of_transport?).into()),
            _ => None,
        })?;
        let id = |area: Country<'_>| area.map(|area| area.id);
        Ok(shipment::Model {
            dataset_id: self.dataset.id,
            key,
            reported_by: sides.reported_by,
            flow,
            exporter_id: id(sides.exporter),
            importer_id: id(sides.importer),
            partner2_id: id(partner2),
            origin_id: id(origin),
            dispatch_id: id(dispatch),
            destination_id: id(destination),
            declared_code: fields
                .product
                .as_ref()
                .and_then(|goods| goods.declared(row)),
            declared_description: text(&fields.declared_description, row),
            period_start: period.start,
            period_end: period.end,
            frequency: period.frequency(),
            value,
            value_comparator: read(&fields.value_comparator, row)?.unwrap_or(Comparator::Exact),
            currency,
            valuation,
            cif_value,
            fob_value,
            quantity,
            quantity_unit,
            quantity_estimated: truth(&fields.quantity_estimated, row)?,
            alternative_quantity,
            alternative_quantity_unit,
            alternative_quantity_estimated: truth(&fields.alternative_quantity_estimated, row)?,
            net_mass: amount(&fields.net_mass, row)?,
            net_mass_estimated: truth(&fields.net_mass_estimated, row)?,
            gross_mass: amount(&fields.gross_mass, row)?,
            gross_mass_estimated: truth(&fields.gross_mass_estimated, row)?,
            customs_procedure,
            mode_of_transport,
            declaration_number,
            aggregated: truth(&fields.aggregated, row)?,
            import_batch_id: Some(self.batch_id),
            ..shipment::Entity::blank(Status::Published, self.now)
        })
    }

    fn valuation(
        &self,
        row: &Record,
        flow: Flow,
        [value, cif_value, fob_value]: [Option<Decimal>; 3],
    ) -> Result<Valuation, Refusal> {
        match &self.mapping.fields.valuation {
            ValuationField::OfDataset => Ok(self.dataset.valuation),
            ValuationField::Said(said) => Ok(said.read(row)?.unwrap_or(self.dataset.valuation)),
            // The value is one of the two: CIF for imports, FOB for exports, as a rule.
            ValuationField::ByValues => Ok(
                match (value.is_some(), value == cif_value, value == fob_value) {
                    (true, true, false) => Valuation::Cif,
                    (true, false, true) => Valuation::Fob,
                    (true, true, true) if flow.is_inward() => Valuation::Cif,
                    (true, true, true) => Valuation::Fob,
                    _ => Valuation::Unknown,
                },
            ),
        }
    }
}

/// M49 of all countries together.
const WORLD: &str = "000";

/// What the rest of a row is about.
struct Parts<'a> {
    period: Period,
    flow: Flow,
    sides: Between<'a>,
    partner2: Country<'a>,
    origin: Country<'a>,
    dispatch: Country<'a>,
    destination: Country<'a>,
}

/// Who sent goods to whom, and who says so.
struct Between<'a> {
    exporter: Country<'a>,
    importer: Country<'a>,
    reported_by: ReportedBy,
}

impl<'a> Between<'a> {
    fn new(exporter: Country<'a>, importer: Country<'a>, reported_by: ReportedBy) -> Self {
        Self {
            exporter,
            importer,
            reported_by,
        }
    }

    fn reporter(&self) -> Country<'a> {
        match self.reported_by {
            ReportedBy::Importer => self.importer,
            ReportedBy::Exporter => self.exporter,
            ReportedBy::ThirdParty => None,
        }
    }

    fn partner(&self) -> Country<'a> {
        match self.reported_by {
            ReportedBy::Importer => self.exporter,
            ReportedBy::Exporter => self.importer,
            ReportedBy::ThirdParty => None,
        }
    }
}

fn text(field: &Option<Text>, row: &Record) -> Option<String> {
    field.as_ref()?.read(row).map(std::borrow::Cow::into_owned)
}

fn amount(field: &Option<Amount>, row: &Record) -> Result<Option<Decimal>, Refusal> {
    field.as_ref().map_or(Ok(None), |field| field.read(row))
}

fn truth(field: &Option<Truth>, row: &Record) -> Result<bool, Refusal> {
    field.as_ref().map_or(Ok(false), |field| field.read(row))
}

fn read<T: super::coded::Coding>(
    field: &Option<Coded<T>>,
    row: &Record,
) -> Result<Option<T>, Refusal> {
    field.as_ref().map_or(Ok(None), |field| field.read(row))
}

/// A quantity without its unit says nothing, nor does a unit alone.
fn counted(
    quantity: &Option<Amount>,
    unit: &Option<Coded<String>>,
    row: &Record,
) -> Result<(Option<Decimal>, Option<String>), Refusal> {
    Ok(amount(quantity, row)?.zip(read(unit, row)?).unzip())
}
