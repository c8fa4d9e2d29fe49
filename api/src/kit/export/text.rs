//! Exports as text: CSV (RFC 4180) and JSON lines.
use std::io::Write;

use super::{
    column::{Cell, Head},
    format::{Ending, Format, Result},
};

/// A line a row, the names of the columns first. A null has nothing between its commas, an empty
/// text has two quotes.
pub struct Csv {
    pub heads: Vec<Head>,
    /// Whether it begins with the names of the columns.
    pub has_header: bool,
}

impl Format for Csv {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result {
        if self.has_header {
            let names: Vec<_> = self.heads.iter().map(|head| head.name).collect();
            writeln!(out, "{}", names.join(","))?;
        }
        Ok(())
    }

    fn row(&mut self, cells: &[Cell<'_>], out: &mut Vec<u8>) -> Result {
        for (place, cell) in cells.iter().enumerate() {
            if place > 0 {
                out.push(b',');
            }
            match cell {
                Cell::Text(text) => quoted(text, out),
                cell => plain(cell, out)?,
            }
        }
        out.push(b'\n');
        Ok(())
    }

    fn end(&mut self, ending: &Ending, out: &mut Vec<u8>) -> Result {
        if ending.is_told {
            let Ending { rows, last, .. } = ending;
            let last = last.as_deref().unwrap_or("none");
            writeln!(out, "# complete: {rows} rows, the last is {last}")?;
        }
        Ok(())
    }
}

fn quoted(text: &str, out: &mut Vec<u8>) {
    let is_plain = |byte: u8| !matches!(byte, b',' | b'"' | b'\n' | b'\r');
    // A line that begins with # is the last one.
    if !text.is_empty() && !text.starts_with('#') && text.bytes().all(is_plain) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// An object a line, with all columns in their order.
pub struct Jsonl {
    pub heads: Vec<Head>,
}

impl Format for Jsonl {
    fn row(&mut self, cells: &[Cell<'_>], out: &mut Vec<u8>) -> Result {
        for (place, (cell, head)) in cells.iter().zip(&self.heads).enumerate() {
            out.push(if place == 0 { b'{' } else { b',' });
            write!(out, "\"{}\":", head.name)?;
            match cell {
                Cell::Null => out.extend_from_slice(b"null"),
                Cell::Text(text) => serde_json::to_writer(&mut *out, text)?,
                Cell::Integer(_) | Cell::Boolean(_) => plain(cell, out)?,
                Cell::Decimal(_) | Cell::Date(_) | Cell::Instant(_) => {
                    out.push(b'"');
                    plain(cell, out)?;
                    out.push(b'"');
                }
            }
        }
        out.extend_from_slice(b"}\n");
        Ok(())
    }

    fn end(&mut self, ending: &Ending, out: &mut Vec<u8>) -> Result {
        if ending.is_told {
            let Ending { rows, last, .. } = ending;
            let line = serde_json::json!({ "complete": true, "rows": rows, "last": last });
            writeln!(out, "{line}")?;
        }
        Ok(())
    }
}

/// As it is written without quotes; a null is nothing.
fn plain(cell: &Cell<'_>, out: &mut Vec<u8>) -> Result {
    match cell {
        Cell::Null => {}
        Cell::Text(text) => out.extend_from_slice(text.as_bytes()),
        Cell::Integer(number) => write!(out, "{number}")?,
        Cell::Boolean(truth) => write!(out, "{truth}")?,
        Cell::Decimal(decimal) => write!(out, "{decimal}")?,
        Cell::Date(date) => write!(out, "{date}")?,
        Cell::Instant(at) => write!(out, "{at}")?,
    }
    Ok(())
}
