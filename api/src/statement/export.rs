//! Statements as flat rows, each with its claim and the best place where it stands, for exports.
use std::{collections::HashMap, sync::Arc};

use entity::{citation, claim, country, party, source, statement, statement_citation};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, prelude::Uuid};

use super::Statement;
use crate::kit::{
    access::View,
    db::Readers,
    error::Result,
    export::{Column, Exported, Known, columns, global, named},
    record::Record,
};

/// What statements refer to.
#[derive(Default)]
pub struct References {
    claims: Known<claim::Entity>,
    countries: Known<country::Entity>,
    speakers: Known<party::Entity>,
    citations: Known<citation::Entity>,
    sources: Known<source::Entity>,
    /// Of the statements that were read last, the best place first.
    cited: HashMap<Uuid, Vec<Uuid>>,
}

/// A statement and what it refers to.
pub struct Row {
    statement: statement::Model,
    claim: Option<Arc<claim::Model>>,
    exporter: Option<Arc<country::Model>>,
    importer: Option<Arc<country::Model>>,
    speaker: Option<Arc<party::Model>>,
    citation: Option<Arc<citation::Model>>,
    source: Option<Arc<source::Model>>,
    citations: i64,
}

impl Exported for Statement {
    type Row = Row;
    type Known = References;

    const COLUMNS: &'static [Column<Row>] = columns!(Row {
        /// Global id, which `after` takes; rows come in an order of these, which is that of entry.
        id: Text = |row| global(statement::Entity::NAME, row.statement.id);
        /// Global id of the claim that it takes a position on.
        claimId: Text = |row| global(claim::Entity::NAME, row.statement.claim_id);
        /// Sort of proposition that the claim is.
        claimKind: Text or null = |row| row.claim.as_deref().map(|claim| named(claim.kind));
        /// The claim in one plain sentence.
        claimText: Text or null = |row| row.claim.as_deref().map(|claim| &claim.text);
        /// Country that the goods are said to leave, UN M49; null when the claim names none.
        claimExporterM49: Text or null = |row| row.exporter.as_deref().map(|country| &country.m49);
        /// Country that is said to receive the goods, UN M49; null when the claim names none.
        claimImporterM49: Text or null = |row| row.importer.as_deref().map(|country| &country.m49);
        /// First day of the period; null when the claim names none.
        claimPeriodStart: Date or null = |row| row.claim.as_deref().and_then(|claim| claim.period_start);
        /// Last day of the period; null when the claim names none.
        claimPeriodEnd: Date or null = |row| row.claim.as_deref().and_then(|claim| claim.period_end);
        /// What the amount counts; null when the claim names no figure.
        claimMeasure: Text or null = |row| row.claim.as_deref().and_then(|claim| claim.measure).map(named);
        /// How the amount is meant; null when the claim names none.
        claimComparator: Text or null =
            |row| row.claim.as_deref().and_then(|claim| claim.comparator).map(named);
        /// The figure, in the unit or currency; null when the claim names none.
        claimAmount: Decimal or null = |row| row.claim.as_deref().and_then(|claim| claim.amount);
        /// The upper end when the comparator is BETWEEN; null otherwise.
        claimUpperAmount: Decimal or null =
            |row| row.claim.as_deref().and_then(|claim| claim.upper_amount);
        /// Currency of an amount of money, ISO 4217; null for other measures.
        claimCurrency: Text or null =
            |row| row.claim.as_deref().and_then(|claim| claim.currency.as_deref());
        /// Unit of a quantity; null for money.
        claimUnit: Text or null = |row| row.claim.as_deref().and_then(|claim| claim.unit.as_deref());
        /// Change in percent, with its sign; null when the claim states none.
        claimChangePercent: Decimal or null =
            |row| row.claim.as_deref().and_then(|claim| claim.change_percent);
        /// INCREASE or DECREASE, where no percentage is stated; null otherwise.
        claimChangeDirection: Text or null =
            |row| row.claim.as_deref().and_then(|claim| claim.change_direction).map(named);
        /// First day of the period that the change is measured from; null when none is named.
        claimChangeBaseStart: Date or null =
            |row| row.claim.as_deref().and_then(|claim| claim.change_base_start);
        /// Last day of the period that the change is measured from; null when none is named.
        claimChangeBaseEnd: Date or null =
            |row| row.claim.as_deref().and_then(|claim| claim.change_base_end);
        /// Global id of who said it; null when the publication speaks in its own voice.
        speakerId: Text or null =
            |row| row.statement.speaker_id.map(|id| global(party::Entity::NAME, id));
        /// Name of who said it; null when the publication speaks in its own voice.
        speakerName: Text or null = |row| row.speaker.as_deref().map(|speaker| &speaker.name);
        /// The speaker's role at that time; null when it does not matter or is not known.
        speakerRole: Text or null = |row| row.statement.speaker_role.as_deref();
        /// The position taken: ASSERTS, DENIES, DOUBTS, DECLINES or RETRACTS.
        stance: Text = |row| named(row.statement.stance);
        /// In which form the words have come down.
        form: Text = |row| named(row.statement.form);
        /// How sure the speaker sounds; null when nothing tells.
        certainty: Text or null = |row| row.statement.certainty.map(named);
        /// The words, or for a paraphrase what was said.
        text: Text = |row| &row.statement.text;
        /// Language of the text, BCP 47.
        language: Text = |row| &row.statement.language;
        /// The text in English; null when it is English, or nobody has translated it.
        translation: Text or null = |row| row.statement.translation.as_deref();
        /// When it was said, as precisely as it is known: 2023, 2023-07 or 2023-07-25; null when
        /// it is not known.
        saidOn: Text or null = |row| row.statement.said_on.as_ref();
        /// How it ranks among the statements on its claim.
        rank: Text = |row| named(row.statement.rank);
        /// Why it is deprecated or preferred; null when its rank is NORMAL.
        rankReason: Text or null = |row| row.statement.rank_reason.as_deref();
        /// What a reader should know of it; null when nothing.
        note: Text or null = |row| row.statement.note.as_deref();
        /// At how many places it stands; what follows is of the best of them.
        citationCount: Integer = |row| row.citations;
        /// Global id of the source; null when a draft has none yet.
        sourceId: Text or null =
            |row| row.source.as_deref().map(|source| global(source::Entity::NAME, source.id));
        /// Title of the source.
        sourceTitle: Text or null = |row| row.source.as_deref().map(|source| &source.title);
        /// When the source was published, as precisely as it is known; null when it is not known.
        sourcePublishedOn: Text or null =
            |row| row.source.as_deref().and_then(|source| source.published_on.as_ref());
        /// Where the source was published; null when its address is not known.
        sourceUrl: Text or null = |row| row.source.as_deref().and_then(|source| source.url.as_ref());
        /// Where in the source; null for the source as a whole.
        citationLocator: Text or null =
            |row| row.citation.as_deref().and_then(|citation| citation.locator.as_deref());
        /// The exact words that stand there; null when none are quoted.
        citationQuote: Text or null =
            |row| row.citation.as_deref().and_then(|citation| citation.quote.as_deref());
        /// Where the record stands: PUBLISHED, and for those who may see others DRAFT or WITHDRAWN.
        status: Text = |row| named(row.statement.status);
        /// Counts the record's changes, from 1.
        version: Integer = |row| row.statement.version;
        /// When the record was entered, UTC.
        createdAt: Instant = |row| row.statement.created_at;
        /// When the record was last changed, UTC.
        updatedAt: Instant = |row| row.statement.updated_at;
    });

    async fn learn(
        known: &mut References,
        db: &Readers,
        view: View,
        rows: &[statement::Model],
    ) -> Result<()> {
        let claims: Vec<_> = rows.iter().map(|row| Some(row.claim_id)).collect();
        known.claims.learn(db, view, claims).await?;
        let countries: Vec<_> = rows
            .iter()
            .filter_map(|row| known.claims.get(Some(row.claim_id)))
            .flat_map(|claim| [claim.exporter_id, claim.importer_id])
            .collect();
        known.countries.learn(db, view, countries).await?;
        let speakers: Vec<_> = rows.iter().map(|row| row.speaker_id).collect();
        known.speakers.learn(db, view, speakers).await?;

        use statement_citation::Column;
        let links = statement_citation::Entity::find()
            .filter(Column::StatementId.is_in(rows.iter().map(|row| row.id)))
            .filter(statement_citation::Entity::visible(view))
            .order_by_asc(Column::Position)
            .order_by_asc(Column::Id)
            .all(db)
            .await?;
        known.cited.clear();
        for link in links {
            let cited = known.cited.entry(link.statement_id).or_default();
            cited.push(link.citation_id);
        }
        let best: Vec<_> = known
            .cited
            .values()
            .map(|cited| cited.first().copied())
            .collect();
        known
            .citations
            .learn(db, view, best.iter().copied())
            .await?;
        let sources: Vec<_> = best
            .into_iter()
            .map(|best| known.citations.get(best).map(|citation| citation.source_id))
            .collect();
        known.sources.learn(db, view, sources).await
    }

    fn row(known: &References, row: statement::Model) -> Row {
        let claim = known.claims.get(Some(row.claim_id));
        let (exporter_id, importer_id) = claim
            .as_deref()
            .map_or((None, None), |claim| (claim.exporter_id, claim.importer_id));
        let cited = known.cited.get(&row.id).map_or(&[][..], Vec::as_slice);
        let citation = known.citations.get(cited.first().copied());
        Row {
            claim,
            exporter: known.countries.get(exporter_id),
            importer: known.countries.get(importer_id),
            speaker: known.speakers.get(row.speaker_id),
            source: known
                .sources
                .get(citation.as_deref().map(|citation| citation.source_id)),
            citation,
            citations: i64::try_from(cited.len()).unwrap_or(i64::MAX),
            statement: row,
        }
    }
}
