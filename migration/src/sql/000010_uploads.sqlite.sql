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
    sha256         TEXT CHECK (length(sha256) = 64),
    rows_read      bigint NOT NULL,
    rows_kept      bigint NOT NULL,
    rows_unchanged bigint NOT NULL,
    rows_refused   bigint NOT NULL,
    refusals       JSON NOT NULL,
    started_at     bigint NOT NULL,
    finished_at    bigint,
    rows_skipped   bigint NOT NULL DEFAULT 0,
    mapping        TEXT,
    phase          TEXT NOT NULL DEFAULT 'FINISHED'
        CHECK (phase IN ('UPLOADING', 'RUNNING', 'FINISHED', 'FAILED', 'CANCELLED')),
    curator_id     UUID REFERENCES curator (id),
    dataset_slug   TEXT,
    comment        TEXT,
    dry_run        boolean NOT NULL DEFAULT FALSE,
    error_policy   TEXT NOT NULL DEFAULT 'KEEP_GOOD'
        CHECK (error_policy IN ('KEEP_GOOD', 'ALL_OR_NOTHING')),
    bytes_received bigint NOT NULL DEFAULT 0,
    failure        TEXT,
    seen_at        bigint NOT NULL DEFAULT 0,
    CHECK (rows_read = rows_kept + rows_unchanged + rows_refused + rows_skipped)
);
INSERT INTO import_batch (
    id, dataset_id, format, file_name, sha256, rows_read, rows_kept, rows_unchanged, rows_refused,
    refusals, started_at, finished_at, rows_skipped, mapping
) SELECT
    id, dataset_id, format, file_name, sha256, rows_read, rows_kept, rows_unchanged, rows_refused,
    refusals, started_at, finished_at, rows_skipped, mapping
FROM import_batch_before;
DROP TABLE import_batch_before;
CREATE INDEX import_batch_dataset ON import_batch (dataset_id);
