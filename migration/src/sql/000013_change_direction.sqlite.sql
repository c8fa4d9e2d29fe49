-- Statements and subjects refer to claims: until the end of the transaction they may miss them.
PRAGMA defer_foreign_keys = ON;
CREATE TABLE claim_before AS SELECT * FROM claim;
DROP TABLE claim;
CREATE TABLE claim (
    id                UUID PRIMARY KEY,
    kind              TEXT NOT NULL CHECK (kind IN ('QUANTITY', 'CHANGE', 'EVENT', 'RELATION', 'QUALITATIVE')),
    text              TEXT NOT NULL CHECK (text <> ''),
    language          TEXT NOT NULL,
    exporter_id       UUID REFERENCES country (id),
    importer_id       UUID REFERENCES country (id),
    period_start      DATE,
    period_end        DATE,
    measure           TEXT CHECK (measure IN ('VALUE', 'NET_MASS', 'QUANTITY', 'SHARE')),
    comparator        TEXT CHECK (comparator IN ('EXACT', 'ABOUT', 'MORE_THAN', 'LESS_THAN', 'BETWEEN')),
    amount            bigint,
    upper_amount      bigint,
    currency          TEXT CHECK (length(currency) = 3),
    unit              TEXT,
    change_percent    bigint,
    change_base_start DATE,
    change_base_end   DATE,
    status            TEXT NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'WITHDRAWN')),
    withdrawal_reason TEXT,
    version           integer NOT NULL CHECK (version >= 1),
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL,
    change_direction  TEXT CHECK (change_direction IN ('INCREASE', 'DECREASE')),
    CHECK ((status = 'WITHDRAWN') = (withdrawal_reason IS NOT NULL)),
    CHECK ((period_start IS NULL) = (period_end IS NULL)),
    CHECK (period_end >= period_start),
    CHECK ((change_base_start IS NULL) = (change_base_end IS NULL)),
    CHECK (change_base_end >= change_base_start),
    CHECK ((amount IS NULL) = (comparator IS NULL)),
    CHECK (amount IS NULL OR measure IS NOT NULL),
    CHECK ((upper_amount IS NOT NULL) = (comparator IS NOT NULL AND comparator = 'BETWEEN')),
    CHECK (upper_amount >= amount),
    CHECK (currency IS NULL OR measure = 'VALUE'),
    CHECK (amount IS NULL OR measure <> 'VALUE' OR currency IS NOT NULL),
    CHECK (change_percent IS NULL OR change_direction IS NULL),
    CHECK (change_base_start IS NULL OR change_percent IS NOT NULL OR change_direction IS NOT NULL),
    CHECK (kind <> 'QUANTITY' OR amount IS NOT NULL),
    CHECK (kind <> 'CHANGE' OR change_percent IS NOT NULL OR change_direction IS NOT NULL)
);
INSERT INTO claim SELECT *, NULL FROM claim_before;
DROP TABLE claim_before;
CREATE INDEX claim_exporter ON claim (exporter_id);
CREATE INDEX claim_importer ON claim (importer_id);
CREATE INDEX claim_created ON claim (created_at, id);
