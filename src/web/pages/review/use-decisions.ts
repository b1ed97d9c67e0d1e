import { useState } from 'react';
import { ask } from '../../api/ask.ts';
import type { Recording } from '../recordings/recording.ts';
import type { Decide } from './decision-form.tsx';
import type { Segment } from './lanes.ts';

/** One decision as it was made; `before`: the one that it took the place of, null where the segment waited. */
interface Step {
  readonly segmentId: string;
  readonly before: Decide | null;
  readonly after: Decide;
}
interface History {
  readonly done: readonly Step[];
  readonly undone: readonly Step[];
}
const empty: History = { done: [], undone: [] };
/** As many steps are kept. */
const most = 100;

const nameOf = (recordingId: string) => `emanet-review:${recordingId}`;
function kept(recordingId: string): History {
  const found = sessionStorage.getItem(nameOf(recordingId));
  return found === null ? empty : (JSON.parse(found) as History);
}

/** The decision that a segment has, as it would be sent. */
function decisionOf({ decision }: Segment): Decide | null {
  if (decision === null) return null;
  const { kind, ground, note, region, startMs, endMs } = decision;
  return {
    kind,
    ...(ground === null ? {} : { ground }),
    ...(note === null ? {} : { note }),
    ...(region === null ? {} : { region }),
    ...(startMs === null ? {} : { startMs }),
    ...(endMs === null ? {} : { endMs }),
  };
}

/** Decides, takes back and decides again; the steps survive a reload of this tab. */
export function useDecisions(recordingId: string, show: (recording: Recording) => void) {
  const [history, setHistory] = useState(() => kept(recordingId));
  const keep = (next: History) => {
    sessionStorage.setItem(nameOf(recordingId), JSON.stringify(next));
    setHistory(next);
  };
  const send = async (segmentId: string, body: Decide): Promise<Recording> => {
    const next = await ask('decideSegment', { params: { segmentId }, body });
    show(next);
    return next;
  };
  return {
    canUndo: history.done.length > 0,
    canRedo: history.undone.length > 0,
    async decide(segment: Segment, body: Decide): Promise<Recording> {
      const next = await send(segment.id, body);
      const step = { segmentId: segment.id, before: decisionOf(segment), after: body };
      keep({ done: [...history.done, step].slice(-most), undone: [] });
      return next;
    },
    async undo(): Promise<boolean> {
      const step = history.done.at(-1);
      if (step === undefined) return false;
      if (step.before === null) show(await ask('takeDecisionBack', { params: { segmentId: step.segmentId } }));
      else await send(step.segmentId, step.before);
      keep({ done: history.done.slice(0, -1), undone: [...history.undone, step] });
      return true;
    },
    async redo(): Promise<boolean> {
      const step = history.undone.at(-1);
      if (step === undefined) return false;
      await send(step.segmentId, step.after);
      keep({ done: [...history.done, step], undone: history.undone.slice(0, -1) });
      return true;
    },
  };
}
