export { pages } from '../../language/pages/tr.ts';
