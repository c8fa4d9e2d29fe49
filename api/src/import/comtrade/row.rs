//! One row of UN Comtrade, and the shipment that it says.
use std::collections::HashMap;

use entity::{
    claim::Comparator,
    country, country_alias,
    dataset::Valuation,
    edition,
    shipment::{self, Flow, ReportedBy},
    value::{Decimal, Status, Timestamp},
};
use sea_orm::{DbErr, EntityTrait, prelude::Uuid};

use super::codes;
use crate::{
    import::{hs_code::hs_code, report::Refusal, table::Record},
    kit::{edit::Edit, period::Period},
};

/// Reads rows with what they refer to at hand.
pub struct Reader {
    dataset_id: Uuid,
    batch_id: Uuid,
    /// Countries by M49 code and by UN Comtrade's own.
    countries: HashMap<String, country::Model>,
    /// Editions by UN Comtrade's code.
    editions: HashMap<String, edition::Model>,
    now: Timestamp,
}

impl Reader {
    pub async fn new(edit: &Edit, dataset_id: Uuid, batch_id: Uuid) -> Result<Self, DbErr> {
        let connection = edit.connection();
        let rows = country::Entity::find().all(connection).await?;
        let by_id: HashMap<_, _> = rows.into_iter().map(|row| (row.id, row)).collect();
        let aliases = country_alias::Entity::find().all(connection).await?;
        let by_alias = aliases
            .into_iter()
            .filter_map(|alias| Some((alias.code, by_id.get(&alias.country_id)?.clone())));
        let by_m49 = by_id.values().map(|row| (row.m49.clone(), row.clone()));
        let editions = edition::Entity::find().all(connection).await?;
        let by_code = editions
            .into_iter()
            .map(|row| (row.comtrade_code.clone(), row));
        Ok(Self {
            dataset_id,
            batch_id,
            countries: by_m49.chain(by_alias).collect(),
            editions: by_code.collect(),
            now: edit.now,
        })
    }

    fn country(&self, row: &Record, column: &str) -> Result<&country::Model, Refusal> {
        let code = row.get(column);
        let found = Some(code).filter(|code| !code.is_empty());
        let found = found.and_then(|code| self.countries.get(&format!("{code:0>3}")));
        found.ok_or_else(|| {
            row.refuse(
                column,
                format!("{code:?} is no country or area that is known here"),
            )
        })
    }

    /// All of a row but its product.
    pub fn shipment(
        &self,
        row: &Record,
    ) -> Result<(shipment::Model, &edition::Model, String), Refusal> {
        if !matches!(row.get("typeCode"), "C" | "") {
            return Err(row.refuse("typeCode", "only goods (C) are taken, services are not"));
        }
        let period = period(row)?;
        let flow_code = row.get("flowCode");
        let flow = codes::flow(flow_code)
            .ok_or_else(|| row.refuse("flowCode", format!("{flow_code:?} is not a flow")))?;
        let reporter = self.country(row, "reporterCode")?;
        let partner = self.country(row, "partnerCode")?;
        let partner2 = match row.get("partner2Code") {
            "" | "0" => None,
            _ => Some(self.country(row, "partner2Code")?),
        };
        let classification = row.get("classificationCode");
        let edition = self.editions.get(classification).ok_or_else(|| {
            row.refuse(
                "classificationCode",
                format!("{classification:?} is not an edition of the HS"),
            )
        })?;
        let code = hs_code(row, "cmdCode", "aggrLevel").or_else(|refusal| {
            if row.get("aggrLevel") == "0" {
                hs_code(row, "cmdCode", "")
            } else {
                Err(refusal)
            }
        })?;
        let customs_procedure = match row.get("customsCode") {
            "" | "C00" => None,
            code => Some(code.to_owned()),
        };
        let mode_of_transport = match row.get("motCode") {
            "" | "0" => None,
            code => Some(codes::mode_of_transport(code).ok_or_else(|| {
                row.refuse("motCode", format!("{code:?} is not a mode of transport"))
            })?),
        };
        let Values {
            value,
            cif_value,
            fob_value,
            valuation,
        } = Values::of(row, flow)?;
        let (quantity, quantity_unit) = counted(row, "qty", "qtyUnitCode", "qtyUnitAbbr")?;
        let (alternative_quantity, alternative_quantity_unit) =
            counted(row, "altQty", "altQtyUnitCode", "altQtyUnitAbbr")?;

        let mut key = format!(
            "{period}:{}:{flow_code}:{}:{classification}:{code}",
            reporter.m49, partner.m49
        );
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
            dataset_id: self.dataset_id,
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
            import_batch_id: Some(self.batch_id),
            status: Status::Published,
            withdrawal_reason: None,
            version: 1,
            created_at: self.now,
            updated_at: self.now,
        };
        Ok((shipment, edition, code))
    }
}

/// A year (`2022`), a month (`202205`), or a year as its month 52 (`202252`).
fn period(row: &Record) -> Result<Period, Refusal> {
    let text = row.get("period");
    let number = |digits: &str| {
        digits
            .parse::<u32>()
            .ok()
            .filter(|_| digits.bytes().all(|byte| byte.is_ascii_digit()))
    };
    let year = text
        .get(..4)
        .and_then(number)
        .and_then(|year| i32::try_from(year).ok());
    let period = match (row.get("freqCode"), year, text.get(4..).unwrap_or_default()) {
        ("A", Some(year), "" | "52") => Period::year(year),
        ("M", Some(year), month) if month.len() == 2 => {
            number(month).and_then(|month| Period::month(year, month))
        }
        ("A" | "M", ..) => None,
        (frequency, ..) => {
            let reason = format!("{frequency:?} is neither A (annual) nor M (monthly)");
            return Err(row.refuse("freqCode", reason));
        }
    };
    period
        .filter(|period| period.start.0.format("%Y").to_string().as_str() >= "1900")
        .ok_or_else(|| {
            let frequency = row.get("freqCode");
            row.refuse(
                "period",
                format!(
                    "{text:?} is not a period of frequency {frequency}, such as 2022 or 202205"
                ),
            )
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
        Ok(Self {
            value,
            cif_value,
            fob_value,
            valuation,
        })
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
        code => {
            Some(codes::unit(code).map_or_else(|| row.get(unit_name).to_owned(), str::to_owned))
        }
    };
    let unit = unit.filter(|unit| !unit.is_empty());
    let quantity = known(row.amount(column)?);
    Ok(quantity.zip(unit).unzip())
}
