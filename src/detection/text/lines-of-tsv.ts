import { maxLines, maxTextLength, type ReadLine } from './read-line.ts';

/** Words of one line that stand further apart than this many times their height belong to different texts. */
const widestGap = 4;
/** A word below this is no reading but a pattern that looked like letters. */
const leastConfidence = 20;

interface Word {
  readonly line: string;
  readonly text: string;
  readonly confidence: number;
  readonly box: ReadLine['box'];
}

/** Lines that Tesseract read: level, page, block, paragraph, line, word, left, top, width, height, confidence, text. */
export function linesOfTsv(tsv: string): ReadLine[] {
  const words = tsv.split('\n').flatMap((row): Word[] => {
    const [level, page, block, paragraph, line, , left, top, width, height, confidence, ...text] = row.split('\t');
    const isWord = level === '5' && Number(confidence) >= leastConfidence && text.join(' ').trim() !== '';
    if (!isWord) return [];
    const box = { x: Number(left), y: Number(top), width: Number(width), height: Number(height) };
    return [
      { line: [page, block, paragraph, line].join(), text: text.join(' ').trim(), confidence: Number(confidence), box },
    ];
  });
  return inRows(words).slice(0, maxLines).map(joined);
}

/**
 * Tesseract searches for text anywhere and cuts one line into pieces, the smaller the more surrounds it. Pieces that
 * stand close together at one height, in letters of about one size, are joined into one line.
 */
function inRows(words: readonly Word[]): Word[][] {
  const rows: Word[][] = [];
  for (const word of words.toSorted((a, b) => a.box.x - b.box.x)) {
    const row = rows.find((each) => isNext(each[each.length - 1]!, word));
    if (row === undefined) rows.push([word]);
    else row.push(word);
  }
  return rows;
}

function isNext(before: Word, after: Word): boolean {
  const [a, b] = [before.box, after.box];
  const gap = b.x - (a.x + a.width);
  const height = Math.max(a.height, b.height);
  const shared = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  const sameLine = before.line === after.line;
  return gap > -height && gap <= (sameLine ? widestGap : 1.2) * height && shared >= 0.5 * Math.min(a.height, b.height);
}

function joined(words: readonly Word[]): ReadLine {
  const x = Math.min(...words.map(({ box }) => box.x));
  const y = Math.min(...words.map(({ box }) => box.y));
  const letters = words.reduce((sum, { text }) => sum + text.length, 0);
  const sure = words.reduce((sum, { text, confidence }) => sum + text.length * confidence, 0) / letters / 100;
  return {
    text: words
      .map(({ text }) => text)
      .join(' ')
      .slice(0, maxTextLength),
    confidence: Math.min(1, Math.max(0, sure)),
    box: {
      x,
      y,
      width: Math.max(...words.map(({ box }) => box.x + box.width)) - x,
      height: Math.max(...words.map(({ box }) => box.y + box.height)) - y,
    },
  };
}
