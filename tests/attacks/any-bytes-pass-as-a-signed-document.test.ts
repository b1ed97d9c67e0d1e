import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eicar, hasClamd, startClamd } from '../support/clamd.ts';
import { inked, pdfOf } from '../support/pdf.ts';
import { createPermittedLesson, createSchool, type School } from '../support/school.ts';
import { keysUnder } from '../support/sealed-recording.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { zipOf } from '../support/zip.ts';

let server: TestServer;
let school: School;
beforeAll(async () => {
  server = await startTestServer({ WORKER: 'false' });
  school = await createSchool(server);
});
afterAll(() => server?.stop());

async function put(octets: Uint8Array, name = 'permission.pdf', by: { school: School } = { school }) {
  const { permissions } = await createPermittedLesson(by.school);
  const form = new FormData();
  form.set('file', new Blob([Uint8Array.from(octets)], { type: 'application/pdf' }), name);
  const path = `/api/permissions/${permissions.minor}/document`;
  return { answer: await by.school.teacher.request('PUT', path, form), path, id: permissions.minor };
}
const picture = (format: string) =>
  spawnSync('ffmpeg', [
    ...['-v', 'error', '-f', 'lavfi', '-i', 'testsrc2=size=320x200:duration=1', '-frames:v', '1'],
    ...['-c:v', format, '-f', 'image2pipe', '-'],
  ]).stdout;
const box = (kind: string, octets: Buffer) => {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + octets.length);
  head.write(kind, 4, 'latin1');
  return Buffer.concat([head, octets]);
};
const heic = Buffer.concat([
  box('ftyp', Buffer.from('heic\0\0\0\0mif1heic', 'latin1')),
  box('meta', Buffer.from('\0\0\0\0....hdlr....pict', 'latin1')),
  box('mdat', randomBytes(1_000)),
]);
const odt = (more: { name: string; octets: string }[] = [], type = 'application/vnd.oasis.opendocument.text') =>
  zipOf([{ name: 'mimetype', octets: type }, { name: 'content.xml', octets: '<office:document-content/>' }, ...more]);
const withObject = (pdf: Buffer, object: string) =>
  Buffer.concat([pdf, Buffer.from(`\n99 0 obj\n${object}\nendobj\n`, 'latin1')]);

describe('accepted, and given back byte for byte as a download', () => {
  test.each([
    ['pdf', () => pdfOf([inked(1)])],
    ['jpg', async () => picture('mjpeg')],
    ['png', async () => picture('png')],
    ['tif', async () => picture('tiff')],
    ['heic', async () => heic],
    ['odt', async () => odt()],
  ])('%s', async (ending, make) => {
    const octets = await make();
    const { answer, path } = await put(octets, 'anything.exe');
    expect(answer).toMatchObject({ status: 200 });
    const given = await fetch(server.url + path, { headers: school.teacher.headers });
    expect(Buffer.from(await given.arrayBuffer()).equals(octets)).toBe(true);
    expect(given.headers.get('content-type')).toBe('application/octet-stream');
    expect(given.headers.get('content-disposition')).toBe(`attachment; filename="permission.${ending}"`);
    expect(given.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
    expect(given.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('refused, and nothing is kept', () => {
  const pdf = () => pdfOf([inked(1)]);
  test.each<[string, () => Promise<Uint8Array> | Uint8Array, string]>([
    ['random octets', () => randomBytes(10_000), 'NOT_A_DOCUMENT'],
    ['nothing', () => new Uint8Array(), 'NOT_A_DOCUMENT'],
    ['a text', () => Buffer.from('I permit it.'), 'NOT_A_DOCUMENT'],
    ['a page', () => Buffer.from('<!doctype html><script>alert(1)</script>'), 'NOT_A_DOCUMENT'],
    ['a drawing with a script', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'NOT_A_DOCUMENT'],
    ['a program', () => Buffer.from('MZ\x90\0'.padEnd(500, '\0'), 'latin1'), 'NOT_A_DOCUMENT'],
    ['an archive', () => zipOf([{ name: 'a.txt', octets: 'x' }]), 'NOT_A_DOCUMENT'],
    ['a moving picture', () => box('ftyp', Buffer.from('isom\0\0\0\0', 'latin1')), 'NOT_A_DOCUMENT'],
    ['the name of a PDF only', () => Buffer.from('%PDF-1.7\nand no more'), 'DOCUMENT_BROKEN'],
    ['a PDF cut off', async () => (await pdf()).subarray(0, 300), 'DOCUMENT_BROKEN'],
    ['a JPEG that ends', () => picture('mjpeg').subarray(0, 40), 'DOCUMENT_BROKEN'],
    ['a PNG of noise', () => Buffer.concat([picture('png').subarray(0, 8), randomBytes(500)]), 'DOCUMENT_BROKEN'],
    ['a TIFF of noise', () => Buffer.concat([Buffer.from('II*\0'), randomBytes(500)]), 'DOCUMENT_BROKEN'],
    ['a HEIC with more behind', () => Buffer.concat([heic, randomBytes(100)]), 'DOCUMENT_BROKEN'],
    [
      'a PDF with a script',
      async () => withObject(await pdf(), '<< /S /JavaScript /JS (app.alert(1)) >>'),
      'DOCUMENT_ACTIVE',
    ],
    ['a script in disguise', async () => withObject(await pdf(), '<< /S /J#61vaScr#69pt >>'), 'DOCUMENT_ACTIVE'],
    [
      'a PDF that starts a program',
      async () => withObject(await pdf(), '<< /S /Launch /F (cmd) >>'),
      'DOCUMENT_ACTIVE',
    ],
    ['a PDF with a file in it', async () => withObject(await pdf(), '<< /Type /EmbeddedFile >>'), 'DOCUMENT_ACTIVE'],
    [
      'a script packed away',
      async () => {
        const packed = deflateSync('1 0 << /S /JavaScript >>').toString('latin1');
        const head = `<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length ${packed.length} >>`;
        return withObject(await pdf(), `${head}\nstream\n${packed}\nendstream`);
      },
      'DOCUMENT_ACTIVE',
    ],
    [
      'a script packed in a way that is not looked into',
      async () =>
        withObject(await pdf(), '<< /Type /ObjStm /Filter [/ASCIIHexDecode /FlateDecode] >>\nstream\n00>\nendstream'),
      'DOCUMENT_ACTIVE',
    ],
    [
      'a script in what looks like the octets of a stream',
      async () => withObject(await pdf(), '<< /A (>> stream\n) /S /JavaScript >> endstream'),
      'DOCUMENT_ACTIVE',
    ],
    [
      'a PDF behind a password',
      () => pdfOf([inked(1)], { ownerPassword: 'x', permissions: { printing: 'lowResolution' } }),
      'DOCUMENT_ENCRYPTED',
    ],
    ['a text with macros', () => odt([{ name: 'Basic/Standard/Module1.xml', octets: 'x' }]), 'DOCUMENT_ACTIVE'],
    ['a spreadsheet', () => odt([], 'application/vnd.oasis.opendocument.spreadsheet'), 'NOT_A_DOCUMENT'],
  ])('%s', async (_, make, reason) => {
    const { answer, id } = await put(await make());
    expect(answer).toMatchObject({ status: 422, body: { code: 'NOT_DOCUMENT' } });
    expect(answer.body.reasons[0].code).toBe(reason);
    expect(answer.body.reasons[1].text).toContain('Accepted are PDF');
    expect(await keysUnder(server.context.outside, `documents/${id}/`)).toEqual([]);
  });
});

describe('malware', () => {
  test.skipIf(!hasClamd)(
    'is found by ClamAV, in a document that is one otherwise (skipped without clamd)',
    async () => {
      const clamd = await startClamd();
      const scanned = await startTestServer({ WORKER: 'false', CLAMD_SOCKET: clamd.socket });
      try {
        const by = { school: await createSchool(scanned) };
        const clean = await pdfOf([inked(1)]);
        expect((await put(clean, 'a.pdf', by)).answer.status).toBe(200);
        const infected = withObject(clean, `(${eicar})`);
        const { answer, id } = await put(infected, 'a.pdf', by);
        expect(answer).toMatchObject({ status: 422, body: { code: 'MALWARE_FOUND' } });
        expect(answer.body.detail).toContain('Test.Eicar');
        expect(await keysUnder(scanned.context.outside, `documents/${id}/`)).toEqual([]);
        // Found wherever it is, also far behind in a long file.
        const long = Buffer.concat([clean, Buffer.alloc(5 * 2 ** 20, 0x20), Buffer.from(eicar)]);
        expect((await put(long, 'a.pdf', by)).answer.body.code).toBe('MALWARE_FOUND');
        await clamd.stop();
        const away = await put(clean, 'a.pdf', by);
        expect(away.answer).toMatchObject({ status: 503, body: { code: 'SCANNER_UNAVAILABLE' } });
        expect(await keysUnder(scanned.context.outside, `documents/${away.id}/`)).toEqual([]);
      } finally {
        await clamd.stop();
        await scanned.stop();
      }
    },
  );

  test('a scanner that talks nonsense, refuses or hangs up lets nothing pass', async () => {
    let says = '';
    const path = join(tmpdir(), `emanet-fake-${randomBytes(6).toString('hex')}`);
    const fake = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end(says));
    }).listen(path);
    const scanned = await startTestServer({ WORKER: 'false', CLAMD_SOCKET: path });
    try {
      const by = { school: await createSchool(scanned) };
      for (says of ['stream: OKAY\0', 'INSTREAM size limit exceeded. ERROR\0', '', 'OK\0'])
        expect((await put(await pdfOf([inked(1)]), 'a.pdf', by)).answer).toMatchObject({
          status: 503,
          body: { code: 'SCANNER_UNAVAILABLE' },
        });
    } finally {
      await scanned.stop();
      fake.close();
    }
  });
});
