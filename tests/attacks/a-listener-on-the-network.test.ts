import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type EmbeddedPostgres,
  startEmbeddedPostgres,
} from '../../src/adapters/embedded-postgres/embedded-postgres.ts';
import { createPatientPool } from '../../src/adapters/graphile-worker/patient-pool.ts';
import { openDatabase } from '../../src/adapters/prisma/database.ts';
import { createMailer } from '../../src/adapters/smtp/mailer.ts';
import { createContext } from '../../src/assembly/context.ts';
import { assertEncryptedTransport, needsTls } from '../../src/config/encrypted-transport.ts';
import { loadConfig } from '../../src/config/env.ts';
import { startTestServer } from '../support/server.ts';

const faultsOf = (env: Record<string, string>) => {
  try {
    assertEncryptedTransport(loadConfig(env));
    return '';
  } catch (error) {
    return (error as Error).message;
  }
};

describe('nothing starts that would talk in the clear', () => {
  const db = 'postgresql://u:secret-of-the-database@db.school.example:5432/emanet';
  test.each<[Record<string, string>, string]>([
    [{ DATABASE_URL: db }, 'DATABASE_URL'],
    [{ DATABASE_OWNER_URL: db }, 'DATABASE_OWNER_URL'],
    [{ DATABASE_URL: `${db}?sslmode=disable` }, 'DATABASE_URL'],
    [{ DATABASE_URL: `${db}?sslmode=prefer` }, 'DATABASE_URL'],
    [{ DATABASE_URL: `${db}?sslmode=require` }, 'DATABASE_URL'],
    [{ DATABASE_URL: `${db}?sslmode=no-verify` }, 'DATABASE_URL'],
    [{ DATABASE_URL: 'postgresql://u@localhost/emanet?host=db.school.example' }, 'DATABASE_URL'],
    [{ STORE: 's3', S3_ENDPOINT: 'http://store.school.example' }, 'S3_ENDPOINT'],
    [{ STORE: 's3', S3_ENDPOINT: 'http://10.0.0.7:8333' }, 'S3_ENDPOINT'],
    [{ WITNESS_URL: 'http://witness.example' }, 'WITNESS_URL'],
    [{ CLAMD_SOCKET: 'tcp://clamav:3310' }, 'CLAMD_SOCKET'],
    [{ STORE: 's3', S3_ENDPOINT: 'http://localhost.school.example' }, 'S3_ENDPOINT'],
    [{ STORE: 's3', S3_ENDPOINT: 'http://127.0.0.1.school.example' }, 'S3_ENDPOINT'],
  ])('%o', (env, setting) => {
    const said = faultsOf(env);
    expect(said).toContain(`${setting} goes to`);
    expect(said).not.toContain('secret-of-the-database');
  });

  test.each<[Record<string, string>]>([
    [{}],
    [{ DATABASE_URL: `${db}?sslmode=verify-full&sslrootcert=/etc/ca.pem` }],
    [{ DATABASE_URL: 'postgresql://u:p@127.0.0.1:5432/emanet' }],
    [{ DATABASE_URL: 'postgresql://u:p@[::1]:5432/emanet' }],
    [{ DATABASE_URL: 'postgresql://u@localhost/emanet?host=/run/postgresql' }],
    [{ STORE: 's3', S3_ENDPOINT: 'https://store.school.example' }],
    [{ STORE: 's3', S3_ENDPOINT: 'http://localhost:8333' }],
    [{ CLAMD_SOCKET: '/run/clamav/clamd.ctl' }],
    [{ DATABASE_URL: db, ALLOW_PLAINTEXT_TO: 'store, db.school.example' }],
  ])('but this may: %o', (env) => {
    expect(faultsOf(env)).toBe('');
  });

  test('the server asks before anything else', async () => {
    const home = await mkdtemp(join(tmpdir(), 'emanet-plain-'));
    await expect(createContext(loadConfig({ EMANET_HOME: home, DATABASE_URL: db }))).rejects.toThrow('in the clear');
    await rm(home, { recursive: true });
  });
});

describe('PostgreSQL', () => {
  let folder: string;
  let postgres: EmbeddedPostgres;
  const openssl = (...args: string[]) => {
    const { status, stderr } = spawnSync('openssl', args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  /** A certificate authority of the school's own, and what it signed for `names`. */
  const certify = async (ca: string, names: string) => {
    openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-days',
      '2',
      '-subj',
      `/CN=${ca}`,
      '-keyout',
      `${ca}.key`,
      '-out',
      `${ca}.pem`,
    );
    openssl(
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=db',
      '-keyout',
      `${ca}-server.key`,
      '-out',
      `${ca}-server.csr`,
    );
    await writeFile(join(folder, `${ca}.ext`), `subjectAltName=${names}\n`);
    openssl(
      'x509',
      '-req',
      '-in',
      `${ca}-server.csr`,
      '-CA',
      `${ca}.pem`,
      '-CAkey',
      `${ca}.key`,
      '-days',
      '2',
      '-extfile',
      `${ca}.ext`,
      '-out',
      `${ca}-server.pem`,
    );
  };
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'emanet-tls-'));
    await certify('ours', 'IP:127.0.0.1');
    await certify('other', 'IP:127.0.0.1');
    postgres = await startEmbeddedPostgres({
      folder: join(folder, 'pg'),
      settings: {
        ssl: 'on',
        ssl_cert_file: join(folder, 'ours-server.pem'),
        ssl_key_file: join(folder, 'ours-server.key'),
      },
    });
  });
  afterAll(async () => {
    await postgres?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const url = (ca: string, host = '127.0.0.1') => {
    const to = new URL(postgres.url('postgres'));
    to.hostname = host;
    to.searchParams.set('sslmode', 'verify-full');
    to.searchParams.set('sslrootcert', join(folder, `${ca}.pem`));
    return to.href;
  };

  test('is asked to prove its name, by the server and by the queue, and the connection is encrypted', async () => {
    const database = openDatabase({ url: url('ours'), clock: () => new Date() });
    // There are no tables here, so nobody knows the first school.
    const { read } = database.ofSchool(randomUUID());
    const rows = await read.$queryRaw`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`;
    expect(rows).toEqual([{ ssl: true }]);
    await database.close();
    const pool = createPatientPool(url('ours'), 1);
    expect((await pool.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')).rows).toEqual([
      { ssl: true },
    ]);
    await pool.end();
  });

  test.each([
    ['of another authority', 'other', '127.0.0.1'],
    ['for another name', 'ours', 'localhost'],
  ])('is not talked to with a certificate %s', async (_, ca, host) => {
    const database = openDatabase({ url: url(ca, host), clock: () => new Date() });
    await expect(database.read.$queryRaw`SELECT 1`).rejects.toThrow();
    await database.close();
  });
});

describe('mail', () => {
  test('does not go to a server that strips STARTTLS, not even its password', async () => {
    const heard: string[] = [];
    const stripped = createServer((socket) => {
      socket.on('error', () => {});
      socket.write('220 mail.school.example ESMTP\r\n');
      socket.setEncoding('utf8').on('data', (line: string) => {
        heard.push(line);
        if (/^EHLO/i.test(line))
          socket.write('250-mail.school.example\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 1000000\r\n');
        else if (/^STARTTLS/i.test(line)) socket.write('502 not here\r\n');
        else if (/^QUIT/i.test(line)) socket.end('221 bye\r\n');
        else socket.write('250 ok\r\n');
      });
    }).listen(0, '127.0.0.1');
    await once(stripped, 'listening');
    const { port } = stripped.address() as AddressInfo;
    const smtpUrl = `smtp://teacher:secret-of-mail@127.0.0.1:${port}`;
    const mail = { to: 'gul@family.example', subject: 'Emanet', text: 'a link that nobody else may see' };
    await expect(createMailer({ smtpUrl, from: 'a@b.example', needsTls: true }).send(mail)).rejects.toThrow();
    expect(heard.join('')).not.toMatch(/AUTH|MAIL FROM|gul@family|a link that/);
    stripped.close();
  });

  test('asks for TLS unless the server is on this machine or named', () => {
    const needs = (env: Record<string, string>) => needsTls(loadConfig(env), 'SMTP_URL');
    expect(needs({ SMTP_URL: 'smtp://mail.school.example' })).toBe(true);
    expect(needs({ SMTP_URL: 'smtps://mail.school.example' })).toBe(true);
    expect(needs({ SMTP_URL: 'smtp://127.0.0.1:1025' })).toBe(false);
    expect(needs({ SMTP_URL: 'smtp://mailpit:1025', ALLOW_PLAINTEXT_TO: 'mailpit' })).toBe(false);
    const bounces = (env: Record<string, string>) => needsTls(loadConfig(env), 'BOUNCE_IMAP_URL');
    expect(bounces({ BOUNCE_IMAP_URL: 'imap://mail.school.example' })).toBe(true);
    expect(bounces({ BOUNCE_IMAP_URL: 'imap://127.0.0.1:1143', SMTP_URL: 'smtp://mail.school.example' })).toBe(false);
  });
});

test('a worker holds no secret of sessions: it starts without one, and signs nobody in', async () => {
  const server = await startTestServer({ WORKER: 'false' });
  try {
    const { config } = server.context;
    await rm(join(server.home, 'secrets/auth'));
    await expect(createContext(config)).rejects.toThrow('There is no secret for sessions');
    const worker = await createContext(config, { kind: 'worker' });
    expect(() => worker.outside.credentials.passwords).toThrow('a worker signs nobody in');
    await worker.close();
  } finally {
    await server.stop();
  }
});
