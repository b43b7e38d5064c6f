CREATE TABLE countries (
  code CHAR(2) NOT NULL PRIMARY KEY,
  name VARCHAR(40) NOT NULL
);
CREATE TABLE regions (
  id INT NOT NULL PRIMARY KEY,
  name VARCHAR(40) NOT NULL,
  country_code CHAR(2) NULL,
  FOREIGN KEY (country_code) REFERENCES countries (code)
);
CREATE TABLE customers (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email VARCHAR(60) NOT NULL UNIQUE,
  name VARCHAR(40) NULL,
  referrer_id INT NULL,
  region_id INT NULL,
  vip TINYINT(1) NOT NULL DEFAULT 0,
  level INT NOT NULL,
  born DATE NULL,
  seen DATETIME(3) NULL,
  settings JSON NULL,
  notes TEXT NULL,
  tags SET('a', 'b') NULL,
  photo BLOB NULL,
  FOREIGN KEY (referrer_id) REFERENCES customers (id),
  FOREIGN KEY (region_id) REFERENCES regions (id)
);
CREATE TABLE orders (
  id INT NOT NULL AUTO_INCREMENT PRIMARY KEY,
  customer_id INT NOT NULL,
  seller_id INT NULL,
  status ENUM('new', 'paid') NOT NULL DEFAULT 'new',
  total DECIMAL(10,2) NULL,
  placed_at DATETIME(6) NOT NULL,
  due DATE NULL,
  FOREIGN KEY (customer_id) REFERENCES customers (id),
  FOREIGN KEY (seller_id) REFERENCES customers (id)
);
CREATE TABLE products (
  sku VARCHAR(20) NOT NULL PRIMARY KEY,
  name VARCHAR(40) NOT NULL,
  category_id INT NULL
);
CREATE TABLE order_lines (
  order_id INT NOT NULL,
  line_no INT NOT NULL,
  sku VARCHAR(20) NOT NULL,
  quantity INT NULL,
  price DECIMAL(8,2) NOT NULL,
  PRIMARY KEY (order_id, line_no),
  FOREIGN KEY (order_id) REFERENCES orders (id),
  FOREIGN KEY (sku) REFERENCES products (sku)
);
CREATE TABLE categories (
  id INT NOT NULL PRIMARY KEY,
  name VARCHAR(40) NOT NULL,
  parent_id INT NULL,
  FOREIGN KEY (parent_id) REFERENCES categories (id)
);
CREATE TABLE labels (
  category_id INT NOT NULL,
  lang CHAR(2) NOT NULL,
  label VARCHAR(40) NULL,
  PRIMARY KEY (category_id, lang)
);
CREATE TABLE tags (
  id INT NOT NULL PRIMARY KEY,
  word VARCHAR(20) NOT NULL
);
CREATE TABLE order_tags (
  order_id INT NOT NULL,
  tag_id INT NOT NULL,
  PRIMARY KEY (order_id, tag_id)
);
CREATE TABLE visits (
  email VARCHAR(60) NULL,
  page VARCHAR(40) NULL,
  spent INT NULL
);
CREATE TABLE `order` (
  `key` INT NOT NULL PRIMARY KEY,
  `group` VARCHAR(20) NOT NULL,
  `a b` VARCHAR(20) NULL,
  `it's ``x``` VARCHAR(20) NULL,
  `UPPER` INT NULL
);
CREATE TABLE `group` (
  `order` INT NOT NULL PRIMARY KEY,
  `select` VARCHAR(20) NOT NULL
);
CREATE TABLE codes (
  code VARCHAR(10) NULL UNIQUE,
  first INT NULL,
  meaning VARCHAR(20) NULL
);
CREATE TABLE shapes (
  id INT NOT NULL PRIMARY KEY,
  corner POINT NOT NULL,
  code INT NOT NULL
);
