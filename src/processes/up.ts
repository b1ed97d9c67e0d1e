import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { createContext } from '../assembly/context.ts';
import { prepare } from '../assembly/first-start.ts';
import { startServer } from '../assembly/server.ts';
import { onStopSignal } from '../assembly/stop-signal.ts';
import { loadConfig } from '../config/env.ts';
import { createNarrator } from '../demo/narrator.ts';
import { loadDemoSchool } from '../demo/school.ts';
import { tellStory } from '../demo/story.ts';

const root = join(import.meta.dirname, '..');
const options = readOptions();
const language = options.lang === 'tr' ? 'tr' : 'en';
const say = createNarrator(language);
const home = resolve(root, process.env.EMANET_HOME || '.emanet');
const recording = resolve(process.env.EMANET_CALLED_FROM ?? '.', options.recording);
if (!existsSync(recording)) fail(`Böyle bir dosya yok: ${recording}`, `There is no such file: ${recording}`);
if (options.reset) await reset();

say.step('Hazırlık', 'Getting ready');
const prepared = await prepare(
  loadConfig({
    // The demo may run beside a server that already has the port.
    ...(options['demo-only'] ? { PORT: '0' } : {}),
    LOG_FILE: join(home, 'emanet.log'),
    ...process.env,
    EMANET_HOME: home,
  }),
);
say.line(`Durum klasörü: ${home}`, `State lives in ${home}`);
if (prepared.migrations.length > 0) say.line('Veritabanı kuruldu.', 'The database was set up.');
if (prepared.newRecoveryKey) {
  const { file, passphrase, passphraseFile } = prepared.newRecoveryKey;
  say.line(
    `Kurtarma anahtarı üretildi: ${file}\n    Bu dosyayı bir USB belleğe taşıyın ve kasada saklayın; kasa anahtarı kaybolursa kayıtları yalnızca o açar.\n    Parolası: ${passphrase}\n    Parolayı kâğıda yazın, kâğıdı başka yerde saklayın ve şu dosyayı silin: ${passphraseFile}`,
    `A recovery key was made: ${file}\n    Move this file to a USB stick and lock it away: if the vault key is lost, only this one opens the recordings.\n    Its passphrase: ${passphrase}\n    Write it on paper, keep the paper elsewhere, and delete this file: ${passphraseFile}`,
  );
}
try {
  const context = await createContext(prepared.config);
  const { version, sandbox } = await context.media.describe();
  say.line(`ffmpeg ${version} (${sandbox.join(', ')})`, `ffmpeg ${version} (${sandbox.join(', ')})`);
  const server = await startServer(context);
  const stop = async () => {
    await server.stop();
    await prepared.stop();
  };
  const accounts = await loadDemoSchool(context.outside, server.url, home);
  say.line('Demo okulu hazır.', 'The demo school is there.');
  await tellStory(server.url, accounts, recording, say);
  if (options['demo-only']) {
    await stop();
    say.line('\nHepsi bu: bütün adımlar tamam.', '\nThat is all: every step went as it must.');
    process.exit(0);
  }
  say.step(`Sunucu çalışıyor: ${server.url}   (durdurmak için Ctrl-C)`, `Serving at ${server.url}   (Ctrl-C stops)`);
  for (const { role, email, password, totpUri } of accounts) {
    say.line(
      `${role.padEnd(14)} ${email.padEnd(28)} ${password}`,
      `${role.padEnd(14)} ${email.padEnd(28)} ${password}`,
    );
    if (totpUri)
      say.line(`${''.padEnd(14)} kod: scripts/demo-code ${role}`, `${''.padEnd(14)} code: scripts/demo-code ${role}`);
  }
  onStopSignal(stop);
} catch (error) {
  await prepared.stop();
  throw error;
}

async function reset(): Promise<void> {
  if (!existsSync(home)) return;
  if (!options.yes) {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    const question =
      language === 'tr'
        ? `${home} ve içindeki BÜTÜN kayıtlar, anahtarlar silinecek. Onaylamak için “sil” yazın: `
        : `${home} with ALL its recordings and keys will be deleted. Type “delete” to confirm: `;
    const answer = await terminal.question(question).catch(() => '');
    terminal.close();
    if (answer.trim() !== (language === 'tr' ? 'sil' : 'delete')) fail('Hiçbir şey silinmedi.', 'Nothing was deleted.');
  }
  await rm(home, { recursive: true });
}

function fail(tr: string, en: string): never {
  console.error(language === 'tr' ? tr : en);
  process.exit(2);
}

function readOptions() {
  try {
    return parseArgs({
      options: {
        'demo-only': { type: 'boolean', default: false },
        recording: { type: 'string', default: join(root, 'src/demo/assets/zoom-ruby-gem-walkthrough.mp4') },
        lang: { type: 'string', default: /^tr/i.test(process.env.LC_ALL || process.env.LANG || '') ? 'tr' : 'en' },
        reset: { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    console.error(`${(error as Error).message}\nscripts/up --help`);
    process.exit(2);
  }
}
