import type { Readable } from 'node:stream';
import type { Party } from './party.ts';
import type { ProcessLimits, ProcessNeeds } from './sandbox.ts';

export interface RunRequest {
  /** For whom it runs. Default: the request or job that is being done (`asOneParty`). */
  readonly party?: Party;
  readonly command: string;
  readonly args: readonly string[];
  readonly limits: ProcessLimits;
  readonly needs?: ProcessNeeds;
  /** Replaced by `<input>` wherever the child repeats it. */
  readonly secret?: string;
  readonly signal?: AbortSignal | undefined;
  /** Standard input of the child, which may end before it has read all. */
  readonly input?: AsyncIterable<Uint8Array>;
  /** When the time is up, ask the child to finish (SIGINT: ffmpeg then writes what it has) before killing it. */
  readonly finishAtLimit?: boolean;
  /** Called for every line on stderr. */
  readonly onLine?: (line: string) => void;
  /** Called when the child has its turn and is started: what came before is no time of its own. */
  readonly onStart?: () => void;
  /** Called when no further line will come. */
  readonly onLinesEnd?: () => void;
  /** Readers of the child's pipes: index in the array + 1 is the file descriptor (1 is stdout, then 3, 4, …). */
  readonly pipes?: readonly PipeReader[];
}

/** Reads one pipe to its end. Reading too slowly slows the child down. */
export type PipeReader = (pipe: Readable) => Promise<void>;

export interface RunResult {
  readonly exitCode: number | null;
  readonly killedBy: NodeJS.Signals | null;
  /**
   * `processor`: the file cost too much of the processor. `wall`: the clock ran out while it had not, which says nothing
   * about the file (`assertHadTime`).
   */
  readonly hitLimit: 'processor' | 'wall' | 'output' | null;
  /** Last lines of stderr, without the secret. */
  readonly stderrTail: readonly string[];
}
