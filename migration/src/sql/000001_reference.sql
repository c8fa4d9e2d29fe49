CREATE TABLE country (
    id          UUID PRIMARY KEY,
    m49         TEXT NOT NULL UNIQUE CHECK (length(m49) = 3),
    alpha2      TEXT CHECK (length(alpha2) = 2),
    alpha3      TEXT CHECK (length(alpha3) = 3),
    name        TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('COUNTRY', 'FORMER_COUNTRY', 'CUSTOMS_AREA', 'GROUP')),
    valid_from  DATE,
    valid_until DATE,
    CHECK (valid_until >= valid_from)
);
CREATE INDEX country_alpha2 ON country (alpha2);
CREATE INDEX country_alpha3 ON country (alpha3);
CREATE INDEX country_name ON country (name, id);

CREATE TABLE country_alias (
    code       TEXT PRIMARY KEY CHECK (length(code) = 3),
    country_id UUID NOT NULL REFERENCES country (id)
);
CREATE INDEX country_alias_country ON country_alias (country_id);

CREATE TABLE edition (
    id              UUID PRIMARY KEY,
    code            TEXT NOT NULL UNIQUE,
    comtrade_code   TEXT NOT NULL UNIQUE,
    name            TEXT NOT NULL,
    in_force_from   DATE NOT NULL,
    in_force_until  DATE,
    nomenclature_at bigint,
    CHECK (in_force_until >= in_force_from)
);

CREATE TABLE product (
    id          UUID PRIMARY KEY,
    edition_id  UUID NOT NULL REFERENCES edition (id),
    parent_id   UUID REFERENCES product (id),
    code        TEXT NOT NULL,
    level       TEXT NOT NULL,
    description TEXT,
    section     TEXT,
    unit        TEXT,
    UNIQUE (edition_id, code),
    CHECK (
        (level = 'TOTAL' AND code = 'TOTAL')
        OR (level = 'CHAPTER' AND length(code) = 2)
        OR (level = 'HEADING' AND length(code) = 4)
        OR (level = 'SUBHEADING' AND length(code) = 6)
        OR (level = 'NATIONAL' AND length(code) BETWEEN 7 AND 10)
    )
);
CREATE INDEX product_parent ON product (parent_id, code);
CREATE INDEX product_code ON product (code, id);

CREATE TABLE concordance (
    id         UUID PRIMARY KEY,
    earlier_id UUID NOT NULL REFERENCES product (id),
    later_id   UUID NOT NULL REFERENCES product (id),
    relation   TEXT NOT NULL CHECK (relation IN ('ONE_TO_ONE', 'ONE_TO_MANY', 'MANY_TO_ONE', 'MANY_TO_MANY')),
    UNIQUE (earlier_id, later_id),
    CHECK (earlier_id <> later_id)
);
CREATE INDEX concordance_later ON concordance (later_id);
