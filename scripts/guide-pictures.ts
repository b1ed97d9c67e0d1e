/** Puts the shots of a folder that the guides and the README show where they show them; `npm run shots` ends with it. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which shot of the browser tests becomes which picture in docs/guide/pictures. */
export const guidePictures: Readonly<Record<string, string>> = {
  'course-1280-en.png': 'course-1280-en.png',
  'course-1280-tr.png': 'course-1280-tr.png',
  'released-1280-en.png': 'released-1280-en.png',
  'review-1280-en.png': 'review-1280-en.png',
  'upload-waits-390-tr.png': 'upload-waits-390-tr.png',
};

if (import.meta.main) {
  const [from] = process.argv.slice(2);
  if (from === undefined) throw new Error('Usage: node scripts/guide-pictures.ts FOLDER');
  const to = join(import.meta.dirname, '../docs/guide/pictures');
  for (const [shot, picture] of Object.entries(guidePictures)) copyFileSync(join(from, shot), join(to, picture));
}
