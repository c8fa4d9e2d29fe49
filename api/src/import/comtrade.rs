//! Records of UN Comtrade.
use std::collections::HashMap;

use entity::{
    claim::Comparator,
    country, country_alias,
    dataset::{self, Grain, Valuation},
    edition,
    import_batch::ImportFormat,
    product::{self, ProductLevel},
    shipment::{self, Flow, ReportedBy},
    value::{Decimal, Status, Timestamp},
};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, prelude::Uuid};

use super::{
    Importer, comtrade_codes,
    hs_code::{above, hs_code},
    report::{Refusal, Report},
    shipments::Shipments,
    table::Record,
};
use crate::{
    cli::Failure,
    kit::{edit::Edit, period::Period},
};

pub struct Comtrade {
    shipments: Shipments,
    /// Countries by M49 code and by UN Comtrade's own.
    countries: HashMap<String, country::Model>,
    /// Editions by UN Comtrade's code.
    editions: HashMap<String, edition::Model>,
    /// Products met so far: as many as the nomenclatures have, however long the file is.
    products: HashMap<(Uuid, String), Uuid>,
    now: Timestamp,
}

impl Comtrade {
    pub async fn new(edit: &mut Edit, slug: &str, batch_id: Uuid) -> Result<Self, Failure> {
        let dataset_id = dataset_id(edit, slug).await?;
        let connection = edit.connection();
        let rows = country::Entity::find().all(connection).await?;
        let by_id: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        let aliases = country_alias::Entity::find().all(connection).await?;
        let by_alias = aliases.into_iter().filter_map(|alias| Some((alias.code, by_id.get(&alias.country_id)?.clone())));
        let by_m49 = by_id.values().map(|row| (row.m49.clone(), row.clone()));
        let editions = edition::Entity::find().all(connection).await?;
        Ok(Self {
            shipments: Shipments { dataset_id, batch_id },
            countries: by_m49.chain(by_alias).collect(),
            editions: editions.into_iter().map(|row| (row.comtrade_code.clone(), row)).collect(),
            products: HashMap::new(),
            now: edit.now,
        })
    }

    fn country(&self, row: &Record, column: &str) -> Result<&country::Model, Refusal> {
        let code = row.get(column);
        let unknown = || row.refuse(column, format!("{code:?} is no country or area that is known here"));
        self.countries.get(&format!("{code:0>3}")).ok_or_else(unknown)
    }

    /// All of a row but its product.
    fn shipment(&self, row: &Record) -> Result<(shipment::Model, &edition::Model, String), Refusal> {
        if !matches!(row.get("typeCode"), "C" | "") {
            return Err(row.refuse("typeCode", "only goods (C) are taken, services are not"));
        }
        let period = period(row)?;
        let flow_code = row.get("flowCode");
        let flow = comtrade_codes::flow(flow_code)
            .ok_or_else(|| row.refuse("flowCode", format!("{flow_code:?} is not a flow")))?;
        let reporter = self.country(row, "reporterCode")?;
        let partner = self.country(row, "partnerCode")?;
        let partner2 = match row.get("partner2Code") {
            "" | "0" => None,
            _ => Some(self.country(row, "partner2Code")?),
        };
        let classification = row.get("classificationCode");
        let edition = self.editions.get(classification).ok_or_else(|| {
            row.refuse("classificationCode", format!("{classification:?} is not an edition of the HS"))
        })?;
        let code = hs_code(row, "cmdCode", "aggrLevel")
            .or_else(|refusal| if row.get("aggrLevel") == "0" { hs_code(row, "cmdCode", "") } else { Err(refusal) })?;
        let customs_procedure = match row.get("customsCode") {
            "" | "C00" => None,
            code => Some(code.to_owned()),
        };
        let mode_of_transport = match row.get("motCode") {
            "" | "0" => None,
            code => Some(comtrade_codes::mode_of_transport(code).ok_or_else(|| {
                row.refuse("motCode", format!("{code:?} is not a mode of transport"))
            })?),
        };
        let Values { value, cif_value, fob_value, valuation } = Values::of(row, flow)?;
        let (quantity, quantity_unit) = counted(row, "qty", "qtyUnitCode", "qtyUnitAbbr")?;
        let (alternative_quantity, alternative_quantity_unit) =
            counted(row, "altQty", "altQtyUnitCode", "altQtyUnitAbbr")?;

        let mut key = format!("{period}:{}:{flow_code}:{}:{classification}:{code}", reporter.m49, partner.m49);
        let parts = [
            ("partner2", partner2.map(|partner2| partner2.m49.as_str())),
            ("customs", customs_procedure.as_deref()),
            ("mot", mode_of_transport.map(|_| row.get("motCode"))),
        ];
        for (name, part) in parts {
            key.extend(part.map(|part| format!(":{name}={part}")));
        }
        let (exporter_id, importer_id, reported_by) = if flow.is_inward() {
            (partner.id, reporter.id, ReportedBy::Importer)
        } else {
            (reporter.id, partner.id, ReportedBy::Exporter)
        };
        let shipment = shipment::Model {
            id: Uuid::now_v7(),
            dataset_id: self.shipments.dataset_id,
            key,
            reported_by,
            flow,
            exporter_id: Some(exporter_id),
            importer_id: Some(importer_id),
            partner2_id: partner2.map(|partner2| partner2.id),
            origin_id: None,
            dispatch_id: None,
            destination_id: None,
            consignor_id: None,
            consignee_id: None,
            product_id: None,
            product_list_id: None,
            declared_code: Some(row.get("cmdCode").to_owned()),
            declared_description: None,
            period_start: period.start,
            period_end: period.end,
            frequency: period.frequency(),
            value,
            value_comparator: Comparator::Exact,
            currency: value.map(|_| "USD".to_owned()),
            valuation,
            cif_value,
            fob_value,
            quantity,
            quantity_unit,
            quantity_estimated: row.flag("isQtyEstimated")?,
            alternative_quantity,
            alternative_quantity_unit,
            alternative_quantity_estimated: row.flag("isAltQtyEstimated")?,
            net_mass: known(row.amount("netWgt")?),
            net_mass_estimated: row.flag("isNetWgtEstimated")?,
            gross_mass: known(row.amount("grossWgt")?),
            gross_mass_estimated: row.flag("isGrossWgtEstimated")?,
            customs_procedure,
            mode_of_transport,
            declaration_number: None,
            aggregated: row.flag("isAggregate")?,
            citation_id: None,
            import_batch_id: Some(self.shipments.batch_id),
            status: Status::Published,
            withdrawal_reason: None,
            version: 1,
            created_at: self.now,
            updated_at: self.now,
        };
        Ok((shipment, edition, code))
    }

    /// Looks up the products of these editions and codes that were not met before.
    async fn meet(&mut self, edit: &Edit, wanted: &[(&edition::Model, &str)]) -> Result<(), DbErr> {
        let mut unmet: HashMap<Uuid, Vec<&str>> = HashMap::new();
        for (edition, code) in wanted {
            for code in std::iter::once(*code).chain(above(code)) {
                if !self.products.contains_key(&(edition.id, code.to_owned())) {
                    unmet.entry(edition.id).or_default().push(code);
                }
            }
        }
        for (edition_id, mut codes) in unmet {
            codes.sort_unstable();
            codes.dedup();
            let found = product::Entity::find()
                .filter(product::Column::EditionId.eq(edition_id))
                .filter(product::Column::Code.is_in(codes))
                .all(edit.connection())
                .await?;
            self.products.extend(found.into_iter().map(|product| ((edition_id, product.code), product.id)));
        }
        Ok(())
    }

    /// A product that no nomenclature has brought yet, so that its records have a place.
    async fn new_product(&mut self, edit: &mut Edit, edition_id: Uuid, code: &str, row: &Record) -> Result<Option<Uuid>, DbErr> {
        let Some(level) = ProductLevel::of(code) else {
            return Ok(None);
        };
        let parent = above(code).find_map(|code| self.products.get(&(edition_id, code.to_owned())));
        let description = row.get("cmdDesc");
        let product = product::Model {
            id: Uuid::now_v7(),
            edition_id,
            parent_id: parent.copied(),
            code: code.to_owned(),
            level,
            description: Some(description).filter(|text| !text.is_empty()).map(str::to_owned),
            section: None,
            unit: None,
        };
        let product = edit.insert::<product::Entity>(product).await?;
        self.products.insert((edition_id, product.code), product.id);
        Ok(Some(product.id))
    }
}

impl Importer for Comtrade {
    const FORMAT: ImportFormat = ImportFormat::Comtrade;
    const EXPECTED: &'static str = "a file of UN Comtrade records, CSV or JSON";
    const COLUMNS: &'static [&'static [&'static str]] = &[&[
        "freqCode", "period", "reporterCode", "flowCode", "partnerCode", "classificationCode",
        "cmdCode", "primaryValue",
    ]];

    async fn take(&mut self, edit: &mut Edit, rows: Vec<Record>, report: &mut Report) -> Result<(), Failure> {
        let mut read = Vec::with_capacity(rows.len());
        for row in rows {
            match self.shipment(&row) {
                Ok((shipment, edition, code)) => read.push((shipment, edition.clone(), code, row)),
                Err(refusal) => report.refuse(refusal),
            }
        }
        let wanted: Vec<_> = read.iter().map(|(_, edition, code, _)| (edition, code.as_str())).collect();
        self.meet(edit, &wanted).await?;
        let mut shipments = Vec::with_capacity(read.len());
        for (shipment, edition, code, row) in read {
            let known = self.products.get(&(edition.id, code.clone())).copied();
            // A whole nomenclature knows all codes of the HS, but none of a country's own.
            let is_wrong = known.is_none() && edition.nomenclature_at.is_some() && code.len() <= 6;
            if is_wrong {
                report.refuse(row.refuse("cmdCode", format!("{} has no code {code}", edition.code)));
                continue;
            }
            let product_id = match known {
                Some(id) => Some(id),
                None => self.new_product(edit, edition.id, &code, &row).await?,
            };
            shipments.push((row.line(), shipment::Model { product_id, ..shipment }));
        }
        self.shipments.put(edit, shipments, report).await?;
        Ok(())
    }

    async fn finish(&mut self, _: &mut Edit) -> Result<(), Failure> {
        Ok(())
    }

    fn dataset_id(&self) -> Option<Uuid> {
        Some(self.shipments.dataset_id)
    }
}

/// The dataset of this name, made when there is none.
async fn dataset_id(edit: &mut Edit, slug: &str) -> Result<Uuid, Failure> {
    let found = dataset::Entity::find().filter(dataset::Column::Slug.eq(slug)).one(edit.connection()).await?;
    if let Some(dataset) = found {
        if dataset.grain != Grain::Statistic {
            return Err(Failure::new(format!(
                "the dataset {slug} does not hold statistics, and records of UN Comtrade are nothing else; name another with --dataset"
            )));
        }
        return Ok(dataset.id);
    }
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if slug.is_empty() || slug.starts_with('-') || !slug.chars().all(fits) {
        return Err(Failure::new(format!(
            "{slug:?} cannot name a dataset: use small letters, digits and hyphens, such as comtrade-wood"
        )));
    }
    let dataset = dataset::Model {
        id: Uuid::now_v7(),
        slug: slug.to_owned(),
        title: format!("UN Comtrade: {slug}"),
        grain: Grain::Statistic,
        currency: Some("USD".to_owned()),
        valuation: Valuation::Unknown,
        publisher_id: None,
        source_id: None,
        licence: Some("UN Comtrade terms of use".to_owned()),
        description: None,
        released_on: None,
        status: Status::Published,
        withdrawal_reason: None,
        version: 1,
        created_at: edit.now,
        updated_at: edit.now,
    };
    Ok(edit.insert::<dataset::Entity>(dataset).await?.id)
}

/// A year (`2022`), a month (`202205`), or a year as its month 52 (`202252`).
fn period(row: &Record) -> Result<Period, Refusal> {
    let text = row.get("period");
    let number = |digits: &str| digits.parse::<u32>().ok().filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let year = text.get(..4).and_then(number).and_then(|year| i32::try_from(year).ok());
    let period = match (row.get("freqCode"), year, text.get(4..).unwrap_or_default()) {
        ("A", Some(year), "" | "52") => Period::year(year),
        ("M", Some(year), month) if month.len() == 2 => number(month).and_then(|month| Period::month(year, month)),
        ("A" | "M", ..) => None,
        (frequency, ..) => {
            let reason = format!("{frequency:?} is neither A (annual) nor M (monthly)");
            return Err(row.refuse("freqCode", reason));
        }
    };
    period.filter(|period| period.start.0.format("%Y").to_string().as_str() >= "1900").ok_or_else(|| {
        let frequency = row.get("freqCode");
        row.refuse("period", format!("{text:?} is not a period of frequency {frequency}, such as 2022 or 202205"))
    })
}

/// What a row says the goods are worth.
struct Values {
    value: Option<Decimal>,
    cif_value: Option<Decimal>,
    fob_value: Option<Decimal>,
    valuation: Valuation,
}

impl Values {
    fn of(row: &Record, flow: Flow) -> Result<Self, Refusal> {
        let value = row.amount("primaryValue")?;
        let cif_value = known(row.amount("CIFValue")?);
        let fob_value = known(row.amount("FOBValue")?);
        // The primary value is one of the two: CIF for imports, FOB for exports, as a rule.
        let valuation = match (value.is_some(), value == cif_value, value == fob_value) {
            (true, true, false) => Valuation::Cif,
            (true, false, true) => Valuation::Fob,
            (true, true, true) if flow.is_inward() => Valuation::Cif,
            (true, true, true) => Valuation::Fob,
            _ => Valuation::Unknown,
        };
        Ok(Self { value, cif_value, fob_value, valuation })
    }
}

/// Zero stands for "unknown" wherever goods cannot weigh or count nothing.
fn known(amount: Option<Decimal>) -> Option<Decimal> {
    amount.filter(|amount| !amount.is_zero())
}

fn counted(
    row: &Record,
    column: &str,
    unit_code: &str,
    unit_name: &str,
) -> Result<(Option<Decimal>, Option<String>), Refusal> {
    let unit = match row.get(unit_code) {
        "" | "-1" => None,
        code => Some(comtrade_codes::unit(code).map(str::to_owned).unwrap_or_else(|| row.get(unit_name).to_owned())),
    };
    let unit = unit.filter(|unit| !unit.is_empty());
    let quantity = known(row.amount(column)?);
    Ok(quantity.zip(unit).unzip())
}
