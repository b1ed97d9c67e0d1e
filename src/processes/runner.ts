import { homedir, platform, setPriority } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { RunnerRefused, runRunner } from '../assembly/runner.ts';
import { chooseLanguage } from '../cli/choose-language.ts';
import { loadConfig } from '../config/env.ts';
import { type RunnerCapability, runnerCapabilities } from '../domain/runner.ts';
import { textsIn } from '../language/catalogue.ts';
import { fill } from '../language/fill.ts';

process.title = 'emanet-runner';
// As the worker: whoever uses this machine goes first.
if (platform() === 'linux') setPriority(5);
const language = chooseLanguage(process.argv, process.env);
const t = textsIn(language).runner;
const defaultHome = join(homedir(), '.emanet-runner');
try {
  const { values } = parseArgs({
    options: {
      server: { type: 'string' },
      register: { type: 'string' },
      name: { type: 'string' },
      can: { type: 'string' },
      home: { type: 'string', default: defaultHome },
      lang: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) console.log(fill(t.help, { can: runnerCapabilities.join(','), home: defaultHome }));
  else await start(values);
} catch (error) {
  const isUsage = (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  if (!isUsage && !(error instanceof RunnerRefused)) throw error;
  console.error(isUsage ? fill(t.badUsage, { why: (error as Error).message }) : (error as Error).message);
  process.exit(2);
}
// Idle timers of a library would hold the process.
process.exit(0);

async function start(values: {
  server?: string | undefined;
  register?: string | undefined;
  name?: string | undefined;
  can?: string | undefined;
  home: string;
}): Promise<void> {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      // The second one does not wait for the server.
      if (stop.signal.aborted) process.exit(1);
      stop.abort(new Error(signal));
    });
  await runRunner(
    loadConfig(process.env),
    {
      home: values.home,
      server: values.server,
      token: values.register,
      name: values.name,
      capabilities: values.can === undefined ? [...runnerCapabilities] : values.can.split(',').map(readCapability),
      language,
      tell: (line) => console.log(`${new Date().toISOString()} ${line}`),
    },
    stop.signal,
  );
}

function readCapability(given: string): RunnerCapability {
  const found = runnerCapabilities.find((one) => one === given);
  if (found === undefined) throw new RunnerRefused(fill(t.badUsage, { why: `--can ${given}` }));
  return found;
}
