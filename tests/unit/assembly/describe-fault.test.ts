import { pino } from 'pino';
import { expect, test } from 'vitest';
import { describeFault, faultSerializers } from '../../../src/assembly/describe-fault.ts';

test('a line of the log names the kind of a fault', () => {
  const lines: string[] = [];
  const log = pino({ serializers: faultSerializers }, { write: (line: string) => lines.push(line) });
  const fault = new RangeError('too far', { cause: new TypeError('no number') });
  log.error({ err: describeFault(fault) }, 'described');
  log.error({ err: fault }, 'as it was thrown');
  for (const line of lines)
    expect(JSON.parse(line).err).toMatchObject({
      type: 'RangeError',
      message: 'too far',
      cause: { type: 'TypeError' },
    });
  expect(lines).toHaveLength(2);
});
