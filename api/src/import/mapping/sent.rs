//! Mappings over the API: by name or as text, checked before a file is sent.
use entity::import_batch::ImportFormat;

use super::{
    document::Problem,
    shipped::{SHIPPED, names, shipped},
    spec::Mapping,
};

/// What UN Comtrade's own files are read by.
const COMTRADE: &str = "comtrade";
/// What a mapping is called whose text was sent.
const SENT: &str = "mapping";

/// One that comes with Waybill. The error says what would be right.
pub fn named(name: &str) -> Result<Mapping, String> {
    let shipped = shipped(name).ok_or_else(|| {
        format!(
            "no mapping {name} comes with Waybill; {} do, and the text of another can be sent",
            names()
        )
    })?;
    complete(shipped.parse())
}

/// One whose text was sent along, or kept from when it was named.
pub fn written(text: &str) -> Result<Mapping, String> {
    let known = SHIPPED.iter().find(|shipped| shipped.text == text);
    complete(Mapping::parse(
        known.map_or(SENT, |shipped| shipped.name),
        text,
    ))
}

/// What sort of file it reads.
pub fn format(mapping: &Mapping) -> ImportFormat {
    match mapping.name == COMTRADE {
        true => ImportFormat::Comtrade,
        false => ImportFormat::Mapping,
    }
}

/// Nobody can be asked any more once the file is there.
fn complete(parsed: Result<Mapping, Vec<Problem>>) -> Result<Mapping, String> {
    let mapping = parsed.map_err(|problems| {
        let problems: Vec<_> = problems.iter().map(Problem::to_string).collect();
        problems.join("; ")
    })?;
    let name = mapping.name.clone();
    mapping.of_edition(None).map_err(|_| {
        format!(
            "the mapping {name} leaves the edition of the HS open: send its text, with an edition \
             such as edition = {{ constant = \"HS2017\" }} in it"
        )
    })
}
