import { expect, test } from 'vitest';
import { mustHave } from '../../../src/domain/must-have.ts';

test.each([0, '', false, Number.NaN])('%j is there', (value) => {
  expect(mustHave(value, 'value')).toBe(value);
});

test.each([undefined, null])('%j is a fault that names what is missing', (value) => {
  expect(() => mustHave(value, 'row of a count')).toThrow('there is no row of a count');
});
