import type { ReactNode } from 'react';
import { Badge } from '../../parts/badge.tsx';
import { Button } from '../../parts/button.tsx';
import { Facts } from '../../parts/page.tsx';
import { label, text } from '../../words/current.ts';
import { dateTimeExact, number } from '../../words/format.ts';
import { actorName, entryIn, kindName, type Names, pseudonymsIn, type Shown, sentenceOf } from './entry.ts';
import styles from './log.module.css';
import { type FilterName, filterName } from './log-filter.ts';
import { logText } from './log-text.ts';
import { EvidenceButton } from './take-button.tsx';

interface EntryItemProps {
  readonly shown: Shown;
  readonly isVerified: boolean;
  readonly names: Names;
  readonly isOpen: boolean;
  readonly onOpen: (isOpen: boolean) => void;
  readonly onNarrow: (name: FilterName, value: string) => void;
  readonly onViewers: (recordingId: string) => void;
}

/** One entry: what happened, who did it and when; the rest when it is opened. */
export function EntryItem({ shown, isVerified, names, isOpen, onOpen, onNarrow, onViewers }: EntryItemProps) {
  const { at, actor, action, outcome, object, details } = entryIn(shown);
  const only = (name: FilterName, value: string) => (
    <Button
      small
      aria-label={`${text('onlyThis')}: ${filterName(name)} ${names.get(value) ?? value}`}
      onPress={() => onNarrow(name, value)}
    >
      {text('onlyThis')}
    </Button>
  );
  const inside = pseudonymsIn([object, details], names);
  return (
    <div className={isVerified ? styles.entry : `${styles.entry} ${styles.broken}`}>
      <p className="row spread">
        <span>
          <strong>{sentenceOf(shown)}</strong>{' '}
          {outcome !== 'done' && <Badge tone="bad">{label('outcome', outcome)}</Badge>}
        </span>
        <time className="quiet numbers" dateTime={at}>
          {dateTimeExact(at)}
        </time>
      </p>
      <details open={isOpen} onToggle={({ currentTarget }) => onOpen(currentTarget.open)}>
        <summary>
          {actorName(actor, names)} · {text('entryOf', { seq: number(shown.seq) })} ·{' '}
          {isVerified ? (
            <span className="quiet">✓ {logText('verified')}</span>
          ) : (
            <Badge tone="bad">{logText('notVerified')}</Badge>
          )}
        </summary>
        {isOpen && (
          <Facts
            facts={[
              [
                text('who'),
                actor.id === undefined ? (
                  kindName(actor.kind)
                ) : (
                  <Line>
                    {names.get(actor.id) ?? actor.id} ({kindName(actor.kind)}) {only('actor', actor.id)}
                  </Line>
                ),
              ],
              [
                text('action'),
                <Line key="action">
                  {sentenceOf(shown)} {only('action', action)}
                </Line>,
              ],
              [
                text('outcome'),
                <Line key="outcome">
                  {label('outcome', outcome)} {only('outcome', outcome)}
                </Line>,
              ],
              [
                text('object'),
                object && (
                  <Line>
                    {object.kind} {names.get(object.id) ?? object.id} {only('object', object.id)}
                  </Line>
                ),
              ],
              [
                text('recordings'),
                object?.recordingId && (
                  <Line>
                    {object.recordingId} {only('recording', object.recordingId)}
                    <ViewersButton recordingId={object.recordingId} onViewers={onViewers} />
                    <EvidenceButton about="recording" id={object.recordingId} />
                  </Line>
                ),
              ],
              [
                text('lesson'),
                object?.lessonId && (
                  <Line>
                    {object.lessonId} {only('lesson', object.lessonId)}
                  </Line>
                ),
              ],
              [text('address'), shown.address],
              [text('details'), details !== undefined && <pre>{JSON.stringify(details, null, 2)}</pre>],
              [
                logText('namesHere'),
                inside.length > 0 && (
                  <ul className="plain">
                    {inside.map((id) => (
                      <li key={id} className="row">
                        <span>
                          {id} = {names.get(id)}
                        </span>
                        {only('person', id)}
                      </li>
                    ))}
                  </ul>
                ),
              ],
              ['SHA-256', <code key="leaf">{shown.leafHash}</code>],
            ].map(([name, value]) => [name as string, value === false ? null : (value as ReactNode)] as const)}
          />
        )}
      </details>
    </div>
  );
}

const Line = ({ children }: { readonly children: ReactNode }) => <span className="row">{children}</span>;

interface ViewersButtonProps {
  readonly recordingId: string;
  readonly onViewers: (recordingId: string) => void;
}

function ViewersButton({ recordingId, onViewers }: ViewersButtonProps) {
  return (
    <Button small onPress={() => onViewers(recordingId)}>
      {text('whoSaw')}
    </Button>
  );
}
