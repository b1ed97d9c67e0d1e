/**
 * Which files of a folder or an archive become works, and how the lists among them describe them. Paths have slashes.
 */

const leftBySystems = new Set(['__macosx', 'thumbs.db', 'desktop.ini']);

/** Whether a file, or a folder above it, is hidden, or is what a system leaves in folders for itself. */
export function isHidden(path: string): boolean {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.' && part !== '..');
  return parts.length === 0 || parts.some((part) => part.startsWith('.') || leftBySystems.has(part.toLowerCase()));
}

export const isWorkList = (path: string): boolean => /(^|\/)works\.csv$/i.test(path);

/** The name of a file without its extension: the default title of a work. */
export function titleOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).normalize('NFC');
  return (name.replace(/(?<=.)\.[^.]+$/, '').trim() || name).slice(0, 300);
}

/** In the order of a person who counts: `page 2` before `page 10`. */
export const byName = new Intl.Collator('tr', { numeric: true }).compare;

/** A row of `works.csv`: the path of a file, from the list's own folder, and its description. */
export interface WorkRow {
  readonly file: string;
  readonly [fact: string]: string | undefined;
}

/** Descriptions of files by lists. A list applies to the folders below it. */
export class WorkLists {
  readonly #rows = new Map<string, { readonly path: string; readonly row: WorkRow; isUsed: boolean }>();

  add(listPath: string, rows: readonly WorkRow[]): void {
    const folder = listPath.slice(0, listPath.lastIndexOf('/') + 1);
    for (const row of rows) {
      const path = folder + row.file;
      this.#rows.set(keyOf(path), { path, row, isUsed: false });
    }
  }

  /** The description of a file, without its path. */
  factsOf(path: string): { readonly [fact: string]: string | undefined } {
    const found = this.#rows.get(keyOf(path));
    if (found === undefined) return {};
    found.isUsed = true;
    const { file: _file, ...facts } = found.row;
    return facts;
  }

  /** Listed paths that no file was looked up by. */
  missing(): string[] {
    return [...this.#rows.values()].flatMap(({ path, isUsed }) => (isUsed ? [] : [path]));
  }
}

/** Spreadsheets and file systems differ in slashes, in case and in how letters are put together. */
const keyOf = (path: string): string =>
  path
    .normalize('NFC')
    .replaceAll('\\', '/')
    .replace(/^(\.?\/)+/, '')
    .toLowerCase();
