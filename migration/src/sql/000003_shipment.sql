CREATE TABLE dataset (
    id                UUID PRIMARY KEY,
    slug              TEXT NOT NULL UNIQUE CHECK (slug <> ''),
    title             TEXT NOT NULL CHECK (title <> ''),
    grain             TEXT NOT NULL CHECK (grain IN ('CONSIGNMENT', 'STATISTIC', 'REPORTED_TOTAL')),
    currency          TEXT CHECK (length(currency) = 3),
    valuation         TEXT NOT NULL CHECK (valuation IN ('CIF', 'FOB', 'UNKNOWN')),
    publisher_id      UUID REFERENCES party (id),
    source_id         UUID REFERENCES source (id),
    licence           TEXT,
    description       TEXT,
    released_on       TEXT CHECK (length(released_on) IN (4, 7, 10)),
    status            TEXT NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'WITHDRAWN')),
    withdrawal_reason TEXT,
    version           integer NOT NULL CHECK (version >= 1),
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL,
    CHECK ((status = 'WITHDRAWN') = (withdrawal_reason IS NOT NULL))
);
CREATE INDEX dataset_publisher ON dataset (publisher_id);
CREATE INDEX dataset_source ON dataset (source_id);

CREATE TABLE import_batch (
    id             UUID PRIMARY KEY,
    dataset_id     UUID REFERENCES dataset (id),
    format         TEXT NOT NULL CHECK (format IN ('HS', 'COMTRADE')),
    file_name      TEXT NOT NULL,
    sha256         TEXT NOT NULL CHECK (length(sha256) = 64),
    rows_read      bigint NOT NULL,
    rows_kept      bigint NOT NULL,
    rows_unchanged bigint NOT NULL,
    rows_refused   bigint NOT NULL,
    refusals       JSON NOT NULL,
    started_at     bigint NOT NULL,
    finished_at    bigint NOT NULL,
    CHECK (rows_read = rows_kept + rows_unchanged + rows_refused)
);
CREATE INDEX import_batch_dataset ON import_batch (dataset_id);

CREATE TABLE shipment (
    id                             UUID PRIMARY KEY,
    dataset_id                     UUID NOT NULL REFERENCES dataset (id),
    key                            TEXT NOT NULL CHECK (key <> ''),
    reported_by                    TEXT NOT NULL CHECK (reported_by IN ('EXPORTER', 'IMPORTER', 'THIRD_PARTY')),
    flow                           TEXT NOT NULL,
    exporter_id                    UUID REFERENCES country (id),
    importer_id                    UUID REFERENCES country (id),
    partner2_id                    UUID REFERENCES country (id),
    origin_id                      UUID REFERENCES country (id),
    dispatch_id                    UUID REFERENCES country (id),
    destination_id                 UUID REFERENCES country (id),
    consignor_id                   UUID REFERENCES party (id),
    consignee_id                   UUID REFERENCES party (id),
    product_id                     UUID REFERENCES product (id),
    product_list_id                UUID REFERENCES product_list (id),
    declared_code                  TEXT,
    declared_description           TEXT,
    period_start                   DATE NOT NULL,
    period_end                     DATE NOT NULL,
    frequency                      TEXT NOT NULL CHECK (frequency IN ('YEAR', 'QUARTER', 'MONTH', 'DAY', 'RANGE')),
    value                          bigint,
    value_comparator               TEXT NOT NULL
        CHECK (value_comparator IN ('EXACT', 'ABOUT', 'MORE_THAN', 'LESS_THAN')),
    currency                       TEXT CHECK (length(currency) = 3),
    valuation                      TEXT NOT NULL CHECK (valuation IN ('CIF', 'FOB', 'UNKNOWN')),
    cif_value                      bigint,
    fob_value                      bigint,
    quantity                       bigint,
    quantity_unit                  TEXT,
    quantity_estimated             boolean NOT NULL,
    alternative_quantity           bigint,
    alternative_quantity_unit      TEXT,
    alternative_quantity_estimated boolean NOT NULL,
    net_mass                       bigint,
    net_mass_estimated             boolean NOT NULL,
    gross_mass                     bigint,
    gross_mass_estimated           boolean NOT NULL,
    customs_procedure              TEXT,
    mode_of_transport              TEXT,
    declaration_number             TEXT,
    aggregated                     boolean NOT NULL,
    citation_id                    UUID REFERENCES citation (id),
    -- An import writes its rows first and its batch, with their count, last.
    import_batch_id                UUID REFERENCES import_batch (id) DEFERRABLE INITIALLY DEFERRED,
    status            TEXT NOT NULL CHECK (status IN ('DRAFT', 'PUBLISHED', 'WITHDRAWN')),
    withdrawal_reason TEXT,
    version           integer NOT NULL CHECK (version >= 1),
    created_at        bigint NOT NULL,
    updated_at        bigint NOT NULL,
    CHECK ((status = 'WITHDRAWN') = (withdrawal_reason IS NOT NULL)),
    UNIQUE (dataset_id, key),
    CHECK (period_end >= period_start),
    CHECK ((value IS NULL) = (currency IS NULL)),
    CHECK (value >= 0 AND quantity >= 0 AND net_mass >= 0 AND gross_mass >= 0),
    CHECK ((quantity IS NULL) = (quantity_unit IS NULL)),
    CHECK ((alternative_quantity IS NULL) = (alternative_quantity_unit IS NULL))
);
CREATE INDEX shipment_exporter ON shipment (exporter_id, importer_id, period_start, id);
CREATE INDEX shipment_importer ON shipment (importer_id, period_start, id);
CREATE INDEX shipment_product ON shipment (product_id, period_start, id);
CREATE INDEX shipment_period ON shipment (period_start, id);
CREATE INDEX shipment_value ON shipment (value, id);
CREATE INDEX shipment_citation ON shipment (citation_id) WHERE citation_id IS NOT NULL;
CREATE INDEX shipment_product_list ON shipment (product_list_id) WHERE product_list_id IS NOT NULL;
CREATE INDEX shipment_consignor ON shipment (consignor_id) WHERE consignor_id IS NOT NULL;
CREATE INDEX shipment_consignee ON shipment (consignee_id) WHERE consignee_id IS NOT NULL;
CREATE INDEX shipment_import_batch ON shipment (import_batch_id) WHERE import_batch_id IS NOT NULL;
