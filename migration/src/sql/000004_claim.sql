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
    CHECK (change_base_start IS NULL OR change_percent IS NOT NULL),
    CHECK (kind <> 'QUANTITY' OR amount IS NOT NULL),
    CHECK (kind <> 'CHANGE' OR change_percent IS NOT NULL)
);
CREATE INDEX claim_exporter ON claim (exporter_id);
CREATE INDEX claim_importer ON claim (importer_id);
CREATE INDEX claim_created ON claim (created_at, id);

CREATE TABLE claim_subject (
    id              UUID PRIMARY KEY,
    claim_id        UUID NOT NULL REFERENCES claim (id),
    position        integer NOT NULL CHECK (position >= 1),
    country_id      UUID REFERENCES country (id),
    product_id      UUID REFERENCES product (id),
    product_list_id UUID REFERENCES product_list (id),
    shipment_id     UUID REFERENCES shipment (id),
    UNIQUE (claim_id, position),
    CHECK (
        CASE WHEN country_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN product_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN product_list_id IS NULL THEN 0 ELSE 1 END
        + CASE WHEN shipment_id IS NULL THEN 0 ELSE 1 END = 1
    )
);
CREATE INDEX claim_subject_country ON claim_subject (country_id, claim_id);
CREATE INDEX claim_subject_product ON claim_subject (product_id, claim_id);
CREATE INDEX claim_subject_product_list ON claim_subject (product_list_id, claim_id);
CREATE INDEX claim_subject_shipment ON claim_subject (shipment_id, claim_id);

CREATE TABLE statement (
    id                UUID PRIMARY KEY,
    claim_id          UUID NOT NULL REFERENCES claim (id),
    speaker_id        UUID REFERENCES party (id),
    speaker_role      TEXT,
    stance            TEXT NOT NULL CHECK (stance IN ('ASSERTS', 'DENIES', 'DOUBTS', 'DECLINES', 'RETRACTS')),
    form              TEXT NOT NULL CHECK (form IN ('DIRECT_QUOTE', 'PARTIAL_QUOTE', 'PARAPHRASE', 'DOCUMENT')),
    certainty         TEXT CHECK (certainty IN ('CERTAIN', 'LIKELY', 'POSSIBLE')),
    text              TEXT NOT NULL CHECK (text <> ''),
    language          TEXT NOT NULL,
    translation       TEXT,
    said_on           TEXT CHECK (length(said_on) IN (4, 7, 10)),
    rank              TEXT NOT NULL CHECK (rank IN ('PREFERRED', 'NORMAL', 'DEPRECATED')),
    rank_reason       TEXT,
    note              TEXT,
    status            TEXT NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'WITHDRAWN')),
    withdrawal_reason TEXT,
    version           integer NOT NULL CHECK (version >= 1),
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL,
    CHECK ((status = 'WITHDRAWN') = (withdrawal_reason IS NOT NULL)),
    CHECK (rank <> 'DEPRECATED' OR rank_reason IS NOT NULL)
);
CREATE INDEX statement_claim ON statement (claim_id, id);
CREATE INDEX statement_speaker ON statement (speaker_id, id);
CREATE INDEX statement_said_on ON statement (said_on, id);

CREATE TABLE statement_citation (
    id           UUID PRIMARY KEY,
    statement_id UUID NOT NULL REFERENCES statement (id),
    citation_id  UUID NOT NULL REFERENCES citation (id),
    position     integer NOT NULL CHECK (position >= 1),
    UNIQUE (statement_id, position),
    UNIQUE (statement_id, citation_id)
);
CREATE INDEX statement_citation_citation ON statement_citation (citation_id);

CREATE TABLE statement_link (
    id           UUID PRIMARY KEY,
    statement_id UUID NOT NULL REFERENCES statement (id),
    target_id    UUID NOT NULL REFERENCES statement (id),
    kind         TEXT NOT NULL CHECK (kind IN ('RESPONDS_TO', 'REPEATS', 'CORRECTS', 'SUPERSEDES')),
    UNIQUE (statement_id, target_id, kind),
    CHECK (statement_id <> target_id)
);
CREATE INDEX statement_link_target ON statement_link (target_id);
