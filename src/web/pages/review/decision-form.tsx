import { useState } from 'react';
import { type DecisionKind, decisionKinds, editKinds, grounds, type Region } from '../../../domain/decision.ts';
import { Problem } from '../../api/problem.ts';
import type { Body } from '../../api/types.ts';
import { Button } from '../../parts/button.tsx';
import { Field, Group, Select } from '../../parts/fields.tsx';
import { Form } from '../../parts/form.tsx';
import { exactClock, parseClock } from '../../words/clock.ts';
import { label, text } from '../../words/current.ts';
import { proposalOf } from './evidence.ts';
import type { Segment } from './lanes.ts';

export type Decide = Body<'decideSegment'>;
/** Where a decision begins and ends, as typed or set by the player. */
export interface Edges {
  readonly from: string;
  readonly until: string;
}

const covers: readonly string[] = ['black_out', 'blur'];
const isEdit = (kind: string): boolean => editKinds.some((one) => one === kind);
export const edgesOf = ({ startMs, endMs, decision }: Segment): Edges => ({
  from: exactClock(decision?.startMs ?? startMs),
  until: exactClock(decision?.endMs ?? endMs),
});

interface DecisionFormProps {
  readonly segment: Segment;
  readonly edges: Edges;
  readonly onEdges: (edges: Edges) => void;
  readonly region: Region | null;
  readonly onRegion: (region: Region | null) => void;
  readonly onDraw: () => void;
  readonly onDecide: (decide: Decide) => Promise<void>;
}

/** What is decided about a segment: on what ground, for which part of the time and of the picture. */
export function DecisionForm({ segment, edges, onEdges, region, onRegion, onDraw, onDecide }: DecisionFormProps) {
  const { decision, claimedGround } = segment;
  const [kind, setKind] = useState<DecisionKind | ''>(decision?.kind ?? proposalOf(segment)?.kind ?? '');
  const place = () => {
    if (!isEdit(kind)) return {};
    const [startMs, endMs] = [parseClock(edges.from), parseClock(edges.until)];
    if (startMs === null || endMs === null) throw new Problem({ title: text('clockWrong') });
    const marked = covers.includes(kind) ? region : null;
    if (kind === 'blur' && marked === null) throw new Problem({ title: text('regionNeeded') });
    return {
      ...(startMs === segment.startMs ? {} : { startMs }),
      ...(endMs === segment.endMs ? {} : { endMs }),
      ...(marked === null ? {} : { region: marked }),
    };
  };
  return (
    <Form
      send={text('decide')}
      tone={decision === null ? 'primary' : 'plain'}
      onSend={async (values) => {
        if (kind === '') return;
        const ground = grounds.find((one) => one === values.text('ground'));
        const note = values.text('note');
        await onDecide({
          kind,
          ...(kind === 'permitted' && ground !== undefined ? { ground } : {}),
          ...place(),
          ...(note === '' ? {} : { note }),
        });
      }}
    >
      <Select
        label={text('decision')}
        required
        value={kind}
        onChange={({ target }) => setKind(decisionKinds.find((one) => one === target.value) ?? '')}
        options={[['', text('chooseDecision')], ...decisionKinds.map((one) => [one, text(`kind_${one}`)] as const)]}
      />
      {kind === 'permitted' && (
        <Select
          label={text('ground')}
          name="ground"
          required
          defaultValue={decision?.ground ?? claimedGround ?? ''}
          options={[['', text('chooseDecision')], ...grounds.map((one) => [one, label('ground', one)] as const)]}
        />
      )}
      {isEdit(kind) && (
        <div className="fields">
          <Field
            label={text('from')}
            hint={text('edgeHint')}
            value={edges.from}
            onChange={({ target }) => onEdges({ ...edges, from: target.value })}
          />
          <Field
            label={text('until')}
            value={edges.until}
            onChange={({ target }) => onEdges({ ...edges, until: target.value })}
          />
        </div>
      )}
      {covers.includes(kind) && <RegionFields region={region} onRegion={onRegion} onDraw={onDraw} />}
      <Field label={text('note')} name="note" maxLength={2000} defaultValue={decision?.note ?? ''} />
    </Form>
  );
}

const sides = ['x', 'y', 'width', 'height'] as const;
const percent = (share: number): string => String(Math.round(share * 1000) / 10);
const clamp = (value: number, most = 1): number => Math.min(Math.max(value, 0), most);

interface RegionFieldsProps {
  readonly region: Region | null;
  readonly onRegion: (region: Region | null) => void;
  readonly onDraw: () => void;
}

/** Where in the picture: drawn over the paused video, or typed as percents. */
function RegionFields({ region, onRegion, onDraw }: RegionFieldsProps) {
  const [typed, setTyped] = useState<Readonly<Record<string, string>>>({});
  const shownOf = (side: (typeof sides)[number]) => typed[side] ?? (region === null ? '' : percent(region[side]));
  const type = (side: string, value: string) => {
    const next = { ...Object.fromEntries(sides.map((one) => [one, shownOf(one)])), [side]: value };
    setTyped(next);
    const [x = Number.NaN, y = Number.NaN, width = Number.NaN, height = Number.NaN] = sides.map((one) =>
      next[one] === '' ? Number.NaN : Number(next[one]) / 100,
    );
    if (![x, y, width, height].every(Number.isFinite)) return;
    const [left, top] = [clamp(x), clamp(y)];
    onRegion({ x: left, y: top, width: clamp(width, 1 - left), height: clamp(height, 1 - top) });
  };
  return (
    <Group legend={text('region')} hint={text('regionHint')}>
      <div className="fields">
        {sides.map((side) => (
          <Field
            key={side}
            label={text(`region_${side}`)}
            type="number"
            min={0}
            max={100}
            step={0.1}
            value={shownOf(side)}
            onChange={({ target }) => type(side, target.value)}
          />
        ))}
      </div>
      <div className="row">
        <Button
          small
          onPress={() => {
            setTyped({});
            onDraw();
          }}
        >
          {text('regionDraw')}
        </Button>
        <Button
          small
          onPress={() => {
            setTyped({});
            onRegion(null);
          }}
        >
          {text('regionClear')}
        </Button>
      </div>
    </Group>
  );
}
