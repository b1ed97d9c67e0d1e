import type { Express } from 'express';
import { encodeVerifierKey } from '../../audit/signed-note.ts';
import { parseTilePath } from '../../audit/tile-shape.ts';
import { Refusal } from '../../domain/errors.ts';
import { ownKey } from '../../pipeline/oversight/note-reading.ts';
import { readPublished } from '../../pipeline/oversight/publish-log.ts';
import { findCosigned } from '../../pipeline/oversight/witness-log.ts';
import type { Outside } from '../../pipeline/ports/outside.ts';

/**
 * The public part of the log, so that everybody can keep it: its key, its newest checkpoint, and hashes (C2SP
 * tlog-tiles). They reveal none of its entries.
 */
export function publishedLogRoutes(
  app: Express,
  outside: Pick<Outside, 'database' | 'logSigner' | 'keyring' | 'witness'>,
  logUrl: string,
): void {
  const key = ownKey(outside);
  let armored: { of: unknown; openpgp: { fingerprint: string; publicKey: string }[] } | null = null;
  const witnessKey = () => {
    if (!outside.witness) return null;
    const { name, publicKey, algorithm } = outside.witness.key;
    return encodeVerifierKey(name, publicKey, algorithm);
  };
  /** Signs the daily digests, and certificates of erasure. Written out once for each set of keys. */
  const openpgp = () => {
    const { verifyingKeys } = outside.keyring;
    if (armored?.of !== verifyingKeys)
      armored = {
        of: verifyingKeys,
        openpgp: verifyingKeys.map(({ fingerprint, key }) => ({ fingerprint, publicKey: key.toPublic().armor() })),
      };
    return armored.openpgp;
  };
  app.get('/.well-known/emanet-log', (_req, res) => {
    res.json({
      origin: outside.logSigner.name,
      key,
      openpgp: openpgp(),
      witness: outside.witness?.key.name ?? null,
      witnessKey: witnessKey(),
      checkpoint: `${logUrl}/log/checkpoint`,
      tiles: `${logUrl}/log/`,
    });
  });
  app.get('/log/checkpoint', async (_req, res) => {
    const note = await findCosigned(outside);
    if (!note) throw new Refusal('NOT_FOUND');
    res.setHeader('Cache-Control', 'no-cache');
    res.type('text/plain; charset=utf-8').send(note);
  });
  app.get('/log/tile/*path', async (req, res) => {
    const tile = parseTilePath(req.path.slice('/log/'.length));
    const octets = tile && (await readPublished(outside, tile));
    if (!octets) throw new Refusal('NOT_FOUND');
    res.setHeader('Cache-Control', 'public, max-age=31536000, immutable');
    res.type('application/octet-stream').send(octets);
  });
}
