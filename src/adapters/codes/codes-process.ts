import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { buffer } from 'node:stream/consumers';
import { prepareZXingModule, type ReadResult, readBarcodes } from 'zxing-wasm/reader';
import type { GreyPicture } from '../../detection/picture-hash.ts';
import { end, enlarged, headerBytes, maxCodes, maxPixels, ready, type Told } from './codes-protocol.ts';
import { enlarge } from './enlarge.ts';

/** The process that looks for codes: one picture comes in on standard input, codes go out on standard output. */

const say = (said: Told | string) => process.stdout.write(`${JSON.stringify(said)}\n`);

async function load(): Promise<void> {
  // By itself the library would ask a server on the internet for its program.
  const wasm = readFileSync(createRequire(import.meta.url).resolve('zxing-wasm/reader/zxing_reader.wasm'));
  await prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(wasm).buffer }, fireImmediately: true });
}

async function readPicture() {
  const bytes = await buffer(process.stdin);
  const [width, height] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
  if (width * height > maxPixels || bytes.length !== headerBytes + width * height)
    throw new Error(`a picture of ${width} × ${height} in ${bytes.length} bytes`);
  return { width, height, pixels: new Uint8Array(bytes.subarray(headerBytes)) };
}

/** The library takes grey pixels as they are in this format only (netpbm, PGM). */
const asPgm = ({ width, height, pixels }: GreyPicture) =>
  Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), pixels]);

await load();
say(ready);
const picture = await readPicture();
const scale = process.argv[2] === enlarged ? 2 : 1;
const found = await readBarcodes(asPgm(scale === 2 ? enlarge(picture) : picture), {
  formats: ['QRCode'],
  tryHarder: true,
  tryRotate: true,
  tryInvert: false,
  tryDownscale: true,
  maxNumberOfSymbols: maxCodes,
});
const cornersOf = ({ position: { topLeft, topRight, bottomRight, bottomLeft } }: ReadResult) =>
  [topLeft, topRight, bottomRight, bottomLeft].map(({ x, y }) => ({ x: x / scale, y: y / scale }));
for (const code of found) if (code.isValid) say({ text: code.text, corners: cornersOf(code) });
say(end);
