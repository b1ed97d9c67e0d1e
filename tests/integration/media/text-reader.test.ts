import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { collectInto, run } from '../../../src/adapters/process/run.ts';
import { findSandbox } from '../../../src/adapters/process/sandbox.ts';
import { parseSaid } from '../../../src/adapters/tesseract/reading-protocol.ts';
import { createTextReader } from '../../../src/adapters/tesseract/text-reader.ts';
import type { GreyPicture } from '../../../src/detection/picture-hash.ts';
import type { TextReading } from '../../../src/pipeline/ports/readers.ts';

const font = new URL('../../../node_modules/dejavu-fonts-ttf/ttf/DejaVuSans.ttf', import.meta.url).pathname;

async function written(text: string, colours = 'white:fontcolor=black'): Promise<GreyPicture> {
  const [background, letters] = colours.split(':');
  const { stdout } = await promisify(execFile)(
    'ffmpeg',
    [
      ...['-v', 'error', '-f', 'lavfi', '-i', `color=${background}:s=640x120`, '-frames:v', '1'],
      ...['-vf', `drawtext=fontfile=${font}:text='${text}':fontsize=24:x=20:y=40:${letters},format=gray`],
      ...['-f', 'rawvideo', '-'],
    ],
    { encoding: 'buffer', maxBuffer: 1024 ** 2 },
  );
  return { width: 640, height: 120, pixels: stdout };
}

describe('reading text off pictures', () => {
  let reading: TextReading | undefined;
  afterEach(async () => reading?.close());
  const open = async (config = {}) => {
    reading = await createTextReader(config).open({ signal: AbortSignal.timeout(120_000) });
    return reading;
  };

  it('reads Turkish and English, dark on light and light on dark, with places', async () => {
    const { read } = await open();
    const [line] = await read(await written('© 2021 Örnek Yayınevi'));
    expect(line?.text).toBe('© 2021 Örnek Yayınevi');
    expect(line?.confidence).toBeGreaterThan(0.8);
    expect(line?.box.x).toBeGreaterThan(10);
    expect(line?.box.y).toBeGreaterThan(35);
    const reversed = await read(await written('All rights reserved', 'black:fontcolor=white'));
    expect(reversed.map(({ text }) => text)).toContain('All rights reserved');
  });

  it('reads letters on white as they are, and then the next page by every look', async () => {
    const { read } = await open();
    const [white, black] = await Promise.all([written('Reuters'), written('Reuters', 'black:fontcolor=white')]);
    const texts = async (...of: Parameters<typeof read>) => (await read(...of)).map(({ text }) => text);
    expect(await texts(white, 'letters')).toEqual(['Reuters']);
    expect(await texts(black)).toContain('Reuters');
  });

  it('finds nothing where nothing is written, and reads pictures of a few pixels', async () => {
    const { read } = await open();
    expect(await read({ width: 64, height: 64, pixels: new Uint8Array(64 * 64).fill(128) })).toEqual([]);
    expect(await read({ width: 1, height: 1, pixels: new Uint8Array(1) })).toEqual([]);
  });

  it('gives a picture up that takes too long, and reads the next one in a fresh process', async () => {
    const late = await open({ pictureMs: 1 });
    await expect(late.read(await written('abc'))).rejects.toThrow('took too long');
    await expect(late.read(await written('abc'))).rejects.toThrow('took too long');
  });

  it('refuses a picture that is too large before it is sent', async () => {
    const { read } = await open();
    await expect(read({ width: 100_000, height: 100_000, pixels: new Uint8Array(0) })).rejects.toThrow('too large');
  });

  it('ends with the signal', async () => {
    const stopped = new AbortController();
    reading = await createTextReader().open({ signal: stopped.signal });
    stopped.abort(new Error('enough'));
    await expect(reading.read(await written('abc'))).rejects.toThrow('enough');
  });
});

describe('what a reading process says', () => {
  const size = { width: 100, height: 50 };
  it('comes through in the right shape', () => {
    expect(parseSaid('["©",0.5,1,2,3,4]', size)).toEqual({
      text: '©',
      confidence: 0.5,
      box: { x: 1, y: 2, width: 3, height: 4 },
    });
  });

  it.each([
    '{}',
    '["a",0.5,1,2,3]',
    '["a",2,1,2,3,4]',
    '["a",0.5,99,2,3,4]',
    '["a",0.5,-1,2,3,4]',
    '["a",0.5,1.5,2,3,4]',
    '[1,0.5,1,2,3,4]',
    `["${'a'.repeat(501)}",0.5,1,2,3,4]`,
    '["a",null,1,2,3,4]',
    'no JSON',
  ])('is refused when it is %s', (said) => {
    expect(() => parseSaid(said, size)).toThrow();
  });
});

describe('a process without a network', async () => {
  const sandbox = await findSandbox();
  const limits = { wallMs: 20_000, cpuSeconds: 20, memoryBytes: 1024 ** 3, outputBytes: 10_000 };
  const node = async (script: string, ...options: string[]) => {
    const chunks: Buffer[] = [];
    await run(sandbox, {
      command: process.execPath,
      args: ['--no-warnings', ...options, '-e', script],
      limits,
      needs: { network: false, reservesAddresses: true },
      pipes: [collectInto(chunks)],
    });
    return Buffer.concat(chunks).toString().trim();
  };

  it.skipIf(!sandbox.means.includes('bwrap'))('reaches no server of this machine', async () => {
    const { createServer } = await import('node:http');
    let hits = 0;
    const server = createServer((_, response) => response.end(String(++hits)));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const ask = `fetch('http://127.0.0.1:${port}').then(() => console.log('reached'), () => console.log('alone'))`;
    expect(await node(ask)).toBe('alone');
    expect(hits).toBe(0);
    await fetch(`http://127.0.0.1:${port}`);
    expect(hits).toBe(1);
    server.close();
  });

  it.skipIf(!sandbox.means.includes('bwrap'))(
    'sees no file of this machine and nothing of its environment',
    async () => {
      const look = `const fs=require('fs');
      console.log(fs.existsSync(${JSON.stringify(import.meta.filename)}), fs.existsSync('/etc/passwd'), Object.keys(process.env).join())`;
      expect(await node(look)).toMatch(/^false false (PATH|PATH,PWD|PWD,PATH)$/);
    },
  );

  it.skipIf(!sandbox.means.includes('prlimit'))('is ended when it takes more memory than it is given', async () => {
    const take = `const all=[]; for (let i=0;i<4096;i++) all.push(Buffer.alloc(2**20,1)); console.log('taken')`;
    expect(await node(take)).toBe('');
  });

  it('may read only what it is told, by Node too', async () => {
    const look = `try { require('fs').readFileSync('/usr/bin/env'); console.log('read') } catch (error) { console.log(error.code) }`;
    expect(await node(look, '--permission')).toBe('ERR_ACCESS_DENIED');
  });
});
