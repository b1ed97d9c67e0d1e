-- The newest migration that a version must know to serve with these tables. A migration that earlier versions cannot work
-- with sets it to its own name; every other one leaves it, so that two versions serve side by side while one replaces the
-- other.
ALTER TABLE "installation" ADD COLUMN "oldestMigration" TEXT NOT NULL DEFAULT '20261130000095_serving';
