ALTER TABLE import_batch ALTER COLUMN sha256 DROP NOT NULL;
ALTER TABLE import_batch ALTER COLUMN finished_at DROP NOT NULL;
ALTER TABLE import_batch ADD COLUMN phase TEXT NOT NULL DEFAULT 'FINISHED'
    CHECK (phase IN ('UPLOADING', 'RUNNING', 'FINISHED', 'FAILED', 'CANCELLED'));
ALTER TABLE import_batch ADD COLUMN curator_id UUID REFERENCES curator (id);
ALTER TABLE import_batch ADD COLUMN dataset_slug TEXT;
ALTER TABLE import_batch ADD COLUMN comment TEXT;
ALTER TABLE import_batch ADD COLUMN dry_run boolean NOT NULL DEFAULT FALSE;
ALTER TABLE import_batch ADD COLUMN error_policy TEXT NOT NULL DEFAULT 'KEEP_GOOD'
    CHECK (error_policy IN ('KEEP_GOOD', 'ALL_OR_NOTHING'));
ALTER TABLE import_batch ADD COLUMN bytes_received bigint NOT NULL DEFAULT 0;
ALTER TABLE import_batch ADD COLUMN failure TEXT;
ALTER TABLE import_batch ADD COLUMN seen_at bigint NOT NULL DEFAULT 0;
