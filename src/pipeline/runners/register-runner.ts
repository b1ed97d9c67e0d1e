import { randomBytes } from 'node:crypto';
import { Refusal } from '../../domain/errors.ts';
import type { RunnerCapability } from '../../domain/runner.ts';
import { KeyRefused } from '../../vault/errors.ts';
import { parsePublicKey } from '../../vault/keyring.ts';
import { staffIdOf } from '../core/staff-id.ts';
import { assertStillActing } from '../core/still-acting.ts';
import { digestToken } from '../core/token.ts';
import type { Caller } from '../ports/caller.ts';
import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database' | 'clock'>;

const hourMs = 60 * 60_000;

/** A token with which one runner may register, once, within the day. It is returned once; only its digest is kept. */
export async function inviteRunner({ database, clock }: Needs, caller: Caller) {
  const token = `emr_join_${randomBytes(32).toString('base64url')}`;
  const expiresAt = new Date(clock().getTime() + 24 * hourMs);
  await database.transact(caller, async (tx) => {
    await assertStillActing(tx, caller);
    const { id } = await tx.db.runnerInvitation.create({
      data: { tokenDigest: digestToken(token), createdById: staffIdOf(caller), createdAt: clock(), expiresAt },
    });
    await tx.log({ action: 'runner.invited', outcome: 'done', object: { kind: 'runner_invitation', id } });
  });
  return { token, expiresAt };
}

/**
 * A runner makes itself known with a token and its own public key. Its secret is returned once.
 * @throws Refusal `LINK_NOT_VALID` for a token that is unknown, used or over; `INVALID_REQUEST` for a key that session keys
 * cannot be sealed to.
 */
export async function registerRunner(
  { database, clock }: Needs,
  caller: Caller,
  input: {
    token: string;
    name: string;
    capabilities: RunnerCapability[];
    publicKey: string;
    detectors: number;
  },
) {
  const { token, ...given } = input;
  const open = () => ({ tokenDigest: digestToken(token), usedAt: null, expiresAt: { gt: clock() } });
  // Before the key is parsed: a stranger makes us do no work.
  if ((await database.read.runnerInvitation.count({ where: open() })) === 0) throw new Refusal('LINK_NOT_VALID');
  const fingerprint = await fingerprintOf(given.publicKey);
  const secret = `emr_${randomBytes(32).toString('base64url')}`;
  const runnerId = await database.transact(caller, async (tx) => {
    const { count } = await tx.db.runnerInvitation.updateMany({ where: open(), data: { usedAt: clock() } });
    if (count === 0) throw new Refusal('LINK_NOT_VALID');
    const invitation = await tx.db.runnerInvitation.findUniqueOrThrow({ where: { tokenDigest: digestToken(token) } });
    const { id } = await tx.db.runner.create({
      data: { ...given, fingerprint, secretDigest: digestToken(secret), createdAt: clock(), lastSeenAt: clock() },
    });
    await tx.log({
      action: 'runner.registered',
      outcome: 'done',
      object: { kind: 'runner', id },
      details: {
        invitation: invitation.id,
        fingerprint,
        capabilities: given.capabilities,
        publicKey: given.publicKey,
      },
    });
    return id;
  });
  return { runnerId, secret };
}

/** @throws Refusal `INVALID_REQUEST`. */
async function fingerprintOf(publicKey: string): Promise<string> {
  try {
    const { fingerprint, x25519 } = await parsePublicKey(publicKey);
    if (x25519 !== null && !publicKey.includes('PRIVATE KEY')) return fingerprint;
  } catch (error) {
    if (!(error instanceof KeyRefused)) throw error;
  }
  throw new Refusal('INVALID_REQUEST', { reasons: [{ code: 'RUNNER_KEY_UNUSABLE' }] });
}
