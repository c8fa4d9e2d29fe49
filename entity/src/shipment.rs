//! Shipments: the records of datasets.
use async_graphql::SimpleObject;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    claim::Comparator,
    dataset::Valuation,
    value::{Date, Decimal, Frequency, Status, Timestamp, text_enum},
};

/// One record of a dataset: goods that moved from an exporter to an importer.
#[sea_orm::model]
#[derive(
    Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel, SimpleObject,
)]
#[sea_orm(table_name = "shipment")]
#[graphql(name = "ShipmentRow")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    #[graphql(skip)]
    pub id: Uuid,
    #[graphql(skip)]
    pub dataset_id: Uuid,
    /// What names the record within its dataset: a declaration's number, or what a statistic
    /// is about, spelled out. Importing it again finds it by this key.
    pub key: String,
    /// Who reported the movement.
    pub reported_by: ReportedBy,
    /// Direction and kind of the movement, as the reporter sees it.
    pub flow: Flow,
    #[graphql(skip)]
    pub exporter_id: Option<Uuid>,
    #[graphql(skip)]
    pub importer_id: Option<Uuid>,
    #[graphql(skip)]
    pub partner2_id: Option<Uuid>,
    #[graphql(skip)]
    pub origin_id: Option<Uuid>,
    #[graphql(skip)]
    pub dispatch_id: Option<Uuid>,
    #[graphql(skip)]
    pub destination_id: Option<Uuid>,
    #[graphql(skip)]
    pub consignor_id: Option<Uuid>,
    #[graphql(skip)]
    pub consignee_id: Option<Uuid>,
    #[graphql(skip)]
    pub product_id: Option<Uuid>,
    #[graphql(skip)]
    pub product_list_id: Option<Uuid>,
    /// Code of the goods as declared, before it was matched to a product; null when none was.
    pub declared_code: Option<String>,
    /// Description of the goods as declared; null when none was.
    pub declared_description: Option<String>,
    /// First day of the period.
    pub period_start: Date,
    /// Last day of the period.
    pub period_end: Date,
    /// Length of the period.
    pub frequency: Frequency,
    /// Value of the goods in the currency; null when it is not known, which is not zero.
    pub value: Option<Decimal>,
    /// How the value is meant: `MORE_THAN` 100 million is not 100 million.
    pub value_comparator: Comparator,
    /// Currency of the value, ISO 4217: `USD`. Null when there is no value.
    pub currency: Option<String>,
    /// What the value includes.
    pub valuation: Valuation,
    /// Value at the importer's border (CIF) where it is reported as well; null otherwise.
    pub cif_value: Option<Decimal>,
    /// Value at the exporter's border (FOB) where it is reported as well; null otherwise.
    pub fob_value: Option<Decimal>,
    /// Quantity in the unit; null when it is not known, which is not zero.
    pub quantity: Option<Decimal>,
    /// Unit of the quantity, as UN Comtrade abbreviates it: `u`, `kg`. Null when there is no quantity.
    pub quantity_unit: Option<String>,
    /// Whether the quantity was estimated by the publisher.
    pub quantity_estimated: bool,
    /// Quantity in a second unit; null when none is known.
    pub alternative_quantity: Option<Decimal>,
    /// The second unit; null when there is no second quantity.
    pub alternative_quantity_unit: Option<String>,
    /// Whether the second quantity was estimated by the publisher.
    pub alternative_quantity_estimated: bool,
    /// Mass without packing, in kilograms; null when it is not known, which is not zero.
    pub net_mass: Option<Decimal>,
    /// Whether the net mass was estimated by the publisher.
    pub net_mass_estimated: bool,
    /// Mass with packing, in kilograms; null when it is not known, which is not zero.
    pub gross_mass: Option<Decimal>,
    /// Whether the gross mass was estimated by the publisher.
    pub gross_mass_estimated: bool,
    /// Customs procedure, as UN Comtrade codes it: `C06`, inward processing.
    /// Null when the record covers all procedures, or none is known.
    pub customs_procedure: Option<String>,
    /// How the goods crossed the border; null when the record covers all modes, or none is known.
    pub mode_of_transport: Option<ModeOfTransport>,
    /// Number of the customs declaration; null when the record is not a declaration.
    pub declaration_number: Option<String>,
    /// Whether the publisher computed the record from others, rather than receiving it.
    pub aggregated: bool,
    #[graphql(skip)]
    pub citation_id: Option<Uuid>,
    #[graphql(skip)]
    pub import_batch_id: Option<Uuid>,
    /// Where the record stands.
    pub status: Status,
    /// Why the record was withdrawn; null while it is not.
    pub withdrawal_reason: Option<String>,
    /// Counts the record's changes, from 1.
    pub version: i32,
    /// When the record was entered.
    pub created_at: Timestamp,
    /// When the record was last changed.
    pub updated_at: Timestamp,
}

impl ActiveModelBehavior for ActiveModel {}

text_enum! {
    /// Who reported a movement of goods. The two sides of a mirror pair are never added up.
    pub enum ReportedBy {
        /// The exporting country.
        Exporter,
        /// The importing country.
        Importer,
        /// Neither, such as a newspaper.
        ThirdParty,
    }
}

text_enum! {
    /// Direction and kind of a movement of goods (UN Comtrade trade regimes).
    pub enum Flow {
        /// Goods brought in: all imports.
        Import,
        /// Goods sent out: all exports.
        Export,
        /// Goods brought back in the state in which they were sent out; part of imports.
        ReImport,
        /// Foreign goods sent on in the state in which they were brought in; part of exports.
        ReExport,
        /// Goods of the exporter's own making; part of exports.
        DomesticExport,
        /// Goods of foreign origin; part of imports.
        ForeignImport,
        /// Goods brought in to be worked on; part of imports.
        ImportForInwardProcessing,
        /// Goods brought back after work abroad; part of imports.
        ImportAfterOutwardProcessing,
        /// Goods sent out after being worked on; part of exports.
        ExportAfterInwardProcessing,
        /// Goods sent out to be worked on abroad; part of exports.
        ExportForOutwardProcessing,
    }
}

impl Flow {
    /// Whether the one who reports the flow is the importer.
    pub const fn is_inward(self) -> bool {
        matches!(
            self,
            Self::Import
                | Self::ReImport
                | Self::ForeignImport
                | Self::ImportForInwardProcessing
                | Self::ImportAfterOutwardProcessing
        )
    }
}

text_enum! {
    /// How goods cross the border (UN Comtrade modes of transport).
    pub enum ModeOfTransport {
        /// By air.
        Air,
        /// On water, sea and inland together.
        Water,
        /// By sea.
        Sea,
        /// On inland waterways.
        InlandWaterway,
        /// On water, not told whether sea or inland.
        WaterUnspecified,
        /// Over land, rail and road together.
        Land,
        /// By rail.
        Rail,
        /// By road.
        Road,
        /// Over land, not told whether rail or road.
        LandUnspecified,
        /// None of the others, taken together.
        Unspecified,
        /// Through pipelines and cables together.
        PipelinesAndCables,
        /// Through pipelines.
        Pipeline,
        /// Through cables.
        Cable,
        /// Pipelines or cables, not told which.
        PipelinesAndCablesUnspecified,
        /// By mail or courier.
        Postal,
        /// Under their own power, such as ships and aircraft.
        SelfPropelled,
        /// Some other way.
        Other,
    }
}
