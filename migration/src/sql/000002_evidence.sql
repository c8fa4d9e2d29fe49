CREATE TABLE party (
    id                UUID PRIMARY KEY,
    name              TEXT NOT NULL CHECK (name <> ''),
    kind              TEXT NOT NULL CHECK (kind IN ('PERSON', 'COMPANY', 'GOVERNMENT', 'ORGANISATION', 'PUBLISHER')),
    country_id        UUID REFERENCES country (id),
    description       TEXT,
    url               TEXT,
    status            TEXT NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'WITHDRAWN')),
    withdrawal_reason TEXT,
    version           integer NOT NULL CHECK (version >= 1),
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL,
    CHECK ((status = 'WITHDRAWN') = (withdrawal_reason IS NOT NULL))
);
CREATE INDEX party_name ON party (name, id);
CREATE INDEX party_country ON party (country_id);

CREATE TABLE source (
    id                UUID PRIMARY KEY,
    kind              TEXT NOT NULL CHECK (kind IN
        ('ARTICLE', 'OFFICIAL_STATEMENT', 'OFFICIAL_DOCUMENT', 'DATA_RELEASE', 'REPORT', 'INTERVIEW')),
    title             TEXT NOT NULL CHECK (title <> ''),
    publisher_id      UUID REFERENCES party (id),
    authors           JSON NOT NULL,
    published_on      TEXT CHECK (length(published_on) IN (4, 7, 10)),
    language          TEXT,
    url               TEXT,
    archived_url      TEXT,
    retrieved_at      bigint,
    sha256            TEXT CHECK (length(sha256) = 64),
    note              TEXT,
    status            TEXT NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'WITHDRAWN')),
    withdrawal_reason TEXT,
    version           integer NOT NULL CHECK (version >= 1),
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL,
    CHECK ((status = 'WITHDRAWN') = (withdrawal_reason IS NOT NULL))
);
CREATE INDEX source_publisher ON source (publisher_id);
CREATE INDEX source_published_on ON source (published_on, id);
CREATE INDEX source_title ON source (title, id);
CREATE INDEX source_url ON source (url);

CREATE TABLE source_link (
    id        UUID PRIMARY KEY,
    source_id UUID NOT NULL REFERENCES source (id),
    target_id UUID NOT NULL REFERENCES source (id),
    kind      TEXT NOT NULL CHECK (kind IN ('CITES', 'REPRINTS', 'TRANSLATES', 'BASED_ON')),
    note      TEXT,
    UNIQUE (source_id, target_id, kind),
    CHECK (source_id <> target_id)
);
CREATE INDEX source_link_target ON source_link (target_id);

CREATE TABLE citation (
    id        UUID PRIMARY KEY,
    source_id UUID NOT NULL REFERENCES source (id),
    locator   TEXT,
    quote     TEXT CHECK (quote <> ''),
    prefix    TEXT,
    suffix    TEXT,
    CHECK (quote IS NOT NULL OR (prefix IS NULL AND suffix IS NULL))
);
CREATE INDEX citation_source ON citation (source_id);

CREATE TABLE product_list (
    id                UUID PRIMARY KEY,
    slug              TEXT NOT NULL UNIQUE CHECK (slug <> ''),
    title             TEXT NOT NULL CHECK (title <> ''),
    kind              TEXT NOT NULL CHECK (kind IN ('CONTROL_LIST', 'TOPIC')),
    description       TEXT,
    publisher_id      UUID REFERENCES party (id),
    source_id         UUID REFERENCES source (id),
    status            TEXT NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'WITHDRAWN')),
    withdrawal_reason TEXT,
    version           integer NOT NULL CHECK (version >= 1),
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL,
    CHECK ((status = 'WITHDRAWN') = (withdrawal_reason IS NOT NULL))
);
CREATE INDEX product_list_publisher ON product_list (publisher_id);
CREATE INDEX product_list_source ON product_list (source_id);

CREATE TABLE product_list_entry (
    id              UUID PRIMARY KEY,
    product_list_id UUID NOT NULL REFERENCES product_list (id),
    product_id      UUID NOT NULL REFERENCES product (id),
    tier            TEXT,
    valid_from      DATE NOT NULL,
    valid_until     DATE,
    note            TEXT,
    UNIQUE (product_list_id, product_id, valid_from),
    CHECK (valid_until >= valid_from)
);
CREATE INDEX product_list_entry_product ON product_list_entry (product_id);
