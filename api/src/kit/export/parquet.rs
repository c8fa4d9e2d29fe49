//! Exports as Parquet: columns in groups of rows, each group written once it is full.
use std::{mem, sync::Arc};

use ::parquet::{
    basic::{Compression, ZstdLevel},
    column::writer::ColumnWriter,
    data_type::{ByteArray, FixedLenByteArray},
    file::{
        properties::{EnabledStatistics, WriterProperties},
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::parser::parse_message_type,
};
use chrono::NaiveDate;
use entity::value::Decimal;

use super::{
    column::{Cell, Head, Kind},
    format::{Ending, Format, Result},
};

/// Rows of a group, which are held until it is full.
const GROUP: usize = 30_000;
/// 19 digits, which all our decimals have room in, take nine bytes.
const DECIMAL_BYTES: usize = 9;

/// A file of which so much is in memory as is not read yet.
pub struct Parquet {
    file: SerializedFileWriter<Vec<u8>>,
    columns: Vec<Column>,
    rows: usize,
}

struct Column {
    values: Values,
    /// 1 for a value and 0 for a null; none where there are no nulls.
    levels: Option<Vec<i16>>,
}

enum Values {
    Texts(Vec<ByteArray>),
    Integers(Vec<i64>),
    Booleans(Vec<bool>),
    Decimals(Vec<FixedLenByteArray>),
    Days(Vec<i32>),
}

impl Parquet {
    pub fn new(heads: &[Head]) -> Result<Self> {
        let fields: String = heads.iter().map(field).collect();
        let schema = parse_message_type(&format!("message rows {{ {fields} }}"))?;
        let properties = WriterProperties::builder()
            .set_created_by(concat!("waybill ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            // An index of pages would be held until the end.
            .set_statistics_enabled(EnabledStatistics::Chunk)
            .set_offset_index_disabled(true)
            .build();
        Ok(Self {
            file: SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?,
            columns: heads.iter().map(Column::new).collect(),
            rows: 0,
        })
    }

    fn write_group(&mut self) -> Result {
        let mut group = self.file.next_row_group()?;
        for column in &mut self.columns {
            if let Some(writer) = group.next_column()? {
                column.write(writer)?;
            }
        }
        group.close()?;
        self.rows = 0;
        Ok(())
    }

    /// What is written so far.
    fn take(&mut self, out: &mut Vec<u8>) -> Result {
        self.file.flush()?;
        out.append(&mut mem::take(self.file.inner_mut()));
        Ok(())
    }
}

impl Format for Parquet {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result {
        self.take(out)
    }

    fn row(&mut self, cells: &[Cell<'_>], out: &mut Vec<u8>) -> Result {
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell)?;
        }
        self.rows += 1;
        if self.rows == GROUP {
            self.write_group()?;
            self.take(out)?;
        }
        Ok(())
    }

    /// Without what stands there, nobody can read the file: so it is known to be whole.
    fn end(&mut self, _: &Ending, out: &mut Vec<u8>) -> Result {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.file.finish()?;
        self.take(out)
    }
}

fn field(head: &Head) -> String {
    let repetition = if head.is_nullable {
        "OPTIONAL"
    } else {
        "REQUIRED"
    };
    let (physical, logical) = match head.kind {
        Kind::Text => ("BYTE_ARRAY", " (STRING)"),
        Kind::Integer => ("INT64", ""),
        Kind::Boolean => ("BOOLEAN", ""),
        Kind::Decimal => ("FIXED_LEN_BYTE_ARRAY (9)", " (DECIMAL(19,3))"),
        Kind::Date => ("INT32", " (DATE)"),
        Kind::Instant => ("INT64", " (TIMESTAMP(MICROS,true))"),
    };
    format!("{repetition} {physical} {}{logical}; ", head.name)
}

impl Column {
    fn new(head: &Head) -> Self {
        let values = match head.kind {
            Kind::Text => Values::Texts(Vec::new()),
            Kind::Integer | Kind::Instant => Values::Integers(Vec::new()),
            Kind::Boolean => Values::Booleans(Vec::new()),
            Kind::Decimal => Values::Decimals(Vec::new()),
            Kind::Date => Values::Days(Vec::new()),
        };
        let levels = head.is_nullable.then(Vec::new);
        Self { values, levels }
    }

    fn push(&mut self, cell: &Cell<'_>) -> Result {
        if let Some(levels) = &mut self.levels {
            levels.push(i16::from(*cell != Cell::Null));
        }
        match (&mut self.values, cell) {
            (_, Cell::Null) if self.levels.is_some() => {}
            (Values::Texts(texts), Cell::Text(text)) => {
                // Most texts are those of the row before: they share its bytes.
                let same = texts.last().filter(|last| last.data() == text.as_bytes());
                let same = same.cloned();
                texts.push(same.unwrap_or_else(|| ByteArray::from(text.as_bytes().to_vec())));
            }
            (Values::Integers(numbers), Cell::Integer(number)) => numbers.push(*number),
            (Values::Integers(numbers), Cell::Instant(at)) => numbers.push(at.microseconds()),
            (Values::Booleans(truths), Cell::Boolean(truth)) => truths.push(*truth),
            (Values::Decimals(decimals), Cell::Decimal(decimal)) => {
                decimals.push(decimal_bytes(*decimal));
            }
            (Values::Days(days), Cell::Date(date)) => {
                let since = date.0.signed_duration_since(NaiveDate::default());
                days.push(i32::try_from(since.num_days())?);
            }
            (_, cell) => return Err(format!("{cell:?} stands in a column of another type").into()),
        }
        Ok(())
    }

    fn write(&mut self, mut writer: SerializedColumnWriter<'_>) -> Result {
        let levels = self.levels.as_mut().map(mem::take);
        let levels = levels.as_deref();
        match (&mut self.values, writer.untyped()) {
            (Values::Texts(texts), ColumnWriter::ByteArrayColumnWriter(column)) => {
                column.write_batch(&mem::take(texts), levels, None)?;
            }
            (Values::Integers(numbers), ColumnWriter::Int64ColumnWriter(column)) => {
                column.write_batch(&mem::take(numbers), levels, None)?;
            }
            (Values::Booleans(truths), ColumnWriter::BoolColumnWriter(column)) => {
                column.write_batch(&mem::take(truths), levels, None)?;
            }
            (Values::Decimals(decimals), ColumnWriter::FixedLenByteArrayColumnWriter(column)) => {
                column.write_batch(&mem::take(decimals), levels, None)?;
            }
            (Values::Days(days), ColumnWriter::Int32ColumnWriter(column)) => {
                column.write_batch(&mem::take(days), levels, None)?;
            }
            _ => return Err("a column is written as another type than it was declared".into()),
        }
        writer.close()?;
        Ok(())
    }
}

/// Two's complement, the most significant byte first.
fn decimal_bytes(decimal: Decimal) -> FixedLenByteArray {
    let wide = i128::from(decimal.thousandths()).to_be_bytes();
    let bytes = wide[wide.len() - DECIMAL_BYTES..].to_vec();
    ByteArray::from(bytes).into()
}
