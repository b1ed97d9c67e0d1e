import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { makeCertificate } from './certificate.ts';

/** Dovecot changes users, so only root can run it as its package makes it. */
export const hasDovecot = spawnSync('dovecot', ['--version']).status === 0 && process.getuid?.() === 0;
if (!hasDovecot) console.warn('tests of the mailbox of bounces are skipped: as root, apt-get install dovecot-imapd');

export interface TestImapServer {
  /** With TLS. */
  readonly url: string;
  /** Without TLS, which it offers all the same. */
  readonly plainUrl: string;
  readonly ca: string;
  /** Puts a message into the mailbox, as a mail server does. */
  deliver(message: string | Uint8Array): Promise<void>;
  /** The messages in the mailbox, by their flags: `S` is seen, small letters are keywords. */
  flags(): Promise<string[]>;
  stop(): Promise<void>;
}

/** Debian's Dovecot, with one mailbox and a certificate of its own authority. */
export async function startImapServer(): Promise<TestImapServer> {
  const folder = await mkdtemp(join(tmpdir(), 'emanet-imap-'));
  await chmod(folder, 0o755);
  const mails = join(folder, 'mails');
  for (const part of ['', 'new', 'cur', 'tmp']) await mkdir(join(mails, part), { recursive: true });
  const [uid, gid] = ['-u', '-g'].map((what) => Number(spawnSync('id', [what, 'nobody']).stdout.toString()));
  if (uid === undefined || gid === undefined) throw new Error('there is no user nobody');
  for (const part of ['', 'new', 'cur', 'tmp']) await chown(join(mails, part), uid, gid);
  makeCertificate(folder);
  const [port, plainPort] = [await freePort(), await freePort()];
  await writeFile(
    join(folder, 'dovecot.conf'),
    `protocols = imap
listen = 127.0.0.1
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/log
ssl = yes
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
disable_plaintext_auth = no
mail_location = maildir:${mails}
first_valid_uid = 1
mail_uid = ${uid}
mail_gid = ${gid}
passdb {
  driver = static
  args = password=geheim%%42
}
userdb {
  driver = static
  args = uid=${uid} gid=${gid} home=${folder}/home
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${plainPort}
  }
  inet_listener imaps {
    port = ${port}
  }
}
`,
  );
  const dovecot: ChildProcess = spawn('dovecot', ['-F', '-c', join(folder, 'dovecot.conf')], { stdio: 'ignore' });
  const ca = await readFile(join(folder, 'cert.pem'), 'utf8');
  for (let tries = 0; !(await answers(port, ca)); tries++) {
    if (tries > 300 || dovecot.exitCode !== null)
      throw new Error(`dovecot did not start: ${await readFile(join(folder, 'log'), 'utf8').catch(String)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  let count = 0;
  return {
    url: `imaps://okul%40okul.example:geheim%2542@localhost:${port}`,
    plainUrl: `imap://okul%40okul.example:geheim%2542@localhost:${plainPort}`,
    ca,
    async deliver(message) {
      count += 1;
      const path = join(mails, 'new', `${1_700_000_000 + count}.M${count}.okul`);
      await writeFile(path, message);
      await chown(path, uid, gid);
    },
    async flags() {
      const names = [...(await readdir(join(mails, 'new'))), ...(await readdir(join(mails, 'cur')))];
      return names.toSorted().map((one) => one.split(':2,')[1] ?? '');
    },
    async stop() {
      if (dovecot.exitCode === null && dovecot.signalCode === null) {
        dovecot.kill();
        await once(dovecot, 'exit');
      }
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function answers(port: number, ca: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca });
    const end = (is: boolean) => {
      socket.destroy();
      resolve(is);
    };
    socket.once('data', () => end(true));
    socket.once('error', () => end(false));
    socket.once('close', () => end(false));
  });
}
