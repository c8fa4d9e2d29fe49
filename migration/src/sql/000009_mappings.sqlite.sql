-- Shipments and revisions refer to batches: until the end of the transaction they may miss them.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE import_batch_before AS SELECT * FROM import_batch;
DROP TABLE import_batch;
CREATE TABLE import_batch (
    id             UUID PRIMARY KEY,
    dataset_id     UUID REFERENCES dataset (id),
    format         TEXT NOT NULL
        CHECK (format IN ('HS', 'COMTRADE', 'MAPPING', 'LIST', 'CONCORDANCE', 'COUNTRIES')),
    file_name      TEXT NOT NULL,
    sha256         TEXT NOT NULL CHECK (length(sha256) = 64),
    rows_read      bigint NOT NULL,
    rows_kept      bigint NOT NULL,
    rows_unchanged bigint NOT NULL,
    rows_refused   bigint NOT NULL,
    refusals       JSON NOT NULL,
    started_at     bigint NOT NULL,
    finished_at    bigint NOT NULL,
    rows_skipped   bigint NOT NULL DEFAULT 0,
    mapping        TEXT,
    CHECK (rows_read = rows_kept + rows_unchanged + rows_refused + rows_skipped)
);
INSERT INTO import_batch SELECT *, 0, NULL FROM import_batch_before;
DROP TABLE import_batch_before;
CREATE INDEX import_batch_dataset ON import_batch (dataset_id);
