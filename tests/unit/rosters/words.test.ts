import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { columnMeanings } from '../../../src/domain/roster.ts';
import { en } from '../../../src/language/en.ts';
import { tr } from '../../../src/language/tr.ts';
import { classNameOf } from '../../../src/rosters/class-name.ts';
import { isSensitive, suggest } from '../../../src/rosters/headings.ts';
import { relationInHeading, relationOf } from '../../../src/rosters/relation-words.ts';
import { telephone } from '../../../src/rosters/telephone.ts';

describe('a class has one name', () => {
  it.each([
    ['7-A', ['7. Sınıf / A Şubesi', '7-A', '7/a', '7A', '7 A', ' 7 - A ', '7. SINIF / A ŞUBESİ', '07-A']],
    ['10/İ', ['AL - 10. Sınıf / İ Şubesi (ALANI YOK)', '10/İ', '10-i']],
    ['10/I', ['10. Sınıf / I Şubesi', '10/I', '10-ı']],
    ['Ana Sınıfı / A Şubesi', ['Ana Sınıfı / A Şubesi', ' Ana  Sınıfı / A Şubesi']],
    ['Class 1 title', ['Class 1 title']],
    ['7-A Matematik', ['7-A Matematik']],
  ])('%s', (name, written) => {
    expect(written.map(classNameOf)).toEqual(written.map(() => name));
  });

  it('which stays when it is read again', () => {
    const parts = fc.array(fc.constantFrom('7', '10', 'A', 'i', ' ', '-', '/', '. Sınıf', ' Şubesi', '(X)'), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(parts, (some) => {
        const name = classNameOf(some.join(''));
        expect(classNameOf(name)).toBe(name);
      }),
    );
  });
});

describe('a heading suggests', () => {
  it.each([
    ['school_number', ['Okul No', 'OKUL NUMARASI', 'Öğrenci No', 'Student ID', 'Admission No']],
    ['name', ['Adı Soyadı', 'Ad Soyad', 'ÖĞRENCİNİN ADI SOYADI', 'Full name', 'Pupil name']],
    ['given', ['Adı', 'ADI', 'First Name', 'Given name', 'Forename']],
    ['family', ['Soyadı', 'SOYADI', 'Surname', 'Last name', 'Family name']],
    ['class', ['Sınıf', 'SINIFI', 'Şube', 'Class', 'Form', 'Tutor group']],
    ['email', ['E-posta', 'Öğrenci E-posta Adresi', 'Email', 'E-mail address']],
    ['phone', ['Telefon', 'Cep Telefonu', 'Mobile']],
    ['guardian1.name', ['Veli 1 Adı Soyadı', '1. Veli', 'Veli', 'Anne Adı Soyadı', 'Parent 1 name', 'Guardian']],
    ['guardian1.relation', ['Veli 1 Yakınlık', 'Veli Yakınlığı', 'Guardian relationship']],
    ['guardian1.email', ['Veli E-posta', 'Mother email']],
    ['guardian1.phone', ['Veli Telefonu', 'Veli Cep Telefonu', 'Parent mobile']],
    ['guardian2.name', ['Veli 2 Adı', 'Baba Adı', 'Father']],
    ['guardian2.phone', ['Baba Cep', 'Guardian 2 phone']],
    ['contact.name', ['Diğer Kişi', 'Emergency contact']],
    ['contact.relation', ['Diğer Kişi Rolü', 'Emergency contact relation']],
  ])('%s', (meaning, headings) => {
    for (const heading of headings) expect(suggest([heading]), heading).toEqual({ [heading]: meaning });
  });

  it('nothing where it may mean anything', () => {
    for (const heading of ['No', 'S.No', 'Kayıt Tarihi', 'Servis', ''])
      expect(suggest([heading])).toEqual({ [heading]: null });
  });

  it('a meaning once, but the class of a grade and a section', () => {
    expect(suggest(['Telefon', 'Cep Telefonu', 'Sınıf', 'Şube'])).toEqual({
      Telefon: 'phone',
      'Cep Telefonu': null,
      Sınıf: 'class',
      Şube: 'class',
    });
  });

  it('nothing of what is sensitive', () => {
    const headings =
      'T.C. Kimlik No,TCKN,Cinsiyeti,Gender,Doğum Tarihi,Date of birth,Veli 1 Adres,Home address,Şifre,Password,Dini,Uyruğu,Kan Grubu,National ID';
    for (const heading of headings.split(',')) {
      expect(isSensitive(heading), heading).toBe(true);
      expect(suggest([heading])).toEqual({ [heading]: null });
    }
    for (const heading of ['E-posta adresi', 'Email address', 'Adı', 'Okul No'])
      expect(isSensitive(heading)).toBe(false);
  });
});

describe('a relation', () => {
  it.each([
    ['mother', 'may_sign', ['Anne', 'ANNESİ', 'mother', 'Mum']],
    ['father', 'may_sign', ['Baba', 'BABASI', 'Father']],
    ['carer', 'may_sign', ['Vasi', 'VASİ', 'Veli', 'Guardian', 'Carer', 'Parent']],
    ['other', 'none', ['Anneanne', 'Babaanne', 'Komşu', 'Teyze', 'Doctor', 'Aide', 'grandmother']],
    ['other', 'undecided', ['', ' ']],
  ])('is %s and %s', (relation, authority, words) => {
    for (const word of words) expect(relationOf(word), word).toEqual({ relation, authority });
  });

  it('may stand in the heading of the name', () => {
    expect(relationInHeading('Anne Adı')).toEqual({ relation: 'mother', authority: 'may_sign' });
    expect(relationInHeading("Father's name")).toEqual({ relation: 'father', authority: 'may_sign' });
    expect(relationInHeading('Veli Adı')).toEqual({ relation: 'other', authority: 'undecided' });
    expect(relationInHeading('Anneanne Adı')).toEqual({ relation: 'other', authority: 'undecided' });
  });
});

test('a telephone that a spreadsheet took for a number has its zero again, and others stay', () => {
  const written = [
    '5000000007',
    '2120000000',
    '0500 000 0007',
    '+44 7700 900032',
    '7700900032',
    '90 500 000 00 07',
    ' ',
  ];
  expect(written.map(telephone)).toEqual([
    '05000000007',
    '02120000000',
    '0500 000 0007',
    '+44 7700 900032',
    '7700900032',
    '90 500 000 00 07',
    null,
  ]);
});

test('every meaning of a column has a name in every language', () => {
  for (const { labels } of [en, tr]) expect(Object.keys(labels.columnMeaning)).toEqual([...columnMeanings]);
});
