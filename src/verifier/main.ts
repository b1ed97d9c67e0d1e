#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { describeFault } from './fault-words.ts';
import { help, type Language, messages } from './messages.ts';
import { report } from './report.ts';
import { Unusable, verifyFile } from './verify-file.ts';

/**
 * `emanet-verify`: checks an exported log on any computer, with neither network nor database. It imports nothing of the
 * server but `audit/`. Exit status 0: intact; 1: tampered with; 2: it could not be checked.
 */
async function main(args: string[], language: Language): Promise<0 | 1 | 2> {
  const t = messages[language];
  try {
    const { values: options, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        checkpoint: { type: 'string', multiple: true, default: [] },
        key: { type: 'string', multiple: true, default: [] },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (options.help) {
      console.log(help[language]);
      return 0;
    }
    const [file, ...rest] = positionals;
    if (file === undefined || rest.length > 0) throw new Unusable(t.oneFile);
    const found = await verifyFile(file, { keys: options.key, checkpoints: options.checkpoint }, language);
    const { summary, faults, more } = found;
    const isIntact = faults.length === 0;
    if (options.json) {
      const told = faults.map((fault) => ({ ...fault, sentence: describeFault(fault, language) }));
      console.log(JSON.stringify({ intact: isIntact, ...summary, faults: told, more }));
    } else console.log(report(found, language));
    return isIntact ? 0 : 1;
  } catch (error) {
    console.error(t.unusable(whyUnusable(error)));
    return 2;
  }
}

/** The message for an expected error; any other is a fault of this program and propagates. */
function whyUnusable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof Unusable || /^(E[A-Z]+|ERR_PARSE_ARGS_\w+)$/.test(code ?? '')) return message;
  throw error;
}

const { EMANET_LANGUAGE, LC_ALL, LC_MESSAGES, LANG } = process.env;
const isTurkish = /^tr/i.test(EMANET_LANGUAGE || LC_ALL || LC_MESSAGES || LANG || '');
process.exitCode = await main(process.argv.slice(2), isTurkish ? 'tr' : 'en');
