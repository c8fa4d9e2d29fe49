-- What curators change counts its versions; what is withdrawn says why. The times stand in the step.
ALTER TABLE country ADD COLUMN status TEXT NOT NULL DEFAULT 'PUBLISHED' CHECK (status IN ('DRAFT', 'PUBLISHED', 'WITHDRAWN'));
ALTER TABLE country ADD COLUMN withdrawal_reason TEXT CHECK ((status = 'WITHDRAWN') = (withdrawal_reason IS NOT NULL));
ALTER TABLE country ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version >= 1);
ALTER TABLE country ADD COLUMN created_at bigint NOT NULL DEFAULT :now;
ALTER TABLE country ADD COLUMN updated_at bigint NOT NULL DEFAULT :now;

ALTER TABLE product ADD COLUMN status TEXT NOT NULL DEFAULT 'PUBLISHED' CHECK (status IN ('DRAFT', 'PUBLISHED', 'WITHDRAWN'));
ALTER TABLE product ADD COLUMN withdrawal_reason TEXT CHECK ((status = 'WITHDRAWN') = (withdrawal_reason IS NOT NULL));
ALTER TABLE product ADD COLUMN version integer NOT NULL DEFAULT 1 CHECK (version >= 1);
ALTER TABLE product ADD COLUMN created_at bigint NOT NULL DEFAULT :now;
ALTER TABLE product ADD COLUMN updated_at bigint NOT NULL DEFAULT :now;

-- Parts of records: one that is taken out stays, with the time when it left.
CREATE TABLE source_link_parts (
    id         UUID PRIMARY KEY,
    source_id  UUID NOT NULL REFERENCES source (id),
    target_id  UUID NOT NULL REFERENCES source (id),
    kind       TEXT NOT NULL CHECK (kind IN ('CITES', 'REPRINTS', 'TRANSLATES', 'BASED_ON')),
    note       TEXT,
    added_at   bigint NOT NULL,
    removed_at bigint CHECK (removed_at >= added_at),
    CHECK (source_id <> target_id)
);
INSERT INTO source_link_parts
    SELECT id, source_id, target_id, kind, note, (SELECT created_at FROM source WHERE source.id = source_id), NULL
    FROM source_link;
DROP TABLE source_link;
ALTER TABLE source_link_parts RENAME TO source_link;
CREATE UNIQUE INDEX source_link_once ON source_link (source_id, target_id, kind) WHERE removed_at IS NULL;
CREATE INDEX source_link_source ON source_link (source_id);
CREATE INDEX source_link_target ON source_link (target_id);

CREATE TABLE product_list_entry_parts (
    id              UUID PRIMARY KEY,
    product_list_id UUID NOT NULL REFERENCES product_list (id),
    product_id      UUID NOT NULL REFERENCES product (id),
    tier            TEXT,
    valid_from      DATE NOT NULL,
    valid_until     DATE,
    note            TEXT,
    added_at        bigint NOT NULL,
    removed_at      bigint CHECK (removed_at >= added_at),
    CHECK (valid_until >= valid_from)
);
INSERT INTO product_list_entry_parts
    SELECT id, product_list_id, product_id, tier, valid_from, valid_until, note,
        (SELECT created_at FROM product_list WHERE product_list.id = product_list_id), NULL
    FROM product_list_entry;
DROP TABLE product_list_entry;
ALTER TABLE product_list_entry_parts RENAME TO product_list_entry;
CREATE UNIQUE INDEX product_list_entry_once ON product_list_entry (product_list_id, product_id, valid_from)
    WHERE removed_at IS NULL;
CREATE INDEX product_list_entry_list ON product_list_entry (product_list_id);
CREATE INDEX product_list_entry_product ON product_list_entry (product_id);

CREATE TABLE claim_subject_parts (
    id              UUID PRIMARY KEY,
    claim_id        UUID NOT NULL REFERENCES claim (id),
    position        integer NOT NULL CHECK (position >= 1),
    country_id      UUID REFERENCES country (id),
    product_id      UUID REFERENCES product (id),
    product_list_id UUID REFERENCES product_list (id),
    shipment_id     UUID REFERENCES shipment (id),
    added_at        bigint NOT NULL,
    removed_at      bigint CHECK (removed_at >= added_at),
    CHECK (
        CASE WHEN country_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN product_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN product_list_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN shipment_id IS NULL THEN 0 ELSE 1 END = 1
    )
);
INSERT INTO claim_subject_parts
    SELECT id, claim_id, position, country_id, product_id, product_list_id, shipment_id,
        (SELECT created_at FROM claim WHERE claim.id = claim_id), NULL
    FROM claim_subject;
DROP TABLE claim_subject;
ALTER TABLE claim_subject_parts RENAME TO claim_subject;
CREATE UNIQUE INDEX claim_subject_position ON claim_subject (claim_id, position) WHERE removed_at IS NULL;
CREATE INDEX claim_subject_country ON claim_subject (country_id, claim_id);
CREATE INDEX claim_subject_product ON claim_subject (product_id, claim_id);
CREATE INDEX claim_subject_product_list ON claim_subject (product_list_id, claim_id);
CREATE INDEX claim_subject_shipment ON claim_subject (shipment_id, claim_id);

CREATE TABLE statement_citation_parts (
    id           UUID PRIMARY KEY,
    statement_id UUID NOT NULL REFERENCES statement (id),
    citation_id  UUID NOT NULL REFERENCES citation (id),
    position     integer NOT NULL CHECK (position >= 1),
    added_at     bigint NOT NULL,
    removed_at   bigint CHECK (removed_at >= added_at)
);
INSERT INTO statement_citation_parts
    SELECT id, statement_id, citation_id, position,
        (SELECT created_at FROM statement WHERE statement.id = statement_id), NULL
    FROM statement_citation;
DROP TABLE statement_citation;
ALTER TABLE statement_citation_parts RENAME TO statement_citation;
CREATE UNIQUE INDEX statement_citation_position ON statement_citation (statement_id, position)
    WHERE removed_at IS NULL;
CREATE UNIQUE INDEX statement_citation_once ON statement_citation (statement_id, citation_id)
    WHERE removed_at IS NULL;
CREATE INDEX statement_citation_citation ON statement_citation (citation_id);

CREATE TABLE statement_link_parts (
    id           UUID PRIMARY KEY,
    statement_id UUID NOT NULL REFERENCES statement (id),
    target_id    UUID NOT NULL REFERENCES statement (id),
    kind         TEXT NOT NULL CHECK (kind IN ('RESPONDS_TO', 'REPEATS', 'CORRECTS', 'SUPERSEDES')),
    added_at     bigint NOT NULL,
    removed_at   bigint CHECK (removed_at >= added_at),
    CHECK (statement_id <> target_id)
);
INSERT INTO statement_link_parts
    SELECT id, statement_id, target_id, kind,
        (SELECT created_at FROM statement WHERE statement.id = statement_id), NULL
    FROM statement_link;
DROP TABLE statement_link;
ALTER TABLE statement_link_parts RENAME TO statement_link;
CREATE UNIQUE INDEX statement_link_once ON statement_link (statement_id, target_id, kind)
    WHERE removed_at IS NULL;
CREATE INDEX statement_link_statement ON statement_link (statement_id);
CREATE INDEX statement_link_target ON statement_link (target_id);

-- A change belongs to the history of a record: its own, or that of the record that it is a part of.
-- `published` says whether it left that record published, `public` whether anyone may see it now.
ALTER TABLE revision_change ADD COLUMN root_id UUID;
ALTER TABLE revision_change ADD COLUMN published boolean NOT NULL DEFAULT FALSE;
ALTER TABLE revision_change ADD COLUMN public boolean NOT NULL DEFAULT FALSE;
UPDATE revision_change SET root_id = record_id;
UPDATE revision_change SET root_id = COALESCE((
    SELECT source_id FROM source_link WHERE source_link.id = record_id
    UNION ALL SELECT product_list_id FROM product_list_entry WHERE product_list_entry.id = record_id
    UNION ALL SELECT claim_id FROM claim_subject WHERE claim_subject.id = record_id
    UNION ALL SELECT statement_id FROM statement_citation WHERE statement_citation.id = record_id
    UNION ALL SELECT statement_id FROM statement_link WHERE statement_link.id = record_id
), record_id);
-- So far everything was published as it was entered.
UPDATE revision_change SET published = TRUE, public = TRUE
    WHERE record_type NOT IN ('curator', 'api_key', 'edition', 'import_batch', 'citation');
CREATE INDEX revision_change_root ON revision_change (root_id, revision_number);
CREATE INDEX revision_batch ON revision (import_batch_id) WHERE import_batch_id IS NOT NULL;

-- What a mutation answered, for whoever sends it again.
CREATE TABLE idempotency (
    id         UUID PRIMARY KEY,
    curator_id UUID NOT NULL REFERENCES curator (id),
    key        TEXT NOT NULL CHECK (key <> ''),
    input_hash TEXT NOT NULL CHECK (length(input_hash) = 64),
    answer     TEXT,
    created_at bigint NOT NULL,
    UNIQUE (curator_id, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);
