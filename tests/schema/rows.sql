INSERT INTO countries VALUES ('DE', 'Germany'), ('FR', 'France');
INSERT INTO regions VALUES (1, 'North', 'DE'), (2, 'South', NULL);
INSERT INTO customers VALUES
  (1, 'ada@x.de', 'Ada', NULL, 1, 1, 3, '1815-12-10', '2024-01-02 03:04:05.678', '{"a": [1, 2.50]}', '{"n": 1}', 'a,b', X'00FF'),
  (2, 'bob@x.de', NULL, 1, 2, 0, 1, NULL, NULL, NULL, NULL, '', NULL),
  (3, 'cyd@x.de', 'Cyd', 2, NULL, 0, 2, '2000-02-29', '2024-02-29 23:59:59.000', 'null', 'x', NULL, X'');
INSERT INTO orders VALUES
  (1, 1, NULL, 'new', 10.50, '2024-01-31 10:00:00.000001', '2024-02-01'),
  (2, 1, 2, 'paid', NULL, '2024-02-29 23:59:59.999999', NULL),
  (3, 2, 3, 'paid', 0.00, '1999-12-31 00:00:00.000000', '1999-12-30'),
  (4, 3, 1, 'new', 7.25, '2024-03-01 12:30:00.500000', '2025-03-01');
INSERT INTO products VALUES ('a1', 'Apple', 3), ('B2', 'Bread', 9), ('c3', 'Cheese', NULL);
INSERT INTO order_lines VALUES
  (1, 1, 'a1', 2, 1.50), (1, 2, 'B2', NULL, 3.00), (1, 3, 'a1', 1, 1.50),
  (2, 1, 'c3', 5, 0.10),
  (4, 1, 'B2', NULL, 2.00);
INSERT INTO categories VALUES (1, 'All', NULL), (2, 'Food', 1), (3, 'Fruit', 2), (4, 'Toys', 1);
INSERT INTO labels VALUES (2, 'de', 'Essen'), (2, 'fr', NULL), (3, 'de', 'Obst');
INSERT INTO tags VALUES (7, 'gift'), (8, 'late'), (9, 'alone');
INSERT INTO order_tags VALUES (1, 8), (1, 7), (2, 8);
INSERT INTO visits VALUES
  ('ada@x.de', '/', 5), ('ada@x.de', '/', 5), ('ADA@x.de ', '/b', NULL), (NULL, '/n', 1),
  ('bob@x.de', NULL, NULL), ('zed@x.de', '/z', 2);
INSERT INTO `order` VALUES (1, 'x', 'y', 'z', 5), (2, 'it''s', NULL, NULL, NULL);
INSERT INTO `group` VALUES (5, 'five'), (6, 'six');
INSERT INTO codes VALUES ('1', NULL, 'one'), ('01', 2, 'zero one'), (NULL, 3, 'none'), (NULL, 4, 'no');
INSERT INTO shapes VALUES (1, ST_GeomFromText('POINT(1 2)'), 1), (2, ST_GeomFromText('POINT(1 2)'), 9);
