/** The walls of docs/architecture.md. What is not allowed here fails `npm run check`. */
const outside = (folder, allowed, packages) => [
  {
    name: `${folder}-imports`,
    comment: `src/${folder} imports only what docs/architecture.md lists`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: { path: '^src/', pathNot: [`^src/${folder}/`, ...allowed.map((path) => `^src/${path}`)] },
  },
  {
    name: `${folder}-packages`,
    severity: 'error',
    from: { path: `^src/${folder}/` },
    to: { dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg', 'core'], pathNot: packages },
  },
];
/** One home for each package that shapes the system. */
const home = (name, path, from) => ({
  name: `home-of-${name}`,
  severity: 'error',
  from: { path: '^src/', pathNot: from },
  to: { path, dependencyTypes: ['npm'] },
});
const prismaTypes = 'adapters/prisma/generated/client\\.ts$';
const core = '^(node:)?[a-z_/]+$';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { pathNot: 'generated' } } },
    { name: 'no-orphan-packages', severity: 'error', from: { path: '^src' }, to: { couldNotResolve: true } },
    ...outside('domain', [], ['^$']),
    ...outside('vault', ['domain/'], [core, 'node_modules/openpgp']),
    ...outside('audit', ['domain/'], [core]),
    ...outside('verifier', ['audit/'], [core]),
    ...outside('detection', ['domain/'], ['^$']),
    ...outside('rosters', ['domain/'], ['^$']),
    ...outside('attendance', ['domain/', 'rosters/(grid|words|file-kind|decode-text)\\.ts$'], ['^$']),
    ...outside('language', ['domain/'], ['^$']),
    ...outside('papers', ['domain/', 'audit/', 'language/', 'pipeline/'], ['^$']),
    ...outside('contract', ['domain/'], ['node_modules/zod', 'node_modules/zod-openapi']),
    ...outside(
      'pipeline',
      ['domain/', 'vault/', 'audit/', 'detection/', 'rosters/', 'attendance/', prismaTypes],
      [core],
    ),
    ...outside(
      'http',
      ['domain/', 'contract/', 'pipeline/', 'audit/', 'language/', 'papers/'],
      [core, 'node_modules/(express|@types/express|multer|@types/multer|helmet|zod|@tus)'],
    ),
    ...outside('jobs', ['domain/', 'contract/', 'pipeline/', 'vault/', 'language/'], ['node_modules/zod']),
    ...outside('client', ['domain/', 'contract/'], [core, 'node_modules/(zod|tus-js-client)']),
    ...outside(
      'runner',
      ['domain/', 'vault/', 'detection/', 'contract/', 'client/', 'pipeline/(ports|core|review|runners)/'],
      [core],
    ),
    ...outside(
      'keys',
      ['domain/', 'vault/', 'audit/canonical-json\\.ts$', 'config/', 'language/', 'pipeline/(ports|core|keys|backup)/'],
      [core],
    ),
    ...outside(
      'web',
      ['domain/', 'contract/', 'language/(first/|pages/|player/|labels/|log/|fill|texts)', 'audit/', 'verifier/'],
      [
        'node_modules/(@types/)?(react|react-dom|@tanstack|hls\\.js|react-markdown|tus-js-client|zod|vite|buffer)',
        'node_modules/@noble',
      ],
    ),
    {
      name: 'web-verifies-in-one-chunk',
      comment:
        'pages import what has no hash in it; the rest was written for Node and runs in src/web/verify, loaded when a file is dropped',
      severity: 'error',
      from: { path: '^src/web/', pathNot: '^src/web/verify/' },
      to: {
        path: '^(src/(audit|verifier)/|node_modules/(buffer|@noble)/)',
        pathNot: 'src/audit/(canonical-json|note-form|tile-shape|tree-shape)\\.ts$',
      },
    },
    {
      name: 'web-takes-types-only-from-contract',
      comment: 'its schemas would bring zod, 93 kB, into the browser (docs/decisions/0030)',
      severity: 'error',
      from: { path: '^src/web/' },
      to: { path: '^(src/contract/|node_modules/zod)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'web-stands-alone',
      comment: 'what runs in a browser is built (`scripts/build-web.ts`), never imported by the server',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/web/' },
      to: { path: '^src/web/' },
    },
    {
      name: 'assembly-is-for-processes',
      comment:
        'what puts the parts together is started by a process and known to no part; `emanet keys` works without a server',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(assembly|processes|cli|demo)/' },
      to: { path: '^src/(assembly|processes)/' },
    },
    {
      name: 'pipeline-takes-types-only-from-prisma',
      severity: 'error',
      from: { path: '^src/pipeline/' },
      to: { path: '^src/adapters/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'adapters-know-no-adapter',
      comment:
        'each may start processes by src/adapters/process; prisma’s generated client may be named, as a type (docs/decisions/0005)',
      severity: 'error',
      from: { path: '^src/adapters/([^/]+)/' },
      to: { path: '^src/adapters/', pathNot: ['^src/adapters/$1/', '^src/adapters/process/', prismaTypes] },
    },
    {
      name: 'adapters-know-ports-only',
      severity: 'error',
      from: { path: '^src/adapters/' },
      to: {
        path: '^src/',
        pathNot: ['^src/adapters/', '^src/domain/', '^src/pipeline/ports/', '^src/(audit|detection)/'],
      },
    },
    home('openpgp', 'node_modules/openpgp', '^src/vault/'),
    home('aws-sdk', 'node_modules/@aws-sdk', '^src/adapters/s3/'),
    home('express', 'node_modules/(express|multer|helmet)/', '^src/http/'),
    home('tus-server', 'node_modules/@tus/', '^src/http/tus/'),
    home('fluent-ffmpeg', 'node_modules/fluent-ffmpeg', '^src/adapters/ffmpeg/'),
    home('webauthn', 'node_modules/@simplewebauthn/', '^src/adapters/webauthn/'),
    home('zxcvbn', 'node_modules/@zxcvbn-ts/', '^src/adapters/zxcvbn/'),
    home('openid-client', 'node_modules/(openid-client|jose)/', '^src/adapters/openid/'),
    home('otpauth', 'node_modules/otpauth/', '^src/(adapters/otpauth|demo)/'),
    home('rate-limiter', 'node_modules/rate-limiter-flexible/', '^src/adapters/rate-limiter/'),
    home('papers', 'node_modules/(pdfkit|fontkit|bidi-js|yazl)/', '^src/adapters/papers/'),
    home('codes', 'node_modules/zxing-wasm/', '^src/adapters/(papers|codes)/'),
    home('pdfium', 'node_modules/@hyzyla/pdfium/', '^src/adapters/pdfium/'),
    home('zip', 'node_modules/yauzl/', '^src/adapters/zip/'),
    home('spreadsheet', 'node_modules/@e965/xlsx/', '^src/adapters/spreadsheet/'),
    home('csv', 'node_modules/csv-parse/', '^src/adapters/csv/'),
    home('tesseract', 'node_modules/(tesseract\\.js-core|@tesseract\\.js-data)/', '^src/adapters/tesseract/'),
    home('opentelemetry', 'node_modules/@opentelemetry/', '^src/adapters/opentelemetry/'),
    home('imap', 'node_modules/imapflow/', '^src/adapters/imap/'),
    home('pg-copy-streams', 'node_modules/pg-copy-streams', '^src/adapters/postgres-copy/'),
    home('graphile-worker', 'node_modules/graphile-worker', '^src/adapters/graphile-worker/'),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: ['node_modules', 'src/adapters/prisma/generated'] },
    exclude: { path: '^(coverage|\\.emanet)' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
