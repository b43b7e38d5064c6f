CREATE TABLE towns (
  id INT NOT NULL PRIMARY KEY,
  name VARCHAR(40) NOT NULL,
  code CHAR(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  population BIGINT UNSIGNED NULL,
  founded DATE NULL,
  UNIQUE KEY by_code (code)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE people (
  id INT NOT NULL PRIMARY KEY,
  name VARCHAR(50) NOT NULL,
  nick VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  town_id INT NULL,
  town_code CHAR(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  boss_id INT NULL,
  height DECIMAL(5,2) NULL,
  wealth DECIMAL(30,9) NULL,
  mass DOUBLE NULL,
  score FLOAT NULL,
  active TINYINT(1) NOT NULL,
  sort ENUM('a','B','é') NULL,
  flags SET('x','y','z') NULL,
  born DATE NULL,
  seen DATETIME(3) NULL,
  logged TIMESTAMP NULL,
  worked TIME NULL,
  hired YEAR NULL,
  note TEXT NULL,
  raw VARBINARY(10) NULL,
  mask BIT(10) NULL,
  CONSTRAINT people_town FOREIGN KEY (town_id) REFERENCES towns (id),
  CONSTRAINT people_boss FOREIGN KEY (boss_id) REFERENCES people (id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE purchases (
  id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  person_id INT NOT NULL,
  amount DECIMAL(10,2) NOT NULL,
  quantity SMALLINT NULL,
  label VARCHAR(20) NULL,
  paid DATETIME(6) NULL,
  CONSTRAINT purchases_person FOREIGN KEY (person_id) REFERENCES people (id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE remarks (
  person_name VARCHAR(50) NOT NULL,
  body VARCHAR(60) NULL,
  stars TINYINT NULL,
  number INT NOT NULL,
  PRIMARY KEY (number)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE clubs (
  id INT NOT NULL PRIMARY KEY,
  title VARCHAR(40) NULL
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE memberships (
  person_id INT NOT NULL,
  club_id INT NOT NULL,
  since DATE NULL,
  PRIMARY KEY (person_id, club_id),
  CONSTRAINT memberships_person FOREIGN KEY (person_id) REFERENCES people (id),
  CONSTRAINT memberships_club FOREIGN KEY (club_id) REFERENCES clubs (id)
) DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
