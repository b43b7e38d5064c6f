-- The online store in MySQL: sellers, a tree of categories, carts and orders.
-- Runs as it is on MySQL 8.4 and MariaDB 10.11; each server gives utf8mb4 its own collation.

CREATE TABLE users (
  id            INT          NOT NULL AUTO_INCREMENT,
  username      VARCHAR(50)  NOT NULL,
  email         VARCHAR(100) NOT NULL,
  password_hash VARCHAR(255) NOT NULL,
  first_name    VARCHAR(50)  NULL,
  last_name     VARCHAR(50)  NULL,
  is_seller     BOOL         NOT NULL DEFAULT FALSE,
  super_admin   BOOL         NOT NULL DEFAULT FALSE,
  created_at    TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at    TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  UNIQUE KEY users_username (username),
  UNIQUE KEY users_email (email)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

-- A name may repeat under another parent.
CREATE TABLE categories (
  id         INT          NOT NULL AUTO_INCREMENT,
  name       VARCHAR(100) NOT NULL,
  parent_id  INT          NULL,
  created_at TIMESTAMP    NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY categories_parent (parent_id),
  CONSTRAINT categories_parent_fk FOREIGN KEY (parent_id)
    REFERENCES categories (id) ON DELETE SET NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE products (
  id                 INT            NOT NULL AUTO_INCREMENT,
  seller_id          INT            NOT NULL,
  category_id        INT            NOT NULL,
  name               VARCHAR(200)   NOT NULL,
  description        TEXT           NULL,
  price              DECIMAL(10, 2) NOT NULL,
  inventory_quantity INT            NOT NULL DEFAULT 0,
  image_url          VARCHAR(500)   NULL,
  created_at         TIMESTAMP      NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at         TIMESTAMP      NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY products_seller (seller_id),
  KEY products_category (category_id),
  CONSTRAINT products_seller_fk FOREIGN KEY (seller_id)
    REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT products_category_fk FOREIGN KEY (category_id)
    REFERENCES categories (id) ON DELETE RESTRICT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE shopping_carts (
  id         INT       NOT NULL AUTO_INCREMENT,
  user_id    INT       NOT NULL,
  product_id INT       NOT NULL,
  quantity   INT       NOT NULL DEFAULT 1,
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  UNIQUE KEY shopping_carts_line (user_id, product_id),
  KEY shopping_carts_product (product_id),
  CONSTRAINT shopping_carts_user_fk FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE CASCADE,
  CONSTRAINT shopping_carts_product_fk FOREIGN KEY (product_id)
    REFERENCES products (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE orders (
  id           INT            NOT NULL AUTO_INCREMENT,
  user_id      INT            NOT NULL,
  total_amount DECIMAL(10, 2) NOT NULL,
  status       ENUM('pending', 'completed', 'cancelled') NOT NULL DEFAULT 'pending',
  created_at   TIMESTAMP      NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at   TIMESTAMP      NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id),
  KEY orders_user (user_id, created_at),
  KEY orders_status (status, created_at),
  CONSTRAINT orders_user_fk FOREIGN KEY (user_id)
    REFERENCES users (id) ON DELETE CASCADE
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE order_items (
  id            INT            NOT NULL AUTO_INCREMENT,
  order_id      INT            NOT NULL,
  product_id    INT            NOT NULL,
  quantity      INT            NOT NULL,
  price_at_time DECIMAL(10, 2) NOT NULL,
  PRIMARY KEY (id),
  KEY order_items_order (order_id),
  KEY order_items_product (product_id),
  CONSTRAINT order_items_order_fk FOREIGN KEY (order_id)
    REFERENCES orders (id) ON DELETE CASCADE,
  CONSTRAINT order_items_product_fk FOREIGN KEY (product_id)
    REFERENCES products (id) ON DELETE RESTRICT
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
