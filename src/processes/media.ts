import { run } from '../adapters/process/run.ts';
import { listenForRuns } from '../adapters/process/run-apart.ts';
import { findSandbox } from '../adapters/process/sandbox.ts';
import { onStopSignal } from '../assembly/stop-signal.ts';
import { wallsInWords } from '../assembly/walls-in-words.ts';

process.title = 'emanet-media';
/**
 * Runs ffmpeg, pdfium and tesseract for the processes that hold keys, and holds none: it is given a socket and nothing else.
 * Whoever breaks out of a decoder finds no key, no password and no state here (docs/operations.md, "Opening files apart").
 */
const socket = process.env.MEDIA_SOCKET;
if (!socket) throw new Error('MEDIA_SOCKET is not set.');
const secrets = Object.keys(process.env).filter((name) => /SECRET|PASSPHRASE|PRIVATE_KEY|DATABASE_URL/.test(name));
if (secrets.length > 0) throw new Error(`This process must not be given secrets: ${secrets.join(', ')}`);
const sandbox = await findSandbox();
const tell = (level: 'info' | 'warn', msg: string, more: object = {}) =>
  console.log(JSON.stringify({ level, time: new Date().toISOString(), process: 'media', msg, ...more }));
const server = await listenForRuns(socket, sandbox, run, () => {
  tell('warn', 'whom this process works for is in another network since it was restarted; ending, to be started there');
  process.exit(1);
});
const walls = wallsInWords(sandbox.means);
tell(walls.isWhole ? 'info' : 'warn', `running what is asked for. ${walls.text}`, { socket, sandbox: sandbox.means });
onStopSignal(async () => {
  server.close();
});
