/** Which of the chosen files become works, and what lists among them say of them: as `src/domain/work-files.ts`. */

const leftBySystems = ['__macosx', 'thumbs.db', 'desktop.ini'];
/** From the folder that was chosen, when one was. */
const pathOf = (file) => file.webkitRelativePath || file.name;

export const isWorkList = (file) => /(^|\/)works\.csv$/i.test(pathOf(file));
export const titleOf = ({ name }) => (name.replace(/(?<=.)\.[^.]+$/, '').trim() || name).slice(0, 300);

/** Without what is hidden, or what systems leave in folders for themselves; in the order of their names. */
export function leaveOut(files) {
  const { compare } = new Intl.Collator('tr', { numeric: true });
  const isHidden = (part) => part.startsWith('.') || leftBySystems.includes(part.toLowerCase());
  return files.filter((file) => !pathOf(file).split('/').some(isHidden)).sort((a, b) => compare(pathOf(a), pathOf(b)));
}

/** What works.csv says, each in the folders below it. `read` has the server read one. */
export async function readLists(lists, read) {
  const rows = new Map();
  for (const list of lists) {
    const folder = pathOf(list).replace(/[^/]*$/, '');
    for (const row of (await read(await list.text())).items) rows.set(keyOf(folder + row.file), row);
  }
  const missing = new Map([...rows].map(([key, row]) => [key, row.file]));
  return {
    factsOf(file) {
      const key = keyOf(pathOf(file));
      missing.delete(key);
      const { file: _file, ...facts } = rows.get(key) ?? {};
      return facts;
    },
    missing: () => [...missing.values()],
  };
}

const keyOf = (path) =>
  path
    .normalize('NFC')
    .replaceAll('\\', '/')
    .replace(/^(\.?\/)+/, '')
    .toLowerCase();
