import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const file = join(root, 'tests/unit/config/dashboard-as-code.ts');
const dashboard = readFileSync(join(root, 'deploy/monitoring/dashboard.json'), 'utf8');
const options: ts.CompilerOptions = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
};

/** What TypeScript says of a dashboard, held against the types that Grafana itself is built from. */
function faultsOf(json: string): string[] {
  const code = `import type { Dashboard } from '@grafana/schema';\nexport const dashboard: Dashboard = ${json};`;
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, version, ...more) =>
    name === file ? ts.createSourceFile(name, code, version) : getSourceFile(name, version, ...more);
  const program = ts.createProgram([file], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

test('the dashboard is one by Grafana’s own types', () => {
  expect(faultsOf(dashboard)).toEqual([]);
});

test.each([
  ['"schemaVersion": 39', '"schemaVersion": "39"'],
  ['"gridPos": {', '"gridPos": { "z": 1,'],
  ['"templating": {', '"templates": {'],
  ['"datasource": {', '"datasource": [], "x": {'],
])('what is none would be found: %s', (before, after) => {
  expect(dashboard).toContain(before);
  expect(faultsOf(dashboard.replace(before, after))).not.toEqual([]);
});
