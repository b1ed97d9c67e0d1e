import { ImapFlow } from 'imapflow';
import { type BounceMailbox, mostBounceBytes } from '../../pipeline/ports/bounce-mailbox.ts';

/** What was looked at has it, where the server keeps keywords; elsewhere it is marked as seen. */
const keyword = 'EmanetRead';
/** In one run: the rest comes with the next one. */
const mostAtOnce = 200;

/** A mailbox by IMAP (RFC 3501, RFC 9051). docs/decisions/0028-bounces-with-imapflow.md */
export function createBounceMailbox(options: {
  /** `imaps:` or `imap:`, with user, password, and the folder as path; INBOX without one. */
  readonly url: string;
  /** With `imap:`, gives no password to a server that does not prove its name under STARTTLS. */
  readonly needsTls: boolean;
  /** Certificate authority of the server, in PEM; those of Node by default. */
  readonly ca?: string;
}): BounceMailbox {
  const { hostname, port, protocol, username, password, pathname } = new URL(options.url);
  const isSecure = protocol === 'imaps:';
  const folder = decodeURIComponent(pathname.slice(1)) || 'INBOX';
  const open = () =>
    new ImapFlow({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: Number(port || (isSecure ? 993 : 143)),
      secure: isSecure,
      ...(isSecure ? {} : { doSTARTTLS: options.needsTls }),
      tls: { rejectUnauthorized: true, ...(options.ca === undefined ? {} : { ca: options.ca }) },
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
      logger: false,
      disableAutoIdle: true,
      connectionTimeout: 30_000,
      greetingTimeout: 30_000,
      socketTimeout: 60_000,
      // A server that sends more than it was asked for is hung up on.
      maxLiteralSize: 2 * mostBounceBytes,
    });
  return {
    async each(look) {
      const client = open();
      let broken: unknown;
      client.on('error', (error: unknown) => {
        broken = error;
      });
      try {
        await client.connect();
        const lock = await client.getMailboxLock(folder);
        try {
          const flags = client.mailbox === false ? undefined : client.mailbox.permanentFlags;
          const mark = flags?.has('\\*') ? keyword : '\\Seen';
          const found = await client.search(mark === keyword ? { unKeyword: keyword } : { seen: false }, { uid: true });
          for (const uid of (found || []).toSorted((a, b) => a - b).slice(0, mostAtOnce)) {
            const { isDone } = await look(await readMessage(client, uid));
            if (isDone) await client.messageFlagsAdd([uid], [mark], { uid: true });
          }
        } finally {
          lock.release();
        }
        await client.logout();
      } catch (error) {
        throw new Error(`the mailbox of bounces could not be read: ${String(error)}`, { cause: broken ?? error });
      } finally {
        client.close();
      }
    },
  };
}

async function readMessage(client: ImapFlow, uid: number): Promise<Uint8Array | null> {
  const head = await client.fetchOne(String(uid), { size: true }, { uid: true });
  // Gone meanwhile: there is nothing in it.
  if (head === false) return new Uint8Array();
  if ((head.size ?? 0) > mostBounceBytes) return null;
  const message = await client.fetchOne(
    String(uid),
    { source: { start: 0, maxLength: mostBounceBytes } },
    { uid: true },
  );
  return message === false ? new Uint8Array() : (message.source ?? new Uint8Array());
}
