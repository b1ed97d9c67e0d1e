import type { GreyPicture } from '../../src/detection/picture-hash.ts';
import { sourceOf } from '../../src/pipeline/ports/bytes-source.ts';
import type { Api } from './api.ts';
import { pdfOf, pictured } from './pdf.ts';
import { ok } from './school.ts';
import type { TestServer } from './server.ts';

/** Prints the sheets of a course. */
export async function printed(
  server: TestServer,
  by: Api,
  courseId: string,
  more: Record<string, unknown> = {},
): Promise<Buffer> {
  const response = await fetch(`${server.url}/api/courses/${courseId}/sheets`, {
    method: 'POST',
    headers: { ...by.headers, 'content-type': 'application/json' },
    body: JSON.stringify({ office: 'Müdür yardımcısının odası', ...more }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.status !== 200) throw new Error(bytes.toString());
  return bytes;
}

/** The pages of a PDF as a copier sees them, each with ink of its own where `ink` says so. */
export async function paged(
  { context: { outside } }: TestServer,
  pdf: Uint8Array,
  ink: (place: number, picture: GreyPicture) => void = () => undefined,
): Promise<Buffer[]> {
  const pages: Buffer[] = [];
  await outside.scans.pages(sourceOf(pdf), async (picture, index) => {
    ink(index + 1, picture);
    pages.push(await outside.pictureWriter.png(picture));
  });
  return pages;
}

/** A black bar near the foot, where people sign. */
export function sign(number: number, { width, height, pixels }: GreyPicture): void {
  const top = height - 200 - 4 * number;
  for (let y = top; y < top + 3; y++) pixels.fill(0, y * width + 100, y * width + 400);
}

/** As a copier sends them: one PDF of pictures. */
export const scanOf = (pages: readonly Buffer[]) => pdfOf(pages.map((page) => pictured(page)));

/** Hands a scan in. */
export function handIn(by: Api, file: Uint8Array, fields: Record<string, string> = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('file', new Blob([Uint8Array.from(file)]), 'scan.pdf');
  return by.post('/api/scans', form);
}

/** Pages of a course, or those that belong to nobody yet. */
export async function pagesOf(by: Api, courseId?: string) {
  const query = courseId === undefined ? '' : `?courseId=${courseId}`;
  const { items } = ok(await by.get(`/api/scan-pages${query}`));
  return courseId === undefined ? items.filter(({ sheet }: { sheet: unknown }) => sheet === null) : items;
}
