/**
 * The import rules of docs/architecture.md. `from`/`to` are paths from the project's folder; what a rule forbids is
 * said in its name.
 */

/** Parts that must never meet but in pipeline/ and cli/. */
const parts = (...names) => `^src/(${names.join('|')})/`;
const onlyFrom = (name, packages, home) => ({
  name,
  severity: 'error',
  from: { path: '^(src|workers)/', pathNot: home },
  to: { path: packages.map((one) => `node_modules/${one}/`), dependencyTypesNot: ['type-only'] },
});
const never = (name, from, to) => ({ name, severity: 'error', from: { path: from }, to: { path: to } });

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'a file that nothing imports and that starts nothing',
      severity: 'error',
      from: {
        orphan: true,
        path: '^(src|workers)/',
        pathNot: [
          '^src/web/(main\\.tsx|vite\\.config\\.ts|[^.]+\\.d\\.ts|live/hls-light\\.d\\.ts)$',
          '^src/cli\\.ts$',
          '^src/rsan/session-lane\\.ts$',
          '^src/pipeline/(decide|replay)-lane\\.ts$',
        ],
      },
      to: {},
    },
    { name: 'no-unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'sources-know-no-tests',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { path: '^(test|scripts)/' },
    },
    {
      name: 'no-development-packages',
      severity: 'error',
      // What the page needs is built into it.
      from: { path: '^(src|workers)/', pathNot: '^src/web/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },

    never('core-imports-nothing', '^src/core/', '^(?!src/core/)'),
    never('config-imports-core', '^src/config/', '^src/(?!(config|core)/)'),
    never('associate-imports-core', '^src/associate/', '^src/(?!(associate|core)/)'),
    ...['media', 'rsan', 'overlay', 'analysis'].map((part) =>
      never(`${part}-stands-alone`, parts(part), `^src/(?!(${part}|core)/)`),
    ),
    never('rules-stand-alone', '^src/clips/rules/', '^src/(?!(clips/rules|core)/)'),
    never('the-page-imports-what-runs-in-browsers', '^src/web/', '^src/(?!(web|core|panoptic)/)'),
    never('nothing-imports-the-page', '^(src/(?!web/)|workers/)', '^src/web/'),
    never(
      'panoptic-imports-core-and-spread',
      parts('panoptic'),
      '^src/(?!(panoptic|core)/|analysis/spread\\.ts$)',
    ),
    {
      name: 'panoptic-is-read-in-browsers',
      severity: 'error',
      from: { path: '^src/(panoptic/(?!writer\\.ts$)|analysis/spread\\.ts$)' },
      to: { dependencyTypes: ['core', 'npm'] },
    },
    never('net-imports-core', parts('net'), '^src/(?!(net|core)/)'),
    never('storage-imports-core-and-settings', parts('storage'), '^src/(?!(storage|core|config)/)'),
    never(
      'search-imports-core-analysis-and-the-database',
      parts('search'),
      '^src/(?!(search|core|analysis)/|jobs/database\\.ts$)',
    ),
    never('queue-knows-no-pipeline', parts('queue'), parts('pipeline')),
    never('http-starts-without-the-machinery', parts('http'), parts('media', 'rsan', 'overlay', 'pipeline')),
    never(
      'pipeline-knows-no-surface',
      parts('pipeline'),
      '^src/(cli|http|queue|config|jobs|streams|storage)/',
    ),
    never('jobs-know-no-pipeline', parts('jobs'), parts('pipeline', 'media', 'rsan', 'overlay', 'http')),
    never(
      'streams-know-no-pipeline',
      parts('streams'),
      parts('pipeline', 'media', 'rsan', 'overlay', 'http'),
    ),
    never(
      'clips-know-no-pipeline',
      parts('clips'),
      parts('pipeline', 'media', 'rsan', 'overlay', 'http', 'cli'),
    ),
    never('system-knows-no-pipeline', parts('system'), parts('pipeline', 'media', 'overlay', 'http', 'cli')),
    {
      name: 'queue-knows-streams-by-type-alone',
      severity: 'error',
      from: { path: parts('queue') },
      to: { path: parts('streams'), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'only-entries-know-commands',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli(/|\\.ts$)' },
      to: { path: '^src/cli(/|\\.ts$)' },
    },

    onlyFrom(
      'onnxruntime-has-one-home',
      ['onnxruntime-node'],
      [
        '^src/rsan/session-lane\\.ts$',
        // Which providers this build has; imported when asked.
        '^src/rsan/providers\\.ts$',
      ],
    ),
    onlyFrom('sharp-has-one-home', ['sharp'], '^src/overlay/'),
    onlyFrom('ffmpeg-has-one-home', ['fluent-ffmpeg', 'execa'], '^src/media/process\\.ts$'),
    {
      name: 'processes-are-started-in-few-places',
      severity: 'error',
      from: {
        path: '^(src|workers)/',
        pathNot: ['^src/media/process\\.ts$', '^src/rsan/session\\.ts$', '^src/supervisor\\.ts$'],
      },
      to: { path: '^(node:)?child_process$', dependencyTypes: ['core'] },
    },
    onlyFrom('the-s3-client-has-one-home', ['@aws-sdk'], '^src/storage/s3'),
    onlyFrom('the-database-has-one-home', ['libsql'], '^src/jobs/database\\.ts$'),
    onlyFrom('mqtt-has-one-home', ['mqtt'], '^src/net/mqtt\\.ts$'),
    onlyFrom('zip-has-one-home', ['yazl'], '^src/http/zip\\.ts$'),
    onlyFrom('fastify-has-one-home', ['fastify', '@fastify', '@tus'], '^src/http/'),
    onlyFrom('yaml-has-few-homes', ['yaml'], ['^src/config/', '^src/clips/rules/']),
    never('rules-stand-alone', '^src/clips/rules/', '^src/(?!(clips/rules|core)/)'),
    onlyFrom('commander-has-one-home', ['commander'], '^src/cli(/|\\.ts$)'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
