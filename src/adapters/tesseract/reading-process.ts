import { readPicture } from '../../detection/text/read-picture.ts';
import { headerBytes, kinds, maxPixels } from './reading-protocol.ts';
import { loadTesseract } from './tesseract-core.ts';

/** The process that reads: pictures come in on standard input, the lines read go out on standard output. */

async function* picturesOf(input: AsyncIterable<Buffer>) {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of input) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= headerBytes) {
      const [width, height] = [rest.readUInt32LE(0), rest.readUInt32LE(4)];
      if (width * height > maxPixels) throw new Error(`a picture of ${width} × ${height}`);
      const end = headerBytes + width * height;
      if (rest.length < end) break;
      const kind = kinds[rest.readUInt32LE(8)];
      yield { picture: { width, height, pixels: rest.subarray(headerBytes, end) }, kind };
      rest = rest.subarray(end);
    }
  }
}

const say = (said: unknown) => process.stdout.write(`${JSON.stringify(said)}\n`);

const tesseract = await loadTesseract();
say('ready');
for await (const { picture, kind } of picturesOf(process.stdin)) {
  for (const { text, confidence, box } of readPicture(tesseract, picture, kind))
    say([text, Math.round(confidence * 100) / 100, box.x, box.y, box.width, box.height]);
  say('end');
}
