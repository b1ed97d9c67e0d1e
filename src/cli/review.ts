import type { Command } from 'commander';
import type { Client } from '../client/api-client.ts';
import { clock, type DecisionKind, decisionKinds, type Ground, grounds, type Region } from '../domain/decision.ts';
import type { Language } from '../domain/language.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';
import type { Text } from '../language/texts.ts';
import { type CommandLine, UsageError } from './command-line.ts';
import { type Recording, removalOf, type Segment, segmentsText, titleOf } from './show-recording.ts';
import { ask } from './terminal.ts';

export interface ChosenDecision {
  readonly segment: string;
  readonly kind: DecisionKind;
  readonly ground?: Ground;
  readonly region?: Region;
  readonly note?: string;
}

interface Chosen {
  readonly decide?: ChosenDecision[];
  readonly takeBack?: string[];
  readonly lookUp?: string;
  readonly finish?: true;
}

/** `10,10,50,25`: left, top, width and height in percent. Null for any other form. */
function parseRegion(text: string): Region | null {
  const shares = /^\d+(\.\d+)?(,\d+(\.\d+)?){3}$/.test(text) ? text.split(',').map((part) => Number(part) / 100) : [];
  const [x, y, width, height] = shares;
  if (x === undefined || y === undefined || width === undefined || height === undefined) return null;
  return { x, y, width, height };
}

/** `SEGMENT=permitted:licence:note`, `SEGMENT=blur@10,10,50,25`. Null for any other form. */
export function parseDecision(text: string): ChosenDecision | null {
  const [, segment, decided, place, because, said] =
    /^([^=\s]+)=([a-z_]+)(?:@([\d.,]+))?(?::([a-z_]*)(?::(.*))?)?$/s.exec(text) ?? [];
  const kind = decisionKinds.find((one) => one === decided);
  const ground = grounds.find((one) => one === because);
  const region = place === undefined ? undefined : parseRegion(place);
  if (segment === undefined || !kind || region === null || (because && !ground)) return null;
  const note = said?.trim();
  return {
    segment,
    kind,
    ...(ground ? { ground } : {}),
    ...(region ? { region } : {}),
    ...(note ? { note } : {}),
  };
}

/** `review ID`, below `parent`. */
export function reviewCommand(cli: CommandLine, parent: Command, name = 'review <id>'): void {
  const { language } = cli;
  const t = textsIn(language).cli.review;
  parent
    .command(name)
    .description(t.review)
    .option('--decide <decision>', t.decide, (text: string, before: ChosenDecision[] = []) => {
      const parsed = parseDecision(text);
      if (!parsed)
        throw new UsageError(fill(t.badForm, { text, kinds: decisionKinds.join(', '), grounds: grounds.join(', ') }));
      if (parsed.kind === 'permitted' && !parsed.ground)
        throw new UsageError(fill(t.needGround, { grounds: grounds.join(', ') }));
      return [...before, parsed];
    })
    .option('--take-back <segment>', t.takeBack, (text: string, before: string[] = []) => [...before, text])
    .option('--look-up <segment>', t.lookUp)
    .option('--finish', t.finish)
    .action(async (recordingId: string, options: Chosen) => {
      const client = await cli.client();
      let recording = await client.call('getRecording', { params: { recordingId } });
      if (options.lookUp !== undefined) {
        const { id: segmentId } = findSegment(recording, options.lookUp, language);
        const looked = await client.call('lookUpSegment', { params: { segmentId } });
        cli.show(looked, ({ host, found }) =>
          found.length === 0
            ? fill(t.lookUpNone, { host })
            : found
                .map(({ score, title, artists, recordingId }) =>
                  fill(t.lookUpFound, {
                    score: Math.round(score * 100),
                    title,
                    artists: artists.length > 0 ? ` – ${artists.join(', ')}` : '',
                    recording: recordingId,
                  }),
                )
                .join('\n'),
        );
        return;
      }
      if (options.decide || options.takeBack) {
        // Every name is looked up before any decision is made: a slip in the last one changes nothing.
        const takenBack = (options.takeBack ?? []).map((one) => findSegment(recording, one, language));
        const chosen = (options.decide ?? []).map((one) => ({
          ...one,
          segment: findSegment(recording, one.segment, language),
        }));
        for (const { id: segmentId } of takenBack)
          recording = await client.call('takeDecisionBack', { params: { segmentId } });
        for (const one of chosen) recording = await decide(client, one.segment, one);
      } else if (cli.isInteractive() && recording.openSegments > 0)
        recording = await decideByAsking(cli, client, recording);
      if (options.finish) recording = await client.call('clearRecording', { params: { recordingId } });
      cli.show(recording, (one) =>
        [
          segmentsText(one.segments, language),
          '',
          options.finish
            ? t.finished
            : one.openSegments > 0
              ? fill(t.open, { count: one.openSegments })
              : fill(t.all, { id: one.id }),
        ].join('\n'),
      );
    });
}

function decide(
  client: Client,
  segment: Segment,
  { kind, ground, region, note }: Omit<ChosenDecision, 'segment'>,
): Promise<Recording> {
  const body = { kind, ...(ground ? { ground } : {}), ...(region ? { region } : {}), ...(note ? { note } : {}) };
  return client.call('decideSegment', { params: { segmentId: segment.id }, body });
}

/** The first characters of an id are enough if only one segment has them. @throws UsageError. */
export function findSegment(recording: Pick<Recording, 'segments'>, id: string, language: Language): Segment {
  const [found, ...others] = recording.segments.filter((segment) => segment.id.startsWith(id.toLowerCase()));
  const t = textsIn(language).cli.review;
  if (found === undefined) throw new UsageError(fill(t.noSegment, { id }));
  if (others.length > 0) throw new UsageError(fill(t.ambiguous, { id }));
  return found;
}

async function decideByAsking(cli: CommandLine, client: Client, begun: Recording): Promise<Recording> {
  const { language, terminal } = cli;
  const t = textsIn(language).cli.review;
  const open = begun.segments.filter((segment) => segment.decision === null);
  let recording = begun;
  for (const [index, segment] of open.entries()) {
    terminal.stderr.write(
      `${fill(t.segment, { n: index + 1, total: open.length, from: clock(segment.startMs), to: clock(segment.endMs), title: titleOf(segment, language) })}\n`,
    );
    const kind = await chooseOne(cli, t.choose, decisionKinds, textsIn(language).labels.decision, true);
    if (!kind) continue;
    const ground =
      kind === 'permitted'
        ? await chooseOne(cli, t.chooseGround, grounds, textsIn(language).labels.ground, false)
        : null;
    const isCover = kind === 'black_out' || kind === 'blur';
    const tile = removalOf(segment)?.tile ?? null;
    const asked = isCover ? await chooseRegion(cli, t.chooseRegion, kind === 'black_out' || tile !== null) : null;
    // Nothing else was said: where their tile was found.
    const region = asked ?? (isCover ? tile : null);
    const note = await ask(terminal, t.note);
    const chosen = { kind, ...(ground ? { ground } : {}), ...(region ? { region } : {}), ...(note ? { note } : {}) };
    recording = await decide(client, segment, chosen);
  }
  return recording;
}

/** Asks until the answer is a place in the picture, or empty if that is allowed. */
async function chooseRegion({ terminal }: CommandLine, question: string, mayBeEmpty: boolean): Promise<Region | null> {
  for (;;) {
    const answer = await ask(terminal, question);
    const region = parseRegion(answer.replaceAll(' ', ''));
    if (region || (mayBeEmpty && answer === '')) return region;
  }
}

/** By number or by word. Asks until one of them fits. */
async function chooseOne<T extends string>(
  { terminal }: CommandLine,
  question: Text<'choices'>,
  all: readonly T[],
  names: Readonly<Record<T, string>>,
  mayBeEmpty: boolean,
): Promise<T | null> {
  const choices = all.map((one, index) => `${index + 1} ${names[one]}`).join(', ');
  for (;;) {
    const answer = (await ask(terminal, fill(question, { choices }))).toLowerCase();
    if (answer === '' && mayBeEmpty) return null;
    const found = all.find((one, index) => answer === one || answer === String(index + 1) || answer === names[one]);
    if (found) return found;
  }
}
