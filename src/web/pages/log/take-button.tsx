import { useState } from 'react';
import { askForFile } from '../../api/ask.ts';
import { ActionButton } from '../../parts/button.tsx';
import { download } from '../../parts/download.ts';
import { sha256, toHex } from '../../proofs/hashing.ts';
import { text } from '../../words/current.ts';
import { byteSize } from '../../words/format.ts';
import { logText } from './log-text.ts';

interface TakeButtonProps {
  readonly children: string;
  /** The name that the file gets. */
  readonly name: string;
  readonly take: (onBytes: (bytes: number) => void) => Promise<Blob>;
  readonly label?: string;
}

interface Taken {
  readonly name: string;
  readonly bytes: number;
  readonly digest: string;
}

/** Fetches a file, tells how much of it has come, saves it, and says its SHA-256. */
export function TakeButton({ children, name, take, label }: TakeButtonProps) {
  const [bytes, setBytes] = useState<number | null>(null);
  const [taken, setTaken] = useState<Taken | null>(null);
  return (
    <>
      <ActionButton
        small
        {...(label === undefined ? {} : { label })}
        onAct={async () => {
          setTaken(null);
          setBytes(0);
          try {
            const file = await take(setBytes);
            const digest = toHex(await sha256(new Uint8Array(await file.arrayBuffer())));
            download(file, name);
            setTaken({ name, bytes: file.size, digest });
          } finally {
            setBytes(null);
          }
        }}
      >
        {children}
      </ActionButton>
      {bytes !== null && (
        <span className="whole-row">
          <progress aria-label={children} />
          <span className="quiet numbers">{logText('taking', { what: children, size: byteSize(bytes) })}</span>
        </span>
      )}
      {taken !== null && (
        <span className="whole-row" role="status">
          {logText('taken', { name: taken.name, size: byteSize(taken.bytes) })}
          <br />
          <code>{logText('sha256', { digest: taken.digest })}</code>
        </span>
      )}
    </>
  );
}

interface EvidenceButtonProps {
  readonly about: 'recording' | 'participant';
  readonly id: string;
  /** Whose or of what, for those who hear the page. */
  readonly of?: string;
}

/** The evidence about a recording or a participant. */
export function EvidenceButton({ about, id, of = id }: EvidenceButtonProps) {
  return (
    <TakeButton
      name={`emanet-${about}-${id}.zip`}
      label={logText('evidenceOf', { what: of })}
      take={(onBytes) => askForFile('makeEvidencePack', { params: { about, subjectId: id } }, undefined, onBytes)}
    >
      {text('evidencePack')}
    </TakeButton>
  );
}
