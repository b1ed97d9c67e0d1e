import { cuesOfRendition, takenOutMark, withoutNames } from '../../domain/captions/rendition-cues.ts';
import { writeWebVtt } from '../../domain/captions/write-captions.ts';
import type { RenditionCaptions } from '../../pipeline/ports/media.ts';
import type { Timeline } from './timeline.ts';

/** Marks our own box among those of type `uuid`, which every player skips. */
const boxId = Buffer.from('7f1d6c1b5a0e4d6ba6a5d3c0e1b7a942', 'hex');

/** A WebVTT file with what the edits leave of the captions, by the very times that picture and sound are cut at; null: nothing. */
export function writeRenditionCaptions(
  { cues, showsSpeakers }: Pick<RenditionCaptions, 'cues' | 'showsSpeakers'>,
  { removed, muted, toned }: Timeline,
): string | null {
  const left = cuesOfRendition(cues, { removed, unheard: [...muted, ...toned] });
  if (left.every(({ text }) => text === takenOutMark)) return null;
  return writeWebVtt(showsSpeakers ? left : withoutNames(left));
}

/** A box around a file that belongs to the rendition, and the offset of the file in the box. */
export function attachedBox(text: string): { readonly box: Buffer; readonly textAt: number } {
  const body = Buffer.from(text, 'utf8');
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + boxId.length + body.length);
  header.write('uuid', 4, 'latin1');
  return { box: Buffer.concat([header, boxId, body]), textAt: 8 + boxId.length };
}
