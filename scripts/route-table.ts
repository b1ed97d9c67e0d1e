/**
 * Writes the table of routes that the pages call: identifier, method, path. Importing the contract itself would bring
 * its schemas and zod into the browser.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { routes } from '../src/contract/routes.ts';

const file = join(import.meta.dirname, '../src/web/api/route-table.ts');
const lines = Object.entries(routes).map(
  ([id, { method, path }]) => `  ${id}: ['${method.toUpperCase()}', '${path}'],`,
);
const text = `/** Made by scripts/route-table.ts from src/contract. */
export const routeTable = {
${lines.join('\n')}
} as const;
`;
if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
