import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Store } from '../../src/adapters/s3/s3-store.ts';
import { controlS3Server, startS3Server } from '../support/s3-servers.ts';
import { sendForm, startBenchServer } from './bench-server.ts';
import { type Bench, type BenchOptions, interleaved, mib, mibPerSecond, type Row, throughput } from './measure.ts';
import { startPlainServer } from './plain.ts';
import { endGnupgAgent, findProgram, makeGnupgHome, runProgram } from './programs.ts';

/** (b) An upload over HTTP, from the first byte sent to the answer "sealed", into a folder and into a real S3 server. */
export const uploading: Bench = {
  about: 'upload of 1 GiB over HTTP into the disk store and into a real S3 server',
  async measure(options) {
    return [...(await ontoDisk(options)), ...(await intoS3(options))];
  },
};

async function ontoDisk(options: BenchOptions): Promise<Row[]> {
  const bytes = options.isQuick ? 4 * mib : 1024 * mib;
  const folders = { ours: join(options.folder, 'ours'), plain: join(options.folder, 'plain') };
  const server = await startBenchServer(join(options.folder, 'home'), { STORE_FOLDER: folders.ours });
  const plain = await startPlainServer({ kind: 'disk', folder: folders.plain });
  try {
    const measured = async (upload: () => Promise<void>) => {
      const speed = await mibPerSecond(bytes, upload);
      for (const folder of Object.values(folders)) await emptyFolder(folder);
      return speed;
    };
    const found = await interleaved(options, {
      plain: () => measured(() => sendForm(plain.url, bytes, {})),
      ours: () => measured(() => server.upload(bytes)),
    });
    return throughput('(b) HTTP upload, disk', found.ours, 'same form and store, unencrypted', found.plain, 0.7);
  } finally {
    await plain.stop();
    await server.stop();
  }
}

async function intoS3(options: BenchOptions): Promise<Row[]> {
  const bytes = options.isQuick ? 4 * mib : 1024 * mib;
  const swift = join(options.folder, 'swift');
  await mkdir(swift);
  if (process.env.S3_SERVERS === '') return [];
  let s3: Awaited<ReturnType<typeof startS3Server>>;
  try {
    s3 = await startS3Server('swift', swift);
  } catch (error) {
    options.say(`  without S3: ${String(error).trim().split('\n').at(-1)}`);
    return [];
  }
  const bucket = 'emanet-bench';
  const access = { endpoint: s3.endpoint, region: s3.region, bucket, accessKeyId: s3.key, secretAccessKey: s3.secret };
  const store = new S3Store(access);
  await store.ensureBucket();
  const plain = await startPlainServer({ kind: 's3', ...access });
  const server = await startBenchServer(join(options.folder, 'home-s3'), {
    STORE: 's3',
    S3_ENDPOINT: s3.endpoint,
    S3_REGION: s3.region,
    S3_BUCKET: bucket,
    S3_ACCESS_KEY_ID: s3.key,
    S3_SECRET_ACCESS_KEY: s3.secret,
  });
  const aws = findProgram('aws');
  const gpg = aws && findProgram('gpg') ? await makeGnupgHome(options.folder) : null;
  try {
    const measured = async (upload: () => Promise<unknown>) => {
      const speed = await mibPerSecond(bytes, upload);
      for await (const { key } of store.list('')) await store.delete(key);
      return speed;
    };
    const pipe = `head -c ${bytes} /dev/zero | gpg -z 0 -r "$RECIPIENT" -e | "$AWS" --endpoint-url "$ENDPOINT" s3 cp - "s3://${bucket}/piped"`;
    const found = await interleaved(options, {
      plain: () => measured(() => sendForm(plain.url, bytes, {})),
      ours: () => measured(() => server.upload(bytes)),
      piped:
        gpg && aws
          ? () =>
              measured(() =>
                runProgram('bash', ['-o', 'pipefail', '-c', pipe], {
                  env: {
                    ...gpg.env,
                    RECIPIENT: gpg.recipient,
                    AWS: aws,
                    ENDPOINT: s3.endpoint,
                    AWS_ACCESS_KEY_ID: s3.key,
                    AWS_SECRET_ACCESS_KEY: s3.secret,
                    AWS_DEFAULT_REGION: s3.region,
                    AWS_REQUEST_CHECKSUM_CALCULATION: 'when_required',
                  },
                }),
              )
          : null,
    });
    return [
      ...throughput('(b) HTTP upload, S3 (Swift)', found.ours, 'same form and store, unencrypted', found.plain),
      ...throughput('(b) HTTP upload, S3 (Swift)', found.ours, 'gpg -e | aws s3 cp -', found.piped),
    ];
  } finally {
    if (gpg) await endGnupgAgent(gpg.env);
    await plain.stop();
    await server.stop();
    store.close();
    await controlS3Server('stop', 'swift', swift);
  }
}

async function emptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}
