import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Layout } from '../../detection/text/read-line.ts';

/** The part of Tesseract's interface that is used, as compiled to WebAssembly in `tesseract.js-core`. */
interface Core {
  readonly FS: { writeFile(path: string, bytes: Uint8Array): void };
  readonly TessBaseAPI: new () => {
    Init(folder: null, languages: string, engine: number): number;
    SetVariable(name: string, value: string): boolean;
    /** Reads `/input`; 1 if it cannot. */
    SetImageFile(orientation: number, angle: number): number;
    Recognize(monitor: null): number;
    GetTSVText(page: number): string;
    Clear(): void;
  };
}

const require = createRequire(import.meta.url);
const lstmOnly = 1;
const languages = ['tur', 'eng'];
/**
 * Page segmentation modes of Tesseract (`--psm`): 11, text in any place, in no order, as notices stand apart from
 * everything else; 7, the whole picture is one line. Whatever is not read well is read again as light on dark, if
 * `tessedit_do_invert` says so: where letters are known to be dark, a fifth of the time is saved.
 */
const layouts = {
  anywhere: { tessedit_pageseg_mode: '11', tessedit_do_invert: '1' },
  letters: { tessedit_pageseg_mode: '11', tessedit_do_invert: '0' },
  line: { tessedit_pageseg_mode: '7', tessedit_do_invert: '0' },
} as const satisfies Record<Layout, Record<string, string>>;

/** Tesseract in memory, with its Turkish and English models of 2018 (`best_int`). Nothing is downloaded or written. */
export async function loadTesseract() {
  const start = require('tesseract.js-core/tesseract-core-simd-lstm.js') as (options: object) => Promise<Core>;
  const core = await start({ TesseractProgress: () => undefined, print: () => undefined, printErr: () => undefined });
  for (const language of languages) {
    const { langPath } = require(`@tesseract.js-data/${language}`) as { langPath: string };
    const model = readFileSync(join(`${langPath}_best_int`, `${language}.traineddata.gz`));
    core.FS.writeFile(`${language}.traineddata`, gunzipSync(model));
  }
  const tesseract = new core.TessBaseAPI();
  if (tesseract.Init(null, languages.join('+'), lstmOnly) === -1) throw new Error('Tesseract cannot read its models');
  return {
    /** Tab-separated values: a row for each block, paragraph, line and word (`--psm … tsv`). */
    read({ width, height, pixels }: { width: number; height: number; pixels: Uint8Array }, layout: Layout): string {
      for (const [name, value] of Object.entries(layouts[layout])) tesseract.SetVariable(name, value);
      core.FS.writeFile('/input', Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), pixels]));
      if (tesseract.SetImageFile(1, 0) === 1) throw new Error('Tesseract cannot open the picture');
      tesseract.Recognize(null);
      const rows = tesseract.GetTSVText(0);
      tesseract.Clear();
      return rows;
    },
  };
}
