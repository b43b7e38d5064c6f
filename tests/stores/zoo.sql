-- Tables for what the online store has not: versions, expiry, unique pairs, every kind of value.

CREATE TABLE notes (
  id      INT            NOT NULL,
  owner   VARCHAR(40)    NOT NULL,
  title   VARCHAR(100)   NULL,
  number  INT            NULL,
  price   DECIMAL(12, 2) NULL,
  ratio   DOUBLE         NULL,
  done    TINYINT(1)     NULL,
  sort    ENUM('a', 'b', 'B') NULL,
  tags    SET('x', 'y', 'z') NULL,
  raw     VARBINARY(20)  NULL,
  day     DATE           NULL,
  spent   TIME           NULL,
  tree    JSON           NULL,
  seen    DATETIME       NULL,
  version INT            NOT NULL DEFAULT 0,
  expires DATETIME       NULL,
  PRIMARY KEY (id),
  UNIQUE KEY notes_title (owner, title)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE loose (
  one   VARCHAR(20) NOT NULL,
  other VARCHAR(20) NOT NULL,
  said  TEXT        NULL,
  PRIMARY KEY (one, other)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;

CREATE TABLE marks (
  owner VARCHAR(20)   NOT NULL,
  n     INT           NOT NULL,
  word  VARCHAR(20)   NULL,
  score INT           NULL,
  place INT           NULL,
  at    DATETIME(3)   NULL,
  price DECIMAL(8, 2) NULL,
  kind  ENUM('a', 'b') NOT NULL,
  PRIMARY KEY (owner, n)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
