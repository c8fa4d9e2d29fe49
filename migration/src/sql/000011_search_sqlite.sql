-- What is searched of each record, as words of ours; `number` is its row in `search_text`.
CREATE TABLE search_document (
    number  integer PRIMARY KEY,
    id      blob NOT NULL UNIQUE,
    kind    text NOT NULL,
    status  text NOT NULL,
    length  integer NOT NULL CHECK (length >= 0),
    version integer NOT NULL
);
-- The words come folded and parted by spaces: `ascii` leaves them alone.
CREATE VIRTUAL TABLE search_text USING fts5 (
    whole, name, text, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '3'
);
