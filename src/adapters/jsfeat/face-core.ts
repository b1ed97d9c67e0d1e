import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Box, GreyPicture } from '../../detection/picture-hash.ts';

/** The part of jsfeat's interface that is used. */
interface Jsfeat {
  readonly U8_t: number;
  readonly C1_t: number;
  readonly matrix_t: new (columns: number, rows: number, type: number) => { readonly data: Uint8Array };
  readonly imgproc: { equalize_histogram(from: object, to: object): void };
  readonly bbf: {
    prepare_cascade(cascade: object): void;
    build_pyramid(picture: object, minWidth: number, minHeight: number, interval: number): object;
    detect(pyramid: object, cascade: object): Found[];
    group_rectangles(found: Found[], least: number): Found[];
  };
}

type Found = Box & { readonly confidence: number };

const require = createRequire(import.meta.url);
/** Scales between one size of a face and the double of it. */
const scales = 4;
/** Faces have more than this, nearly always; patterns of walls and screens have less. */
const leastConfidence = -1;
/** Side of the smallest face, in pixels. */
const leastFace = 24;

/**
 * Finds faces that look at the camera, by brightness alone (Abramson and Steux, "YEF: Real-Time Object Detection", 2005, as in
 * ccv and jsfeat). It can say that there is a face and where. It has nothing to tell one face from another.
 */
export function loadFaces(): (picture: GreyPicture) => Box[] {
  const jsfeat = require('jsfeat') as Jsfeat;
  const cascade = readCascade();
  jsfeat.bbf.prepare_cascade(cascade);
  return ({ width, height, pixels }) => {
    if (width < 2 * leastFace || height < 2 * leastFace) return [];
    const grey = new jsfeat.matrix_t(width, height, jsfeat.U8_t | jsfeat.C1_t);
    grey.data.set(pixels);
    jsfeat.imgproc.equalize_histogram(grey, grey);
    const pyramid = jsfeat.bbf.build_pyramid(grey, 2 * leastFace, 2 * leastFace, scales);
    return jsfeat.bbf
      .group_rectangles(jsfeat.bbf.detect(pyramid, cascade), 1)
      .filter(({ confidence }) => confidence >= leastConfidence)
      .map(({ x, y, width, height }) => ({ x, y, width, height }));
  };
}

/** The trained cascade. Its file is a program for a browser around a literal of JSON; only the literal is used. */
function readCascade(): object {
  const program = readFileSync(require.resolve('jsfeat/cascades/bbf_face.js'), 'utf8');
  const [, literal] = /global\.face_cascade = (\{[\s\S]*\})\s*;?\s*\}\)\(/.exec(program) ?? [];
  if (literal === undefined) throw new Error('jsfeat holds no cascade of faces');
  return JSON.parse(literal) as object;
}
