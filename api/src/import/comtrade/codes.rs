//! The code lists of UN Comtrade that its records refer to.
use entity::shipment::{Flow, ModeOfTransport};

/// A trade regime.
pub fn flow(code: &str) -> Option<Flow> {
    Some(match code.to_ascii_uppercase().as_str() {
        "M" => Flow::Import,
        "X" => Flow::Export,
        "RM" => Flow::ReImport,
        "RX" => Flow::ReExport,
        "DX" => Flow::DomesticExport,
        "FM" => Flow::ForeignImport,
        "MIP" => Flow::ImportForInwardProcessing,
        "MOP" => Flow::ImportAfterOutwardProcessing,
        "XIP" => Flow::ExportAfterInwardProcessing,
        "XOP" => Flow::ExportForOutwardProcessing,
        _ => return None,
    })
}

/// A mode of transport other than the total of all.
pub fn mode_of_transport(code: &str) -> Option<ModeOfTransport> {
    Some(match code {
        "1000" => ModeOfTransport::Air,
        "2000" => ModeOfTransport::Water,
        "2100" => ModeOfTransport::Sea,
        "2200" => ModeOfTransport::InlandWaterway,
        "2900" => ModeOfTransport::WaterUnspecified,
        "3000" => ModeOfTransport::Land,
        "3100" => ModeOfTransport::Rail,
        "3200" => ModeOfTransport::Road,
        "3900" => ModeOfTransport::LandUnspecified,
        "9000" => ModeOfTransport::Unspecified,
        "9100" => ModeOfTransport::PipelinesAndCables,
        "9110" => ModeOfTransport::Pipeline,
        "9120" => ModeOfTransport::Cable,
        "9190" => ModeOfTransport::PipelinesAndCablesUnspecified,
        "9200" => ModeOfTransport::Postal,
        "9300" => ModeOfTransport::SelfPropelled,
        "9900" => ModeOfTransport::Other,
        _ => return None,
    })
}

/// The abbreviation of a unit of quantity; `-1` is none.
pub fn unit(code: &str) -> Option<&'static str> {
    Some(match code {
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
    })
}
