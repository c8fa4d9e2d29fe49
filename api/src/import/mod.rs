//! Imports: files of others become records, all in one revision.
use clap::{Args, Subcommand};
use entity::import_batch::ImportFormat;
use sea_orm::prelude::Uuid;

use crate::{cli::Failure, kit::edit::Edit};

mod areas;
/// Imports over the API, once their file is there.
pub mod background;
mod command;
mod concordance;
mod countries;
mod editions;
mod hs;
mod hs_code;
mod job;
mod list;
pub mod mapping;
mod met;
mod products;
mod report;
mod shipments;
mod table;
/// Imports over the API that a server has in hand.
pub mod underway;

use command::{FileArguments, FromFile};
use mapping::Mapped;
use report::Report;
use table::{Item, Layout, Record};

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
    /// Records of any form that a mapping describes, as CSV or JSON.
    ///
    /// A mapping says what each field of a record is in the file; docs/imports.md tells how to
    /// write one.
    Csv {
        #[command(flatten)]
        file: FileArguments,

        /// The mapping: a TOML file, or the name of one that `waybill import mappings` lists.
        #[arg(long, env = "WAYBILL_MAPPING", value_name = "FILE|NAME")]
        mapping: String,

        /// The dataset that the records belong to; made when there is none of this name.
        #[arg(long, env = "WAYBILL_DATASET", value_name = "SLUG")]
        dataset: String,

        /// The edition of the HS, where the mapping leaves it open: by its code (`HS2022`), its
        /// year or UN Comtrade's code (`H6`).
        #[arg(long, env = "WAYBILL_EDITION")]
        edition: Option<String>,
    },
    /// The mappings that come with Waybill, or the text of one, to begin with.
    Mappings {
        /// The one to print; all are listed when absent.
        name: Option<String>,
    },
    /// A control list or a topic: the products that it holds from a day on, by tier, as CSV.
    ///
    /// Takes a column `hs6`, `hscode` or `code`, and `tier`, `note` or `tier_label`, and
    /// `hs_edition` where there are any. The file is the whole list: memberships that are not in
    /// it end.
    List {
        #[command(flatten)]
        file: FileArguments,

        #[command(flatten)]
        list: list::ListArguments,
    },
    /// Which codes of one edition of the HS became which of the next, as CSV.
    ///
    /// Takes the columns `code.after, code.before, Relationship, adjustment`, or
    /// `earlier_edition, earlier_code, later_edition, later_code, relation`.
    Concordance {
        #[command(flatten)]
        file: FileArguments,
    },
    /// Countries and areas that are missing, as CSV. Those that are there stay as they are.
    ///
    /// Takes the columns of UN Comtrade's reporters and partners, or `M49, official_name_en`.
    Countries {
        #[command(flatten)]
        file: FileArguments,
    },
}

/// One sort of file: what it must look like, and how its rows become records.
trait Importer {
    /// A row, understood as far as it can be without the database.
    type Row: Send + 'static;

    fn format(&self) -> ImportFormat;

    /// What the file must look like, asked before it is opened.
    fn layout(&self) -> Layout;

    /// What is made of each row where it is read, while the database takes those before.
    fn reader(&self) -> impl FnMut(Record) -> Item<Self::Row> + Send + 'static;

    /// Takes some rows; what cannot be taken goes into the report.
    async fn take(
        &mut self,
        edit: &mut Edit,
        rows: Vec<Self::Row>,
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
            let mapping = mapping::named("comtrade")?;
            let mut from = FromFile::begin(file).await?;
            let id = from.job.batch_id();
            let importer = Mapped::new(&mut from.job.edit, mapping, &dataset, id).await?;
            from.run(importer.of_format(ImportFormat::Comtrade)).await
        }
        Format::Csv {
            file,
            mapping,
            dataset,
            edition,
        } => {
            let mapping = mapping::named(&mapping)?;
            let mapping = mapping.of_edition(edition.as_deref());
            let mapping = mapping.map_err(Failure::new)?;
            let mut from = FromFile::begin(file).await?;
            let id = from.job.batch_id();
            let importer = Mapped::new(&mut from.job.edit, mapping, &dataset, id).await?;
            from.run(importer).await
        }
        Format::Mappings { name } => mapping::say(name.as_deref()),
        Format::List { file, list } => {
            let mut from = FromFile::begin(file).await?;
            let importer = list::List::new(&mut from.job.edit, list).await?;
            from.run(importer).await
        }
        Format::Concordance { file } => {
            let from = FromFile::begin(file).await?;
            let importer = concordance::Concordance::new(&from.job.edit).await?;
            from.run(importer).await
        }
        Format::Countries { file } => {
            let from = FromFile::begin(file).await?;
            let importer = countries::Countries::new(&from.job.edit).await?;
            from.run(importer).await
        }
    }
}
