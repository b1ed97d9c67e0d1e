import { expect, test } from 'vitest';
import { digestSettings, loadConfig } from '../../../src/config/env.ts';

test('the digest of the settings tells which changed, says none of them, and leaves secrets out', () => {
  expect(digestSettings(loadConfig({}))).toEqual({});
  const of = (env: Record<string, string>) => digestSettings(loadConfig(env));
  const first = of({ PORT: '9000', AUDIT_MAIL_TO: 'auditor@school.example', AUTH_SECRET: 'x'.repeat(40) });
  expect(Object.keys(first)).toEqual(['PORT', 'AUDIT_MAIL_TO']);
  expect(JSON.stringify(first)).not.toMatch(/9000|school\.example/);
  expect(of({ PORT: '9001' }).PORT).not.toBe(first.PORT);
  expect(of({ PORT: '9000' }).PORT).toBe(first.PORT);
});

test.each([
  ['SCHOOL_HOURS', '7-19'],
  ['SCHOOL_HOURS', '07:00-25:00'],
  ['SCHOOL_TIME_ZONE', 'Mars/Olympus'],
  ['ANOMALY_LINK_ADDRESSES', '1'],
  ['AUDIT_MAIL_TO', 'nobody'],
  ['METRICS_PORT', '65536'],
  ['OTEL_EXPORTER_OTLP_ENDPOINT', 'grpc://traces.school.example:4317'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization=%zz'],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'a=b,,c=d'],
  ['TRACES_RATIO', '1.5'],
])('%s=%s is refused by name', (name, value) => {
  expect(() => loadConfig({ [name]: value })).toThrow(name);
});
