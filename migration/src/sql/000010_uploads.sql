CREATE INDEX import_batch_under_way ON import_batch (phase) WHERE phase IN ('UPLOADING', 'RUNNING');
CREATE INDEX import_batch_started ON import_batch (started_at, id);

CREATE TABLE refused_row (
    id              UUID PRIMARY KEY,
    import_batch_id UUID NOT NULL REFERENCES import_batch (id),
    position        bigint NOT NULL CHECK (position >= 1),
    line            bigint,
    record          bigint,
    column_name     TEXT,
    reason          TEXT NOT NULL,
    UNIQUE (import_batch_id, position)
);
