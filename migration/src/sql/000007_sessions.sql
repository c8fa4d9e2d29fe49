CREATE TABLE session (
    id           UUID PRIMARY KEY,
    curator_id   UUID NOT NULL REFERENCES curator (id),
    created_at   bigint NOT NULL,
    last_used_at bigint NOT NULL,
    expires_at   bigint NOT NULL CHECK (expires_at > created_at),
    ended_at     bigint
);
CREATE INDEX session_curator ON session (curator_id);
CREATE INDEX session_expires_at ON session (expires_at);

CREATE TABLE refresh_token (
    hash       TEXT PRIMARY KEY CHECK (length(hash) = 64),
    session_id UUID NOT NULL REFERENCES session (id) ON DELETE CASCADE,
    issued_at  bigint NOT NULL,
    used_at    bigint
);
CREATE INDEX refresh_token_session ON refresh_token (session_id);

ALTER TABLE curator ADD COLUMN external_subject TEXT;
CREATE UNIQUE INDEX curator_external_subject ON curator (external_subject);
