import { describe, expect, it } from 'vitest';
import { areLikeTexts } from '../../../src/detection/like-texts.ts';

describe('two readings of one line', () => {
  it.each([
    ['© 2019 Ada', '© 2019 Ade'],
    ['Tüm hakları saklıdır', 'Tum haklari sakhdir'],
    ['ALL RIGHTS RESERVED', 'Ail rights reserveo'],
    ['© 2019 Örnek Yayınevi', 'Örnek Yayınevi'],
    ['Foto: Deniz Haber Ajansı', 'Fot0: Den1z Haber Ajans|'],
    ['modern times', 'modem tirnes'],
  ])('are “%s” and “%s”', (a, b) => {
    expect([areLikeTexts(a, b), areLikeTexts(b, a)]).toEqual([true, true]);
  });

  it.each([
    ['© 2019 Örnek Yayınevi', '© 2021 Örnek Yayınevi'],
    ['© 2019 Ada', '© 2020 Can'],
    ['Tüm hakları saklıdır', 'All rights reserved'],
    ['Foto: Ada Er', 'Foto: Can Uz'],
    ['Photo: Jane Roe', 'Photo: John Carver'],
    ['', '© 2019 Ada'],
  ])('are not “%s” and “%s”', (a, b) => {
    expect([areLikeTexts(a, b), areLikeTexts(b, a)]).toEqual([false, false]);
  });
});
