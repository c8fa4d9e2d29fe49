//! Lists of codes that mappings name: those of UN Comtrade, of Eurostat and of customs declarations.
use entity::{
    shipment::{Flow, ModeOfTransport},
    value::Frequency,
};

/// Trade regimes of UN Comtrade.
const COMTRADE_FLOWS: &[(&str, Flow)] = &[
    ("M", Flow::Import),
    ("X", Flow::Export),
    ("RM", Flow::ReImport),
    ("RX", Flow::ReExport),
    ("DX", Flow::DomesticExport),
    ("FM", Flow::ForeignImport),
    ("MIP", Flow::ImportForInwardProcessing),
    ("MOP", Flow::ImportAfterOutwardProcessing),
    ("XIP", Flow::ExportAfterInwardProcessing),
    ("XOP", Flow::ExportForOutwardProcessing),
];

pub fn comtrade_flow(code: &str) -> Option<Flow> {
    let mut flows = COMTRADE_FLOWS.iter();
    let found = flows.find(|(known, _)| known.eq_ignore_ascii_case(code));
    found.map(|(_, flow)| *flow)
}

/// UN Comtrade's code for a flow.
pub fn flow_code(flow: Flow) -> &'static str {
    let found = COMTRADE_FLOWS.iter().find(|(_, known)| *known == flow);
    found.map_or("", |(code, _)| code)
}

pub fn comext_flow(code: &str) -> Option<Flow> {
    match code {
        "1" => Some(Flow::Import),
        "2" => Some(Flow::Export),
        _ => None,
    }
}

/// As people write them: `Import`, `exports`, `Re-Export`.
pub fn flow_in_words(text: &str) -> Option<Flow> {
    let letters: String = text
        .chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    Some(match letters.trim_end_matches('s') {
        "import" | "grossimp" | "grossimport" => Flow::Import,
        "export" | "grossexp" | "grossexport" => Flow::Export,
        "reimport" => Flow::ReImport,
        "reexport" => Flow::ReExport,
        "domesticexport" => Flow::DomesticExport,
        _ => return None,
    })
}

/// Modes of transport of UN Comtrade, but the total of all.
const COMTRADE_MODES: &[(&str, ModeOfTransport)] = &[
    ("1000", ModeOfTransport::Air),
    ("2000", ModeOfTransport::Water),
    ("2100", ModeOfTransport::Sea),
    ("2200", ModeOfTransport::InlandWaterway),
    ("2900", ModeOfTransport::WaterUnspecified),
    ("3000", ModeOfTransport::Land),
    ("3100", ModeOfTransport::Rail),
    ("3200", ModeOfTransport::Road),
    ("3900", ModeOfTransport::LandUnspecified),
    ("9000", ModeOfTransport::Unspecified),
    ("9100", ModeOfTransport::PipelinesAndCables),
    ("9110", ModeOfTransport::Pipeline),
    ("9120", ModeOfTransport::Cable),
    ("9190", ModeOfTransport::PipelinesAndCablesUnspecified),
    ("9200", ModeOfTransport::Postal),
    ("9300", ModeOfTransport::SelfPropelled),
    ("9900", ModeOfTransport::Other),
];

pub fn comtrade_mode(code: &str) -> Option<ModeOfTransport> {
    let found = COMTRADE_MODES.iter().find(|(known, _)| *known == code);
    found.map(|(_, mode)| *mode)
}

/// UN Comtrade's code for a mode of transport.
pub fn mode_code(mode: ModeOfTransport) -> &'static str {
    let found = COMTRADE_MODES.iter().find(|(_, known)| *known == mode);
    found.map_or("", |(code, _)| code)
}

/// The single digits of Eurostat and of UNECE Recommendation 19.
pub fn comext_mode(code: &str) -> Option<ModeOfTransport> {
    Some(match code {
        "1" => ModeOfTransport::Sea,
        "2" => ModeOfTransport::Rail,
        "3" => ModeOfTransport::Road,
        "4" => ModeOfTransport::Air,
        "5" => ModeOfTransport::Postal,
        "7" => ModeOfTransport::PipelinesAndCables,
        "8" => ModeOfTransport::InlandWaterway,
        "9" => ModeOfTransport::SelfPropelled,
        _ => return None,
    })
}

/// The two digits of customs declarations.
pub fn customs_mode(code: &str) -> Option<ModeOfTransport> {
    Some(match code {
        "10" => ModeOfTransport::Sea,
        "20" => ModeOfTransport::Rail,
        "30" => ModeOfTransport::Road,
        "40" => ModeOfTransport::Air,
        "50" => ModeOfTransport::Postal,
        "70" => ModeOfTransport::PipelinesAndCables,
        "80" => ModeOfTransport::InlandWaterway,
        "90" => ModeOfTransport::Other,
        _ => return None,
    })
}

/// Frequencies of SDMX, which UN Comtrade uses as well.
pub fn frequency(code: &str) -> Option<Frequency> {
    Some(match code {
        "A" => Frequency::Year,
        "Q" => Frequency::Quarter,
        "M" => Frequency::Month,
        "D" => Frequency::Day,
        _ => return None,
    })
}

/// The abbreviation of a unit of quantity by UN Comtrade's code.
pub fn comtrade_unit(code: &str) -> Option<String> {
    let unit = match code {
        "2" => "m²",
        "3" => "1000 kWh",
        "4" => "m",
        "5" => "u",
        "6" => "2u",
        "7" => "l",
        "8" => "kg",
        "9" => "1000u",
        "10" => "U (jeu/pack)",
        "11" => "12u",
        "12" => "m³",
        "13" => "carat",
        "14" => "km",
        "15" => "g",
        "16" => "hive",
        "17" => "1000 m³",
        "18" => "TJ",
        "19" => "BBL",
        "20" => "1000 L",
        "21" => "1000 KG",
        "22" => "kWH",
        "23" => "l alc 100%",
        "24" => "head",
        "25" => "kg/net eda",
        "26" => "kg C5H14ClNO",
        "27" => "kg P2O5",
        "28" => "kg H2O2",
        "29" => "kg met.am.",
        "30" => "kg N",
        "31" => "kg KOH",
        "32" => "kg K2O",
        "33" => "kg NaOH",
        "34" => "kg 90% sdt",
        "35" => "kg U",
        "36" => "ct/l",
        "37" => "Bq",
        "38" => "gi F/S",
        "39" => "GRT",
        "40" => "GT",
        "41" => "ce/el",
        _ => return None,
    };
    Some(unit.to_owned())
}
