import type { Prisma } from '../../adapters/prisma/generated/client.ts';
import type { Outside } from '../ports/outside.ts';

/** What is shown of a channel beside its own columns. */
export const channelShown = {
  assessments: { orderBy: { validFrom: 'asc' } },
} as const satisfies Prisma.ChannelInclude;

type Needs = Pick<Outside, 'database'>;

export async function listChannels({ database }: Needs) {
  return database.read.channel.findMany({
    include: channelShown,
    orderBy: { name: 'asc' },
  });
}
