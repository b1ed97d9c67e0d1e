import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/**
 * `npm run pack:verifier [-- FOLDER]`: emanet-verify as an npm package of its own, in JavaScript, without a dependency,
 * for any Node.js from 20.12 on. Prints the path of the tarball; `npm install -g` takes it.
 */
const target = resolve(process.argv[2] ?? '.');
const root = dirname(import.meta.dirname);
const built = mkdtempSync(join(tmpdir(), 'emanet-verify-'));
try {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  const flags = ['--noEmit', 'false', '--target', 'es2022', '--lib', 'es2024,esnext.disposable', '--rootDir', 'src'];
  const shape = ['--module', 'nodenext', '--moduleResolution', 'nodenext', '--rewriteRelativeImportExtensions'];
  const types = ['--types', 'node', '--skipLibCheck', '--verbatimModuleSyntax'];
  const entry = join(root, 'src/verifier/main.ts');
  execFileSync(process.execPath, [tsc, ...flags, ...shape, ...types, '--outDir', built, '--ignoreConfig', entry], {
    cwd: root,
    stdio: 'inherit',
  });
  // Types only: none of it is imported at run time.
  rmSync(join(built, 'domain'), { recursive: true, force: true });
  chmodSync(join(built, 'verifier/main.js'), 0o755);
  const { version, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const manifest = {
    name: 'emanet-verify',
    version,
    description: 'Checks logs, evidence packs, receipts and published trees of Emanet offline.',
    license,
    type: 'module',
    bin: { 'emanet-verify': './verifier/main.js' },
    engines: { node: '>=20.12' },
    files: ['audit', 'verifier'],
  };
  writeFileSync(join(built, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  cpSync(join(root, 'LICENSE'), join(built, 'LICENSE'));
  mkdirSync(target, { recursive: true });
  const packed = execFileSync('npm', ['pack', '--silent', '--pack-destination', target], {
    cwd: built,
    encoding: 'utf8',
  });
  console.log(join(target, packed.trim()));
} finally {
  rmSync(built, { recursive: true, force: true });
}
