-- The catalog: the only truth about a library. Articles carry the generations between which they are
-- visible (added <= generation < removed), so a reader of an old generation never sees half a change.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE roots (path TEXT PRIMARY KEY, added_at TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE files (
    path TEXT PRIMARY KEY,
    root TEXT NOT NULL,
    stamp TEXT NOT NULL,              -- size, mtime, inode: equal means unchanged
    failures TEXT NOT NULL            -- JSON: [[source, reason, kind], …]
) WITHOUT ROWID;

-- What the user removed by hand: not read again, unless the file itself is named.
CREATE TABLE excluded (source TEXT PRIMARY KEY, file TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX excluded_file ON excluded (file);

CREATE TABLE articles (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    source TEXT NOT NULL,
    file TEXT NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    url TEXT,
    published TEXT,
    publisher TEXT,
    author TEXT,
    fields TEXT NOT NULL,
    encoding TEXT,
    digest TEXT NOT NULL,             -- of everything above but id, source, file
    signature BLOB,                   -- marks and bands of the text, for finding reposts
    repost_of TEXT,                   -- article id of the earliest with this text
    added INTEGER NOT NULL,
    removed INTEGER
);
CREATE INDEX articles_id ON articles (id, added);
CREATE INDEX articles_file ON articles (file);
CREATE INDEX articles_added ON articles (added);
CREATE INDEX articles_published ON articles (published);
CREATE INDEX articles_repost ON articles (repost_of) WHERE repost_of IS NOT NULL;
CREATE INDEX articles_removed ON articles (removed) WHERE removed IS NOT NULL;

CREATE TABLE passages (
    row INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    article_row INTEGER NOT NULL REFERENCES articles (row) ON DELETE CASCADE,
    start_char INTEGER NOT NULL,
    end_char INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    digest TEXT NOT NULL              -- of the text that is embedded
);
CREATE INDEX passages_id ON passages (id);
CREATE INDEX passages_article ON passages (article_row);
CREATE INDEX passages_digest ON passages (digest);

-- A plain row table: vectors are appended, only the small index is written at random places.
CREATE TABLE embeddings (
    fingerprint TEXT NOT NULL,
    digest TEXT NOT NULL,
    vector BLOB NOT NULL              -- float16, L2-normalised
);
CREATE UNIQUE INDEX embeddings_digest ON embeddings (digest, fingerprint);

CREATE TABLE generations (
    number INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    created_at TEXT NOT NULL,
    articles INTEGER NOT NULL,
    passages INTEGER NOT NULL
);

CREATE TABLE runs (
    row INTEGER PRIMARY KEY,
    started_at TEXT NOT NULL,
    report TEXT NOT NULL
);
