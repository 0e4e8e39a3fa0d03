-- The tables as the first release made them, with one run and one baseline.
CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  budget TEXT NOT NULL,
  at INTEGER NOT NULL,
  key TEXT NOT NULL,
  commit_id TEXT,
  dirty INTEGER NOT NULL,
  baseline TEXT,
  result TEXT NOT NULL,
  time REAL,
  time_low REAL,
  time_high REAL
) STRICT;
CREATE INDEX runs_by_budget ON runs (budget, at);
CREATE TABLE cache (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  at INTEGER NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (kind, key)
) STRICT;
CREATE INDEX cache_by_age ON cache (at);
CREATE TABLE baselines (
  name TEXT PRIMARY KEY,
  commit_id TEXT,
  reason TEXT NOT NULL,
  at INTEGER NOT NULL,
  machine TEXT NOT NULL,
  current INTEGER NOT NULL,
  results TEXT NOT NULL
) STRICT;
CREATE TABLE bundles (
  baseline TEXT NOT NULL,
  file TEXT NOT NULL,
  content BLOB NOT NULL,
  PRIMARY KEY (baseline, file)
) STRICT;
PRAGMA user_version = 1;
INSERT INTO runs VALUES (1, 'a', 1767225600000, 'key 1', NULL, 0, NULL, '{"name":"a","benchmark":"a","verdict":"pass","severity":null,"cached":false,"elapsedMs":1,"samples":1,"comparison":null,"checks":[],"message":""}', 1.5, 1, 2);
INSERT INTO baselines VALUES ('v1', NULL, 'why', 1767225600000, '{"cpu":"old","cores":1,"os":"linux","node":"v22.13.0"}', 1, '[]');
