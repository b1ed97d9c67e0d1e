import { createContext } from '../../src/assembly/context.ts';
import { startServer } from '../../src/assembly/server.ts';
import { loadConfig } from '../../src/config/env.ts';
import { makeRendition } from '../../src/pipeline/release/make-rendition.ts';
import { checkRecording } from '../../src/pipeline/review/check-recording.ts';
import { countStore, type StoreBytes } from './count-store.ts';
import { profileParts } from './profile-parts.ts';

/** What the process is told to do. `count` does nothing: its answer says what was read and written so far. */
export interface StageOrder {
  readonly job: 'check' | 'check, profiled' | 'rendition' | 'count' | 'end';
  readonly recordingId: string;
}

export interface StageAnswer extends StoreBytes {
  /** Of the job by the clock. */
  readonly seconds: number;
  /** Of a profiled job: the share of each part in the processor time of this process, 0 to 1. */
  readonly shares: Record<string, number>;
}

/**
 * The real server in a process of its own, `node stage-server.ts` with settings in the environment. Its store counts, its
 * queue rests, and it does the jobs that its parent orders, one at a time. Its first message is its address.
 */
if (import.meta.main) {
  const { DATABASE_URL } = process.env;
  const config = loadConfig({ ...process.env, DATABASE_URL, WORKER: 'false', PORT: '0' });
  const context = await createContext(config);
  const bytes: StoreBytes = { readBytes: 0, writtenBytes: 0 };
  Object.assign(context.outside, { objects: countStore(context.outside.objects, bytes) });
  const server = await startServer(context);
  const signal = AbortSignal.timeout(6 * 3_600_000);
  process.on('message', async ({ job, recordingId }: StageOrder) => {
    const began = performance.now();
    let shares: Record<string, number> = {};
    const check = () => checkRecording(context.outside, { recordingId }, signal);
    if (job === 'check') await check();
    if (job === 'check, profiled') shares = await profileParts(check);
    if (job === 'rendition') await makeRendition(context.outside, recordingId, signal);
    if (job === 'end') {
      await server.stop();
      process.disconnect();
    } else {
      const answer: StageAnswer = { ...bytes, seconds: (performance.now() - began) / 1000, shares };
      process.send!(answer);
    }
  });
  process.send!(server.url);
}
