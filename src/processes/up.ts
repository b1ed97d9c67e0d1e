import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chooseLanguage } from '../cli/choose-language.ts';
import { runDemo } from '../demo/run-demo.ts';

process.title = 'emanet-demo';
/** The demo on this machine; `scripts/up --help` lists what it takes. */
const root = join(import.meta.dirname, '../..');
const home = resolve(root, process.env.EMANET_HOME || '.emanet');
try {
  const { values } = parseArgs({
    options: {
      'demo-only': { type: 'boolean', default: false },
      story: { type: 'boolean', default: false },
      recording: { type: 'string' },
      lang: { type: 'string' },
      reset: { type: 'boolean', default: false },
      yes: { type: 'boolean', default: false },
    },
  });
  const recording = values.recording && resolve(process.env.EMANET_CALLED_FROM ?? '.', values.recording);
  await runDemo(home, { ...values, recording, language: chooseLanguage(process.argv, process.env) });
} catch (error) {
  if ((error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') !== true) throw error;
  console.error(`${(error as Error).message}\nscripts/up --help`);
  process.exit(2);
}
