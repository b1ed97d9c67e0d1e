import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { CopyButton } from '../../parts/copy-button.tsx';
import { Loaded } from '../../parts/loaded.tsx';
import { Card, Facts } from '../../parts/page.tsx';
import { readPublished } from '../../proofs/check-answer.ts';
import { toBase64 } from '../../proofs/hashing.ts';
import { readSeen } from '../../proofs/seen.ts';
import { readCheckpoint, readKey, witnessedAt } from '../../proofs/signed-checkpoint.ts';
import { dateTime, number } from '../../words/format.ts';
import { logText } from './log-text.ts';

const everyMs = 15_000;

/** What the log is held by outside this server: its key, a witness, and what this browser saw. */
export function AnchorsCard() {
  const [isOpen, setOpen] = useState(false);
  return (
    <Card>
      <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
        <summary>{logText('anchors')}</summary>
        {isOpen && <Anchors />}
      </details>
    </Card>
  );
}

function Anchors() {
  const anchors = useQuery({ queryKey: ['anchors'], queryFn: readAnchors, refetchInterval: everyMs });
  return (
    <Loaded query={anchors}>
      {({ key, witness, seen }) => (
        <Facts
          facts={[
            [
              logText('anchorKey'),
              <span key="key" className="row">
                <code>{key}</code>
                <CopyButton text={key} />
              </span>,
            ],
            [logText('anchorWitness'), witnessText(witness)],
            [logText('anchorSeen'), seen && logText('entriesAnd', { n: number(seen.size), root: toBase64(seen.root) })],
          ]}
        />
      )}
    </Loaded>
  );
}

type WitnessState = null | { readonly name: string; readonly size: number; readonly at: Date | null | 'no key' };

function witnessText(witness: WitnessState): string {
  if (witness === null) return logText('noWitness');
  const { name, size, at } = witness;
  if (at === 'no key') return logText('witnessKeyless', { name });
  if (at === null) return logText('notWitnessed', { name, n: number(size) });
  return logText('witnessed', { name, n: number(size), at: dateTime(at) });
}

async function readAnchors() {
  const { key, witness, witnessKey } = await readPublished();
  const seen = readSeen();
  return {
    key,
    witness: witness === null ? null : await readWitness(witness, witnessKey),
    seen: seen && readCheckpoint(seen.note),
  };
}

/** Whether the witness signed the newest published state, by its own key. */
async function readWitness(name: string, key: string | null): Promise<WitnessState> {
  const response = await fetch('/log/checkpoint', { cache: 'no-store' });
  if (!response.ok) throw new Error(`/log/checkpoint: ${response.status}`);
  const note = await response.text();
  const { size } = readCheckpoint(note);
  return { name, size, at: key === null ? 'no key' : await witnessedAt(note, await readKey(key)) };
}
