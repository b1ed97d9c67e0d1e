import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import { recordingsThatName } from '../captions/recordings-that-name.ts';
import type { Outside } from '../ports/outside.ts';
import { planErasure } from './plan-erasure.ts';

/**
 * What erasing a person would mean, or how far it is: what goes, what stays and why, and every reason against it. Changes
 * nothing. @throws Refusal `NOT_FOUND`.
 */
export async function getPersonErasure(
  outside: Pick<Outside, 'database' | 'objects' | 'keyring' | 'clock'>,
  personId: Id,
) {
  const {
    database: { read },
    clock,
  } = outside;
  const person = await read.person.findUnique({ where: { id: personId }, include: { erasure: true } });
  if (!person) throw new Refusal('NOT_FOUND');
  // Whoever is erased has no name any more that could be looked for.
  const named = person.erasedAt === null ? await recordingsThatName(outside, person.name) : [];
  const { rows: _, ...plan } = await planErasure(read, personId, clock(), named);
  const { erasure } = person;
  return {
    personId,
    name: person.name,
    ...plan,
    erasure: erasure && {
      why: erasure.why,
      state: erasure.state,
      startedAt: erasure.startedAt,
      finishedAt: erasure.finishedAt,
      objects: erasure.bodies.length,
      pseudonyms: erasure.keys.length,
    },
  };
}
