import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const bridge = 'emanet0';
const subnet = '10.91.7';
/** Where the test itself is, on the same network. */
const ownAddress = `${subnet}.1`;

/** Machines of one network on this machine: network namespaces with addresses of their own, on one bridge. Needs root. */
export class Network {
  readonly folder: string;
  readonly #nodes: Node[] = [];

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Logs of what runs on the machines go into `folder`. What a broken-off run left is removed first. */
  static async make(folder: string): Promise<Network> {
    const network = new Network(folder);
    await network.remove();
    await run('ip', ['link', 'add', bridge, 'type', 'bridge']);
    await run('ip', ['addr', 'add', `${ownAddress}/24`, 'dev', bridge]);
    await run('ip', ['link', 'set', bridge, 'up']);
    return network;
  }

  async addNode(name: string, host: number): Promise<Node> {
    const node = new Node(name, `${subnet}.${host}`, this.folder);
    await node.connect();
    this.#nodes.push(node);
    return node;
  }

  async remove(): Promise<void> {
    const { stdout } = await run('ip', ['netns', 'list']);
    for (const line of stdout.split('\n')) {
      const name = line.split(' ')[0] ?? '';
      if (!name.startsWith('emanet-')) continue;
      await killAll(name);
      await run('ip', ['netns', 'delete', name]);
    }
    // Cables go with their machine, some time later.
    const { stdout: links } = await run('ip', ['-brief', 'link']);
    for (const name of links.split('\n').map((line) => line.split(/[@ ]/)[0]!))
      if (name.startsWith('em-') || name === bridge) await run('ip', ['link', 'delete', name]).catch(() => {});
  }
}

/** One machine. */
export class Node {
  readonly name: string;
  readonly address: string;
  readonly #space: string;
  readonly #folder: string;

  constructor(name: string, address: string, folder: string) {
    this.name = name;
    this.address = address;
    this.#space = `emanet-${name}`;
    this.#folder = folder;
  }

  async connect(): Promise<void> {
    const cable = this.#cable;
    await run('ip', ['netns', 'add', this.#space]);
    await run('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#space]);
    await run('ip', ['link', 'set', cable, 'master', bridge, 'up']);
    for (const args of [
      ['addr', 'add', `${this.address}/24`, 'dev', 'eth0'],
      ['link', 'set', 'eth0', 'up'],
      ['link', 'set', 'lo', 'up'],
    ])
      await run('ip', ['-n', this.#space, ...args]);
  }

  get #cable(): string {
    return `em-${this.name}`;
  }

  /** Pulls the cable: nothing arrives any more, and nobody is told. */
  cutOff = () => run('ip', ['link', 'set', this.#cable, 'nomaster']);
  mend = () => run('ip', ['link', 'set', this.#cable, 'master', bridge]);

  /** A program on this machine; its output goes to a file named after both. */
  start(command: readonly string[], options: { env?: Record<string, string>; user?: string; cwd?: string } = {}) {
    const log = createWriteStream(join(this.#folder, `${this.name}.log`), { flags: 'a' });
    const child: ChildProcess = spawn('ip', ['netns', 'exec', this.#space, ...as(options.user), ...command], {
      env: { PATH: process.env.PATH ?? '', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.cwd ? { cwd: options.cwd } : {}),
    });
    child.stdout?.pipe(log, { end: false });
    child.stderr?.pipe(log, { end: false });
    return child;
  }

  /** Runs a program to its end. @throws Error with what it said, if it failed. */
  async run(command: readonly string[], env: Record<string, string> = {}): Promise<string> {
    const { stdout } = await run('ip', ['netns', 'exec', this.#space, ...command], {
      env: { PATH: process.env.PATH ?? '', ...env },
    });
    return stdout;
  }

  /** Whether a program of such a name runs on it. */
  async runs(name: RegExp): Promise<boolean> {
    const { stdout } = await run('ip', ['netns', 'pids', this.#space]);
    const names = await Promise.all(stdout.split('\n').filter(Boolean).map(nameOf));
    return names.some((one) => one !== null && name.test(one));
  }

  /** As if its power were cut; with a name, one program of it alone. */
  kill = (program?: string) => killAll(this.#space, program);
}

const as = (user?: string) => (user === undefined ? [] : ['runuser', '-u', user, '--']);

async function killAll(space: string, program?: string): Promise<void> {
  for (;;) {
    const { stdout } = await run('ip', ['netns', 'pids', space]);
    const ids = [];
    for (const id of stdout.split('\n').filter((line) => line !== ''))
      if (program === undefined || (await nameOf(id)) === program) ids.push(id);
    if (ids.length === 0) return;
    await run('kill', ['-9', ...ids]).catch(() => {}); // ended by itself
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const nameOf = (id: string) =>
  readFile(`/proc/${id}/comm`, 'utf8').then(
    (text) => text.trim(),
    () => null, // ended
  );
