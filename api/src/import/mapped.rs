//! How files over the API are read: by a mapping that comes with Waybill, or one that is sent along.
use entity::import_batch::ImportFormat;

/// What UN Comtrade's own files are read by.
const COMTRADE: &str = "comtrade";

/// A mapping by its name. The error says what would be right.
pub fn shipped(name: &str) -> Result<(ImportFormat, Option<String>), String> {
    match name {
        COMTRADE => Ok((ImportFormat::Comtrade, None)),
        _ => Err(format!(
            "no mapping {name} comes with Waybill; {COMTRADE} does"
        )),
    }
}

/// A mapping that was sent along.
pub fn own(_: String) -> Result<(ImportFormat, Option<String>), String> {
    Err("mappings of one's own cannot be sent yet".to_owned())
}
