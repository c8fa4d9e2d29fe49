//! Imports: files of others become records, all in one revision.
use clap::{Args, Subcommand};
use entity::import_batch::ImportFormat;
use sea_orm::prelude::Uuid;

use crate::{cli::Failure, kit::edit::Edit};

/// Imports over the API, once their file is there.
pub mod background;
mod command;
mod comtrade;
mod hs;
mod hs_code;
mod job;
/// By which mapping files over the API are read.
pub mod mapped;
mod report;
mod shipments;
mod table;
/// Imports over the API that a server has in hand.
pub mod underway;

use command::{FileArguments, FromFile};
use report::Report;
use table::{Layout, Record};

#[derive(Args)]
pub struct ImportCommand {
    #[command(subcommand)]
    format: Format,
}

#[derive(Subcommand)]
enum Format {
    /// The nomenclature of an edition of the Harmonized System, as CSV.
    ///
    /// Takes the columns `hscode, description, parent, level` (and `section`), or those of UN
    /// Comtrade: `id, text, parent, aggrlevel` (and `standardUnitAbbr`). Importing both forms
    /// one after the other adds what each of them knows.
    Hs {
        #[command(flatten)]
        file: FileArguments,

        /// The edition, by its code (`HS2022`), its year or UN Comtrade's code (`H6`).
        #[arg(long, env = "WAYBILL_EDITION")]
        edition: String,
    },
    /// Records of UN Comtrade: CSV with any of its header spellings, the bulk form with codes
    /// alone, or the API's JSON.
    Comtrade {
        #[command(flatten)]
        file: FileArguments,

        /// The dataset that the records belong to; made when there is none of this name.
        #[arg(long, env = "WAYBILL_DATASET", value_name = "SLUG")]
        dataset: String,
    },
}

/// One sort of file: what it must look like, and how its rows become records.
trait Importer {
    fn format(&self) -> ImportFormat;

    /// What the file must look like, asked before it is opened.
    fn layout(&self) -> Layout;

    /// Takes some rows; what cannot be taken goes into the report.
    async fn take(
        &mut self,
        edit: &mut Edit,
        rows: Vec<Record>,
        report: &mut Report,
    ) -> Result<(), Failure>;

    /// After the last row.
    async fn finish(&mut self, edit: &mut Edit, report: &mut Report) -> Result<(), Failure>;

    /// The dataset that the rows went to; none for reference data.
    fn dataset_id(&self) -> Option<Uuid> {
        None
    }

    /// The mapping that the rows are read by, as TOML; none where the format needs none.
    fn mapping(&self) -> Option<String> {
        None
    }
}

pub async fn run(ImportCommand { format }: ImportCommand) -> Result<(), Failure> {
    match format {
        Format::Hs { file, edition } => {
            let mut from = FromFile::begin(file).await?;
            let importer = hs::Hs::new(&mut from.job.edit, &edition).await?;
            from.run(importer).await
        }
        Format::Comtrade { file, dataset } => {
            let mut from = FromFile::begin(file).await?;
            let id = from.job.batch_id();
            let importer = comtrade::Comtrade::new(&mut from.job.edit, &dataset, id).await?;
            from.run(importer).await
        }
    }
}
