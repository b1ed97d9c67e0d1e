import type { Outside } from '../ports/outside.ts';

type Needs = Pick<Outside, 'database'>;

export async function listChannels({ database }: Needs) {
  return database.read.channel.findMany({
    include: { assessments: { orderBy: { validFrom: 'asc' } } },
    orderBy: { name: 'asc' },
  });
}
