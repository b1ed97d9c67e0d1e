import type { RemovalKind } from '../../../domain/attendance/remove-person.ts';
import { clock, type DecisionKind, type Region } from '../../../domain/decision.ts';
import { notAnalysedCodes } from '../../../domain/not-analysed.ts';
import { label, text } from '../../words/current.ts';
import { number } from '../../words/format.ts';
import type { Finding, Segment } from './lanes.ts';

/** What a detector wrote down, as far as it is told in words. Each source fills its own part. */
interface Piece {
  readonly erased?: boolean;
  readonly tags?: readonly { readonly name: string; readonly value: string }[];
  readonly workStartMs?: number;
  readonly workEndMs?: number;
  readonly strength?: number;
  readonly moments?: number;
  readonly place?: Region;
  readonly moves?: boolean;
  readonly cuts?: number;
  readonly text?: string;
  readonly more?: number;
  readonly of?: string;
  readonly count?: number;
  readonly why?: string;
  readonly detail?: string;
  readonly note?: string | null;
  readonly removal?: RemovalKind;
  readonly tile?: Region;
  readonly label?: string;
  readonly faces?: number;
}

const piecesOf = (evidence: unknown): Piece[] => (Array.isArray(evidence) ? evidence : [evidence ?? {}]) as Piece[];

/** The place in a registered work that a finding matches: milliseconds of the work. Null: it matches none, or a still. */
export function placeInWork({
  source,
  evidence,
  title,
}: Finding): { work: string; startMs: number; endMs: number } | null {
  const [piece] = piecesOf(evidence);
  if (!['audio_match', 'picture_match'].includes(source) || piece === undefined || title === null) return null;
  const { workStartMs, workEndMs } = piece;
  return workStartMs === undefined || workEndMs === undefined || workEndMs <= workStartMs
    ? null
    : { work: title, startMs: workStartMs, endMs: workEndMs };
}

/** The decisions that let a part go, the one first that takes least away and shows nothing. */
const goesBy = { cut: 'cut', mute: 'mute', cover: 'black_out' } as const satisfies Record<RemovalKind, DecisionKind>;

/** What a person only has to confirm: how a part goes that has to, and where it is covered. Null: nothing is proposed. */
export function proposalOf({ findings, decision }: Segment): { kind: DecisionKind; region: Region | null } | null {
  const [piece] = piecesOf(findings.find(({ source }) => source === 'attendance')?.evidence);
  if (decision !== null || piece?.removal === undefined) return null;
  return { kind: goesBy[piece.removal], region: piece.tile ?? null };
}

/** What made the machine or a person point here, in words. */
export function evidenceInWords({ source, evidence, title, page }: Finding): string[] {
  const pieces = piecesOf(evidence);
  if (pieces[0]?.erased === true) return [text('ev_erased')];
  const work = title ?? text('thisWork');
  const part = ({ workStartMs = 0, workEndMs = 0 }: Piece) => ({
    work,
    from: clock(workStartMs),
    to: clock(workEndMs),
  });
  switch (source) {
    case 'tag':
      return pieces.map(({ tags = [] }) =>
        text('ev_tags', { list: tags.map(({ name, value }) => `${name} = “${value}”`).join(', ') }),
      );
    case 'audio_match':
      return pieces.map((piece) =>
        joined(
          text('ev_match', part(piece)),
          piece.strength === undefined ? '' : text('ev_strength', { n: number(piece.strength) }),
        ),
      );
    case 'picture_match':
      return pieces.map((piece) =>
        joined(
          piece.moves === true
            ? text('ev_film', part(piece))
            : page === null
              ? text('ev_still', { work })
              : text('ev_page', { work, n: page }),
          text('ev_moments', { n: number(piece.moments ?? 0) }),
          where(piece.place),
        ),
      );
    case 'music':
      return [text('ev_music')];
    case 'film':
      return pieces.map(({ cuts = 0, place }) => joined(text('ev_cuts', { n: number(cuts) }), where(place)));
    case 'notice':
      return pieces.map((piece) => joined(text('ev_read', { text: piece.text ?? '' }), where(piece.place)));
    case 'subtitle':
    case 'captions':
      return pieces.flatMap(({ text: line, more = 0 }) => [
        ...(line === undefined ? [] : [text('ev_text', { text: line })]),
        ...(more === 0 ? [] : [text('ev_more', { n: number(more) })]),
      ]);
    case 'not_analysed':
      return pieces.map(({ why = '', detail, of, count = 1 }) =>
        text('ev_why', {
          why: [whyNot(why), detail, of && `${label('source', of)} (${number(count)})`]
            .filter((part) => part !== undefined && part !== '')
            .join(': '),
        }),
      );
    case 'attendance':
      return pieces.map(({ removal = 'cut', tile, label = '', faces = 0 }) =>
        joined(
          removal !== 'cover'
            ? text(`ev_${removal}`)
            : tile === undefined
              ? text('ev_noTile')
              : text('ev_tile', { label }),
          faces === 0 ? '' : text('ev_faces', { n: faces }),
        ),
      );
    default:
      return pieces.map(({ note }) => (note ? text('ev_note', { note }) : text('ev_none')));
  }
}

const joined = (...parts: string[]) => parts.filter((part) => part !== '').join(' ');

function whyNot(code: string): string {
  const known = notAnalysedCodes.find((one) => one === code);
  return known === undefined ? code : text(`notAnalysed_${known}`);
}

/** Margins of a film or of a shared screen are left out of its place. */
const wholeShare = 0.55;

function where(place: Region | undefined): string {
  if (place === undefined) return '';
  const share = place.width * place.height;
  return share > wholeShare ? text('ev_wholePicture') : text('ev_partOfPicture', { n: number(100 * share, 1) });
}

/** How sure the machine is; a person's word has no such number. */
export const certaintyOf = ({ source, confidence }: Finding): string | null =>
  ['declared', 'not_analysed', 'attendance'].includes(source)
    ? null
    : text('certainty', { n: Math.round(confidence * 100) });

export const sourceOf = ({ source }: { readonly source: string }): string => label('source', source);
