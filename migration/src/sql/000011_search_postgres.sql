-- What is searched of each record, as words of ours: the vector is made of them, by no language.
CREATE TABLE search_document (
    id      uuid PRIMARY KEY,
    kind    text COLLATE "C" NOT NULL,
    status  text COLLATE "C" NOT NULL,
    length  integer NOT NULL CHECK (length >= 0),
    version integer NOT NULL,
    words   tsvector NOT NULL
);
CREATE INDEX search_document_words ON search_document USING gin (words);
