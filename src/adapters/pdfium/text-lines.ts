import type { PdfTextLine } from '../../pipeline/ports/readers.ts';

/** A run of letters with its box, in points; `top` is above `bottom`, as in PDF, where y goes up. */
export interface PlacedText {
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly bottom: number;
}

export type Line = PdfTextLine;

/** Runs whose middle lies within the height of another are in its line: letters differ in height. */
export function toLines(pieces: readonly PlacedText[]): Line[] {
  const lines: PlacedText[][] = [];
  const middle = ({ top, bottom }: PlacedText) => (top + bottom) / 2;
  for (const piece of [...pieces].sort((one, other) => middle(other) - middle(one))) {
    const first = lines.at(-1)?.[0];
    const isSameLine = first !== undefined && middle(piece) >= first.bottom && middle(piece) <= first.top;
    if (isSameLine) lines.at(-1)?.push(piece);
    else lines.push([piece]);
  }
  return lines.map((line) => ({
    words: line.sort((one, other) => one.left - other.left).map(({ left, text }) => ({ x: left, text: text.trim() })),
  }));
}
