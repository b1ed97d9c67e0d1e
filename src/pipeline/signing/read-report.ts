import type { DeliveryFailure, ReportFlaw } from '../../domain/delivery-report.ts';

/** More parts than any report has. */
const mostParts = 20;
const mostSaid = 500;

/**
 * Reads a delivery status notification (RFC 3464; RFC 6533 for its international form) that anybody may have sent. It is read
 * as octets, whatever its charset says: all that counts is ASCII. Nothing inside the returned message is opened but its first
 * header. A report about several recipients counts if all of them failed: each mail of ours has one, so the others come from a list
 * behind that address.
 */
export function readReport(message: Uint8Array): DeliveryFailure | ReportFlaw {
  const { headers, body } = splitHeader(Buffer.from(message).toString('latin1'));
  const type = headers.get('content-type')?.[0] ?? '';
  if (!/^multipart\/report\b/i.test(type) || !/\breport-type\s*=\s*"?delivery-status\b/i.test(type)) return 'no_report';
  const boundary = /\bboundary\s*=\s*(?:"([^"]{1,200})"|([^\s;"]{1,200}))/i.exec(type);
  const parts = partsOf(body, boundary?.[1] ?? boundary?.[2] ?? '');
  const status = parts.find((part) => isOf(part, /^message\/(global-)?delivery-status\b/i));
  const returned = parts.find((part) =>
    isOf(part, /^(message\/(rfc822|global(-headers)?)|text\/rfc822-headers)(?![\w-])/i),
  );
  if (!status || !returned) return 'broken';
  const ids = splitHeader(decoded(returned).trimStart()).headers.get('message-id') ?? [];
  const messageId = ids.length === 1 ? /<[\x21-\x3b\x3d\x3f-\x7e]{1,300}>/.exec(ids[0] ?? '')?.[0] : undefined;
  const [, ...recipients] = decoded(status)
    .split(/\r?\n[ \t]*\r?\n/)
    .map((block) => splitHeader(`${block.trim()}\r\n\r\n`).headers)
    .filter((fields) => fields.size > 0);
  if (messageId === undefined || recipients.length === 0) return 'broken';
  const outcomes = recipients.map((fields) => ({
    action: wordOf(fields, 'action').toLowerCase(),
    status: wordOf(fields, 'status'),
  }));
  if (!outcomes.every(({ action, status: code }) => action === 'failed' && /^5\.\d{1,3}\.\d{1,3}$/.test(code)))
    return 'not_final';
  // RFC 3463, 3.8: a rule of a server, or a credential of the school.
  if (outcomes.some(({ status: code }) => code.startsWith('5.7.'))) return 'of_rules';
  const says = [outcomes[0]?.status, recipients[0]?.get('diagnostic-code')?.[0]].filter(Boolean).join(' ');
  return { messageId, says: says.replaceAll(/[^\x20-\x7e]+/g, '?').slice(0, mostSaid) };
}

type Headers = ReadonlyMap<string, readonly string[]>;
interface Part {
  readonly headers: Headers;
  readonly body: string;
}

const wordOf = (fields: Headers, name: string) => (fields.get(name)?.[0] ?? '').trim().split(/[\s(;]/, 1)[0] ?? '';
const isOf = ({ headers }: Part, type: RegExp) => type.test(headers.get('content-type')?.[0] ?? '');

/** Fields up to the first empty line, unfolded, by their names in small letters. */
function splitHeader(text: string): Part {
  const end = /\r?\n\r?\n/.exec(text);
  const head = end === null ? text : text.slice(0, end.index);
  const headers = new Map<string, string[]>();
  for (const line of head.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return { headers, body: end === null ? '' : text.slice(end.index + end[0].length) };
}

function partsOf(body: string, boundary: string): Part[] {
  if (boundary === '') return [];
  const parts: string[][] = [];
  for (const line of body.split(/\r?\n/)) {
    const isBoundary = line.startsWith(`--${boundary}`);
    const rest = isBoundary ? line.slice(boundary.length + 2).trimEnd() : null;
    if (rest === '--') break;
    if (rest === '') {
      if (parts.length === mostParts) break;
      parts.push([]);
    } else parts.at(-1)?.push(line);
  }
  return parts.map((lines) => splitHeader(lines.join('\r\n')));
}

function decoded({ headers, body }: Part): string {
  const encoding = (headers.get('content-transfer-encoding')?.[0] ?? '').trim().toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('latin1');
  if (encoding !== 'quoted-printable') return body;
  return body
    .replaceAll(/=[ \t]*\r?\n/g, '')
    .replaceAll(/=([\dA-Fa-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
