import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import pg from 'pg';

const root = join(import.meta.dirname, '../../..');
const everything = { externalTables: [], externalEnums: [] };

/**
 * Applies the migrations of `prisma/migrations` that the database lacks, with Prisma's own schema engine (the WebAssembly
 * build from npm, which needs no download). It keeps `_prisma_migrations`, so `prisma migrate deploy` goes on from there.
 * Returns the names applied.
 */
export async function applyMigrations(ownerUrl: string): Promise<string[]> {
  const database = new WholeScripts(ownerUrl);
  const engine = await openEngine(database);
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({
      migrationsList: await readMigrations(),
      filters: everything,
    });
    return appliedMigrationNames;
  } finally {
    engine.free();
    await database.disconnect();
  }
}

async function openEngine(database: WholeScripts) {
  const folder = join(root, 'node_modules/@prisma/schema-engine-wasm');
  // The package is written for bundlers: its entry imports the .wasm file as a module, which Node does not do.
  const glue = await import(join(folder, 'schema_engine_bg.js'));
  if (!wasmReady) {
    const bytes = await readFile(join(folder, 'schema_engine_bg.wasm'));
    const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue });
    glue.__wbg_set_wasm(instance.exports);
    (instance.exports as { __wbindgen_start(): void }).__wbindgen_start();
    wasmReady = true;
  }
  const adapter = bindMigrationAwareSqlAdapterFactory(database);
  const SchemaEngine = glue.SchemaEngine as typeof import('@prisma/schema-engine-wasm').SchemaEngine;
  return SchemaEngine.new({ datamodels: [['schema.prisma', await readSchema()]] }, () => {}, adapter as never);
}

/** `PrismaPg` cuts scripts at every semicolon, also inside a function's body; PostgreSQL itself takes them whole. */
class WholeScripts extends PrismaPg {
  readonly #url: string;
  readonly #open: { dispose(): Promise<void> }[] = [];

  constructor(connectionString: string) {
    super({ connectionString });
    this.#url = connectionString;
  }

  override async connect() {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      const client = new pg.Client({ connectionString: this.#url });
      await client.connect();
      try {
        await client.query(script);
      } finally {
        await client.end();
      }
    };
    this.#open.push(adapter);
    return adapter;
  }

  /** The engine does not close what it opened. */
  async disconnect(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((adapter) => adapter.dispose()));
  }
}

declare const WebAssembly: {
  instantiate(bytes: Uint8Array, imports: unknown): Promise<{ instance: { exports: unknown } }>;
};

let wasmReady = false;

const readSchema = () => readFile(join(root, 'prisma/schema.prisma'), 'utf8');

async function readMigrations() {
  const folder = join(root, 'prisma/migrations');
  const names = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
  return {
    baseDir: folder,
    lockfile: { path: 'migration_lock.toml', content: await readFile(join(folder, 'migration_lock.toml'), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(
      names.sort().map(async (path) => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: { tag: 'ok' as const, value: await readFile(join(folder, path, 'migration.sql'), 'utf8') },
        },
      })),
    ),
  };
}

/** What the server's role may do, after every migration. */
export async function applyGrants(ownerUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query(await readFile(join(root, 'prisma/grants.sql'), 'utf8'));
  } finally {
    await client.end();
  }
}
