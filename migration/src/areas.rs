//! Areas that trade statistics report and ISO 3166-1 does not list.
//!
//! Codes and years are those of UN M49 and of UN Comtrade's reporter and partner areas. An
//! alpha-3 code that a successor uses again, such as `DEU`, stands here too: it was theirs.

use Kind::{CustomsArea, FormerCountry, Group};

pub enum Kind {
    FormerCountry,
    CustomsArea,
    Group,
}

impl Kind {
    pub const fn as_str(&self) -> &'static str {
        match self {
            FormerCountry => "FORMER_COUNTRY",
            CustomsArea => "CUSTOMS_AREA",
            Group => "GROUP",
        }
    }
}

/// Code, kind, name, alpha-2, alpha-3, first year, last year.
pub type Area = (
    u16,
    Kind,
    &'static str,
    Option<&'static str>,
    Option<&'static str>,
    Option<u16>,
    Option<u16>,
);

#[rustfmt::skip]
pub const AREAS: &[Area] = &[
    (0, Group, "World", None, None, None, None),
    (58, FormerCountry, "Belgium-Luxembourg", None, None, None, Some(1998)),
    (80, CustomsArea, "British Antarctic Territory", None, Some("ATB"), None, None),
    (97, Group, "European Union", Some("EU"), None, None, None),
    (129, CustomsArea, "Caribbean, not elsewhere specified", None, None, None, None),
    (200, FormerCountry, "Czechoslovakia", Some("CS"), Some("CSK"), None, Some(1992)),
    (221, CustomsArea, "Eastern Europe, not elsewhere specified", None, None, None, None),
    (230, FormerCountry, "Ethiopia (with Eritrea)", Some("ET"), Some("ETH"), None, Some(1992)),
    (278, FormerCountry, "German Democratic Republic", Some("DD"), Some("DDR"), None, Some(1990)),
    (280, FormerCountry, "Federal Republic of Germany (before unification)", Some("DE"), Some("DEU"), None, Some(1990)),
    (290, CustomsArea, "Northern Africa, not elsewhere specified", None, None, None, None),
    (412, CustomsArea, "Kosovo", Some("XK"), Some("XKX"), None, None),
    (457, FormerCountry, "Sarawak", None, None, None, Some(1963)),
    (459, FormerCountry, "Peninsular Malaya", None, None, None, Some(1963)),
    (461, FormerCountry, "Sabah", None, None, None, Some(1963)),
    (471, CustomsArea, "Central American Common Market, not elsewhere specified", None, None, None, None),
    (472, CustomsArea, "Africa CAMEU region, not elsewhere specified", None, None, None, None),
    (473, CustomsArea, "Latin American Integration Association, not elsewhere specified", None, None, None, None),
    (488, CustomsArea, "Midway Islands", None, None, None, None),
    (490, CustomsArea, "Other Asia, not elsewhere specified", None, None, None, None),
    (527, CustomsArea, "Oceania, not elsewhere specified", None, None, None, None),
    (530, FormerCountry, "Netherlands Antilles", Some("AN"), Some("ANT"), Some(1986), Some(2010)),
    (532, FormerCountry, "Netherlands Antilles and Aruba", Some("AN"), Some("ANT"), None, Some(1985)),
    (536, CustomsArea, "Neutral Zone", Some("NT"), Some("NTZ"), None, None),
    (568, CustomsArea, "Other Europe, not elsewhere specified", None, None, None, None),
    (577, CustomsArea, "Other Africa, not elsewhere specified", None, None, None, None),
    (582, FormerCountry, "Trust Territory of the Pacific Islands", Some("PC"), Some("PCI"), None, Some(1991)),
    (588, FormerCountry, "East and West Pakistan", Some("PK"), Some("PAK"), None, Some(1971)),
    (590, FormerCountry, "Panama (without the Canal Zone)", Some("PA"), Some("PAN"), None, Some(1977)),
    (592, FormerCountry, "Panama Canal Zone", Some("PZ"), Some("PCZ"), None, Some(1977)),
    (636, CustomsArea, "Rest of America, not elsewhere specified", None, None, None, None),
    (637, CustomsArea, "North and Central America, not elsewhere specified", None, None, None, None),
    (647, FormerCountry, "Ryukyu Islands", None, None, None, Some(1972)),
    (658, FormerCountry, "Saint Kitts, Nevis and Anguilla", Some("KN"), Some("KNA"), None, Some(1980)),
    (697, CustomsArea, "Europe, EFTA member states, not elsewhere specified", None, None, None, None),
    (698, FormerCountry, "Sikkim", None, None, None, Some(1974)),
    (711, FormerCountry, "Southern African Customs Union (reporting as one)", None, None, None, Some(1999)),
    (717, FormerCountry, "Rhodesia and Nyasaland", None, None, None, Some(1964)),
    (720, FormerCountry, "Democratic Yemen", Some("YD"), Some("YMD"), None, Some(1990)),
    (736, FormerCountry, "Sudan (with South Sudan)", Some("SD"), Some("SDN"), None, Some(2011)),
    (810, FormerCountry, "Union of Soviet Socialist Republics", Some("SU"), Some("SUN"), None, Some(1991)),
    (830, CustomsArea, "Channel Islands", None, None, None, None),
    (835, FormerCountry, "Tanganyika", None, None, None, Some(1964)),
    (836, FormerCountry, "Zanzibar and Pemba", None, None, None, Some(1964)),
    (837, CustomsArea, "Bunkers", None, None, None, None),
    (838, CustomsArea, "Free zones", None, None, None, None),
    (839, CustomsArea, "Special categories", None, None, None, None),
    (849, CustomsArea, "United States miscellaneous Pacific islands", Some("PU"), Some("PUS"), None, None),
    (866, FormerCountry, "Democratic Republic of Viet Nam", Some("VD"), Some("VDR"), None, Some(1974)),
    (868, FormerCountry, "Republic of Viet Nam", Some("VN"), Some("VNM"), None, Some(1974)),
    (872, CustomsArea, "Wake Island", None, None, None, None),
    (879, CustomsArea, "Western Asia, not elsewhere specified", None, None, None, None),
    (886, FormerCountry, "Yemen Arab Republic", Some("YE"), Some("YEM"), None, Some(1990)),
    (890, FormerCountry, "Yugoslavia", Some("YU"), Some("YUG"), None, Some(1991)),
    (891, FormerCountry, "Serbia and Montenegro", Some("CS"), Some("SCG"), Some(1992), Some(2006)),
    (899, CustomsArea, "Areas not elsewhere specified", None, None, None, None),
    (975, Group, "Association of Southeast Asian Nations", None, None, Some(1967), None),
];

/// Codes that UN Comtrade uses instead of the M49 code of the same country, and M49's own for
/// the World.
pub const ALIASES: &[(u16, u16)] = &[
    (1, 0),
    (251, 250),
    (381, 380),
    (579, 578),
    (699, 356),
    (757, 756),
    (841, 840),
    (842, 840),
    (999, 899),
];
