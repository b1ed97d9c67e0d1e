export { pages } from '../../language/pages/en.ts';
