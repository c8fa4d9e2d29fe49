//! The fields of a shipment, and where a mapping says that they stand.
use entity::{
    claim::Comparator,
    dataset::Valuation,
    shipment::{Flow, ModeOfTransport, ReportedBy},
};

use super::{
    amount::{Amount, Kind, Numbers},
    coded::{Coded, Truth},
    country::CountryField,
    document::{Item, Problem, Section},
    goods::{EditionField, GoodsField},
    key::Key,
    party::PartyField,
    period::Periods,
    text::Text,
};

/// The fields of a shipment, where they stand.
pub struct Fields {
    pub key: Key,
    pub period: Periods,
    pub sides: Sides,
    pub flow: Coded<Flow>,
    pub partner2: Option<CountryField>,
    pub origin: Option<CountryField>,
    pub dispatch: Option<CountryField>,
    pub destination: Option<CountryField>,
    pub consignor: Option<PartyField>,
    pub consignee: Option<PartyField>,
    pub product: Option<GoodsField>,
    pub edition: EditionField,
    /// The edition as the mapping names it, should there be none of the name.
    pub edition_problem: Option<Problem>,
    pub product_description: Option<Text>,
    pub declared_description: Option<Text>,
    pub value: Option<Amount>,
    pub value_comparator: Option<Coded<Comparator>>,
    pub currency: Option<Coded<String>>,
    pub valuation: ValuationField,
    pub cif_value: Option<Amount>,
    pub fob_value: Option<Amount>,
    pub quantity: Option<Amount>,
    pub quantity_unit: Option<Coded<String>>,
    pub quantity_estimated: Option<Truth>,
    pub alternative_quantity: Option<Amount>,
    pub alternative_quantity_unit: Option<Coded<String>>,
    pub alternative_quantity_estimated: Option<Truth>,
    pub net_mass: Option<Amount>,
    pub net_mass_estimated: Option<Truth>,
    pub gross_mass: Option<Amount>,
    pub gross_mass_estimated: Option<Truth>,
    pub customs_procedure: Option<Text>,
    pub mode_of_transport: Option<Coded<ModeOfTransport>>,
    pub declaration_number: Option<Text>,
    pub aggregated: Option<Truth>,
}

/// Who sent goods to whom, and who says so.
pub enum Sides {
    /// One side reports: the importer where goods come in, else the exporter.
    Reported {
        reporter: CountryField,
        partner: CountryField,
    },
    /// Both are named, and who reports is said.
    Named {
        exporter: Option<CountryField>,
        importer: Option<CountryField>,
        reported_by: Coded<ReportedBy>,
    },
}

/// What values include.
pub enum ValuationField {
    /// What the dataset says.
    OfDataset,
    /// CIF where the value is the CIF value, FOB where it is the FOB value.
    ByValues,
    Said(Coded<Valuation>),
}

impl Fields {
    pub fn parse(item: &Item, numbers: &Numbers) -> Option<Self> {
        let mut section = item.section()?;
        let fields = Self::take(&mut section, numbers);
        section.finish();
        fields
    }

    fn take(section: &mut Section, numbers: &Numbers) -> Option<Self> {
        let key = section.demand("key", "the fields and columns that tell a record from all others, such as [\"period\", \"reporter\", \"flow\", \"partner\", \"product\"]");
        let period = section.demand("period", "when the goods moved");
        let flow = section.demand(
            "flow",
            "whether goods come in or go out: IMPORT, EXPORT and their kinds",
        );
        let sides = Sides::take(section);
        let edition = section.take("edition");
        let product = section
            .take("product")
            .and_then(|item| GoodsField::parse(&item));
        if product.is_some() && edition.is_none() {
            section.refuse("edition is missing: a code means something only in an edition of the HS, such as { constant = \"HS2022\" } or { by = \"period\" }");
        }
        let mut country = |key| CountryField::parse(&section.take(key)?);
        let [partner2, origin, dispatch, destination] =
            ["partner2", "origin", "dispatch", "destination"].map(&mut country);
        let mut text = |key| Text::alone(&section.take(key)?);
        let [
            product_description,
            declared_description,
            customs_procedure,
            declaration_number,
        ] = [
            "product_description",
            "declared_description",
            "customs_procedure",
            "declaration_number",
        ]
        .map(&mut text);
        let mut party = |key| PartyField::parse(&section.take(key)?);
        let [consignor, consignee] = ["consignor", "consignee"].map(&mut party);
        let mut amount = |key, kind| Amount::parse(&section.take(key)?, kind, numbers);
        let [value, cif_value, fob_value] =
            ["value", "cif_value", "fob_value"].map(|key| amount(key, Kind::Money));
        let [quantity, alternative_quantity] =
            ["quantity", "alternative_quantity"].map(|key| amount(key, Kind::Quantity));
        let [net_mass, gross_mass] = ["net_mass", "gross_mass"].map(|key| amount(key, Kind::Mass));
        let mut unit = |key| Coded::parse(&section.take(key)?);
        let [quantity_unit, alternative_quantity_unit, currency] =
            ["quantity_unit", "alternative_quantity_unit", "currency"].map(&mut unit);
        let mut truth = |key| Truth::parse(&section.take(key)?);
        let [
            quantity_estimated,
            alternative_quantity_estimated,
            net_mass_estimated,
            gross_mass_estimated,
            aggregated,
        ] = [
            "quantity_estimated",
            "alternative_quantity_estimated",
            "net_mass_estimated",
            "gross_mass_estimated",
            "aggregated",
        ]
        .map(&mut truth);
        for (amount, unit, name) in [
            (&quantity, &quantity_unit, "quantity"),
            (
                &alternative_quantity,
                &alternative_quantity_unit,
                "alternative_quantity",
            ),
        ] {
            if amount.is_some() != unit.is_some() {
                section.refuse(format!(
                    "{name} and {name}_unit belong together: neither says anything alone"
                ));
            }
        }
        let valuation = section.take("valuation");
        let value_comparator = section.take("value_comparator");
        let mode_of_transport = section.take("mode_of_transport");
        let edition_problem = edition.as_ref().map(|item| item.problem(""));
        // All of it is read before any of it is missed: mistakes are told together.
        let key = key.and_then(|item| Key::parse(&item));
        let period = period.and_then(|item| Periods::parse(&item));
        let flow = flow.and_then(|item| Coded::parse(&item));
        let edition = match edition {
            Some(item) => EditionField::parse(&item),
            None => Some(EditionField::InForce),
        };
        let valuation = match valuation {
            Some(item) => ValuationField::parse(&item),
            None => Some(ValuationField::OfDataset),
        };
        let value_comparator = value_comparator.and_then(|item| Coded::parse(&item));
        let mode_of_transport = mode_of_transport.and_then(|item| Coded::parse(&item));
        Some(Self {
            key: key?,
            period: period?,
            sides: sides?,
            flow: flow?,
            partner2,
            origin,
            dispatch,
            destination,
            consignor,
            consignee,
            product,
            edition: edition?,
            edition_problem,
            product_description,
            declared_description,
            value,
            value_comparator,
            currency,
            valuation: valuation?,
            cif_value,
            fob_value,
            quantity,
            quantity_unit,
            quantity_estimated,
            alternative_quantity,
            alternative_quantity_unit,
            alternative_quantity_estimated,
            net_mass,
            net_mass_estimated,
            gross_mass,
            gross_mass_estimated,
            customs_procedure,
            mode_of_transport,
            declaration_number,
            aggregated,
        })
    }

    /// Whether rows name parties.
    pub fn name_parties(&self) -> bool {
        self.consignor.is_some() || self.consignee.is_some()
    }

    /// All fields that name a country.
    pub fn countries(&self) -> impl Iterator<Item = &CountryField> {
        let sides = match &self.sides {
            Sides::Reported { reporter, partner } => [Some(reporter), Some(partner)],
            Sides::Named {
                exporter, importer, ..
            } => [exporter.as_ref(), importer.as_ref()],
        };
        let others = [
            &self.partner2,
            &self.origin,
            &self.dispatch,
            &self.destination,
        ];
        let others = others.into_iter().flatten();
        sides.into_iter().flatten().chain(others)
    }

    pub fn columns(&self) -> Vec<Vec<String>> {
        let texts = [
            &self.product_description,
            &self.declared_description,
            &self.customs_procedure,
            &self.declaration_number,
        ];
        let amounts = [
            &self.value,
            &self.cif_value,
            &self.fob_value,
            &self.quantity,
            &self.alternative_quantity,
            &self.net_mass,
            &self.gross_mass,
        ];
        let units = [
            &self.quantity_unit,
            &self.alternative_quantity_unit,
            &self.currency,
        ];
        let truths = [
            &self.quantity_estimated,
            &self.alternative_quantity_estimated,
            &self.net_mass_estimated,
            &self.gross_mass_estimated,
            &self.aggregated,
        ];
        let parties = [&self.consignor, &self.consignee];
        let mut columns = self.key.columns();
        columns.extend(self.period.columns());
        columns.extend(self.flow.columns());
        columns.extend(self.countries().flat_map(CountryField::columns));
        columns.extend(self.edition.columns());
        columns.extend(self.product.iter().flat_map(GoodsField::columns));
        columns.extend(texts.into_iter().flatten().flat_map(Text::columns));
        columns.extend(amounts.into_iter().flatten().flat_map(Amount::columns));
        columns.extend(units.into_iter().flatten().flat_map(Coded::columns));
        columns.extend(truths.into_iter().flatten().flat_map(Truth::columns));
        columns.extend(parties.into_iter().flatten().flat_map(PartyField::columns));
        columns.extend(self.value_comparator.iter().flat_map(Coded::columns));
        columns.extend(self.mode_of_transport.iter().flat_map(Coded::columns));
        if let Sides::Named { reported_by, .. } = &self.sides {
            columns.extend(reported_by.columns());
        }
        if let ValuationField::Said(coded) = &self.valuation {
            columns.extend(coded.columns());
        }
        columns
    }
}

impl Sides {
    fn take(section: &mut Section) -> Option<Self> {
        let [reporter, partner] = ["reporter", "partner"].map(|key| section.take(key));
        let [exporter, importer] = ["exporter", "importer"].map(|key| section.take(key));
        let reported_by = section.take("reported_by");
        match (reporter, partner, reported_by) {
            (Some(reporter), Some(partner), None) if exporter.is_none() && importer.is_none() => {
                Some(Self::Reported {
                    reporter: CountryField::parse(&reporter)?,
                    partner: CountryField::parse(&partner)?,
                })
            }
            (None, None, Some(reported_by)) if exporter.is_some() || importer.is_some() => {
                let side = |item: Option<Item>| item.and_then(|item| CountryField::parse(&item));
                Some(Self::Named {
                    exporter: side(exporter),
                    importer: side(importer),
                    reported_by: Coded::parse(&reported_by)?,
                })
            }
            _ => {
                section.refuse("needs either reporter and partner, where one of the two sides reports, or exporter, importer and reported_by");
                None
            }
        }
    }
}

impl ValuationField {
    fn parse(item: &Item) -> Option<Self> {
        if let Some(mut section) = item.is_table().then(|| item.section()).flatten()
            && let Some(by) = section.take("by")
        {
            section.finish();
            return match by.text()?.as_str() {
                "values" => Some(Self::ByValues),
                other => by.none(format!(
                    "{other:?} is nothing that a valuation follows from; by = \"values\" compares the value with cif_value and fob_value"
                )),
            };
        }
        Coded::parse(item).map(Self::Said)
    }
}
