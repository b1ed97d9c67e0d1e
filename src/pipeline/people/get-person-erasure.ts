import { Refusal } from '../../domain/errors.ts';
import type { Id } from '../../domain/ids.ts';
import type { Outside } from '../ports/outside.ts';
import { planErasure } from './plan-erasure.ts';

/**
 * What erasing a person would mean, or how far it is: what goes, what stays and why, and every reason against it. Changes
 * nothing. @throws Refusal `NOT_FOUND`.
 */
export async function getPersonErasure(
  { database: { read }, clock }: Pick<Outside, 'database' | 'clock'>,
  personId: Id,
) {
  const person = await read.person.findUnique({ where: { id: personId }, include: { erasure: true } });
  if (!person) throw new Refusal('NOT_FOUND');
  const { rows: _, ...plan } = await planErasure(read, personId, clock());
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
