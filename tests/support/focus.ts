import type { Page } from 'playwright-core';

/** What keeps somebody from seeing where the focus is; nothing where it is seen. */
export function focusFaults(page: Page): Promise<string[]> {
  return page.evaluate(`(() => {
    const one = document.activeElement;
    if (one === null || one === document.body) return [];
    const said = one.outerHTML.slice(0, 160);
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    const faults = [];
    if ((outlineStyle === 'none' || outlineWidth === '0px') && boxShadow === 'none') faults.push('no focus is seen: ' + said);
    const { top, bottom, left, right } = one.getBoundingClientRect();
    if (bottom <= 0 || right <= 0 || top >= innerHeight || left >= innerWidth) faults.push('the focus is out of sight: ' + said);
    return faults;
  })()`);
}
