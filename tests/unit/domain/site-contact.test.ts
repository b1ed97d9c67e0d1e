import { expect, test } from 'vitest';
import { mailIn, nameIn, phonesIn } from '../../../src/domain/site-contact.ts';

test.each([
  ['Oya Çınar <oya@muze.example>, 0312 000 12 37', 'Oya Çınar', 'oya@muze.example', ['0312 000 12 37']],
  ['Oya Çınar; oya@muze.example', 'Oya Çınar', 'oya@muze.example', []],
  ['Dr. Ali O’Neil-Su (+90 312 000 12 37)', 'Dr. Ali O’Neil-Su', null, ['+90 312 000 12 37']],
  ['oya@muze.example', 'oya@muze.example', 'oya@muze.example', []],
  [' Müze Müdürlüğü ', 'Müze Müdürlüğü', null, []],
  ['9 Eylül Müzesi', '9 Eylül Müzesi', null, []],
])('%s', (contact, name, mail, phones) => {
  expect([nameIn(contact), mailIn(contact), phonesIn(contact)]).toEqual([name, mail, phones]);
});
