ALTER TABLE import_batch DROP CONSTRAINT import_batch_format_check;
ALTER TABLE import_batch DROP CONSTRAINT import_batch_check;
ALTER TABLE import_batch ADD COLUMN rows_skipped bigint NOT NULL DEFAULT 0;
ALTER TABLE import_batch ADD COLUMN mapping TEXT;
ALTER TABLE import_batch ADD CHECK (format IN ('HS', 'COMTRADE', 'MAPPING', 'LIST', 'CONCORDANCE', 'COUNTRIES'));
ALTER TABLE import_batch ADD CHECK (rows_read = rows_kept + rows_unchanged + rows_refused + rows_skipped);
