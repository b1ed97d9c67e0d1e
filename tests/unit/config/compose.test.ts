import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { settings } from '../../../src/config/env.ts';

interface Service {
  readonly image?: string;
  readonly build?: unknown;
  readonly pull_policy?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly read_only?: boolean;
  readonly tmpfs?: readonly string[];
  readonly healthcheck?: { readonly disable?: boolean; readonly test?: unknown };
  readonly ulimits?: Readonly<Record<string, number>>;
}

const root = join(import.meta.dirname, '../../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const { services } = parse(read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> };
const ours = Object.entries(services).filter(([, { image }]) => image === 'emanet:local');

test('one service builds the image, and none pulls it', () => {
  expect(ours.map(([name]) => name).sort()).toEqual(['media-web', 'media-worker', 'setup', 'web', 'worker']);
  expect(ours.filter(([, { build }]) => build !== undefined).map(([name]) => name)).toEqual(['setup']);
  for (const [name, { pull_policy }] of ours) expect(['never', 'build'], name).toContain(pull_policy);
});

test('`up --wait` works: no health check is in the image, and none is disabled (docker/compose#13522)', () => {
  expect(read('Dockerfile')).not.toMatch(/^HEALTHCHECK/m);
  expect(Object.entries(services).filter(([, { healthcheck }]) => healthcheck?.disable !== undefined)).toEqual([]);
  for (const name of ['web', 'worker', 'postgres', 'seaweedfs'])
    expect(services[name]?.healthcheck?.test, name).toBeDefined();
});

test('the health check of the worker looks at the file that the worker touches', () => {
  const { environment, healthcheck } = services.worker!;
  expect(JSON.stringify(healthcheck?.test)).toContain(` ${environment?.ALIVE_FILE} `);
});

test('setup knows the public address: it stands in the invitation and in the name of the key of the log', () => {
  expect(services.setup?.environment?.BASE_URL).toBe(services.web?.environment?.BASE_URL);
});

test('every container has no capability and gets no new privilege; ours are read-only and of their own users', () => {
  for (const [name, { cap_drop, security_opt, read_only }] of Object.entries(services)) {
    expect(cap_drop, name).toEqual(['ALL']);
    expect(security_opt, name).toContain('no-new-privileges:true');
    expect(read_only, name).toBe(true);
  }
});

test('who opens files of strangers gets no secret, and may make the walls', () => {
  for (const name of ['media-web', 'media-worker']) {
    expect(services[name]?.secrets, name).toBeUndefined();
    expect(services[name]?.security_opt, name).toEqual(
      expect.arrayContaining(['seccomp=./deploy/seccomp.json', 'systempaths=unconfined']),
    );
  }
});

test('the profile of system calls denies what it does not name, and names nothing that reaches beyond the container', () => {
  const profile = JSON.parse(read('deploy/seccomp.json')) as {
    defaultAction: string;
    syscalls: { names: string[]; action: string; args?: { index: number; value: number; op: string }[] }[];
  };
  expect(profile.defaultAction).toBe('SCMP_ACT_ERRNO');
  expect(new Set(profile.syscalls.map(({ action }) => action))).toEqual(new Set(['SCMP_ACT_ALLOW']));
  const whatever = profile.syscalls.filter(({ args }) => args === undefined).flatMap(({ names }) => names);
  expect(whatever).toEqual(expect.arrayContaining(['mount', 'pivot_root', 'umount2', 'unshare']));
  const beyond = [
    ...['add_key', 'bpf', 'clock_settime', 'finit_module', 'fsopen', 'init_module', 'io_uring_setup', 'kexec_load'],
    ...[
      'keyctl',
      'move_mount',
      'name_to_handle_at',
      'open_by_handle_at',
      'open_tree',
      'perf_event_open',
      'personality',
    ],
    ...['pidfd_getfd', 'process_vm_readv', 'process_vm_writev', 'ptrace', 'reboot', 'request_key', 'setns', 'socket'],
    ...['swapon', 'syslog', 'userfaultfd'],
  ];
  expect(whatever.filter((name) => beyond.includes(name))).toEqual([]);
  // Sockets of the families that programs speak: local, IPv4, IPv6, and that in which a loopback is set up.
  const families = profile.syscalls.filter(({ names }) => names.includes('socket')).map(({ args }) => args);
  expect(families).toEqual([1, 2, 10, 16].map((value) => [{ index: 0, value, op: 'SCMP_CMP_EQ' }]));
});

test('the command line has a place for its token', () => {
  expect(services.web?.tmpfs).toContain('/home/node:uid=1000,gid=1000,mode=0700');
});

test('nothing is asked of the engine that a rootless one cannot give', () => {
  for (const [name, { ulimits }] of ours) expect(ulimits, name).toBeUndefined();
});

test('every setting that is set is one', () => {
  for (const [name, { environment = {} }] of ours)
    for (const setting of Object.keys(environment))
      expect(Object.keys(settings), `${setting} of ${name}`).toContain(
        setting.replace(/_FILE$/, '').replace(/^ALIVE$/, 'ALIVE_FILE'),
      );
});

test('what is taken out of a container by the manual is never committed', () => {
  expect(read('.gitignore').split('\n')).toEqual(
    expect.arrayContaining(['recovery.private.asc', 'recovery.passphrase.txt', 'secrets/']),
  );
});
