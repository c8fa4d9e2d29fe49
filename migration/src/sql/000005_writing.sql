CREATE TABLE curator (
    id            UUID PRIMARY KEY,
    email         TEXT NOT NULL UNIQUE CHECK (email = lower(email)),
    name          TEXT NOT NULL CHECK (name <> ''),
    role          TEXT NOT NULL CHECK (role IN ('CURATOR', 'ADMIN')),
    password_hash TEXT,
    disabled_at   bigint,
    version       integer NOT NULL CHECK (version >= 1),
    created_at    bigint NOT NULL,
    updated_at    bigint NOT NULL
);

CREATE TABLE api_key (
    id           UUID PRIMARY KEY,
    curator_id   UUID NOT NULL REFERENCES curator (id),
    name         TEXT NOT NULL CHECK (name <> ''),
    scopes       JSON NOT NULL,
    secret_hash  TEXT NOT NULL UNIQUE CHECK (length(secret_hash) = 64),
    expires_at   bigint,
    revoked_at   bigint,
    last_used_at bigint,
    created_at   bigint NOT NULL
);
CREATE INDEX api_key_curator ON api_key (curator_id);

CREATE TABLE revision (
    number          COUNTER PRIMARY KEY CHECK (number >= 1),
    at              bigint NOT NULL,
    curator_id      UUID REFERENCES curator (id),
    comment         TEXT NOT NULL,
    import_batch_id UUID REFERENCES import_batch (id),
    hash            TEXT NOT NULL UNIQUE CHECK (length(hash) = 64)
);
CREATE INDEX revision_curator ON revision (curator_id, number);

CREATE TABLE revision_change (
    id              UUID PRIMARY KEY,
    revision_number bigint NOT NULL REFERENCES revision (number),
    position        integer NOT NULL CHECK (position >= 1),
    record_type     TEXT NOT NULL,
    record_id       UUID NOT NULL,
    before          TEXT,
    after           TEXT NOT NULL,
    UNIQUE (revision_number, position)
);
CREATE INDEX revision_change_record ON revision_change (record_id, revision_number);
