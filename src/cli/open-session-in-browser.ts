import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Client, createClient } from '../client/api-client.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { ask } from './terminal.ts';

const waitMs = 5 * 60_000;

/**
 * Opens a session at the provider of single sign-on, in a browser on this computer, which comes back to a port of loopback
 * (RFC 8252). What passes through addresses is worth nothing without a verifier that stays here (RFC 7636).
 * @throws UsageError when nobody comes back in time.
 */
export async function openSessionInBrowser(cli: CommandLine, { code }: { readonly code?: string | undefined } = {}) {
  const { terminal, language } = cli;
  const t = textsIn(language).cli.openSession;
  const baseUrl = await cli.serverUrl();
  const client: Client = createClient({ baseUrl, language });
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const handed = await comeBack(state, t.backHere, (port) => {
    const challenge = createHash('sha256').update(verifier).digest('base64url');
    const query = new URLSearchParams({ port: String(port), challenge, state });
    terminal.stderr.write(`${fill(t.openThis, { url: `${baseUrl}/sign-in/command-line?${query}` })}\n`);
  });
  if (handed === null) throw new UsageError(t.nobodyCame);
  const { needsCode } = await client.call('takeProviderSession', { body: { code: handed, verifier } });
  if (needsCode) {
    if (code === undefined && terminal.stdin.isTTY !== true) throw new UsageError(t.needCode);
    await client.call('finishProviderSignIn', { body: { code: code ?? (await ask(terminal, t.askCode)) } });
  }
  return { client, session: await client.call('getSession') };
}

/** Waits for the browser, on a free port of loopback; null: it did not come. Whoever comes without the state is sent away. */
async function comeBack(state: string, says: string, onPort: (port: number) => void): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const server = createServer((req, res) => {
    const query = new URL(req.url ?? '/', 'http://127.0.0.1').searchParams;
    const code = query.get('code');
    const isOurs = query.get('state') === state && code !== null;
    res.writeHead(isOurs ? 200 : 404, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' });
    res.end(isOurs ? `${says}\n` : '');
    if (isOurs) res.once('close', () => resolve(code));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const timer = setTimeout(() => resolve(null), waitMs);
  try {
    onPort((server.address() as AddressInfo).port);
    return await promise;
  } finally {
    clearTimeout(timer);
    server.close();
    server.closeAllConnections();
  }
}
